"""The suites of tool use and of cost, held with our agent and with those that show nothing of what they understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.settings import Settings
from agent.user import ANONYMOUS, User
from agent.wire import plan_to_wire
from agent.worked import worked_plan
from evals.contestants.contract import Contestant, Entry, Heard
from evals.contestants.floors import FLOORS
from evals.contestants.ours import ours
from evals.outcome import Outcome
from evals.report.markdown import run_report
from evals.requests.label import Label, Request, Slot
from evals.runlog import Run
from evals.runner import Order, run_suites
from evals.suite import Sample, Suite
from evals.suites.cost import PHASES, TurnCost
from evals.suites.tooluse import ToolUse, ToolUseTauRec, ToolUseWritten
from evals.world import Lab, World
from tools.shelf import Shelf

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")  # inspect-ai's streams

FALLBACK = ours("fallback", "ours", None)
WAR, PARTY = (Slot("kinds", "=", frozenset({word})) for word in ("wargame", "party"))
ASKS = frozenset({"recommend"})


@pytest.fixture
def lab(world_settings: Settings, tmp_path: Path) -> Lab:
    return Lab(world_settings, tmp_path / "data", tmp_path / "scratch")


@pytest.fixture
def world(lab: Lab) -> Iterator[World]:
    with lab.in_service() as opened:
        yield opened


def held(world: World, entry: Entry, *turns: tuple[str, Label]) -> Outcome:
    """What comes of one request."""

    async def hold() -> Outcome:
        async with entry.open(world) as contestant:
            return await ToolUse().hold(Sample("s", "s", "", Request("kind", turns)), contestant, world, 0)

    return asyncio.run(hold())


def test_what_the_words_say_is_what_is_known(world: World) -> None:
    first = "a wargame", Label(ASKS, frozenset({WAR}), lists=frozenset(), known=frozenset({WAR}))
    then = "no wait, a party game", Label(ASKS, frozenset({PARTY}), lists=frozenset(), known=frozenset({PARTY}))
    outcome = held(world, FALLBACK, first, then)
    assert (outcome.values["used exact"], outcome.values["used exact of"]) == (2, 2)
    assert (outcome.values["used known"], outcome.values["used known of"]) == (2, 2)
    assert outcome.notes == []
    assert not [name for name in outcome.values if name.startswith("raw")], "no model was asked"


def test_what_is_missed_is_told_in_words(world: World) -> None:
    outcome = held(world, FALLBACK, ("a wargame", Label(ASKS, frozenset({PARTY}), lists=frozenset())))
    assert (outcome.values["used exact"], outcome.values["used intent"], outcome.values["used slot right"]) == (0, 1, 0)
    assert outcome.notes == [
        "a wargame [wrong: exact, value] was taken for recommend: must kinds = Wargame"
        " | filter_items > rank_items preference"
    ]


def test_a_reference_needs_something_shown(world: World) -> None:
    greeting = "hello", Label(frozenset({"chat"}), frozenset())
    outcome = held(
        world, FALLBACK, greeting, ("not the second one", Label(ASKS, lists=frozenset({("rejected", "#2")})))
    )
    assert len(outcome.exchanges) == 1
    assert outcome.notes == ["nothing to point at with: not the second one"]
    assert outcome.values["used intent of"] == 1


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.name)
def test_who_shows_no_plan_is_not_scored(world: World, floor: Entry) -> None:
    outcome = held(world, floor, ("a wargame", Label(ASKS, frozenset({WAR}))))
    assert "neither its plan" in outcome.not_scored
    assert outcome.values == {}


class Modelled(Contestant):
    """Our agent, with a trace as if a model had been asked."""

    name = "modelled"

    def __init__(self, inner: Contestant, raw: str) -> None:
        self._inner, self._raw = inner, raw

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        heard = await self._inner.answer(thread, message, user)
        written = {"raw": self._raw, "llm_ms": 5.0}
        events = tuple(event | (written if event["kind"] == "plan" else {}) for event in heard.events)
        return Heard(heard.reply, heard.shown, events=events)

    async def known(self, thread: str) -> Any:
        return await self._inner.known(thread)


def modelled(raw: str) -> Entry:
    @asynccontextmanager
    async def opened(world: World) -> AsyncIterator[Contestant]:
        async with FALLBACK.open(world) as inner:
            yield Modelled(inner, raw)

    return Entry("modelled", "ours, with a plan put in", opened)


def test_the_model_s_plan_and_what_was_made_of_it_are_scored_apart(world: World, shelf: Shelf) -> None:
    label = Label(ASKS, frozenset({WAR}), lists=frozenset())
    wrong = held(
        world, modelled(plan_to_wire(worked_plan("a party game", shelf.catalogue, shelf.titles))), ("a wargame", label)
    ).values
    assert (wrong["raw exact"], wrong["raw valid"], wrong["raw intent"], wrong["used exact"]) == (0, 1, 1, 1)
    right = held(
        world, modelled(plan_to_wire(worked_plan("a wargame", shelf.catalogue, shelf.titles))), ("a wargame", label)
    ).values
    assert (right["raw exact"], right["raw slot right"]) == (1, 1)
    broken = held(world, modelled("no plan"), ("a wargame", label)).values
    assert (broken["raw valid"], broken["raw valid of"], broken["raw intent"], broken["raw slot due"]) == (0, 1, 0, 1)


def run(lab: Lab, suite: Suite[Any], folder: Path) -> Run:
    return run_suites(Order([suite], [FALLBACK, *FLOORS], is_quick=True), lab, folder)


def test_a_quick_run_scores_every_kind_and_beats_the_floor(lab: Lab, tmp_path: Path) -> None:
    first = run(lab, ToolUse(), tmp_path / "one")
    groups = first.groups("tooluse", "fallback")
    total = {name: sum(o.values.get(name, 0.0) for (o,) in groups.values()) for name in ("used exact", "floor exact")}
    assert total["used exact"] > 3 * total["floor exact"] > 0
    assert len({o.slices["kind"] for (o,) in groups.values()}) > 20
    assert first.groups("tooluse", "echo") == {}
    table = "\n".join(run_report(first))
    assert "used: slot F1" in table
    assert "raw: exact" not in table, "a column that nobody has is left out"
    assert "neither its plan" in table
    again = run(lab, ToolUse(), tmp_path / "two")
    values = [[(line.id, line.outcome.values) for line in one.lines] for one in (first, again)]
    assert values[0] == values[1], "the same seed, the same numbers"


@pytest.mark.parametrize("suite", [ToolUseWritten(), ToolUseTauRec()], ids=lambda suite: suite.name)
def test_data_that_is_not_there_is_said(suite: Suite[Any], lab: Lab) -> None:
    assert "is not there; name the folder with --data." in suite.missing(lab)


def test_a_turn_s_cost_is_told_by_phase_and_conversations_are_held_alone(lab: Lab, tmp_path: Path) -> None:
    outcomes = [o for group in run(lab, TurnCost(), tmp_path).groups("cost", "fallback").values() for o in group]
    assert outcomes
    for outcome in outcomes:
        assert outcome.values["turns"] == len(outcome.exchanges) == 6
        assert outcome.values["model calls"] == outcome.values["prompt tokens"] == 0
        series = outcome.series
        assert set(series) == {"in all", "outside the model", *PHASES, "rest"}, "no model, no phases of a model"
        for row, total in enumerate(series["outside the model"]):
            assert total == pytest.approx(sum(series[name][row] for name in (*PHASES, "rest")))
            assert min(series[name][row] for name in (*PHASES, "rest")) >= 0


class Crowd(Suite[int]):
    """How many of its samples are held at the same time."""

    name = "crowd"
    said = ""
    measures = ()
    at_once = 2

    def __init__(self) -> None:
        self.here = self.most = 0

    def samples(self, world: World, seed: int, is_quick: bool) -> list[Sample[int]]:
        return [Sample(str(number), str(number), "", number) for number in range(6)]

    async def hold(self, sample: Sample[int], contestant: Contestant, world: World, seed: int) -> Outcome:
        self.here += 1
        self.most = max(self.most, self.here)
        await asyncio.sleep(0.05)
        self.here -= 1
        return Outcome(values={"n": 1.0})


def test_a_suite_says_how_many_of_its_samples_are_held_at_once(lab: Lab, tmp_path: Path) -> None:
    crowd = Crowd()
    lines = run_suites(Order([crowd], FLOORS, at_once=16), lab, tmp_path).lines
    assert crowd.most == 2
    assert len(lines) == 6 * len(FLOORS)
