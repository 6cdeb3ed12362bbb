"""Numbers in a message: years, decades, running times, prices, counts, and which side of them is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.reading.lexicon import (
    DECADE_WORDS,
    NEGATORS,
    NUMBER_WORDS,
    UNIT_ABBREVIATIONS,
    clause_before,
    is_soft,
)
from tools.constraints import Constraint, Op, Strength
from tools.data.schema import FieldSpec, Schema

_WORD_NUMBER = "|".join(NUMBER_WORDS)
_NUMBER = rf"(?:\d[\d,]*(?:\.\d+)?|{_WORD_NUMBER})"
_HOURS = re.compile(
    rf"(?P<hours>{_NUMBER}|an|half an)[\s-]*(?:hours?|hrs?|h)\b"
    r"(?:\s*(?:and\s+)?(?P<rest>a half|(?P<minutes>\d+)\s*(?:minutes?|mins?|m)?\b))?",
    re.IGNORECASE,
)
_DECADE = re.compile(
    r"(?:(?P<part>early|mid|late)[\s-]+)?(?:the\s+)?['’]?"
    rf"(?:(?P<digits>(?:1[89]|20)?\d0)['’]?s|(?P<word>{'|'.join(DECADE_WORDS)}))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_PLAIN = re.compile(rf"(?P<currency>[$€£])?\s?\b(?P<number>{_NUMBER})(?P<percent>\s?%)?(?![\w'’]*s\b)", re.IGNORECASE)

_COMPARATORS: dict[Op, str] = {
    "<=": r"at (?:the )?most|(?:no|not) (?:more|longer|later|newer|higher|bigger|dearer) than|up to"
    r"|max(?:imum)?(?: of)?|within|until|no later than|not exceeding",
    ">=": r"at (?:the )?least|(?:no|not) (?:less|fewer|shorter|earlier|older|lower|smaller) than|min(?:imum)?(?: of)?"
    r"|since|starting(?: from| in)?|from at least",
    "<": r"under|below|less than|fewer than|shorter than|before|older than|earlier than|cheaper than|lower than"
    r"|smaller than|pre-?|prior to",
    ">": r"over|above|more than|longer than|after|newer than|later than|greater than|higher than|bigger than|post-?"
    r"|exceeding|beyond|past",
}
_BEFORE: dict[Op, re.Pattern[str]] = {
    op: re.compile(rf"\b(?:{words})\s*(?:the\s+|a\s+|about\s+)?$", re.IGNORECASE) for op, words in _COMPARATORS.items()
}
_AFTER: tuple[tuple[Op, re.Pattern[str]], ...] = (
    (
        "<=",
        re.compile(
            r"^\s*(?:\w+\s+)?(?:or (?:less|under|below|shorter|fewer|earlier|older|cheaper)|max(?:imum)?|tops"
            r"|at most)\b",
            re.IGNORECASE,
        ),
    ),
    (
        ">=",
        re.compile(
            r"^(?:\s*\+|\s*(?:\w+\s+)?(?:or (?:more|over|above|longer|newer|later|higher|better)|and up|min(?:imum)?"
            r"|at least)\b)",
            re.IGNORECASE,
        ),
    ),
)
_ABOUT = re.compile(r"\b(?:around|about|roughly|circa|approximately|some)\s*(?:the\s+)?$", re.IGNORECASE)
_TO = re.compile(r"^\s*(?:-|–|to|and|until|through)\s*$", re.IGNORECASE)
_AGE = re.compile(r"\b(?:my|his|her|their|our|your)\s+(?:(?:early|mid|late)[\s-]+)?$", re.IGNORECASE)
_OPPOSITE: dict[Op, Op] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_DECADE_PARTS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9), None: (0, 9)}
_ROUGHLY_YEARS = 2
_ROUGHLY_SHARE = 0.1
_NEAR_CHARS = 28
"""How far from a number the field's name may stand."""


@dataclass(frozen=True)
class Quantity:
    """A number, or a range, with where it stands and what it is measured in."""

    start: int
    end: int
    low: float
    high: float
    unit: str
    """`year`, `minutes`, `currency`, `percent`, or empty."""


