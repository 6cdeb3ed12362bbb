"""What stands around a number and makes it a bound: `at most`, `or more`, `around`, and what turns that round."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from agent.reading.lexicon import NEGATORS, ROLE_WORDS, UNIT_ABBREVIATIONS, clause_before
from agent.reading.quantities import CUE_CHARS, Quantity
from tools.constraints import Op
from tools.data.schema import FieldSpec
from tools.text import fold

_ALIKE = re.compile(r"^\s*,?\s*(?:but|and|yet)\s*$", re.IGNORECASE)
_COMPARATORS: dict[Op, str] = {
    "<=": r"at (?:the )?most|(?:no|not) (?:more|longer|later|newer|higher|bigger|dearer) than|up to"
    r"|max(?:im(?:um|al))?(?: of)?|limited to|within|at the latest|tops|un?till?|no later than|not exceeding"
    r"|(?:budget|limit)(?: of| is)?"
    r"|keep(?:ing)? (?:it|them|that) (?:to|within)",
    ">=": r"at (?:the )?(?:very )?least|at (?:a )?min(?:imum)?"
    r"|(?:no|not) (?:less|fewer|shorter|earlier|older|lower|smaller) than"
    r"|min(?:im(?:um|al))?(?: of)?"
    r"|since|starting(?: from| in| with| at)?|at the earliest|no earlier than|from at least",
    "<": r"under|below|sub|(?:less|fewer|shorter|lower|smaller)(?: \w+)? than|before|older than|earlier than"
    r"|cheaper than|pre-?|prior to",
    ">": r"over|above|more than|longer than|after|newer than|later than|greater than|higher than|bigger than|post-?"
    r"|exceed(?:s|ing)?|in excess of|dearer than|beyond|past",
}
_SIGNS: dict[Op, str] = {"<=": "<=|=<|≤", ">=": ">=|=>|≥", "<": "<", ">": ">"}
BEFORE: dict[Op, re.Pattern[str]] = {
    op: re.compile(rf"(?:\b(?:{words})|{_SIGNS[op]})\s*(?:the\s+(?:year\s+)?|a\s+|about\s+|year\s+)?$", re.IGNORECASE)
    for op, words in _COMPARATORS.items()
}
_OF_NO_OTHER = r"(?!\s+(?:of\s+)?[$€£]?\d)"
"""`2 stars, max 5 km`: the bound is the next number's."""
AFTER: tuple[tuple[Op, re.Pattern[str]], ...] = (
    (
        "<=",
        re.compile(
            r"^\s*(?:\w+\s+)?(?:(?:or|and) (?:less|under|below|shorter|fewer|earlier|older|before|cheaper|lower|down"
            r"|worse)|max(?:imum)?|tops|at most|at the (?:very )?most|at the (?:latest|outside))\b"
            rf"{_OF_NO_OTHER}|^[\s-]*(?:cap|limit)\b|^\s+(?:is|as) (?:my|our|the) (?:limit|max(?:imum)?|cap)\b"
            r"|^\s*,?\s*(?:and )?(?:no more|not (?:a|one) \w+ more|tops|and down)\b|^\s+is (?:ok(?:ay)?"
            r"|fine) but not? ",
            re.IGNORECASE,
        ),
    ),
    (
        ">=",
        re.compile(
            r"^(?:\s*\+|[\s-]plus\b"
            r"|[\s-]*(?:\w+\s+)?(?:(?:or|and)[\s-](?:more|over|above|longer|newer|later|after|higher|better|beyond|up)"
            r"|up(?:wards?)?(?! to)"
            r"|(?:and )?on(?:wards?)?(?=\s*(?:$|[^\w\s]|(?:and|or|but)\b))|onwards?|(?:min(?:imum)?"
            rf"|at (?:a )?min(?:imum)?|at least|at the earliest){_OF_NO_OTHER})\b)",
            re.IGNORECASE,
        ),
    ),
)
ABOUT = re.compile(
    r"\b(?:around|about|roughly|circa|approximately|(?<!me )(?<!got )(?<!want )(?<!need )(?<!for )some)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_OPENS = re.compile(rf"{ABOUT.pattern}|\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
_OR_SO = re.compile(r"^\s*(?:or so|[\s-]?ish|give or take|or thereabouts)\b", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+$", re.IGNORECASE)
"""`from 30 GB`, with nothing to go up to; `from 1995` is that year."""
_EXACTLY = r"exact(?:ly)?|precisely"
_EXACT = re.compile(rf"\b(?:{_EXACTLY})\s+(?:the\s+|an?\s+)?$", re.IGNORECASE)
_EXACT_BEHIND = re.compile(rf"\s*,?\s*(?:{_EXACTLY}|on the dot)\b", re.IGNORECASE)
_HAS = re.compile(
    r"\b(?:I|we)(?:['’]ve| have)?(?: only)?(?: have| got)?(?: a spare)?(?: only| just| about| exactly)?\s*$",
    re.IGNORECASE,
)
"""`I have two hours`: all there is, so no more than that."""
_OPPOSITE: dict[Op, Op] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_LONGEST_DENIAL = 30
"""In years: a decade can be excluded year by year, all of history can't."""
_ROUGHLY_YEARS = 2
_ROUGHLY_SHARE = 0.2


def names_of(field: FieldSpec) -> list[str]:
    unit = [field.unit, field.unit.rstrip("s"), *UNIT_ABBREVIATIONS.get(field.unit, [])] if field.unit else []
    return [*unit, *field.names, *ROLE_WORDS.get(field.role or "", [])]


def bounds_of(
    message: str, quantity: Quantity, field: FieldSpec, function_words: frozenset[str]
) -> tuple[int, int, list[tuple[Op, float]]]:
    """Where the phrase starts and ends, and the bounds that it sets; none where they can't be said."""
    before = clause_before(message, quantity.start)
    after = message[quantity.end : quantity.end + CUE_CHARS]
    end = quantity.end + len(unit_behind(after, field))
    start_of_clause = quantity.start - len(before)
    for op, pattern in before_bound(field).items():
        match = pattern.search(before)
        if match:
            start, edge = match.start(), quantity.low if op in ("<", ">=") else quantity.high
            denied = _denial(before[:start], function_words)
            if denied is not None and op in ("<", ">"):
                op, start = _OPPOSITE[op], denied
                edge = quantity.low if op == ">=" else quantity.high
            return start_of_clause + start, end, [(op, edge)]
    for op, pattern in AFTER:
        match = pattern.match(message[end : end + CUE_CHARS])
        if match:
            end += match.end()
            unit = unit_behind(message[end : end + CUE_CHARS], field)
            edge = quantity.low if op in (">", ">=") else quantity.high  # `the 50s or earlier`
            return quantity.start, end + len(unit), [(op, edge)]
    opens = _OPENS.search(before)
    start = start_of_clause + opens.start() if opens else quantity.start
    or_so = _OR_SO.match(message[end : end + CUE_CHARS])
    if ABOUT.search(before) or or_so:
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
    if _FROM.search(before) and not field.is_temporal:
        return start, end, [(">=", quantity.low)]
    at_least = field.role in ("quality", "popularity") and not is_exact(message, quantity.start, end)
    return quantity.start, end, [(">=" if at_least else "=", quantity.low)]


def is_exact(message: str, start: int, end: int) -> bool:
    """Whether a number is said to be meant exactly."""
    return bool(_EXACT.search(clause_before(message, start)) or _EXACT_BEHIND.match(message[end : end + CUE_CHARS]))


def before_bound(field: FieldSpec) -> dict[Op, re.Pattern[str]]:
    """What stands before a bound, the field's own words among it: `more expensive than`, `maximum price`."""
    return _with_own_words(tuple(field.more), tuple(field.less), tuple(field.names))


@lru_cache(maxsize=64)
def _with_own_words(more: tuple[str, ...], less: tuple[str, ...], names: tuple[str, ...]) -> dict[Op, re.Pattern[str]]:
    def any_of(words: tuple[str, ...]) -> str:
        return "|".join(map(re.escape, words)) or "(?!)"

    than = r"\s+th[ae]n\s*(?:the\s+|an?\s+)?$"
    of_field = rf"(?:im(?:um|al))?\s+(?:{any_of(names)})s?(?:\s+(?:of|is)|\s*:)?\s*$"
    own: dict[Op, str] = {
        ">": rf"\b(?:{any_of(more)}){than}",
        "<": rf"\b(?:{any_of(less)}){than}",
        "<=": rf"\bmax{of_field}",
        ">=": rf"\bmin{of_field}",
    }
    return {op: re.compile(rf"{pattern.pattern}|{own[op]}", re.IGNORECASE) for op, pattern in BEFORE.items()}


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


def unit_behind(after: str, field: FieldSpec) -> str:
    words = "|".join(map(re.escape, names_of(field)))
    match = re.match(rf"[\s-]*(?:{words})s?\b", after, re.IGNORECASE)
    return match.group() if match else ""


def of_one_unit(message: str, quantities: list[Quantity]) -> list[Quantity]:
    """`over 20 but under 30 dollars`: a number without a unit is measured as the next, where both are bounds."""
    alike = list(quantities)
    for row in range(len(alike) - 2, -1, -1):
        one, other = alike[row], alike[row + 1]
        between = message[one.end : other.start]
        bound = next((m for p in BEFORE.values() if (m := p.search(between))), None)
        is_bound = any(p.search(message[: one.start]) for p in BEFORE.values())
        if not one.unit and other.unit and bound and is_bound and _ALIKE.match(between[: bound.start()]):
            scale = 60 if other.unit == "minutes" and other.low >= 60 > one.low else 1
            alike[row] = replace(one, unit=other.unit, low=one.low * scale, high=one.high * scale)
    return alike
