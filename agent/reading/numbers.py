"""Numbers in a message: years, decades, running times, prices, counts, and which side of them is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.reading.lexicon import (
    DECADE_WORDS,
    MONEY_WORDS,
    NEGATORS,
    NUMBER_WORDS,
    ROLE_WORDS,
    SPENDING,
    STOP_WORDS,
    UNIT_ABBREVIATIONS,
    clause_before,
    is_soft,
)
from agent.reading.spans import Taken
from tools.constraints import Constraint, Op, Strength
from tools.data.schema import FieldSpec, Schema
from tools.text import fold

_WORD_NUMBER = "|".join(word.replace("-", r"[\s-]") for word in sorted(NUMBER_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:\d[\d,]{{0,14}}(?:\.\d{{1,9}})?(?!\.?\d)|(?:{_WORD_NUMBER})\b)"
_START = r"(?<![\w.])(?<!\d,)(?<![A-Za-z]-)"
_HOURS = re.compile(
    rf"{_START}(?P<hours>{_NUMBER}|half(?:\s+an?)?|an)(?P<half>\s+and\s+a\s+half|\s*½)?[\s-]*(?:hours?\b|hrs?\b"
    rf"|h(?![a-z]))"
    r"(?:\s*(?:and\s+)?(?P<rest>a\s+half|(?P<minutes>\d{1,2}(?=\s*(?:minutes?|mins?|m)\b)|\d\d\b)"
    r"(?:\s*(?:minutes?|mins?|m)\b)?|(?P<spoken>(?:ten|fifteen|twenty|thirty|forty|fifty)(?:[\s-]five)?)\b"
    r"(?!\s+(?:dollars|euros|pounds|players|people))(?:\s*(?:minutes?|mins?)\b)?))?",
    re.IGNORECASE,
)
_DECADE = re.compile(
    r"(?:\bthe\s+)?(?:\b(?P<part>early|mid|late)[\s-]+)?(?:\bthe\s+)?['’]?"
    rf"(?:(?<![\d$€£])(?P<digits>(?:1[89]|20)?\d0)['’]?s|\b(?P<word>{'|'.join(DECADE_WORDS)}))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_PLAIN = re.compile(
    rf"(?:(?P<currency>[$€£])\s?)?{_START}(?P<number>{_NUMBER})(?!['’]?s\b)"
    rf"(?P<percent>\s?%)?(?P<money>\s?(?:[$€£]|(?:{MONEY_WORDS})\b))?",
    re.IGNORECASE,
)

_COMPARATORS: dict[Op, str] = {
    "<=": r"at (?:the )?most|(?:no|not) (?:more|longer|later|newer|higher|bigger|dearer) than|up to"
    r"|max(?:imum)?(?: of)?|within|at the latest|tops|until|no later than|not exceeding|budget(?: of| is)?",
    ">=": r"at (?:the )?(?:very )?least|at (?:a )?min(?:imum)?"
    r"|(?:no|not) (?:less|fewer|shorter|earlier|older|lower|smaller) than"
    r"|min(?:imum)?(?: of)?"
    r"|since|starting(?: from| in| with)?|at the earliest|no earlier than|from at least",
    "<": r"under|below|sub|less than|fewer than|shorter than|before|older than|earlier than|cheaper than|lower than"
    r"|smaller than|pre-?|prior to",
    ">": r"over|above|more than|longer than|after|newer than|later than|greater than|higher than|bigger than|post-?"
    r"|exceed(?:s|ing)?|beyond|past",
}
_SIGNS: dict[Op, str] = {"<=": "<=|=<|≤", ">=": ">=|=>|≥", "<": "<", ">": ">"}
_BEFORE: dict[Op, re.Pattern[str]] = {
    op: re.compile(rf"(?:\b(?:{words})|{_SIGNS[op]})\s*(?:the\s+|a\s+|about\s+)?$", re.IGNORECASE)
    for op, words in _COMPARATORS.items()
}
_ALIKE = re.compile(r"^\s*,?\s*(?:but|and|yet)\s*$", re.IGNORECASE)
_CENTURY = re.compile(
    r"\b(?:the\s+)?(?:(?P<last>last|previous|past)|(?P<number>1[6-9]|20|21)(?:th|st)|(?P<word>twentieth"
    r"|twenty[\s-]first"
    r"|nineteenth|eighteenth)|(?P<this>this))\s+century\b",
    re.IGNORECASE,
)
_CENTURY_WORDS = {"eighteenth": 18, "nineteenth": 19, "twentieth": 20}
_AFTER: tuple[tuple[Op, re.Pattern[str]], ...] = (
    (
        "<=",
        re.compile(
            r"^\s*(?:\w+\s+)?(?:(?:or|and) (?:less|under|below|shorter|fewer|earlier|older|before|cheaper|lower|down)"
            r"|max(?:imum)?|tops|at most|at the (?:very )?most|at the latest)\b|^[\s-]*(?:cap|limit)\b|^\s+(?:is"
            r"|as) (?:my|our|the) (?:limit|max(?:imum)?|cap)\b"
            r"|^\s*,?\s*(?:and )?(?:no more|not (?:a|one) \w+ more|tops|and down)\b|^\s+is (?:ok(?:ay)?"
            r"|fine) but not? ",
            re.IGNORECASE,
        ),
    ),
    (
        ">=",
        re.compile(
            r"^(?:\s*\+|[\s-]plus\b|[\s-]*(?:\w+\s+)?(?:(?:or|and)[\s-](?:more|over|above|longer|newer|later"
            r"|after|higher|better|up)"
            r"|(?:and )?on(?:wards?)?(?=\s*(?:$|[^\w\s]))|onwards?|min(?:imum)?|at (?:a )?min(?:imum)?|at least"
            r"|at the earliest)\b)",
            re.IGNORECASE,
        ),
    ),
)
_ABOUT = re.compile(r"\b(?:around|about|roughly|circa|approximately|some)\s*(?:the\s+)?$", re.IGNORECASE)
_OPENS = re.compile(rf"{_ABOUT.pattern}|\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
_OR_SO = re.compile(r"^\s*(?:or so|[\s-]?ish|give or take|or thereabouts)\b", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"^\s*(?:[a-z]+\s+){0,3}(?:is|are|was|would be|['’]s)\s+(?:way |far |much |a bit )?too\b", re.IGNORECASE
)
"""`90 minutes is too short`: no wish for that."""
_HAS = re.compile(
    r"\b(?:I|we)(?:['’]ve| have)?(?: only)?(?: have| got)?(?: a spare)?(?: only| just| about| exactly)?\s*$",
    re.IGNORECASE,
)
"""`I have two hours`: all there is, so no more than that."""
_TO = re.compile(
    r"^\s*(?P<minutes>minutes?|mins?)?\s*,?\s*(?P<how>-|–|(?:up )?to|and|or|until|through)\s*(?:maybe\s+|from\s+|in\s+"
    r"|the\s+)*$",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?:my|his|her|their|our|your)\s+(?:(?:early|mid|late)[\s-]+)?$", re.IGNORECASE)
_OPPOSITE: dict[Op, Op] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_DECADE_PARTS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9), None: (0, 9)}
_EARLIEST, _LATEST = 1000, 2999
"""What can be a year; `8 years old` and `the last 5 years` name none."""
_LONGEST_DENIAL = 30
"""In years: a decade can be excluded year by year, all of history can't."""
_BEYOND = 1.2
"""How far beyond the greatest known value a bound may lie."""
_ROUGHLY_YEARS = 2
_ROUGHLY_SHARE = 0.2
_CUE_CHARS = 120
"""How far before a number the words that govern it may begin."""
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
    gap: tuple[float, float] | None = None
    """Of two ranges joined by `or`: what lies between them."""


