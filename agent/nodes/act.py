"""act: run the plan's tools over the candidate bus."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import Any

from langgraph.runtime import Runtime
from pydantic import ValidationError

from agent.parts import Parts
from agent.preferences import Preferences
from agent.state import State
from agent.trace import BudgetSpent, ToolRan
from agent.user import User
from tools.contract import Candidates, Tool, ToolResult, Wishes
from tools.errors import TastemakerError

SEARCH = "search_items"
CONSIDERED = 50
"""How many of the best act hands on: check may remove some, and decide may find others likelier to please."""


async def act(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """Ids of the best candidates, best first; none where the intent needs no tools."""
    parts = runtime.context
    wishes = wishes_of(state, parts)
    candidates = Candidates.everything(parts.shelf.catalogue.size)
    steps, events = state["plan"]["steps"], list[ToolRan | BudgetSpent]()
    for row, (name, argument) in enumerate(steps):
        limit = parts.budget.refusal(name, [later for later, _ in steps[row + 1 :]])
        if limit:
            events.append(BudgetSpent(limit=limit, left_out=name, argument=argument))
        else:
            candidates, ran = await _run(parts, parts.tools[name], argument, wishes, candidates)
            events.append(ran)
        runtime.stream_writer(events[-1].model_dump())
    best = candidates.positions[: CONSIDERED if events else 0]
    lost = [argument for event in events if (argument := _lost_search(event))]
    return {
        "picks": [item.id for item in parts.shelf.catalogue.items(best)],
        "events": state["events"] + [event.model_dump() for event in events],
        "plan": {**state["plan"], "steps": [step for step in steps if step[0] != SEARCH or step[1] not in lost]},
        "notes": state["notes"]
        + [f"I could not look for “{query}” this time, so I went by the rest." for query in lost],
    }


def _lost_search(event: ToolRan | BudgetSpent) -> str:
    """What was to be looked for and was not; empty where all went well."""
    if isinstance(event, BudgetSpent):
        return event.argument if event.left_out == SEARCH else ""
    return event.argument if event.tool == SEARCH and event.error else ""


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
    timeout_s = parts.budget.step(tool.name, tool.timeout_s)
    summary, error = dict[str, Any](), ""
    try:
        result = await asyncio.wait_for(_call(parts, tool, argument, wishes, candidates), timeout_s)
        candidates, summary = result.candidates, result.summary
    except (TastemakerError, ValidationError, TimeoutError, sqlite3.Error) as failure:
        error = f"{type(failure).__name__}: {str(failure) or f'nothing within {round(timeout_s, 2):g} s'}"
    ms = (time.perf_counter() - began) * 1000
    return candidates, ToolRan(tool=tool.name, argument=argument, summary=summary, error=error, ms=ms)


async def _call(parts: Parts, tool: Tool[Any], argument: str, wishes: Wishes, candidates: Candidates) -> ToolResult:
    """In a thread of its own, so that a tool that hangs costs its time-out and no more."""
    arguments = tool.arguments.of_words([argument] if argument else [])
    return await asyncio.to_thread(tool.run, arguments, parts.shelf, wishes, candidates)
