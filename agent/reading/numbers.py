"""Numbers in a message: years, decades, running times, prices, counts, and which side of them is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from agent.reading.bounds import ABOUT, AFTER, before_bound, bounds_of, is_exact, names_of, of_one_unit, unit_behind
from agent.reading.lexicon import ROLE_WORDS, SPENDING, STOP_WORDS, UNIT_ABBREVIATIONS, clause_before, is_soft
from agent.reading.quantities import CUE_CHARS, NEAR_CHARS, Quantity, find_quantities, in_ranges
from agent.reading.spans import Found
from tools.constraints import Constraint, Strength
from tools.data.schema import FieldSpec, Schema
from tools.text import fold, singular

_COMPLAINT = re.compile(
    r"^\s*(?:[a-z]+\s+){0,3}(?:is|are|was|would be|['’]s)\s+(?:way |far |much |a bit )?too\b", re.IGNORECASE
)
"""`90 minutes is too short`: no wish for that."""
_MINUTES = re.compile(r"[\s-]*(?:minutes?|mins?)\b", re.IGNORECASE)
_EARLIEST, _LATEST = 1000, 2999
"""What can be a year; `8 years old` names none."""
_BEYOND = 1.2
"""How far beyond the greatest known value a bound may lie."""
_MINUTES_IN = {
    "millisecond": 1 / 60_000, "ms": 1 / 60_000, "second": 1 / 60, "sec": 1 / 60, "s": 1 / 60,
    "hour": 60.0, "hr": 60.0, "h": 60.0, "day": 1440.0,
}  # fmt: skip
"""Of the units that a field of times may be in; any other is taken for minutes."""
FAR_BEYOND = 20
"""Of the greatest value that is known: `10,000 ratings` are no average rating."""
Spreads = Mapping[str, Sequence[float]]


def read_numbers(
    message: str, schema: Schema, newest_year: float, asked: FieldSpec | None = None, spreads: Spreads | None = None
) -> list[Found]:
    """What the numbers of a message ask for; a number that no field fits is left alone.

    Args:
        spreads: the known values of fields, least first: a bound that names no field is for the only one that it fits.
        asked: the field that the person was asked about: a number that names none is about it.
    """
    quantities = in_ranges(message, sorted(find_quantities(message, newest_year), key=lambda q: q.start))
    quantities = of_one_unit(message, [_in_minutes(quantity, message, schema) for quantity in quantities])
    function_words = STOP_WORDS | SPENDING | {*map(fold, schema.nouns)}
    found = []
    for quantity in quantities:
        if _dates_a_name(message, quantity, schema) or _COMPLAINT.match(
            message[quantity.end : quantity.end + CUE_CHARS]
        ):
            continue
        field = _field_for(message, quantity, schema, spreads or {}) or _only_fit(quantity, schema, spreads or {})
        is_answer = asked is not None and asked.is_ordered and field in (asked, None) and _could_be(quantity, asked)
        if is_answer:
            field = asked
        if field is not None and (is_answer or _is_meant(message, quantity, field)):
            start, end, bounds = bounds_of(message, quantity, field, function_words)
            is_most = field.role in ("duration", "price") and not is_exact(message, start, end)
            if is_answer and is_most:  # `120`, asked how long: no more than that
                bounds = [("<=" if op == "=" else op, edge) for op, edge in bounds]
            strength: Strength = "prefer" if is_soft(message, start, end) else "must"
            words = message[start:end].strip()
            values = [(op, _value(field, edge, quantity)) for op, edge in bounds]
            wishes = [Constraint(field=field.name, op=op, value=v, strength=strength, words=words) for op, v in values]
            found.append(Found(start, end, tuple(wishes)))
    return found


def _dates_a_name(message: str, quantity: Quantity, schema: Schema) -> bool:
    """`Heat (1995)`, but not `films (1995)`: no wish, whether the name is known or not."""
    before = re.search(r"([\w'’]+)[\"”»]?\s*\($", message[: quantity.start])
    is_bracketed = quantity.unit == "year" and before is not None and message[quantity.end :].lstrip()[:1] == ")"
    return is_bracketed and singular(fold(before[1])) not in {singular(fold(noun)) for noun in schema.nouns}  # type: ignore[index]


def _field_for(message: str, quantity: Quantity, schema: Schema, spreads: Spreads) -> FieldSpec | None:
    numbers = [field for field in schema.askable if field.is_ordered]
    if quantity.unit == "year":
        return next((field for field in numbers if field.is_temporal), None)
    if quantity.unit == "minutes":
        times = [field for field in numbers if _is_time(field)]
        return next((field for field in times if field.role == "duration"), times[0] if times else None)
    reaching = [f for f in numbers if not (spread := spreads.get(f.name)) or quantity.low <= FAR_BEYOND * spread[-1]]
    counts = [field for field in numbers if field.role == "popularity"]
    likely = (reaching, counts, numbers) if len(reaching) < len(numbers) else (numbers,)
    named = next((field for some in likely if (field := _named_near(message, quantity, some))), None)
    if quantity.unit == "currency":
        return next((field for field in numbers if field.role == "price"), named)
    return None if named and named.is_temporal and not _EARLIEST <= quantity.low <= _LATEST else named


def _only_fit(quantity: Quantity, schema: Schema, spreads: Spreads) -> FieldSpec | None:
    """The only field whose known values reach as far as a number without a unit: `7 or more`, `under 90`."""
    if quantity.unit:
        return None
    fits = [
        field
        for field in schema.askable
        if field.is_ordered
        and field.role != "popularity"
        and not field.is_temporal
        and (spread := spreads.get(field.name))
        and spread[0] <= quantity.low <= spread[-1] * _BEYOND
    ]
    return fits[0] if len(fits) == 1 else None


def _could_be(quantity: Quantity, field: FieldSpec) -> bool:
    """Whether a number alone can be a value of that field."""
    units = {"year": field.is_temporal, "minutes": _is_time(field), "currency": field.role == "price"}
    if not quantity.unit:
        return not field.is_temporal or _EARLIEST <= quantity.low <= _LATEST
    return units.get(quantity.unit, False)


def _is_meant(message: str, quantity: Quantity, field: FieldSpec) -> bool:
    """Whether a plain number is about the field: compared with something, or right beside the field's name."""
    if quantity.unit:
        return True
    after = message[quantity.end : quantity.end + CUE_CHARS]
    if unit_behind(after, field):
        return True
    before = clause_before(message, quantity.start)
    compared = any(p.search(before) for p in before_bound(field).values()) or ABOUT.search(before)
    followed = any(p.match(after) for _, p in AFTER)
    if message[quantity.start].isalpha():  # `seven or more`, but not `that one`
        return message[quantity.start : quantity.end].lower() != "one" and bool(compared or followed)
    named = rf"\b(?:{'|'.join(map(re.escape, names_of(field)))})s?(?: of| is| at|:)?(?: exactly| precisely)?\s*$"
    return bool(compared or followed or quantity.low < quantity.high or re.search(named, before, re.IGNORECASE))


