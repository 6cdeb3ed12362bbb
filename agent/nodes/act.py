"""act: run the plan's tools over the candidate bus."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from langgraph.runtime import Runtime
from pydantic import ValidationError

from agent.parts import Parts
from agent.preferences import Preferences
from agent.state import State
from agent.trace import ToolRan
from agent.user import User
from tools.contract import Candidates, Tool, ToolResult, Wishes
from tools.errors import TastemakerError

CONSIDERED = 50
"""How many of the best act hands on: check may remove some, and decide may find others likelier to please."""


async def act(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """Ids of the best candidates, best first; none where the intent needs no tools."""
    parts = runtime.context
    wishes = wishes_of(state, parts)
    candidates = Candidates.everything(parts.shelf.catalogue.size)
    events = []
    for name, argument in state["plan"]["steps"]:
        candidates, event = await _run(parts, parts.tools[name], argument, wishes, candidates)
        runtime.stream_writer(event.model_dump())
        events.append(event.model_dump())
    best = candidates.positions[: CONSIDERED if events else 0]
    picks = [item.id for item in parts.shelf.catalogue.items(best)]
    return {"picks": picks, "events": state["events"] + events}


def wishes_of(state: State, parts: Parts) -> Wishes:
    """The thread's preferences as tools read them, and what the house demands for this user."""
    preferences, user = Preferences.model_validate(state["preferences"]), User.model_validate(state["user"])
    positions = parts.shelf.catalogue.positions_of
    seen = user.seen if parts.policies.exclude_seen else ()
    return Wishes(
        constraints=tuple(preferences.constraints),
        liked=tuple(positions([*preferences.liked, *preferences.taken])),
        disliked=tuple(positions([*preferences.disliked, *preferences.rejected])),
        excluded=tuple(positions([*preferences.excluded, *seen])),
        house=parts.policies.house(user),
    )


async def _run(
    parts: Parts, tool: Tool[Any], argument: str, wishes: Wishes, candidates: Candidates
) -> tuple[Candidates, ToolRan]:
    began = time.perf_counter()
    summary, error = dict[str, Any](), ""
    try:
        result = await _call(parts, tool, argument, wishes, candidates)
        candidates, summary = result.candidates, result.summary
    except (TastemakerError, ValidationError, TimeoutError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    ms = (time.perf_counter() - began) * 1000
    return candidates, ToolRan(tool=tool.name, argument=argument, summary=summary, error=error, ms=ms)


async def _call(parts: Parts, tool: Tool[Any], argument: str, wishes: Wishes, candidates: Candidates) -> ToolResult:
    """In a thread of its own, so that a tool that hangs costs its time-out and no more."""
    arguments = tool.arguments.of_words([argument] if argument else [])
    work = asyncio.to_thread(tool.run, arguments, parts.shelf, wishes, candidates)
    return await asyncio.wait_for(work, tool.timeout_s)
