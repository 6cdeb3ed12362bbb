"""The blend: a weighted sum of recommenders, whose weights depend on what kind of history there is.

A chat is not a log: what is best for one like is not best for ten, and what is best for likes in no order is not
best for an ordered log. So the weights are fitted for each kind apart, on people kept out of the members' training,
by coordinate ascent on NDCG@10 (D. Metzler and W. B. Croft, "Linear feature-based models for information
retrieval", 2007), from the best single member on: a member that does not help gets no weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from tools.models.content import Content
from tools.models.contract import History, Positions, Recommender, Scores, best
from tools.models.popular import Popular
from tools.progress import OnStep, silent

Kind = Literal["none", "one", "few", "several", "log"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Weights = dict[str, float]

FEW = 4
POOL = 100
"""Items a member brings into the pool that the weights are fitted on."""
STEPS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
LEAST_T = 2.0
"""A move counts if its mean gain over the people is at least this many standard errors: the rest is noise."""
CUT = 10
TIE = 1e-3
"""What content weighs at least among items that nobody used: all that tells those apart."""


UNFITTED_POPULAR = 0.25
"""The weight of popularity beside what was liked, where nobody's likes tell it.

On films without their interactions, one like named: 0 finds .057 (NDCG@10) of what people like besides, this .151, 1
.301; but the five that are shown are as much like it as the nearest are (.72 of .74), which with 1 they are not (.64).
"""


@dataclass(frozen=True)
class Case:
    """Somebody's history, and what they liked besides."""

    history: History
    relevant: frozenset[int]
    person: int = 0
    """Whose: cases of one person are not independent."""


def told_at_random(likes: Positions, count: int, rng: np.random.Generator, person: int = 0) -> Case | None:
    """Some of a person's likes in no order, the rest to be found; None where there is no rest."""
    mixed = rng.permutation(likes).tolist()
    return Case(History(tuple(mixed[:count])), frozenset(mixed[count:]), person) if len(mixed) > count else None


def next_after(log: Positions, count: int, person: int = 0) -> Case | None:
    """The last `count` items of a log before its very last, which is to be found; None where they are fewer."""
    if len(log) <= count:
        return None
    return Case(History(tuple(log[-count - 1 : -1].tolist()), is_log=True), frozenset([int(log[-1])]), person)


def kind_of(history: History) -> Kind:
    """What kind of history this is."""
    count = len(history.liked) or int(bool(history.disliked))
    if history.is_log and count > 1:
        return "log"
    return "none" if not count else "one" if count == 1 else "few" if count <= FEW else "several"


class Blend:
    """Recommends as its members together do. Has no arrays of its own, so it is kept as its weights."""

    def __init__(self, members: Mapping[str, Recommender], weights: Mapping[Kind, Weights]) -> None:
        self.members, self.weights = dict(members), dict(weights)

    def score(self, history: History) -> Scores:
        """The weighted sum of the members' standardised scores, shape (items,)."""
        return sum(self.parts(history).values(), np.zeros(self.size, dtype=np.float32))

    def parts(self, history: History) -> dict[str, Scores]:
        """What each member adds to the score; members without weight are left out, but for content's TIE."""
        weights = self.weights[kind_of(history)]
        parts = {
            name: standardised(self.members[name].score(history), weight)
            for name, weight in weights.items()
            if name in self.members
        }
        return parts if "content" in parts else parts | self._tie(history)

    def _tie(self, history: History) -> dict[str, Scores]:
        content = self.members.get("content")
        if not isinstance(content, Content):
            return {}
        unused, items = self._unused
        scores = np.zeros(self.size, dtype=np.float32)
        scores[unused] = standardised(items @ content.person(history), TIE)
        return {"content": scores}

    @cached_property
    def _unused(self) -> tuple[Positions, Scores]:
        """The items that nobody used, shape (n,), and what content knows of them, shape (n, dimensions)."""
        content, popular = self.members["content"], self.members.get("popular")
        assert isinstance(content, Content)
        unused = np.flatnonzero(popular.scores == 0) if isinstance(popular, Popular) else np.arange(self.size)
        return unused, content.items[unused]

    @property
    def size(self) -> int:
        """How many items there are."""
        return next(iter(self.members.values())).size

    def recommend(
        self, history: History, count: int = 10, candidates: Positions | None = None, exclude: Sequence[int] = ()
    ) -> tuple[Positions, Scores]:
        """The best items that are not in the history, best first, and their scores."""
        known = history.of(self.size)
        out = [*known.liked, *known.disliked, *(p for p in exclude if 0 <= p < self.size)]
        return best(self.score(history), count, candidates, out)


def standardised(scores: Scores, weight: float = 1.0) -> Scores:
    """Mean 0 and standard deviation `weight` over the catalogue; constant scores become 0."""
    mean = scores.mean() if len(scores) else np.float32(0)
    centred = scores - mean
    spread = float(np.sqrt(centred @ centred / max(1, len(centred))))  # a product is faster than .std()
    centred *= np.float32(weight / spread if spread > max(1e-6 * abs(float(mean)), 1e-12) else 0.0)
    return centred