@dataclass(frozen=True)
class Found:
    """Constraints read off one stretch of a message."""

    start: int
    end: int
    constraints: tuple[Constraint, ...]


Spreads = Mapping[str, Sequence[float]]


def read_numbers(
    message: str, schema: Schema, newest_year: float, asked: FieldSpec | None = None, spreads: Spreads | None = None
) -> list[Found]:
    """What the numbers of a message ask for; a number that no field fits is left alone.

    Args:
        spreads: the known values of fields, least first: a bound that names no field is for the only one that it fits.
        asked: the field that the person was asked about: a number that names none is about it.
    """
    quantities = _joined(message, sorted(_quantities(message, newest_year), key=lambda q: q.start))
    quantities = _of_one_unit(message, quantities)
    nouns = (fold(word) for word in [schema.item, schema.items, *schema.item_words])
    function_words = STOP_WORDS | SPENDING | {*nouns}
    found = []
    for quantity in quantities:
        if _COMPLAINT.match(message[quantity.end : quantity.end + _CUE_CHARS]):
            continue
        field = _field_for(message, quantity, schema) or _only_fit(quantity, schema, spreads or {})
        is_answer = asked is not None and asked.is_ordered and field in (asked, None) and _could_be(quantity, asked)
        if is_answer:
            field = asked
        if field is not None and (is_answer or _is_meant(message, quantity, field)):
            start, end, bounds = _bounds(message, quantity, field, function_words)
            if is_answer and field.role in ("duration", "price"):  # `120`, asked how long: no more than that
                bounds = [("<=" if op == "=" else op, edge) for op, edge in bounds]
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
    taken = Taken(message)
    for unit, pattern in (("minutes", _HOURS), ("year", _CENTURY), ("year", _DECADE), ("year", _YEAR), ("", _PLAIN)):
        for match in pattern.finditer(message):
            is_age = pattern is _DECADE and _AGE.search(message[max(0, match.start() - _CUE_CHARS) : match.start()])
            if is_age or not taken.is_free(*match.span()):
                continue
            low, high = _range_of(match, pattern, newest_year)
            is_money = not unit and (match["currency"] or match["money"])
            named = unit or ("currency" if is_money else "percent" if match["percent"] else "")
            taken.take(*match.span())
            yield Quantity(match.start(), match.end(), low, high, named)


