"""answer: word the reply from evidence alone, and stream it."""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from agent.nodes.act import wishes_of
from agent.parts import Parts
from agent.reply import Reply
from agent.state import State
from agent.trace import Text


async def answer(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """The reply, and the slate that the next turn's references point at."""
    reply = Reply(runtime.context, wishes_of(state, runtime.context), state)
    lines = await asyncio.to_thread(reply.lines)  # a why-not ranks the catalogue several times
    for row, line in enumerate(lines):
        end = "\n" if row < len(lines) - 1 else ""
        runtime.stream_writer(Text(text=line + end).model_dump())
    slate = state["picks"] or state.get("slate", [])
    return {"reply": "\n".join(lines), "slate": slate}