@dataclass(frozen=True)
class Found:
    """Constraints read off one stretch of a message."""

    start: int
    end: int
    constraints: tuple[Constraint, ...]


def read_numbers(message: str, schema: Schema, newest_year: float) -> list[Found]:
    """What the numbers of a message ask for; a number that no field fits is left alone."""
    quantities = _joined(message, sorted(_quantities(message, newest_year), key=lambda q: q.start))
    found = []
    for quantity in quantities:
        field = _field_for(message, quantity, schema)
        if field is not None and _is_meant(message, quantity, field):
            start, end, bounds = _bounds(message, quantity, field)
            strength: Strength = "prefer" if is_soft(message, start) else "must"
            words = message[start:end].strip()
            found.append(
                Found(
                    start,
                    end,
                    tuple(
                        Constraint(field=field.name, op=op, value=_value(field, v), strength=strength, words=words)
                        for op, v in bounds
                    ),
                )
            )
    return found


def _quantities(message: str, newest_year: float) -> Iterator[Quantity]:
    taken: list[tuple[int, int]] = []

    def is_free(match: re.Match[str]) -> bool:
        return all(match.end() <= start or match.start() >= end for start, end in taken)

    for unit, pattern in (("minutes", _HOURS), ("year", _DECADE), ("year", _YEAR), ("", _PLAIN)):
        for match in pattern.finditer(message):
            if not is_free(match) or (pattern is _DECADE and _AGE.search(message[: match.start()])):
                continue
            low, high = _range_of(match, pattern, newest_year)
            named = unit or ("currency" if match["currency"] else "percent" if match["percent"] else "")
            taken.append(match.span())
            yield Quantity(match.start(), match.end(), low, high, named)


def _range_of(match: re.Match[str], pattern: re.Pattern[str], newest_year: float) -> tuple[float, float]:
    if pattern is _DECADE:
        digits = match["digits"]
        begin = int(digits) if digits else DECADE_WORDS[match["word"].lower()]
        if begin < 100:
            begin += 2000 if begin + 2000 <= newest_year else 1900
        first, last = _DECADE_PARTS[match["part"].lower() if match["part"] else None]
        return begin + first, begin + last
    if pattern is _HOURS:
        hours = {"an": 1.0, "half an": 0.5}.get(match["hours"].lower()) or _number(match["hours"])
        rest = 30 if match["rest"] == "a half" else float(match["minutes"] or 0)
        return hours * 60 + rest, hours * 60 + rest
    value = _number(match["number"] if pattern is _PLAIN else match.group())
    return value, value


def _number(text: str) -> float:
    return float(NUMBER_WORDS.get(text.lower(), -1)) if text[0].isalpha() else float(text.replace(",", ""))


def _joined(message: str, quantities: list[Quantity]) -> list[Quantity]:
    """`between A and B` and `A to B` as one range."""
    joined: list[Quantity] = []
    for quantity in quantities:
        last = joined[-1] if joined else None
        if last and _TO.match(message[last.end : quantity.start]) and _opens_range(message, last, quantity):
            unit = quantity.unit or last.unit
            joined[-1] = Quantity(last.start, quantity.end, last.low, quantity.high, unit)
        else:
            joined.append(quantity)
    return joined


def _opens_range(message: str, first: Quantity, second: Quantity) -> bool:
    between = message[first.end : second.start].strip().lower()
    if between == "and" and not re.search(r"\bbetween\s+(?:the\s+)?$", message[: first.start], re.IGNORECASE):
        return False
    return first.low <= second.low and (first.unit == second.unit or not first.unit)


def _field_for(message: str, quantity: Quantity, schema: Schema) -> FieldSpec | None:
    numbers = [field for field in schema.askable if field.is_ordered]
    named = _named_near(message, quantity, numbers)
    if quantity.unit == "year":
        return next((field for field in numbers if field.is_temporal), None)
    if quantity.unit == "minutes":
        return next((field for field in numbers if field.role == "duration"), None)
    if quantity.unit == "currency":
        return next((field for field in numbers if field.role == "price"), None)
    return named


