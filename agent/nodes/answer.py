"""answer: word the reply from evidence alone, and stream it; what a model words is said only where it is verified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from langgraph.runtime import Runtime

from agent.nodes.act import wishes_of
from agent.parts import Parts
from agent.reply import Reply
from agent.state import State
from agent.support import evidence_lines
from agent.trace import Text, Written
from agent.verify import Verifier
from tools.contract import Wishes
from tools.data.catalogue import Item


async def answer(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """The reply, and the slate that the next turn's references point at."""
    parts = runtime.context
    wishes = wishes_of(state, parts)
    reply = Reply(parts, wishes, state)
    lines = await asyncio.to_thread(reply.lines)  # a why-not ranks the catalogue several times
    said, events = list[str](), state["events"]

    def say(more: Sequence[str]) -> None:
        for line in more:
            runtime.stream_writer(Text(text=f"\n{line}" if said else line).model_dump())
            said.append(line)

    if parts.writer and lines:
        items = _items(state, wishes, parts)
        texts = [one for line in lines for one in line.split("\n")]  # a catalogue's text may have line breaks
        evidence = evidence_lines(texts, items, parts.shelf.catalogue.schema, parts.policies)
        verifier = Verifier(parts.shelf, evidence, items, state["message"])
        written = await _written(parts, verifier, state["message"], texts, say)
        runtime.stream_writer(written.model_dump())
        events = [*events, written.model_dump()]
    else:
        say(lines)
    return {"reply": "\n".join(said), "slate": state["picks"] or state.get("slate", []), "events": events}


async def _written(
    parts: Parts, verifier: Verifier, message: str, lines: Sequence[str], say: Callable[[Sequence[str]], None]
) -> Written:
    """Say each line as soon as it is verified, and in the end what the model left out."""

    def on_line(line: str) -> bool:
        say(verifier.take(line))
        return not verifier.is_done

    assert parts.writer is not None
    reply = await parts.writer.write(message, lines, on_line, parts.budget)
    say(verifier.rest())
    return Written(
        source="model" if verifier.kept else "template",
        failure=reply.failure,
        raw=reply.raw,
        kept=verifier.kept,
        restored=verifier.restored,
        replaced=verifier.replaced,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        llm_ms=reply.ms,
    )


def _items(state: State, wishes: Wishes, parts: Parts) -> list[Item]:
    """The items that the reply may be about: shown, asked about or taken, and those that they are compared with."""
    catalogue = parts.shelf.catalogue
    ids = [*state["picks"], *state["plan"]["about"], *state["plan"]["taken"], *state.get("slate", [])]
    positions = [*catalogue.positions_of(dict.fromkeys(ids)), *wishes.liked, *wishes.disliked]
    return catalogue.items(dict.fromkeys(positions))