def _range_of(match: re.Match[str], pattern: re.Pattern[str], newest_year: float) -> tuple[float, float]:
    if pattern is _CENTURY:
        now = int(newest_year - 1) // 100 + 1
        word = (match["word"] or "").lower()
        century = int(match["number"] or 0) or _CENTURY_WORDS.get(word, 21 if word else now - bool(match["last"]))
        return 100.0 * (century - 1) + 1, 100.0 * century
    if pattern is _DECADE:
        digits = match["digits"]
        begin = int(digits) if digits else DECADE_WORDS[match["word"].lower()]
        if begin < 100:
            begin += 2000 if begin + 2000 <= newest_year else 1900
        first, last = _DECADE_PARTS[match["part"].lower() if match["part"] else None]
        return begin + first, begin + last
    if pattern is _HOURS:
        said = match["hours"].lower()
        hours = 0.5 if said.startswith("half") else 1.0 if said == "an" else _number(said)
        half = match["half"] or (match["rest"] or "").lower().startswith("a ")
        spoken = _number(match["spoken"]) if match["spoken"] else 0.0
        minutes = hours * 60 + (30 if half else float(match["minutes"] or spoken))
        return minutes, minutes
    value = _number(match["number"] if pattern is _PLAIN else match.group())
    return value, value


def _number(text: str) -> float:
    if text[0].isalpha():
        return float(NUMBER_WORDS["-".join(re.split(r"[\s-]", text.lower()))])
    return float(text.replace(",", ""))


def _joined(message: str, quantities: list[Quantity]) -> list[Quantity]:
    """`between A and B`, `A to B` and `A or B` as one range."""
    joined: list[Quantity] = []
    for quantity in quantities:
        last = joined[-1] if joined else None
        is_near = last is not None and quantity.start - last.end <= _NEAR_CHARS
        between = _TO.match(message[last.end : quantity.start]) if last and is_near else None
        if last and between and _makes_range(message, last, quantity, between):
            in_hours = quantity.unit == "minutes" and not last.unit and not between["minutes"]
            low, high = (last.low * 60, last.high * 60) if in_hours else (last.low, last.high)
            first, second = sorted([(low, high), (quantity.low, quantity.high)])
            is_either = between["how"].lower() == "or" and quantity.unit == "year" and second[0] > first[1] + 1
            joined[-1] = Quantity(
                last.start,
                quantity.end,
                min(low, quantity.low),
                max(high, quantity.high),
                quantity.unit or last.unit,
                (first[1] + 1, second[0] - 1) if is_either else None,
            )
        else:
            joined.append(quantity)
    return joined


def _of_one_unit(message: str, quantities: list[Quantity]) -> list[Quantity]:
    """`over 20 but under 30 dollars`: a number without a unit is measured as the next, where both are bounds."""
    alike = list(quantities)
    for row in range(len(alike) - 2, -1, -1):
        one, other = alike[row], alike[row + 1]
        between = message[one.end : other.start]
        bound = next((m for p in _BEFORE.values() if (m := p.search(between))), None)
        is_bound = any(p.search(message[: one.start]) for p in _BEFORE.values())
        if not one.unit and other.unit and bound and is_bound and _ALIKE.match(between[: bound.start()]):
            scale = 60 if other.unit == "minutes" and other.low >= 60 > one.low else 1
            alike[row] = replace(one, unit=other.unit, low=one.low * scale, high=one.high * scale)
    return alike


