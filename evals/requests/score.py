"""A plan held against a label, as counts that add up over messages: F1 = 2 right / (said + due), micro-averaged.

Each plan is read twice. *As it came*: what the model wrote, before any of it was held against the words; its titles
are grounded, and a plan that can't be read says nothing. *As used*: the intent and tools that the turn went by, and how
the preferences differ after it from before. Beside both, a floor: a plan that always recommends and wishes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from agent.plan import Plan, Step
from agent.preferences import Preferences
from agent.wire import plan_from_wire
from evals.requests.label import Label, Pair, Slot, slots_of
from tools.constraints import Constraint
from tools.shelf import Shelf
from tools.text import normalise

LISTS = ("liked", "disliked", "seen", "rejected")
IN_A_PLAN = frozenset({"liked", "disliked", "seen"})
"""The lists that a model's plan can put an item in; what is rejected is read from the words."""
RECOMMEND = (Step(tool="filter_items"), Step(tool="rank_items", argument="preference"))
"""What every recommendation needs."""


@dataclass(frozen=True)
class Understood:
    """What a message was taken for."""

    intent: str = ""
    constraints: tuple[Constraint, ...] = ()
    lists: frozenset[tuple[str, str]] = frozenset()
    """(list, item id); a title that no item has stands for itself."""
    tools: tuple[Step, ...] = ()


FLOOR = Understood("recommend", tools=RECOMMEND)


def as_it_came(made: dict[str, Any], shelf: Shelf) -> Understood | None:
    """What the model wrote; None where it is no plan.

    Args:
        made: the event `PlanMade` as a dict.
    """
    plan = plan_as_it_came(made["raw"], shelf)
    return understood(plan, shelf) if plan else None


def plan_as_it_came(raw: str, shelf: Shelf) -> Plan | None:
    """The plan that a model wrote; None where it is none."""
    try:
        return plan_from_wire(raw, shelf.catalogue.schema)
    except ValueError:
        return None


def understood(plan: Plan, shelf: Shelf) -> Understood:
    """What a plan takes a message for; its titles are grounded."""
    return Understood(plan.intent, plan.constraints, frozenset(_grounded(plan, shelf)), plan.steps)


def as_used(events: Sequence[dict[str, Any]], before: Preferences, after: Preferences) -> Understood:
    """What the turn went by: its last plan or chosen steps, and what is known now that was not known before."""
    intent, steps = "", list[list[str]]()
    for event in events:
        intent = event["intent"] if event["kind"] == "plan" else intent
        steps = event["steps"] if event["kind"] in ("plan", "steps") else steps
    return Understood(
        intent,
        tuple(c for c in after.constraints if c not in before.constraints),  # said again, it has a later turn
        frozenset((name, i) for name in LISTS for i in getattr(after, name) if i not in getattr(before, name)),
        tuple(Step(tool=tool, argument=(rest or [""])[0]) for tool, *rest in steps),
    )


def _grounded(plan: Plan, shelf: Shelf) -> Iterator[tuple[str, str]]:
    for name in sorted(IN_A_PLAN):
        for title in getattr(plan, name):
            match = shelf.titles.find(title)
            yield name, shelf.catalogue.item(match.position).id if match else title


def counted(got: Understood, label: Label, shelf: Shelf, lists: Iterable[str] = LISTS) -> dict[str, float]:
    """What a reading of one message adds to the counts.

    Of each part that the label has: for shares, how many are right (`intent`) of how many (`intent of`); for what F1
    is made of, what is right, said, due, and the latter two together. `exact`: all that is labelled is right.

    Args:
        lists: those that this reading can put an item in.
    """
    counts: dict[str, float] = {}
    right = list[bool]()
    if label.intents:
        right.append(got.intent in label.intents)
        counts |= _share("intent", right[-1])
    said = slots_of(got.constraints, shelf.catalogue.schema, label.is_loose)
    if label.slots is not None:
        counts |= _matched("slot", said, label.slots)
        counts |= _matched("field+op", {(s.field, s.op) for s in said}, {(s.field, s.op) for s in label.slots})
        right.append(said == label.slots)
    counts |= _values(said, label)
    counts |= _titles(got, label, frozenset(lists), right)
    if label.tools is not None:
        right.append(_same_tools(got.tools, label))
        counts |= _share("tools", right[-1])
    if label.slots is not None:
        counts |= _share("exact", all(right))
    return counts


def _share(part: str, is_right: bool) -> dict[str, float]:
    return {part: float(is_right), f"{part} of": 1.0}


def _values(said: Iterable[Slot], label: Label) -> dict[str, float]:
    """The parts that are labelled by everybody: fields, and values in them."""
    due = label.pairs if label.pairs is not None else _pairs(label.slots) if label.slots is not None else None
    if due is None:
        return {}
    pairs = {pair for pair in _pairs(said) if label.fields is None or pair[0] in label.fields} - label.tolerated
    return _matched("field", {name for name, _ in pairs}, {name for name, _ in due}) | _matched("value", pairs, due)


def _pairs(slots: Iterable[Slot]) -> frozenset[Pair]:
    return frozenset(pair for slot in slots for pair in slot.pairs)


def _titles(got: Understood, label: Label, lists: frozenset[str], right: list[bool]) -> dict[str, float]:
    named = {item for name, item in got.lists if name in lists} - label.tolerated
    if label.lists is not None:
        due = {(name, item) for name, item in label.lists if name in lists}
        said = {(name, item) for name, item in got.lists if name in lists}
        right.append(said == due)
        return _matched("title", named, {item for _, item in due}) | _matched("title+list", said, due)
    return _matched("title", named, label.titles) if label.titles is not None else {}


def _same_tools(steps: Sequence[Step], label: Label) -> bool:
    """The same tools in the same order, with the arguments that are labelled."""
    called, due = [step for step in steps if step.tool not in label.optional], label.tools or ()
    return len(called) == len(due) and all(
        one.tool == other.tool and (not other.argument or normalise(one.argument) == normalise(other.argument))
        for one, other in zip(called, due, strict=True)
    )


def _matched(part: str, said: AbstractSet[Any], due: AbstractSet[Any]) -> dict[str, float]:
    """Of one part: right, said, due, and the latter two together, which is what F1 divides by.

    >>> _matched("slot", {1, 2}, {2, 3, 4})
    {'slot right': 1.0, 'slot said': 2.0, 'slot due': 3.0, 'slot both': 5.0}
    """
    right, both = len(said & due), len(said) + len(due)
    return {
        f"{part} right": float(right),
        f"{part} said": float(len(said)),
        f"{part} due": float(len(due)),
        f"{part} both": float(both),
    }