def fit_weights(
    members: Mapping[str, Recommender], cases: Mapping[Kind, Sequence[Case]], on_step: OnStep = silent
) -> dict[Kind, Weights]:
    """The weights for each kind of history. A kind without cases takes those of its nearest neighbour.

    Args:
        members: fitted on people other than those of the cases.
        cases: for each kind, histories and what to find.
    """
    fitted: dict[Kind, Weights] = {"none": {"popular": 1.0}}  # all that can be said to a stranger
    for number, kind in enumerate(KINDS):
        if kind != "none" and cases.get(kind):
            with threadpool_limits(1, "blas"):  # a product for one person is too small to share between cores
                fitted[kind] = _ascend(members, cases[kind])
        on_step("weights of the blend", (number + 1) / len(KINDS))
    for kind in KINDS:
        if kind not in fitted:
            fitted[kind] = _fallback(kind, fitted, members)
    return fitted


def _fallback(kind: Kind, fitted: Mapping[Kind, Weights], members: Mapping[str, Recommender]) -> Weights:
    order: dict[Kind, tuple[Kind, ...]] = {
        "one": ("few", "several"),
        "few": ("one", "several"),
        "several": ("few", "log", "one"),
        "log": ("several", "few", "one"),
    }
    near = next((fitted[other] for other in order[kind] if other in fitted), None)
    if near:
        return dict(near)
    return {name: UNFITTED_POPULAR if name == "popular" else 1.0 for name in members if name != "sequential"}


@dataclass(frozen=True)
class _Pools:
    """All cases' pools, padded to one width with items that nobody would take."""

    scores: npt.NDArray[np.float32]  # (cases, items, members): standardised
    padding: npt.NDArray[np.float32]  # (cases, items): 0, or -inf where there is no item
    relevant: npt.NDArray[np.bool_]  # (cases, items)
    ideal: npt.NDArray[np.float64]  # (cases,)
    people: npt.NDArray[np.int64]  # (cases,): whose, from 0 on without gaps

    def ndcg(self, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """NDCG@10 of each case."""
        mixed = self.scores @ weights + self.padding
        count = min(CUT, mixed.shape[1])
        top = np.argpartition(-mixed, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(mixed, top, axis=1), axis=1, kind="stable")
        hits = np.take_along_axis(self.relevant, np.take_along_axis(top, order, axis=1), axis=1)
        return np.asarray((hits / _DISCOUNTS[:count]).sum(axis=1) / np.maximum(self.ideal, 1e-9))


def _ascend(members: Mapping[str, Recommender], cases: Sequence[Case]) -> Weights:
    names = list(members)
    pools = _pools(members, cases)
    single = [pools.ndcg(row) for row in np.eye(len(names), dtype=np.float32)]
    best_alone = int(np.argmax([values.mean() for values in single]))
    weights, top = np.eye(len(names), dtype=np.float32)[best_alone], single[best_alone]
    improved = True
    while improved:
        improved = False
        for i in range(len(names)):
            found = [(pools.ndcg(moved), moved) for moved in _moves(weights, i)]
            values, moved = max(found, key=lambda pair: float(pair[0].mean()))
            if _is_gain(values - top, pools.people):
                top, weights, improved = values, moved, True
    weights = weights / np.abs(weights).sum()
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True) if weight}


def _is_gain(differences: npt.NDArray[np.float64], people: npt.NDArray[np.int64]) -> bool:
    each = np.bincount(people, differences) / np.bincount(people)
    return bool(each.mean() > max(LEAST_T * each.std() / np.sqrt(len(each)), 1e-6))


def _moves(weights: npt.NDArray[np.float32], i: int) -> list[npt.NDArray[np.float32]]:
    moves = []
    for step in (*STEPS, *(-step for step in STEPS), -float(weights[i])):
        moved = weights.copy()
        moved[i] = max(0.0, moved[i] + step)
        if moved.any():
            moves.append(moved)
    return moves


def _pools(members: Mapping[str, Recommender], cases: Sequence[Case]) -> _Pools:
    found = []
    for case in cases:
        own = [*case.history.liked, *case.history.disliked]
        scores = np.stack([standardised(member.score(case.history)) for member in members.values()])
        chosen = np.unique(np.concatenate([best(row, POOL, None, own)[0] for row in scores]))
        found.append((scores[:, chosen].T, np.isin(chosen, list(case.relevant))))
    shape = (len(cases), max(1, *(len(relevant) for _, relevant in found)))
    pools = _Pools(
        np.zeros((*shape, len(members)), dtype=np.float32),
        np.full(shape, -np.inf, dtype=np.float32),
        np.zeros(shape, dtype=bool),
        np.array([(1 / _DISCOUNTS[: len(case.relevant)]).sum() for case in cases]),
        np.unique([case.person for case in cases], return_inverse=True)[1],
    )
    for row, (scores, relevant) in enumerate(found):
        pools.scores[row, : len(relevant)] = scores
        pools.padding[row, : len(relevant)] = 0.0
        pools.relevant[row, : len(relevant)] = relevant
    return pools


_DISCOUNTS = np.log2(np.arange(CUT) + 2)