def _makes_range(message: str, first: Quantity, second: Quantity, between: re.Match[str]) -> bool:
    how = between["how"].lower()
    is_of_first = first.unit == "currency" and not second.unit and how not in ("and", "or")  # $15-25
    if first.unit not in ("", second.unit) and not is_of_first:
        return False
    is_year = first.unit == second.unit == "year"
    if how == "and" and not is_year:
        before = message[max(0, first.start - _CUE_CHARS) : first.start]
        return re.search(r"\bbetween\s+(?:the\s+)?$", before, re.IGNORECASE) is not None
    return how == "or" or is_year or first.low <= second.low or second.unit == "minutes"


def _field_for(message: str, quantity: Quantity, schema: Schema) -> FieldSpec | None:
    numbers = [field for field in schema.askable if field.is_ordered]
    if quantity.unit == "year":
        return next((field for field in numbers if field.is_temporal), None)
    if quantity.unit == "minutes":
        return next((field for field in numbers if field.role == "duration"), None)
    named = _named_near(message, quantity, numbers)
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
    units = {"year": field.is_temporal, "minutes": field.role == "duration", "currency": field.role == "price"}
    if not quantity.unit:
        return not field.is_temporal or _EARLIEST <= quantity.low <= _LATEST
    return units.get(quantity.unit, False)


def _is_meant(message: str, quantity: Quantity, field: FieldSpec) -> bool:
    """Whether a plain number is about the field: compared with something, or right beside the field's name."""
    if quantity.unit:
        return True
    after = message[quantity.end : quantity.end + _CUE_CHARS]
    if _unit_behind(after, field):
        return True
    if message[quantity.start].isalpha():  # `seven or more`, but not `that one`
        return message[quantity.start : quantity.end].lower() != "one" and any(p.match(after) for _, p in _AFTER)
    before = clause_before(message, quantity.start)
    compared = any(p.search(before) for p in _before(field).values()) or _ABOUT.search(before)
    followed = any(p.match(after) for _, p in _AFTER)
    named = rf"\b(?:{'|'.join(map(re.escape, _names(field)))})s?(?: of| is| at|:)?\s*$"
    return bool(compared or followed or quantity.low < quantity.high or re.search(named, before, re.IGNORECASE))


def _names(field: FieldSpec) -> list[str]:
    unit = [field.unit, field.unit.rstrip("s"), *UNIT_ABBREVIATIONS.get(field.unit, [])] if field.unit else []
    return [*unit, field.name.replace("_", " "), *field.words, *ROLE_WORDS.get(field.role or "", [])]


def _named_near(message: str, quantity: Quantity, fields: list[FieldSpec]) -> FieldSpec | None:
    """The field whose unit, name, word or adjective stands nearest to a number."""
    after = message[quantity.end : quantity.end + _NEAR_CHARS]
    before = clause_before(message, quantity.start)[-_NEAR_CHARS:]
    best: tuple[int, FieldSpec] | None = None
    for field in fields:
        names = tuple(_names(field))
        units = {field.unit or "", *UNIT_ABBREVIATIONS.get(field.unit or "", [])}
        ahead = tuple(name for name in names if name not in units or len(name) > 3)  # `min 6` is a minimum
        adjectives = tuple(f"{adjective} than" for adjective in [*field.more, *field.less])
        behind = _any_of(names).search(after)
        distances = [behind.start()] if behind else []
        better = re.match(
            rf"\s*(?:or|and)\s+(?:{'|'.join(map(re.escape, [*field.more, *field.less])) or '(?!)'})\b", after, re.I
        )
        distances += [0] if better else []
        distances += [len(before) - match.end() for match in _any_of(ahead + adjectives).finditer(before)]
        if distances and (best is None or min(distances) < best[0]):
            best = min(distances), field
    return best[1] if best else None


@lru_cache(maxsize=256)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})s?\b", re.IGNORECASE)


