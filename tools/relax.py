"""Where nothing fits: which single wish to give up, how far off the nearest item is, and which wishes never meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tools.constraints import Constraint, by_words, describe, satisfies, words_of
from tools.contract import Wishes
from tools.data.schema import FieldSpec
from tools.filter import allowed
from tools.shelf import Shelf

Mask = npt.NDArray[np.bool_]
MOST_INSTEAD = 3
"""How many other values of a category are named."""


@dataclass(frozen=True)
class Relaxation:
    """What giving up the wish of these words would leave."""

    words: str
    """The person's own, or what the constraint says where it has none."""
    count: int
    """How many items would fit."""
    field: FieldSpec | None = None
    instead: tuple[float | str, ...] = ()
    """What those items have in its place: of numbers and dates the nearest below and above, of categories the
    commonest other values, none of which is wished for besides."""


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
    found = list(_relaxations(shelf, groups, masks, free))
    return Ladder(
        relaxations=tuple(sorted(found, key=lambda one: -one.count)),
        contradictions=tuple(
            (_named(groups[one]), _named(groups[other]))
            for one, other in combinations(range(len(groups)), 2)
            if masks[one].any() and masks[other].any() and not (masks[one] & masks[other]).any()
        ),
    )


def _relaxations(
    shelf: Shelf, groups: Sequence[list[Constraint]], masks: Sequence[Mask], free: Mask
) -> Iterator[Relaxation]:
    for row, group in enumerate(groups):
        others = [mask for other, mask in enumerate(masks) if other != row]
        left = {*np.flatnonzero(np.logical_and.reduce([free, *others])).tolist()}
        if left:
            field = shelf.catalogue.schema.field(group[0].field)
            is_one = field is not None and all(one.field == field.name and not one.either for one in group)
            wanted = {word for g in groups for one in g if one.op == "=" for word in words_of(one.value)}
            instead = _instead(shelf, group, field, left, wanted) if field and is_one else ()
            yield Relaxation(_named(group), len(left), field, instead)


def _instead(
    shelf: Shelf, group: Sequence[Constraint], field: FieldSpec, left: Collection[int], wanted: Collection[str]
) -> tuple[float | str, ...]:
    """What the items that are left have where the wish is not met."""
    if field.is_ordered:
        known = {value for position, value in shelf.catalogue.values_of(field.name) if position in left}
        low = [value for value in known if _breaks(value, _bounds(group, ">"), field)]
        high = [value for value in known if _breaks(value, _bounds(group, "<"), field)]
        return (*([max(low)] if low else []), *([min(high)] if high else []))
    if not field.is_category or any(one.op != "=" for one in group):
        return ()
    values = Counter(value for position, _, value in shelf.catalogue.memberships([field.name]) if position in left)
    others = sorted((value for value in values if value not in wanted), key=lambda value: (-values[value], value))
    return tuple(others[:MOST_INSTEAD])


def _bounds(group: Sequence[Constraint], side: str) -> list[Constraint]:
    """Those from below or from above; what is wished for exactly is both."""
    exact = [one.model_copy(update={"op": f"{side}="}) for one in group if one.op == "="]
    return [one for one in group if one.op[0] == side] + exact


def _breaks(value: float | str, bounds: Sequence[Constraint], field: FieldSpec) -> bool:
    return any(not satisfies({field.name: value}, one, field) for one in bounds)


def _named(group: Sequence[Constraint]) -> str:
    return group[0].words or describe(group[0])
