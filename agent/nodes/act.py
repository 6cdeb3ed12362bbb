"""act: run the plan's tools over the candidate bus."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
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
    bench = Bench(runtime.context, wishes_of(state, runtime.context), runtime.stream_writer)
    plan = state["plan"]
    steps = plan["steps"]
    fills_up = plan["has_more"] and not plan["is_topic"]
    bench.least_found = (plan["amount"] or runtime.context.settings.slate_size) if fills_up else 0
    for row, (name, argument) in enumerate(steps):
        await bench.run(name, argument, [later for later, _ in steps[row + 1 :]])
    return {
        "preferences": {**state["preferences"], "query": ""} if bench.few else state["preferences"],
        "picks": bench.best(),
        "events": state["events"] + bench.events,
        "plan": {**state["plan"], "steps": [step for step in steps if step[0] != SEARCH or step[1] not in bench.lost]},
        "notes": state["notes"]
        + [
            f"Only {count} of them {'is' if count == 1 else 'are'} about “{query}”; the rest is what else you said."
            for query, count in bench.few
        ]
        + [f"I could not look for “{query}” this time, so I went by the rest." for query in bench.lost],
    }


class Bench:
    """The candidate bus of one turn, and what ran over it."""

    def __init__(self, parts: Parts, wishes: Wishes, write: Callable[[dict[str, Any]], None]) -> None:
        self._parts, self._wishes, self._write = parts, wishes, write
        self.events: list[dict[str, Any]] = []
        """What ran, and what was left out, for the trace."""
        self.lost: list[str] = []
        """What was to be looked for and was not."""
        self.few: list[tuple[str, int]] = []
        """What fewer items than are shown are about, and how many."""
        self.least_found = 0
        """Where a search leaves fewer, they come first and the others follow; 0 where it narrows in any case."""
        self.start_over()

    def start_over(self) -> None:
        """Every item is a candidate again; what ran stays in the trace."""
        self.candidates = Candidates.everything(self._parts.shelf.catalogue.size)
        self.steps: list[list[str]] = []

    async def run(self, name: str, argument: str, later: Sequence[str] = ()) -> ToolRan:
        """Run a tool over the candidates, if the budget allows it; one that fails leaves them as they are.

        Args:
            later: the tools that are to run after it.
        """
        self._before = self.candidates
        limit = self._parts.budget.refusal(name, later)
        if limit:
            event = ToolRan(tool=name, argument=argument, summary={}, error=f"{limit} is spent", ms=0.0)
            self._note(BudgetSpent(limit=limit, left_out=name, argument=argument))
        else:
            tool = self._parts.tools[name]
            self.candidates, event = await _run(self._parts, tool, argument, self._wishes, self._before)
            self._note(event)
            if (
                name == SEARCH
                and not event.error
                and 0 < len(self.candidates) < min(self.least_found, len(self._before))
            ):
                self.few.append((argument, len(self.candidates)))
                self.candidates = _first(self.candidates, self._before)
        if not event.error:
            self.steps.append([name, argument])
        return event

    def _note(self, event: ToolRan | BudgetSpent) -> None:
        self._write(event.model_dump())
        self.events.append(event.model_dump())
        if lost := _lost_search(event):
            self.lost.append(lost)

    def take_back(self) -> None:
        """The candidates as they were before the last step, which is none of the plan's then."""
        self.candidates = self._before
        self.steps.pop()

    def best(self, most: int = CONSIDERED) -> list[str]:
        """Ids of the best candidates, best first; none where nothing ran."""
        positions = self.candidates.positions[: most if self.events else 0]
        return [item.id for item in self._parts.shelf.catalogue.items(positions)]


def _first(found: Candidates, among: Candidates) -> Candidates:
    """All candidates, with what a search found before the others."""
    text = np.zeros(len(among), dtype=np.float32)
    rows = {position: row for row, position in enumerate(among.positions.tolist())}
    text[[rows[position] for position in found.positions.tolist()]] = 1.0 + found.parts["text"]
    return among.with_part("text", text)


def _lost_search(event: ToolRan | BudgetSpent) -> str:
    """What was to be looked for and was not; empty where all went well."""
    if isinstance(event, BudgetSpent):
        return event.argument if event.left_out == SEARCH else ""
    return event.argument if event.tool == SEARCH and event.error else ""


def wishes_of(state: State, parts: Parts) -> Wishes:
    """The thread's preferences as tools read them, and what the house demands for this user."""
    preferences, user = Preferences.model_validate(state["preferences"]), User.model_validate(state["user"])
    positions = parts.shelf.catalogue.positions_of
    log = parts.shelf.logs.of(user.id)
    used = log.used if parts.policies.exclude_seen else ()
    seen = user.seen if parts.policies.exclude_seen else ()
    return Wishes(
        constraints=tuple(preferences.constraints),
        liked=tuple(positions([*preferences.liked, *preferences.taken])),
        disliked=tuple(positions([*preferences.disliked, *preferences.rejected])),
        excluded=(*positions([*preferences.excluded, *seen]), *used),
        log=log.liked,
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
