"""check: the critic. Each item that would be shown is held against every must again, by other code than the filter."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from langgraph.runtime import Runtime

from agent.nodes.act import wishes_of
from agent.parts import Parts
from agent.state import State
from agent.trace import Checked
from agent.wording import say_relaxation
from tools.constraints import describe
from tools.contract import Wishes
from tools.data.catalogue import Item
from tools.filter import broken_by
from tools.relax import ladder
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
    is_worth_it = plan["has_more"] and plan["intent"] == "recommend" and runtime.context.budget.can_replan
    if not passed and query and is_worth_it and state["attempt"] == 0:
        replan = f"no item's text is about {query!r}: tried again without the search"
        notes.append(f"I found nothing about “{query}”, so I went by the rest of what you said.")
        plan["retry"], plan["steps"] = True, [step for step in plan["steps"] if step[0] != "search_items"]
    needs_help = not passed and not replan and plan["steps"]
    ways_out = await asyncio.to_thread(_ways_out, wishes, shelf) if needs_help else {}
    event = Checked(
        passed=passed[:TOLD],
        removed=removed,
        relaxations=ways_out.get("relaxations", []),
        replan=replan,
        ms=(time.perf_counter() - began) * 1000,
    )
    runtime.stream_writer(event.model_dump())
    return {
        "preferences": {**state["preferences"], "query": ""} if query and not passed else state["preferences"],
        "picks": passed,
        "plan": plan,
        "notes": notes,
        "attempt": state["attempt"] + 1,
        "ways_out": ways_out,
        "events": [*state["events"], event.model_dump()],
    }


def objection_to(item: Item, wishes: Wishes, shelf: Shelf) -> str:
    """Why an item must not be shown; empty if it may."""
    if item.position in wishes.excluded:
        return "already known or rejected"
    broken = broken_by(item, wishes.demands, shelf)
    return describe(broken[0]) if broken else ""


def _ways_out(wishes: Wishes, shelf: Shelf) -> dict[str, Any]:
    """The ladder as the state keeps it, worded."""
    found = ladder(shelf, wishes)
    schema = shelf.catalogue.schema
    return {
        "forget": found.relaxations[0].words if found.relaxations else "",
        "relaxations": [say_relaxation(one, schema) for one in found.relaxations[:MAX_RELAXATIONS]],
        "contradictions": [list(pair) for pair in found.contradictions[:MAX_RELAXATIONS]],
    }


def _fruitless_search(state: State) -> str:
    """The query that left nothing of something; empty if no search did."""
    searches = [event for event in state["events"] if event.get("tool") == "search_items"]
    emptied = [event for event in searches if event["summary"].get("before") and not event["summary"].get("after")]
    return str(emptied[-1]["argument"]) if emptied else ""
