"""The grounding suite: an honest agent is found to be one, and each measure finds the contestant that earns it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.settings import Settings
from agent.user import ANONYMOUS, User
from evals.contestants.contract import Contestant, Heard
from evals.contestants.floors import Echo, Popular
from evals.contestants.ours import ours
from evals.measures import estimate
from evals.outcome import Outcome
from evals.suites.grounding import Grounding
from evals.suites.grounding_scripts import KINDS
from evals.world import Lab, World

SUITE = Grounding()


@pytest.fixture(scope="module")
def world(world_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    lab = Lab(world_settings, Path("nowhere"), tmp_path_factory.mktemp("scratch"))
    with SUITE.world(lab) as opened:
        yield opened


async def hold(contestant: Contestant, world: World) -> list[Outcome]:
    return [await SUITE.hold(sample, contestant, world, 0) for sample in SUITE.samples(world, 0, is_quick=True)]


def measured(outcomes: list[Outcome]) -> dict[str, float]:
    groups = {str(number): [outcome] for number, outcome in enumerate(outcomes)}
    return {measure.name: estimate(measure, groups).value for measure in SUITE.measures}


class Liar(Contestant):
    """Says the same of the most popular item, whatever is asked."""

    name = "liar"

    def __init__(self, world: World, say: Callable[[str], str]) -> None:
        (item,) = world.catalogue.items(world.catalogue.positions_of(["g1"]))
        self._item, self._say = item, say

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        return Heard(self._say(f"{self._item.values['title']} ({self._item.values['year']:g})"), (self._item.id,))


def test_scripts_are_seeded_and_of_every_kind(world: World) -> None:
    first, again, other = (SUITE.samples(world, seed, is_quick=True) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    assert {sample.body.kind for sample in first} == set(KINDS)
    assert len(SUITE.samples(world, 0, is_quick=False)) > len(first)


def test_our_agent_invents_nothing(world: World) -> None:
    async def held() -> list[Outcome]:
        async with ours("fallback", "", None).open(world) as agent:
            return await hold(agent, world)

    outcomes = asyncio.run(held())
    found = measured(outcomes)
    notes = [note for outcome in outcomes for note in outcome.notes]
    assert found["invented items per 1,000"] == 0, notes
    assert found["unsupported claims per 1,000"] <= 5, notes
    assert found["check: mutants caught"] >= 0.97
    assert found["check: false alarms per 1,000"] <= 20, notes
    assert found["claims a reply"] > 2


@pytest.mark.parametrize(
    ("say", "measure"),
    [
        (lambda _: "1. The Zebulith Quorvane (1981)", "invented items per 1,000"),
        (lambda title: f"{title} takes 25 minutes.", "unsupported claims per 1,000"),
        (lambda title: f"{title} is a wargame.", "unsupported claims per 1,000"),
    ],
)
def test_who_lies_in_every_reply_is_found_out_in_every_reply(
    world: World, say: Callable[[str], str], measure: str
) -> None:
    found = measured(asyncio.run(hold(Liar(world, say), world)))
    assert found[measure] >= 1000


def test_who_does_not_listen_breaks_wishes(world: World) -> None:
    found = measured(asyncio.run(hold(Popular(world), world)))
    assert found["broken wishes per 1,000"] > 0
    assert found["invented items per 1,000"] == 0
    assert found["unsupported claims per 1,000"] == 0
    assert found["unknown, and said so"] == 0


def test_who_says_nothing_of_his_own_states_nothing(world: World) -> None:
    found = measured(asyncio.run(hold(Echo(), world)))
    assert found["invented items per 1,000"] == 0
    assert found["broken wishes per 1,000"] == 0


def test_a_contestant_that_fails_is_not_scored(world: World) -> None:
    class Broken(Contestant):
        name = "broken"

        async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
            return Heard("", error="it is down")

    assert {outcome.not_scored for outcome in asyncio.run(hold(Broken(), world))} == {"it is down"}
