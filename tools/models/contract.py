"""What a recommender is: it learns from interactions, and scores items for a person who has no row in any matrix."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from tools.models.artifact import Arrays, Artifact, load_artifact, save_artifact
from tools.progress import OnStep, silent

Positions = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
AVERSION = 0.5
"""How much a disliked item takes away, of what a liked one gives, where a model adds up its neighbours."""


@dataclass(frozen=True)
class TrainingData:
    """Who liked what, one entry for each user and item; arrays of equal length."""

    user: Positions
    item: Positions
    liked: npt.NDArray[np.bool_]
    """False where the person disliked it."""
    time: npt.NDArray[np.int64]
    """Seconds; 0 where unknown. Equal times stay in the order given."""
    size: int
    """How many items the catalogue has."""
    vectors: npt.NDArray[np.float32] | None = field(default=None, repr=False)
    """What the text of each item says, shape (size, dimensions), unit length; None where there is no text."""
    ids: npt.NDArray[np.str_] | None = field(default=None, repr=False)
    """What the users are called, shape (users,); None where that is not known."""

    @cached_property
    def users(self) -> int:
        """How many users there are."""
        return int(self.user.max(initial=-1)) + 1

    @cached_property
    def likes(self) -> csr_matrix:
        """1 where a user liked an item, shape (users, size)."""
        ones = np.ones(int(self.liked.sum()), dtype=np.float32)
        matrix = csr_matrix((ones, (self.user[self.liked], self.item[self.liked])), shape=(self.users, self.size))
        matrix.data[:] = 1.0  # of duplicates
        return matrix

    @cached_property
    def counts(self) -> Positions:
        """How many users liked each item, shape (size,)."""
        return np.asarray(self.likes.astype(bool).sum(axis=0)).ravel().astype(np.int64)

    @cached_property
    def sequences(self) -> list[Positions]:
        """What each user liked, in the order of time; users without a like have an empty one."""
        user, item = self.user[self.liked], self.item[self.liked]
        order = np.lexsort((self.time[self.liked], user))  # stable
        bounds = np.searchsorted(user[order], np.arange(self.users + 1))
        sorted_items = item[order]
        return [sorted_items[begin:end] for begin, end in pairwise(bounds)]

    @property
    def has_order(self) -> bool:
        """Whether times tell what came after what."""
        return len(np.unique(self.time)) > 1

    def where(self, mask: npt.NDArray[np.bool_]) -> TrainingData:
        """Only these entries; users and items keep their numbers."""
        return TrainingData(
            self.user[mask], self.item[mask], self.liked[mask], self.time[mask], self.size, self.vectors, self.ids
        )


@dataclass(frozen=True)
class History:
    """What is known of one person, as item positions. Of a position given twice the first counts."""

    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    is_log: bool = False
    """Whether `liked` is in the order of use, the latest last, rather than what came to mind in a chat."""

    def of(self, size: int) -> History:
        """Without what a catalogue of this size has not, without repeats, and without what is liked and disliked."""
        liked = dict.fromkeys(p for p in self.liked if 0 <= p < size)
        disliked = dict.fromkeys(p for p in self.disliked if 0 <= p < size and p not in liked)
        return History(tuple(liked), tuple(disliked), self.is_log)


class Recommender(ABC):
    """Scores items for a person from a handful of likes and dislikes. Nothing in it changes after the fit."""

    name: ClassVar[str]
    needs: ClassVar[tuple[type[Recommender], ...]] = ()
    """Recommenders that it is built on: `fit` takes them by name where they are fitted on the same data already."""
    size: int

    @classmethod
    @abstractmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> Self:
        """Learn. Any data will do: no interactions, one user, one item. Same data and parameters, same model."""

    @abstractmethod
    def score(self, history: History) -> Scores:
        """One score an item, shape (size,), larger is better; 0 for items that the model knows nothing of."""

    @abstractmethod
    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """What `restore` needs: arrays, and facts that JSON can hold."""

    @classmethod
    @abstractmethod
    def restore(cls, kept: Artifact) -> Self:
        """The model from what `state` gave."""

    def recommend(
        self,
        history: History,
        count: int = 10,
        candidates: Positions | None = None,
        exclude: Collection[int] = (),
    ) -> tuple[Positions, Scores]:
        """The best `count` items, best first, and their scores; never one that was liked, disliked or excluded."""
        scores = self.score(history)
        known = history.of(self.size)
        out = [*known.liked, *known.disliked, *(p for p in exclude if 0 <= p < self.size)]
        return best(scores, count, candidates, out)

    def similar(self, position: int, count: int = 10) -> tuple[Positions, Scores]:
        """The items most like one item, best first, and how much."""
        return self.recommend(History(liked=(position,)), count)

    def save(self, folder: Path) -> None:
        """Write the model into a folder, in place of an earlier one, atomically."""
        arrays, facts = self.state()
        save_artifact(folder, self.name, arrays, **facts)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what `save` wrote, memory mapped.

        Raises:
            UnavailableError: absent, damaged, or written by another version.
        """
        return load_artifact(folder, cls.name, cls.restore)


def places(columns: Positions, size: int) -> Positions:
    """Where each position stands among the columns of a model that knows only some, -1 where it does not."""
    found = np.full(size, -1)
    found[columns] = np.arange(len(columns))
    return found


def best(
    scores: Scores, count: int, candidates: Positions | None = None, exclude: Sequence[int] = ()
) -> tuple[Positions, Scores]:
    """The positions of the greatest scores, best first; ties go to the lower position."""
    if exclude:
        scores = scores.copy()
        scores[list(exclude)] = -np.inf
    pool = scores if candidates is None else scores[candidates]
    count = min(count, len(pool))
    if count <= 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    top = np.argpartition(-pool, count - 1)[:count]
    top = top[np.lexsort((top, -pool[top]))]
    top = top[np.isfinite(pool[top])]
    positions = top if candidates is None else candidates[top]
    return positions.astype(np.int64), pool[top]
