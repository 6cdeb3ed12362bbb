"""Fits all recommenders of a catalogue, and opens what was fitted as one blend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.models.als import Als
from tools.models.artifact import load_artifact, save_artifact
from tools.models.blend import KINDS, Blend, Case, Kind, Weights, fit_weights, kind_of, next_after, told_at_random
from tools.models.content import Content
from tools.models.contract import Positions, Recommender, TrainingData
from tools.models.ease import Ease
from tools.models.itemknn import ItemKnn
from tools.models.popular import Popular
from tools.models.usermixture import UserMixture
from tools.progress import OnStep, silent, within

QUICK: tuple[type[Recommender], ...] = (Popular, Ease, ItemKnn, UserMixture, Als, Content)
"""Fitted at ingest; the sequential model takes minutes and comes with `tastemaker fit --all`."""
HELD_OUT = 0.2
"""The share of the people that the weights of the blend are fitted on."""
MOST_HELD_OUT, FEWEST_HELD_OUT = 300, 20
_SLOW = "sequential"
_EFFORT, _EFFORT_OF_WEIGHTS = 50.0, 5.0
"""How long the sequential model and the weights take, in units of another member's time; for the progress bar."""
_TOLD, _CASES = (1, 3, 5, 10), 300
"""How many likes in no order a case tells, and about how many cases of each are enough."""
_MOST_DRAWS = 3
_SHORT_LOG, _ENDS = 5, 4
"""A log tells so many items before each of so many of its last; and once all but its very last."""


def fit_blend(
    data: TrainingData,
    kinds: Sequence[type[Recommender]] = QUICK,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    on_step: OnStep = silent,
    seed: int = 0,
) -> Blend:
    """Fit the members without some people, the weights on those people, then the members again on everybody.

    The sequential model, which takes minutes, is fitted once, without those people. With too few people to hold
    any out, the weights are plain ones.
    """
    given = parameters or {}
    people = _held_out(data, seed)
    rest = data.where(~np.isin(data.user, people)) if len(people) else data
    again = [kind for kind in kinds if kind.name != _SLOW] if len(people) else []
    efforts = [_EFFORT if kind.name == _SLOW else 1.0 for kind in kinds] + [_EFFORT_OF_WEIGHTS] + [1.0] * len(again)
    ends = np.cumsum(efforts) / sum(efforts)
    parts = (within(on_step, begin, end) for begin, end in pairwise([0.0, *ends.tolist()]))
    members = _fit_members(kinds, rest, given, parts)
    cases = cases_of([data.sequences[person] for person in people], data.has_order, seed)
    weights = fit_weights(members, cases, next(parts))
    members |= _fit_members(again, data, given, parts)
    return Blend(members, weights)


def _fit_members(
    kinds: Sequence[type[Recommender]],
    data: TrainingData,
    given: Mapping[str, Mapping[str, Any]],
    parts: Iterator[OnStep],
) -> dict[str, Recommender]:
    """In turn; what one needs of those before it is handed on."""
    members: dict[str, Recommender] = {}
    for kind in kinds:
        needed = {one.name: members[one.name] for one in kind.needs if one.name in members}
        members[kind.name] = kind.fit(data, next(parts), **needed, **given.get(kind.name, {}))
    return members


def cases_of(sequences: Sequence[Positions], has_order: bool, seed: int) -> dict[Kind, list[Case]]:
    """For each kind of history, what part of people's likes is told, and what is to be found."""
    rng = np.random.default_rng(seed)
    draws = max(1, min(_MOST_DRAWS, _CASES // max(1, len(sequences))))
    cases: dict[Kind, list[Case]] = {kind: [] for kind in KINDS}
    for person, likes in enumerate(sequences):
        for count in _TOLD * draws:
            if case := told_at_random(likes, count, rng, person):
                cases[kind_of(case.history)].append(case)
        if has_order and len(likes) > _SHORT_LOG:
            logs = [(likes, len(likes) - 1), *((likes[: len(likes) - back], _SHORT_LOG) for back in range(_ENDS))]
            cases["log"] += [case for log, count in logs if (case := next_after(log, count, person))]
    return cases


def _held_out(data: TrainingData, seed: int) -> npt.NDArray[np.int64]:
    able = np.array([user for user, likes in enumerate(data.sequences) if len(likes) > 1], dtype=np.int64)
    count = min(MOST_HELD_OUT, int(len(able) * HELD_OUT))
    return np.random.default_rng(seed).permutation(able)[:count] if count >= FEWEST_HELD_OUT else able[:0]


def save_blend(folder: Path, blend: Blend) -> None:
    """Write the members and the weights; the weights last, so that they never name a member that is not there."""
    for member in blend.members.values():
        member.save(folder)
    save_artifact(folder, "blend", {}, weights=blend.weights, members=list(blend.members))


def load_blend(folder: Path) -> Blend:
    """Open what `save_blend` wrote.

    Raises:
        UnavailableError: a model is absent, damaged, or of another version.
    """
    facts = load_artifact(folder, "blend", lambda kept: kept.facts)
    weights: dict[Kind, Weights] = facts["weights"]
    return Blend({name: _class_of(name).load(folder) for name in facts["members"]}, weights)


def _class_of(name: str) -> type[Recommender]:
    if name == _SLOW:
        from tools.models.sequential import Sequential

        return Sequential
    return next(kind for kind in QUICK if kind.name == name)