def _named_near(message: str, quantity: Quantity, fields: list[FieldSpec]) -> FieldSpec | None:
    """The field whose unit, name, word or adjective stands nearest to a number."""
    after = message[quantity.end : quantity.end + NEAR_CHARS]
    before = clause_before(message, quantity.start)[-2 * NEAR_CHARS :]  # a name that ends near may begin further off
    best: tuple[tuple[int, bool, int], FieldSpec] | None = None  # of names as near, the field's own, then the longest
    for field in fields:
        names, own = tuple(names_of(field)), (field.unit or "", *field.names)
        units = {field.unit or "", *UNIT_ABBREVIATIONS.get(field.unit or "", [])}
        ahead = tuple(name for name in names if name not in units or len(name) > 3)  # `min 6` is a minimum
        adjectives = tuple(f"{adjective} than" for adjective in [*field.more, *field.less])
        shared = {role.lower() for role in ROLE_WORDS.get(field.role or "", [])} - {name.lower() for name in own}
        behind = _any_of(names).search(after)
        distances = [(behind.start(), behind.group().lower() in shared, -len(behind.group()))] if behind else []
        better = re.match(
            rf"\s*(?:or|and)\s+(?:{'|'.join(map(re.escape, [*field.more, *field.less])) or '(?!)'})\b", after, re.I
        )
        distances += [(0, False, 0)] if better else []
        ending = _any_of(ahead + adjectives).finditer(before)
        distances += [
            (len(before) - m.end(), m.group().lower() in shared, -len(m.group()))
            for m in ending
            if len(before) - m.end() < NEAR_CHARS
        ]
        if distances and (best is None or min(distances) < best[0]):
            best = min(distances), field
    return best[1] if best else None


@lru_cache(maxsize=256)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})s?\b", re.IGNORECASE)


def _in_minutes(quantity: Quantity, message: str, schema: Schema) -> Quantity:
    """`90 minutes`, where the only times that there are are counted in something else."""
    said = _MINUTES.match(message[quantity.end : quantity.end + NEAR_CHARS])
    times = [field for field in schema.askable if field.is_ordered and _is_time(field)]
    if quantity.unit or not said or not times or any(_minutes_in(field) is None for field in times):
        return quantity
    return replace(quantity, unit="minutes", end=quantity.end + said.end())


def _is_time(field: FieldSpec) -> bool:
    """Whether how long something takes may be said of it: a running time, or another number of hours."""
    return field.role == "duration" or _minutes_in(field) is not None


def _minutes_in(field: FieldSpec) -> float | None:
    """How many minutes the field's unit has; None where it is none of time, or minutes."""
    unit = fold(field.unit or "")
    return _MINUTES_IN.get(unit) or _MINUTES_IN.get(unit.removesuffix("s"))


def _value(field: FieldSpec, number: float, quantity: Quantity) -> float | str:
    """As the field has it: `two hours` are 2 where it counts hours."""
    if field.type == "date":
        return str(int(number))
    return number / (_minutes_in(field) or 1.0) if quantity.unit == "minutes" else number
