"""check: the critic. Each item that would be shown is held against every must again, by other code than the filter.

Where nothing is left, it may send the plan back twice, without a step that left nothing. Never without a must.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
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
from tools.filter import allowed, broken_by
from tools.relax import ladder
from tools.shelf import Shelf

MAX_RELAXATIONS = 3
MAX_REPLANS = 2
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
    query = _fruitless_search(state)
    replan = _replan(state) if not passed and runtime.context.budget.can_replan else None
    plan["retry"] = replan is not None
    is_over = bool(query) and not passed and (replan is None or replan.dropped == ["search_items", query])
    if replan:
        plan["steps"] = [step for step in plan["steps"] if step != replan.dropped]
        notes.append(replan.note)
    needs_help = not passed and not replan and plan["steps"]
    ways_out = await asyncio.to_thread(_ways_out, wishes, shelf) if needs_help else {}
    event = Checked(
        passed=passed[:TOLD],
        removed=removed,
        relaxations=ways_out.get("relaxations", []),
        replan=replan.reason if replan else "",
        ms=(time.perf_counter() - began) * 1000,
    )
    runtime.stream_writer(event.model_dump())
    return {
        "preferences": {**state["preferences"], "query": ""} if is_over else state["preferences"],
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
    """The ladder as the state keeps it, worded; nothing where it is not the wishes that leave nothing."""
    if allowed(shelf, wishes).any():
        return {}
    found, schema = ladder(shelf, wishes), shelf.catalogue.schema
    return {
        "forget": found.relaxations[0].words if found.relaxations else "",
        "relaxations": [say_relaxation(one, schema) for one in found.relaxations[:MAX_RELAXATIONS]],
        "contradictions": [list(pair) for pair in found.contradictions[:MAX_RELAXATIONS]],
        "has_known": bool(allowed(shelf, replace(wishes, excluded=())).any()),
    }


@dataclass(frozen=True)
class Replan:
    """Another try, without one step."""

    dropped: list[str]
    reason: str
    """For the trace."""
    note: str
    """For the person."""


def _replan(state: State) -> Replan | None:
    """Where nothing is left: what to try again without. Only a step that no must stands behind, and the model's first.

    What a model added goes first, even where the musts or the words' own search emptied what it had narrowed.
    """
    plan = state["plan"]
    emptied = _emptying(state)
    if plan["intent"] != "recommend" or state["attempt"] >= MAX_REPLANS or emptied is None:
        return None
    until = plan["steps"].index(emptied) if emptied in plan["steps"] else len(plan["steps"])
    words = state["preferences"]["query"].split()
    own = [step for step in plan["steps"][: until + 1] if _is_models(step, words)]
    if own:
        return _without_models(own[-1])
    if emptied[0] != "search_items" or not plan["has_more"]:
        return None
    return Replan(
        emptied,
        f"no item's text is about {emptied[1]!r}: tried again without the search",
        f"I found nothing about “{emptied[1]}”, so I went by the rest of what you said.",
    )


def _is_models(step: list[str], words: list[str]) -> bool:
    """Whether a narrowing is a model's idea, rather than a text that the person is looking for."""
    tool, argument = step
    return tool == "similar_items" or (tool == "search_items" and not {*argument.split()} <= {*words})


def _without_models(step: list[str]) -> Replan:
    tool, argument = step
    if tool == "similar_items":
        reason, kind = f"nothing that is left is like {argument!r}", f"of the kind of “{argument}”"
    else:
        reason, kind = f"nothing that is left is about {argument!r}", f"about “{argument}”"
    return Replan(
        step,
        f"{reason}: tried again without {tool}",
        f"Nothing that fits is {kind}, so I went by the rest of what you said.",
    )


def _emptying(state: State) -> list[str] | None:
    """The step of the last try that left nothing of something; None if there is none."""
    checked = max((row for row, event in enumerate(state["events"]) if event["kind"] == "check"), default=-1)
    tools = [event for event in state["events"][checked + 1 :] if event["kind"] == "tool"]
    emptied = [event for event in tools if event["summary"].get("before") and not event["summary"].get("after")]
    return [emptied[-1]["tool"], emptied[-1]["argument"]] if emptied else None


def _fruitless_search(state: State) -> str:
    """The person's query, if it left nothing of something; empty if it did not."""
    query = state["preferences"]["query"]
    searches = [e for e in state["events"] if e.get("tool") == "search_items" and e["argument"] == query]
    emptied = [event for event in searches if event["summary"].get("before") and not event["summary"].get("after")]
    return str(emptied[-1]["argument"]) if emptied else ""
