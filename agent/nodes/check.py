"""check: the critic. Each item that would be shown is held against every must again, by other code than the filter."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from langgraph.runtime import Runtime

from agent.nodes.act import wishes_of
from agent.parts import Parts
from agent.repair import describe
from agent.state import State
from agent.trace import Checked
from agent.wording import say_count
from tools.constraints import by_words
from tools.contract import Wishes
from tools.data.catalogue import Item
from tools.filter import allowed, broken_by
from tools.shelf import Shelf

MAX_RELAXATIONS = 3
TOLD = 20
"""How many of those that hold up the trace lists."""


async def check(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """The candidates that hold up; where none does, another try or the nearest relaxations."""
    began = time.perf_counter()
    shelf = runtime.context.shelf
    wishes = wishes_of(state, runtime.context)
    passed, removed = list[str](), list[str]()
    for item in shelf.catalogue.items(shelf.catalogue.positions_of(state["picks"])):
        broken = objection_to(item, wishes, shelf)
        if broken:
            removed.append(f"{item.id}: {broken}")
        else:
            passed.append(item.id)
    plan, notes = dict(state["plan"]), list(state["notes"])
    plan["retry"] = False
    replan = ""
    query = _fruitless_search(state)
    if not passed and query and plan["has_more"] and plan["intent"] == "recommend" and state["attempt"] == 0:
        replan = f"no item's text is about {query!r}: tried again without the search"
        notes.append(f"I found nothing about “{query}”, so I went by the rest of what you said.")
        plan["retry"], plan["steps"] = True, [step for step in plan["steps"] if step[0] != "search_items"]
    needs_help = not passed and not replan and plan["steps"]
    relaxations = relax(wishes, shelf) if needs_help else []
    event = Checked(
        passed=passed[:TOLD],
        removed=removed,
        relaxations=relaxations,
        replan=replan,
        ms=(time.perf_counter() - began) * 1000,
    )
    runtime.stream_writer(event.model_dump())
    return {
        "preferences": {**state["preferences"], "query": ""} if replan else state["preferences"],
        "picks": passed,
        "plan": plan,
        "notes": notes,
        "attempt": state["attempt"] + 1,
        "relaxations": relaxations,
        "events": [*state["events"], event.model_dump()],
    }


def objection_to(item: Item, wishes: Wishes, shelf: Shelf) -> str:
    """Why an item must not be shown; empty if it may."""
    if item.position in wishes.excluded:
        return "already known or rejected"
    broken = broken_by(item, wishes.demands, shelf)
    return describe(broken[0]) if broken else ""


def relax(wishes: Wishes, shelf: Shelf) -> list[str]:
    """Which single thing to give up, and how many items there would be then; the most fruitful first."""
    groups = {group[0].words or describe(group[0]): group for group in by_words(wishes.musts)}
    masks = {words: allowed(shelf, replace(wishes, constraints=tuple(group))) for words, group in groups.items()}
    options = []
    for words in groups if len(groups) > 1 else ():
        count = int(np.all([mask for other, mask in masks.items() if other != words], axis=0).sum())
        if count:
            options.append((count, f"without “{words}” there {say_count(count, shelf.catalogue.schema)}"))
    return [text for _, text in sorted(options, reverse=True)[:MAX_RELAXATIONS]]


def _fruitless_search(state: State) -> str:
    """The query that left nothing of something; empty if no search did."""
    searches = [event for event in state["events"] if event.get("tool") == "search_items"]
    emptied = [event for event in searches if event["summary"].get("before") and not event["summary"].get("after")]
    return str(emptied[-1]["argument"]) if emptied else ""
