"""The session suite, after InteRecAgent (arXiv 2308.16505): the last item that a real person liked is to be found.

A simulated user who wants it opens with a few of the things that the person liked before and one thing that it is,
answers questions, turns other items down with a reason, and never names it. The recommenders have not seen anybody's
last item (`evals.held_out`), but they have seen what the same people liked before: the protocol's own setting. Its
figures are not comparable with published ones, whose users are played by GPT-4 over other catalogues.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from evals.contestants.contract import Contestant
from evals.groups import activity, popularity_classes
from evals.held_out import Left, left_out
from evals.measures import Measure
from evals.outcome import Outcome
from evals.seeking import LEAK_MEASURES, Person, leak_values, seek
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.users.leaks import LeakGuard
from evals.users.llm_user import persona, voice_of
from evals.users.seeker import Seeker
from evals.world import Lab, UserModel, World
from tools.data.training import load_training
from tools.errors import TastemakerError

MOST_TURNS = 5
SLATE = 5
PEOPLE, QUICK_PEOPLE = 200, 30
TOLD = 3
"""So many liked items are named at first, drawn from the latest `_LATEST`."""
_LATEST = 10


@dataclass(frozen=True)
class Session:
    """One person: positions of what they name, and of what they want."""

    told: tuple[int, ...]
    target: int
    popularity: str
    activity: str
    draw: str


class SessionSuite(Suite[Session]):
    """Held in the catalogue in service, with recommenders of its own."""

    name = "session"
    said = f"the last item of real histories is sought in at most {MOST_TURNS} turns by users who never name it"
    measures: ClassVar = (
        Measure("hit@5", "hit@5"),
        Measure("hit@1", "hit@1"),
        Measure("turns", "turns", better="less", digits=2),
        *LEAK_MEASURES,
    )

    def __init__(self) -> None:
        self._people: list[Left] = []
        self._user_model: UserModel | None = None

    def missing(self, lab: Lab) -> str:
        """The catalogue needs interactions of people with several likes."""
        try:
            data = load_training(lab.settings.catalogue_home.current().models)
        except TastemakerError as error:
            return str(error)
        return "" if left_out(data) else f"nobody liked enough items of the catalogue {lab.settings.catalogue!r}."

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """The catalogue in service, without each person's last item."""
        self._people = left_out(load_training(lab.settings.catalogue_home.current().models))
        self._user_model = lab.user_model
        return lab.without_last(slate_size=SLATE)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Session]]:
        """People drawn by the seed."""
        rng = np.random.default_rng((seed, 11))
        drawn = rng.permutation(len(self._people))[: QUICK_PEOPLE if is_quick else PEOPLE]
        popularity = popularity_classes(world.shelf.people)
        return [self._sample(world, self._people[index], popularity, seed) for index in drawn]

    @staticmethod
    def _sample(world: World, left: Left, popularity: Sequence[str], seed: int) -> Sample[Session]:
        rng = np.random.default_rng((seed, left.person))
        guard = LeakGuard(world.catalogue.item(left.last), world.catalogue.schema)
        able = [p for p in left.liked[-_LATEST:] if not guard.leak(world.shelf.titles.title(p))]
        told = tuple(able[index] for index in np.sort(rng.permutation(len(able))[:TOLD]))
        name = f"person-{left.person}"
        body = Session(told, left.last, popularity[left.last], activity(len(left.liked) + 1), f"{name} {seed}")
        return Sample(name, name, f"wants {world.shelf.titles.title(left.last)}", body)

    async def hold(self, sample: Sample[Session], contestant: Contestant, world: World, seed: int) -> Outcome:
        """One conversation; it ends when the wanted item is shown. A miss counts as one turn more than there are."""
        body, catalogue = sample.body, world.catalogue
        target, guard = catalogue.item(body.target), LeakGuard(catalogue.item(body.target), catalogue.schema)
        talk = Talk(contestant, world)
        seeker = Seeker(target, catalogue, world.policies, body.draw)
        async with voice_of(self._user_model, world.settings, persona(target, catalogue.schema, guard, body.draw)) as v:
            person = Person(seeker, v, guard)
            first = await person.first(talk, seeker.opening(catalogue.items(body.told)))
            place = await seek(person, talk, target, first, MOST_TURNS)
        return Outcome(
            values={
                "hit@1": float(place == 1),
                "hit@5": float(0 < place <= SLATE),
                "turns": float(len(talk.exchanges) if place else MOST_TURNS + 1),
                **leak_values(person, talk, world, target),
            },
            slices={"popularity": body.popularity, "likes": body.activity},
            exchanges=talk.exchanges,
            notes=[sample.said, f"found in place {place}" if place else "not found"],
        )
