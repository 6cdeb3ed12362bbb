"""The blend: a weighted sum of recommenders, whose weights depend on what kind of history there is.

A chat is not a log: what is best for one like is not best for ten, and what is best for likes in no order is not
best for an ordered log. So the weights are fitted for each kind apart, on people kept out of the members' training,
by coordinate ascent on NDCG@10 (D. Metzler and W. B. Croft, "Linear feature-based models for information
retrieval", 2007), from the best single member on: a member that does not help gets no weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from tools.models.contract import History, Positions, Recommender, Scores, best
from tools.progress import OnStep, silent

Kind = Literal["none", "one", "few", "several", "log"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Weights = dict[str, float]

FEW = 4
POOL = 100
"""Items a member brings into the pool that the weights are fitted on."""
STEPS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
LEAST_T = 2.0
"""A move counts if its mean gain over the cases is at least this many standard errors: the rest is noise."""
CUT = 10


@dataclass(frozen=True)
class Case:
    """Somebody's history, and what they liked besides."""

    history: History
    relevant: frozenset[int]


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
        """What each member adds to the score; members without weight are left out."""
        weights = self.weights[kind_of(history)]
        return {
            name: np.float32(weight) * standardised(self.members[name].score(history))
            for name, weight in weights.items()
            if name in self.members
        }

    @property
    def size(self) -> int:
        """How many items there are."""
        return next(iter(self.members.values())).size

    def recommend(
        self, history: History, count: int = 10, candidates: Positions | None = None, exclude: Sequence[int] = ()
    ) -> tuple[Positions, Scores]:
        """The best items that are not in the history, best first, and their scores."""
        known = history.of(self.size)
        return best(self.score(history), count, candidates, [*known.liked, *known.disliked, *exclude])


def standardised(scores: Scores) -> Scores:
    """Mean 0 and standard deviation 1 over the catalogue; constant scores become 0."""
    spread = float(scores.std())
    return (scores - scores.mean()) / np.float32(spread) if spread > 1e-12 else np.zeros_like(scores)


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
            fitted[kind] = _ascend(members, cases[kind])
        on_step("weights of the blend", (number + 1) / len(KINDS))
    for kind in KINDS:
        if kind not in fitted:
            fitted[kind] = _fallback(kind, fitted, members)
    return fitted


def _fallback(kind: Kind, fitted: Mapping[Kind, Weights], members: Mapping[str, Recommender]) -> Weights:
    order: dict[Kind, tuple[Kind, ...]] = {
        "none": (),
        "one": ("few", "several"),
        "few": ("one", "several"),
        "several": ("few", "log", "one"),
        "log": ("several", "few", "one"),
    }
    near = next((fitted[other] for other in order[kind] if other in fitted), None)
    if near:
        return dict(near)
    return {name: 1.0 for name in members if name != "sequential"}


@dataclass(frozen=True)
class _Pool:
    """One case's pool: the members' standardised scores, and the gain of each item."""

    scores: npt.NDArray[np.float32]  # (members, items)
    relevant: npt.NDArray[np.bool_]  # (items,)
    ideal: float


def _ascend(members: Mapping[str, Recommender], cases: Sequence[Case]) -> Weights:
    names = list(members)
    pools = [_pool(members, case) for case in cases]
    single = [_ndcg(pools, row) for row in np.eye(len(names), dtype=np.float32)]
    best_alone = int(np.argmax([values.mean() for values in single]))
    weights, top = np.eye(len(names), dtype=np.float32)[best_alone], single[best_alone]
    improved = True
    while improved:
        improved = False
        for i in range(len(names)):
            found = [(_ndcg(pools, moved), moved) for moved in _moves(weights, i)]
            values, moved = max(found, key=lambda pair: float(pair[0].mean()))
            if _is_gain(values - top):
                top, weights, improved = values, moved, True
    weights = weights / np.abs(weights).sum()
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True) if weight}


def _is_gain(differences: npt.NDArray[np.float64]) -> bool:
    error = differences.std() / np.sqrt(len(differences))
    return bool(differences.mean() > max(LEAST_T * error, 1e-6))


def _moves(weights: npt.NDArray[np.float32], i: int) -> list[npt.NDArray[np.float32]]:
    moves = []
    for step in (*STEPS, *(-step for step in STEPS), -float(weights[i])):
        moved = weights.copy()
        moved[i] = max(0.0, moved[i] + step)
        if moved.any():
            moves.append(moved)
    return moves


def _pool(members: Mapping[str, Recommender], case: Case) -> _Pool:
    own = [*case.history.liked, *case.history.disliked]
    scores = np.stack([standardised(member.score(case.history)) for member in members.values()])
    chosen = np.unique(np.concatenate([best(row, POOL, None, own)[0] for row in scores]))
    gains = np.sort(1 / np.log2(np.arange(min(CUT, len(case.relevant))) + 2))
    return _Pool(scores[:, chosen], np.isin(chosen, list(case.relevant)), float(gains.sum()))


def _ndcg(pools: Sequence[_Pool], weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """NDCG@10 of each case."""
    found = np.empty(len(pools))
    for i, pool in enumerate(pools):
        mixed = weights @ pool.scores
        count = min(CUT, len(mixed))
        top = np.argpartition(-mixed, count - 1)[:count]
        top = top[np.argsort(-mixed[top], kind="stable")]
        found[i] = float((pool.relevant[top] / _DISCOUNTS[:count]).sum()) / max(pool.ideal, 1e-9)
    return found


_DISCOUNTS = np.log2(np.arange(CUT) + 2)
