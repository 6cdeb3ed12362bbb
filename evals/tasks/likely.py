"""What people would wish for about a field: frequent values, and bounds that are round numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from tools.constraints import Constraint, Op
from tools.data.catalogue import PLAIN_WORDS, Catalogue, Item
from tools.data.schema import FieldSpec, Role

Wishes = tuple[Constraint, ...]
"""About one field: one constraint, or the two bounds of a range."""
LEAST_ITEMS = 3
"""A value that fewer items have is not thought of."""
MOST_SHARE = 0.6
"""A value that a larger share has goes without saying."""
AVOIDED = 12
"""What people do not want is among this many of the commonest values."""
STEPS = 5
"""So many round numbers lie in the middle four fifths of a field's values."""
NEAREST = 2
"""A bound is one of so many round numbers next to the value."""
DECADES = 20
"""Years that are spread over as many are spoken of by decades."""
_ANY_OF, _NOT, _RANGE, _STRICT = 0.15, 0.15, 0.2, 0.2
_UNASKED: tuple[Role, ...] = ("title", "description", "popularity", "sponsored", "link")
_AT_LEAST: dict[Role | None, float] = {"quality": 1.0, "price": 0.0, "duration": 0.25, "year": 0.6}
"""Of bounds, how many are lower ones; of others 0.7."""


class Likely:
    """Draws wishes about the items of one catalogue."""

    def __init__(self, catalogue: Catalogue, rng: random.Random) -> None:
        self._rng = rng
        self.fields = [field for field in catalogue.schema.askable if field.role not in _UNASKED]
        """Those that people have wishes about."""
        words = [field for field in self.fields if field.is_category]
        most = MOST_SHARE * catalogue.size
        self._common = {
            field.name: [v for v in catalogue.vocabulary(field.name, PLAIN_WORDS) if LEAST_ITEMS <= v[1] <= most]
            for field in words
        }
        self._spread = {field.name: catalogue.spread(field.name) for field in self.fields if field.is_ordered}
        self.plain = {field.name for field in words if catalogue.vocabulary_size(field.name) <= PLAIN_WORDS}
        """The category fields whose values are words, not names."""

    def wishes(self, field: FieldSpec, item: Item) -> Wishes:
        """A wish about a field that this item meets; empty where nobody would wish for what it has."""
        value = item.values.get(field.name)
        if value is None or value == []:
            return ()
        if field.type == "flag":
            return (Constraint(field=field.name, op="=", value=value),)
        return self._words(field, item) if field.is_category else self._bounds(field, value)

    def _words(self, field: FieldSpec, item: Item) -> Wishes:
        has = set(item.words(field.name))
        mine = [one for one in self._common[field.name] if one[0] in has]
        others = [one for one in self._common[field.name] if one[0] not in has]
        kind = self._rng.random()
        if kind < _NOT and others and field.name in self.plain:
            return (Constraint(field=field.name, op="!=", value=_draw(others[:AVOIDED], self._rng)),)
        if not mine:
            return ()
        value = _draw(mine, self._rng)
        if kind > 1 - _ANY_OF and others:
            return (Constraint(field=field.name, op="=", value=(value, _draw(others, self._rng))),)
        return (Constraint(field=field.name, op="=", value=value),)

    def _bounds(self, field: FieldSpec, value: float | str) -> Wishes:
        """A bound or two; one alone leaves out three tenths of all, of a quality half: nobody asks for mediocre."""
        has = float(str(value)[:4]) if field.type == "date" else float(value)
        spread, rng = self._spread[field.name], self._rng
        edges = round_numbers(spread)
        if field.role != "quality" and rng.random() < _RANGE and (ends := _ends(field, has, edges)):
            return _bound(field, ">=", ends[0]), _bound(field, "<=", ends[1])
        is_strict = field.role != "quality" and rng.random() < _STRICT
        is_lower = rng.random() < _AT_LEAST.get(field.role, 0.7)
        op: Op = (">" if is_strict else ">=") if is_lower else ("<" if is_strict else "<=")
        if is_lower:
            possible = [e for e in edges if spread[5 if field.role == "quality" else 3] <= e <= has]
        else:
            possible = [e for e in edges if has <= e <= spread[7]]
        near = [e for e in possible if not (is_strict and e == has)]
        near = near[-NEAREST:] if is_lower else near[:NEAREST]
        return (_bound(field, op, rng.choice(near)),) if near else ()


def _ends(field: FieldSpec, has: float, edges: Sequence[float]) -> tuple[float, float] | None:
    """The ends of a range about a value: its decade, or the round numbers next to it; None outside of these."""
    below, above = [e for e in edges if e < has], [e for e in edges if e > has]
    if not below or not above:
        return None
    if field.is_temporal and edges[-1] - edges[0] >= DECADES:
        return has // 10 * 10, has // 10 * 10 + 9
    return below[-1], above[0]


def _draw(values: Sequence[tuple[str, int]], rng: random.Random) -> str:
    """A value; one that is four times as common is twice as likely."""
    return rng.choices([value for value, _ in values], [math.sqrt(count) for _, count in values])[0]


def _bound(field: FieldSpec, op: Op, edge: float) -> Constraint:
    return Constraint(field=field.name, op=op, value=str(int(edge)) if field.type == "date" else edge)


def round_numbers(spread: Sequence[float]) -> list[float]:
    """The positive round numbers between the first and the last decile, ascending.

    >>> round_numbers([2, 84, 89, 92, 96, 99, 103, 108, 115, 126, 776])
    [90.0, 100.0, 110.0, 120.0]
    >>> round_numbers([0.5, 2, 2.6, 3, 3.18, 3.5, 3.58, 3.83, 4, 4.25, 5])
    [2.5, 3.0, 3.5, 4.0]
    """
    if not spread or spread[-2] <= spread[1]:
        return []
    step = _round_step((spread[-2] - spread[1]) / STEPS)
    if all(edge == int(edge) for edge in spread):
        step = max(1.0, step)
    first, last = math.floor(spread[1] / step) + 1, math.floor(spread[-2] / step)
    return [round(number * step, 6) for number in range(max(1, first), last + 1)]


def _round_step(width: float) -> float:
    """The nearest of 1, 2, 5, 10, 20, 50 .., by ratio."""
    scale = 10.0 ** math.floor(math.log10(width))
    return min((m * scale for m in (1, 2, 5, 10)), key=lambda step: abs(math.log(step / width)))
