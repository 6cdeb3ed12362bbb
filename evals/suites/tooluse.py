"""Does the plan hold the right intent, wishes, titles and tools? Labelled requests, each scored as it was understood.

A plan is read as the model wrote it (*raw*), as the turn used it after repairs by the words (*used*), and beside both
stands the plan that always recommends and wishes nothing (*floor*). A planner without a model has nothing raw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from agent.preferences import Preferences
from evals.contestants.contract import Contestant, Heard
from evals.measures import Measure
from evals.outcome import Outcome
from evals.requests.annotated import INTENTS_FILE, SLOTS_FILE, drawn, read_dialogues
from evals.requests.grammar import Grammar
from evals.requests.label import Label, Request, slots_of
from evals.requests.phrasings import written_requests
from evals.requests.score import FLOOR, IN_A_PLAN, Understood, as_it_came, as_used, counted
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.tasks.tau_rec import POLICIES
from evals.world import Lab, World
from tools.constraints import describe
from tools.data.ingest import Sources

_PLANS = ("used", "raw")
EACH, QUICK_EACH = 20, 3
"""How many requests of a kind are made."""


def _share(plan: str, part: str, name: str) -> Measure:
    return Measure(f"{plan}: {name}", f"{plan} {part}", per=f"{plan} {part} of")


def _f1(plan: str, part: str) -> Measure:
    return Measure(f"{plan}: {part} F1", f"{plan} {part} right", per=f"{plan} {part} both", times=2.0)


def _precision_recall(plan: str, part: str) -> list[Measure]:
    return [
        Measure(f"{plan}: {part} precision", f"{plan} {part} right", per=f"{plan} {part} said"),
        Measure(f"{plan}: {part} recall", f"{plan} {part} right", per=f"{plan} {part} due"),
    ]


VALID = _share("raw", "valid", "valid")


class _Requests(Suite[Request]):
    """Requests said to a contestant, whose plan and preferences are read off its trace."""

    async def hold(self, sample: Sample[Request], contestant: Contestant, world: World, seed: int) -> Outcome:
        """Say each message; a reference to an item that was not shown ends the conversation."""
        talk, counts, notes, shown = Talk(contestant, world), Counter[str](), list[str](), tuple[str, ...]()
        for message, unresolved in sample.body.turns:
            if any(row >= len(shown) for row in unresolved.rows):
                notes.append(f"nothing to point at with: {message}")
                break
            label = unresolved.over(shown)
            before = await contestant.known(talk.thread) or Preferences()
            heard = await talk.say(message)
            after = await contestant.known(talk.thread)
            if not heard.error and (after is None or not _plan_event(heard)):
                return Outcome(not_scored="it shows neither its plan nor what it has understood")
            used = as_used(heard.events, before, after or before)
            counts.update(_counts(heard, used, after or before, label, world))
            notes += [] if heard.error else _missed(message, used, label, world)
            shown = heard.shown
        return Outcome(values=dict(counts), slices={"kind": sample.body.kind}, exchanges=talk.exchanges, notes=notes)


def _plan_event(heard: Heard) -> dict[str, object]:
    return next((event for event in heard.events if event["kind"] == "plan"), {})


def _counts(heard: Heard, used: Understood, after: Preferences, label: Label, world: World) -> dict[str, float]:
    counts = {f"used {part}": count for part, count in counted(used, label, world.shelf).items()}
    counts |= {f"floor {part}": count for part, count in counted(FLOOR, label, world.shelf).items()}
    if label.known is not None:
        known = slots_of(after.constraints, world.catalogue.schema, label.is_loose)
        counts |= {"used known": float(known == label.known), "used known of": 1.0}
    made = _plan_event(heard)
    if made and made["llm_ms"]:  # a model was asked for a plan
        raw = as_it_came(made, world.shelf)
        counts |= {"raw valid": float(raw is not None), "raw valid of": 1.0}
        as_written = counted(raw or Understood(), label, world.shelf, IN_A_PLAN)
        counts |= {f"raw {part}": count for part, count in as_written.items()}
    return counts


def _missed(message: str, used: Understood, label: Label, world: World) -> list[str]:
    """In words, what a message was wrongly taken for; empty where all of it is right."""
    found = counted(used, label, world.shelf)
    parts = ("intent", "tools", "exact")
    wrong = [part for part in parts if found.get(part, 1.0) < found.get(f"{part} of", 1.0)]
    wrong += [part for part in ("value", "title") if found.get(f"{part} both", 0.0) > 2 * found.get(f"{part} right", 0)]
    if not wrong:
        return []
    read = [describe(c) for c in used.constraints] + [f"{name} {item}" for name, item in sorted(used.lists)]
    steps = " > ".join(f"{step.tool} {step.argument}".strip() for step in used.tools)
    return [f"{message} [wrong: {', '.join(wrong)}] was taken for {used.intent}: {'; '.join(read)} | {steps}"]


class ToolUse(_Requests):
    """Requests that a grammar makes from the schema of the catalogue in service."""

    name = "tooluse"
    said = "labelled requests over the catalogue in service: intent, wishes, titles and tools of the plan"
    measures: ClassVar = (
        _share("used", "exact", "exact"),
        _share("used", "intent", "intent"),
        _share("used", "tools", "tools"),
        _share("used", "known", "known after"),
        *(_f1("used", part) for part in ("slot", "field+op", "field", "title+list")),
        *_precision_recall("used", "slot"),
        VALID,
        _share("raw", "exact", "exact"),
        _share("raw", "intent", "intent"),
        _share("raw", "tools", "tools"),
        *(_f1("raw", part) for part in ("slot", "field+op", "field", "title+list")),
        *_precision_recall("raw", "slot"),
        _share("floor", "exact", "exact"),
        _share("floor", "intent", "intent"),
    )

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Request]]:
        """Of each kind that the catalogue allows, the same number."""
        return _samples(Grammar(world.shelf).requests(seed, QUICK_EACH if is_quick else EACH))


class ToolUseWritten(_Requests):
    """Dialogues that people wrote, over the catalogue in service."""

    name = "tooluse-written"
    said = "messages that people wrote (ReDial, annotated by IARD and UserSimCRS): intent, values, titles of the plan"
    measures: ClassVar = (
        *(_f1("used", part) for part in ("value", "field", "title")),
        _share("used", "intent", "intent"),
        *_precision_recall("used", "value"),
        VALID,
        *(_f1("raw", part) for part in ("value", "field", "title")),
        _share("raw", "intent", "intent"),
        *_precision_recall("raw", "value"),
        _share("floor", "intent", "intent"),
    )
    whole, quick = (77, 40), (8, 4)
    """How many dialogues with slots, and how many of the others with intents only."""

    def __init__(self) -> None:
        self._folder = Path()

    def missing(self, lab: Lab) -> str:
        """The dialogues are not part of this project."""
        absent = [str(lab.data / file) for file in (SLOTS_FILE, INTENTS_FILE) if not (lab.data / file).is_file()]
        return f"{' and '.join(absent)} is not there; name the folder with --data." if absent else ""

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """The catalogue in service, whatever it is of: what it does not have is not labelled."""
        self._folder = lab.data
        return super().world(lab)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Request]]:
        """A dialogue is a sample: all with slots, and some of those with intents only."""
        dialogues = read_dialogues(self._folder, world.shelf)
        with_slots, with_intents = self.quick if is_quick else self.whole
        slots, intents = drawn(dialogues, "slots", with_slots, seed), drawn(dialogues, "intents", with_intents, seed)
        return _samples([*slots, *intents])


class ToolUseTauRec(_Requests):
    """Messages written for tau-Rec's catalogue."""

    name = "tooluse-tau-rec"
    said = "openings that were written for tau-Rec's catalogue; the reading was mended by some of them"
    measures: ClassVar = (
        _share("used", "exact", "exact"),
        *(_f1("used", part) for part in ("slot", "field+op", "field")),
        *_precision_recall("used", "slot"),
        VALID,
        _share("raw", "exact", "exact"),
        *(_f1("raw", part) for part in ("slot", "field+op", "field")),
        *_precision_recall("raw", "slot"),
        _share("floor", "exact", "exact"),
    )
    quick = 30

    def missing(self, lab: Lab) -> str:
        """The catalogue is not part of this project."""
        file = lab.data / "tau-rec" / "catalog.json"
        return "" if file.is_file() else f"{file} is not there; name the folder with --data."

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """tau-Rec's catalogue, ingested like any user's."""
        return lab.catalogue("tau-rec", Sources(lab.data / "tau-rec" / "catalog.json"), POLICIES)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Request]]:
        """Each message is a conversation; of a quick run, every so many."""
        requests = written_requests(world.catalogue.schema)
        return _samples(requests[:: max(1, len(requests) // self.quick)] if is_quick else requests)


def _samples(requests: Sequence[Request]) -> list[Sample[Request]]:
    return [
        Sample(f"{number:04d}", f"{number:04d}", " / ".join(message for message, _ in one.turns), one)
        for number, one in enumerate(requests)
    ]
