"""The ranking suite: recommenders alone, asked by strangers of whom a few likes are told. No conversation is held.

A fifth of the people who used the catalogue in service are kept out of the training; of each, some likes are drawn and
told, and the rest is to be found in the full ranking (`evals.protocols`). A recommender takes part as a contestant
whose message is the ids that are told, one a line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from agent.user import ANONYMOUS, User
from evals.contestants.contract import Contestant, Entry, Heard
from evals.datasets import Dataset
from evals.groups import activity
from evals.measures import Measure
from evals.metrics import hit_rate, ndcg
from evals.outcome import Outcome
from evals.protocols import RANDOM_LIKES, Protocol, protocols
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.world import Lab, World
from tools.data.catalogue import Catalogue
from tools.data.training import load_training
from tools.data.versions import Version
from tools.errors import UnavailableError
from tools.models.blend import Blend, Case
from tools.models.contract import History, Recommender
from tools.models.fit import fit_blend, load_blend, save_blend

SHOWN = 10
QUICK_STRANGERS = 60
_TOLD = [f"random-{count}" for count in RANDOM_LIKES]
RECOMMENDERS = {
    "blend": "all recommenders together, weighted by what is known of a person",
    "itemknn": "item neighbours, by which the chat ranks",
    "popularity": "the items that most people liked, whoever asks",
}


@dataclass(frozen=True)
class Stranger:
    """A person nobody was trained on: for each number of likes that is told, those and the rest."""

    cases: Mapping[int, Case]

    @property
    def activity(self) -> str:
        """By all likes, told or not."""
        return activity(max(len(case.history.liked) + len(case.relevant) for case in self.cases.values()))


class Offline(Suite[Stranger]):
    """NDCG and hit rate at 10 of the recommenders of the catalogue in service."""

    name = "offline"
    said = "recommenders alone: strangers tell 1, 3, 5 or 10 of their likes, the others are to be ranked first"
    measures: ClassVar = (
        *(Measure(f"NDCG@{SHOWN}, {count} told", f"ndcg {count}") for count in RANDOM_LIKES),
        *(Measure(f"HR@{SHOWN}, {count} told", f"hit rate {count}") for count in RANDOM_LIKES),
    )

    _blend: Blend

    def missing(self, lab: Lab) -> str:
        """Without interactions there is nothing to learn from."""
        training = load_training(lab.settings.catalogue_home.current().models)
        if len(training.item):
            return ""
        return f"The catalogue {lab.settings.catalogue!r} has no interactions; ingest it with --interactions."

    @contextmanager
    def world(self, lab: Lab) -> Iterator[World]:
        """The catalogue in service; the recommenders are fitted without the strangers, once for a version and seed."""
        with lab.in_service() as world:
            self._blend = _fitted(world.catalogue.path, lab.seed, lab.folder / "strangers" / lab.settings.catalogue)
            yield world

    def entries(self, chosen: Sequence[Entry]) -> Sequence[Entry]:
        """The recommenders; all of them are fitted in one go."""
        return [Entry(name, said, partial(self._opened, name), waits=False) for name, said in RECOMMENDERS.items()]

    @asynccontextmanager
    async def _opened(self, name: str, world: World) -> AsyncIterator[Contestant]:
        member = {"popularity": "popular"}.get(name, name)
        yield Ranker(name, self._blend if name == "blend" else self._blend.members[member], world.catalogue)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Stranger]]:
        """The people who were kept out; of a quick run, the first so many as they were drawn."""
        cases: dict[int, dict[int, Case]] = {}
        for count, protocol in zip(RANDOM_LIKES, _protocols(world.catalogue.path, seed), strict=True):
            for case in protocol.cases:
                cases.setdefault(case.person, {})[count] = case
        people = np.random.default_rng(seed).permutation(sorted(cases)).tolist()
        return [
            Sample(f"person-{person}", f"person-{person}", "some likes; find the others", Stranger(cases[person]))
            for person in people[: QUICK_STRANGERS if is_quick else None]
        ]

    async def hold(self, sample: Sample[Stranger], contestant: Contestant, world: World, seed: int) -> Outcome:
        """Each number of likes told in turn; a person with too few of them counts where they have enough."""
        talk, values = Talk(contestant, world), dict[str, float]()
        for count, case in sample.body.cases.items():
            heard = await talk.say("\n".join(item.id for item in world.catalogue.items(case.history.liked)))
            ranked = np.array([item.position for item in talk.items(heard)], dtype=np.int64)
            values[f"ndcg {count}"] = ndcg(ranked, case.relevant, SHOWN)
            values[f"hit rate {count}"] = hit_rate(ranked, case.relevant, SHOWN)
        return Outcome(values=values, slices={"likes": sample.body.activity}, exchanges=talk.exchanges)


class Ranker(Contestant):
    """A recommender that is told what a person likes, an id a line, and shows the ten best of the others."""

    def __init__(self, name: str, model: Recommender | Blend, catalogue: Catalogue) -> None:
        self.name, self._model, self._catalogue = name, model, catalogue  # type: ignore[misc]

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        """Its ten best; it says nothing."""
        liked = tuple(self._catalogue.positions_of(message.splitlines()))
        found, _ = self._model.recommend(History(liked), SHOWN)
        return Heard("", tuple(item.id for item in self._catalogue.items(found)))


@lru_cache(maxsize=1)
def _protocols(database: Path, seed: int) -> list[Protocol]:
    """One for each number of likes told; all with the same training data."""
    data = load_training(Version(database.parent).models)
    return protocols(Dataset("the catalogue in service", data), _TOLD, seed)


def _fitted(database: Path, seed: int, folder: Path) -> Blend:
    """The recommenders without the strangers; fitted once for a version of the catalogue and a seed.

    Args:
        folder: where they are kept.
    """
    mark, wanted = folder / "fitted", f"{database.parent.name} {seed}"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        with suppress(UnavailableError):  # of an older version of ours
            return load_blend(folder)
    blend = fit_blend(_protocols(database, seed)[0].train)
    folder.mkdir(parents=True, exist_ok=True)
    mark.unlink(missing_ok=True)
    save_blend(folder, blend)
    mark.write_text(wanted, encoding="utf-8")
    return blend