def _is_meant(message: str, quantity: Quantity, field: FieldSpec) -> bool:
    """Whether a plain number is about the field: compared with something, or right beside the field's name."""
    if quantity.unit:
        return True
    if _unit_behind(message[quantity.end :], field):
        return True
    if message[quantity.start].isalpha():
        return False
    before = clause_before(message, quantity.start)
    compared = any(p.search(before) for p in _BEFORE.values()) or _ABOUT.search(before)
    followed = any(p.match(message[quantity.end :]) for _, p in _AFTER)
    named = rf"\b(?:{'|'.join(map(re.escape, _names(field)))})s?(?: of| is|:)?\s*$"
    return bool(compared or followed or quantity.low < quantity.high or re.search(named, before, re.IGNORECASE))


def _names(field: FieldSpec) -> list[str]:
    unit = [field.unit, field.unit.rstrip("s"), *UNIT_ABBREVIATIONS.get(field.unit, [])] if field.unit else []
    return [*unit, field.name.replace("_", " "), *field.words]


def _named_near(message: str, quantity: Quantity, fields: list[FieldSpec]) -> FieldSpec | None:
    """The field whose unit, name, word or adjective stands nearest to a number."""
    after = message[quantity.end : quantity.end + _NEAR_CHARS]
    before = clause_before(message, quantity.start)[-_NEAR_CHARS:]
    best: tuple[int, FieldSpec] | None = None
    for field in fields:
        names = _names(field)
        for word in names:
            match = re.search(rf"\b{re.escape(word)}s?\b", after, re.IGNORECASE)
            if match and (best is None or match.start() < best[0]):
                best = match.start(), field
        for word in [*names, *(f"{adjective} than" for adjective in [*field.more, *field.less])]:
            for match in re.finditer(rf"\b{re.escape(word)}s?\b", before, re.IGNORECASE):
                distance = len(before) - match.end()
                if best is None or distance < best[0]:
                    best = distance, field
    return best[1] if best else None


def _bounds(message: str, quantity: Quantity, field: FieldSpec) -> tuple[int, int, list[tuple[Op, float]]]:
    """Where the phrase starts and ends, and the bounds that it sets."""
    before, after = clause_before(message, quantity.start), message[quantity.end :]
    end = quantity.end + len(_unit_behind(after, field))
    start_of_clause = quantity.start - len(before)
    for op, pattern in _BEFORE.items():
        match = pattern.search(before)
        if match:
            edge = quantity.low if op in ("<", ">=") else quantity.high
            if NEGATORS.search(" ".join(before[: match.start()].split()[-2:])) and op in ("<", ">"):
                op = _OPPOSITE[op]
                edge = quantity.low if op == ">=" else quantity.high
            return start_of_clause + match.start(), end, [(op, edge)]
    for op, pattern in _AFTER:
        match = pattern.match(message[end:]) or pattern.match(after)
        if match:
            return quantity.start, max(end, quantity.end) + match.end(), [(op, quantity.low)]
    if _ABOUT.search(before):
        margin = _ROUGHLY_YEARS if field.is_temporal else _ROUGHLY_SHARE * quantity.high
        return quantity.start, end, [(">=", quantity.low - margin), ("<=", quantity.high + margin)]
    if quantity.low < quantity.high:
        return quantity.start, end, [(">=", quantity.low), ("<=", quantity.high)]
    at_least = field.role in ("quality", "popularity")
    return quantity.start, end, [(">=" if at_least else "=", quantity.low)]


def _unit_behind(after: str, field: FieldSpec) -> str:
    words = "|".join(map(re.escape, _names(field)))
    match = re.match(rf"[\s-]*(?:{words})s?\b", after, re.IGNORECASE)
    return match.group() if match else ""


def _value(field: FieldSpec, number: float) -> float | str:
    return str(int(number)) if field.type == "date" else number
