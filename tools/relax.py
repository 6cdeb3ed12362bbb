"""Where nothing fits: which single wish to give up, how far off the nearest item is, and which wishes never meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tools.constraints import ORDERED_OPS, Constraint, by_words, describe
from tools.contract import Wishes
from tools.data.schema import FieldSpec
from tools.filter import allowed
from tools.shelf import Shelf

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Relaxation:
    """What giving up the wish of these words would leave."""

    words: str
    """The person's own, or what the constraint says where it has none."""
    count: int
    """How many items would fit."""
    field: FieldSpec | None = None
    nearest: float | str | None = None
    """For a bound: the value nearest to it among those items."""


@dataclass(frozen=True)
class Ladder:
    """All single ways out, the most fruitful first, and the pairs of wishes that exclude each other."""

    relaxations: tuple[Relaxation, ...]
    contradictions: tuple[tuple[str, str], ...]


def ladder(shelf: Shelf, wishes: Wishes) -> Ladder:
    """The ways out of wishes that nothing meets. House rules and what is excluded are never given up.

    Two wishes that are met together only by what is excluded do not contradict each other: somebody who knows all
    short wargames is not told that there are none.
    """
    groups = by_words(wishes.musts)
    masks = [allowed(shelf, replace(wishes, constraints=tuple(group), excluded=())) for group in groups]
    free = allowed(shelf, replace(wishes, constraints=()))
    found = list(_relaxations(shelf, groups, [mask & free for mask in masks])) if len(groups) > 1 else []
    return Ladder(
        relaxations=tuple(sorted(found, key=lambda one: -one.count)),
        contradictions=tuple(
            (_named(groups[one]), _named(groups[other]))
            for one, other in combinations(range(len(groups)), 2)
            if masks[one].any() and masks[other].any() and not (masks[one] & masks[other]).any()
        ),
    )


def _relaxations(shelf: Shelf, groups: Sequence[list[Constraint]], masks: Sequence[Mask]) -> Iterator[Relaxation]:
    for row, group in enumerate(groups):
        left = np.flatnonzero(np.all([mask for other, mask in enumerate(masks) if other != row], axis=0))
        if len(left):
            field = shelf.catalogue.schema.field(group[0].field)
            nearest = _nearest(shelf, group, set(left.tolist())) if field and field.is_ordered else None
            yield Relaxation(_named(group), len(left), field, nearest)


def _nearest(shelf: Shelf, group: Sequence[Constraint], left: set[int]) -> float | str | None:
    """The value nearest to a bound, from its wrong side; None for wishes that are no bound."""
    bound = group[0]
    if bound.op not in ORDERED_OPS or any(other.field != bound.field for other in group):
        return None
    values: list[float | str] = [
        value for position, value in shelf.catalogue.values_of(bound.field) if position in left
    ]
    sides = {one.op[0] for one in group}
    if not values or len(sides) > 1:
        return None
    return min(values) if sides == {"<"} else max(values)


def _named(group: Sequence[Constraint]) -> str:
    return group[0].words or describe(group[0])