def _bounds(
    message: str, quantity: Quantity, field: FieldSpec, function_words: frozenset[str]
) -> tuple[int, int, list[tuple[Op, float]]]:
    """Where the phrase starts and ends, and the bounds that it sets; none where they can't be said."""
    before = clause_before(message, quantity.start)
    after = message[quantity.end : quantity.end + _CUE_CHARS]
    end = quantity.end + len(_unit_behind(after, field))
    start_of_clause = quantity.start - len(before)
    for op, pattern in _before(field).items():
        match = pattern.search(before)
        if match:
            start, edge = match.start(), quantity.low if op in ("<", ">=") else quantity.high
            denied = _denial(before[:start], function_words)
            if denied is not None and op in ("<", ">"):
                op, start = _OPPOSITE[op], denied
                edge = quantity.low if op == ">=" else quantity.high
            return start_of_clause + start, end, [(op, edge)]
    for op, pattern in _AFTER:
        match = pattern.match(message[end : end + _CUE_CHARS])
        if match:
            end += match.end()
            unit = _unit_behind(message[end : end + _CUE_CHARS], field)
            return quantity.start, end + len(unit), [(op, quantity.low)]
    opens = _OPENS.search(before)
    start = start_of_clause + opens.start() if opens else quantity.start
    or_so = _OR_SO.match(message[end : end + _CUE_CHARS])
    if _ABOUT.search(before) or or_so:
        end += or_so.end() if or_so else 0
        margin = _ROUGHLY_YEARS if field.is_temporal else _ROUGHLY_SHARE * quantity.high
        return start, end, [(">=", quantity.low - margin), ("<=", quantity.high + margin)]
    denied = _denial(before, function_words, nearby=False)
    if denied is not None:
        return start_of_clause + denied, end, _all_but(quantity, field)
    if quantity.low < quantity.high:
        return start, end, [(">=", quantity.low), ("<=", quantity.high), *_without_gap(quantity, field)]
    if field.role in ("duration", "price") and _HAS.search(before):
        return quantity.start, end, [("<=", quantity.low)]
    at_least = field.role in ("quality", "popularity")
    return quantity.start, end, [(">=" if at_least else "=", quantity.low)]


def _before(field: FieldSpec) -> dict[Op, re.Pattern[str]]:
    """What stands before a bound, the field's own adjectives among it: `more expensive than`."""
    return _with_adjectives(tuple(field.more), tuple(field.less))


@lru_cache(maxsize=64)
def _with_adjectives(more: tuple[str, ...], less: tuple[str, ...]) -> dict[Op, re.Pattern[str]]:
    own: dict[Op, tuple[str, ...]] = {">": more, "<": less}
    return {
        op: re.compile(
            rf"{pattern.pattern}|\b(?:{'|'.join(map(re.escape, own[op]))})\s+th[ae]n\s*(?:the\s+|an?\s+)?$", re.I
        )
        if own.get(op)
        else pattern
        for op, pattern in _BEFORE.items()
    }


def _denial(before: str, function_words: frozenset[str], nearby: bool = True) -> int | None:
    """Where the negation begins that turns what follows around; None if there is none.

    Between them stand function words only (`I don't want to pay more than`); of other words, `nearby` allows one.
    """
    found = list(NEGATORS.finditer(before))
    if not found:
        return None
    between = fold(before[found[-1].end() :]).split()
    is_direct = all(word in function_words for word in between)
    return found[-1].start() if is_direct or (nearby and len(between) <= 1) else None


def _without_gap(quantity: Quantity, field: FieldSpec) -> list[tuple[Op, float]]:
    """`from the 80s or the 2010s`: the years between them excluded."""
    if quantity.gap is None or not field.is_temporal or quantity.gap[1] - quantity.gap[0] > _LONGEST_DENIAL:
        return []
    return [("!=", float(year)) for year in range(int(quantity.gap[0]), int(quantity.gap[1]) + 1)]


def _all_but(quantity: Quantity, field: FieldSpec) -> list[tuple[Op, float]]:
    """`not from the 90s`: each of the years excluded; `not 60 minutes`. Nothing for a range of another kind."""
    low, high = int(quantity.low), int(quantity.high)
    if low == high:
        return [("!=", quantity.low)]
    if not field.is_temporal or high - low > _LONGEST_DENIAL:
        return []
    return [("!=", float(year)) for year in range(low, high + 1)]


def _unit_behind(after: str, field: FieldSpec) -> str:
    words = "|".join(map(re.escape, _names(field)))
    match = re.match(rf"[\s-]*(?:{words})s?\b", after, re.IGNORECASE)
    return match.group() if match else ""


def _value(field: FieldSpec, number: float) -> float | str:
    return str(int(number)) if field.type == "date" else number
