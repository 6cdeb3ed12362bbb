"""Numbers as people write them, with what they are measured in: hours, decades, money, ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.reading.lexicon import DECADE_WORDS, MONEY_WORDS, NUMBER_WORDS
from agent.reading.spans import Taken

_WORD_NUMBER = "|".join(word.replace("-", r"[\s-]") for word in sorted(NUMBER_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:\d[\d,]{{0,14}}(?:\.\d{{1,9}})?(?!\.?\d)|(?:{_WORD_NUMBER})\b)"
_START = r"(?<![\w.])(?<!\d,)(?<![A-Za-z]-)"
_HOURS = re.compile(
    rf"{_START}(?P<hours>{_NUMBER}|half(?:\s+an?)?|an)(?P<half>\s+and\s+a\s+half|\s*½)?"
    r"[\s-]*(?:hours?\b|hrs?\b|h(?![a-z]))"
    r"(?:\s*(?:and\s+)?(?P<rest>a\s+half"
    r"|(?P<minutes>\d{1,2}(?=\s*(?:minutes?|mins?|m)\b)|\d\d\b)(?:\s*(?:minutes?|mins?|m)\b)?"
    r"|(?P<spoken>(?:ten|fifteen|twenty|thirty|forty|fifty)(?:[\s-]five)?)\b"
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
_CENTURY = re.compile(
    r"\b(?:the\s+)?(?:(?P<last>last|previous|past)|(?P<number>1[6-9]|20|21)(?:th|st)"
    r"|(?P<word>twentieth|twenty[\s-]first|nineteenth|eighteenth)|(?P<this>this))\s+century\b",
    re.IGNORECASE,
)
_RECENT = re.compile(
    rf"\b(?:(?:the\s+)?(?:last|past|previous)\s+(?:(?P<years>{_NUMBER})\s+years|(?P<decade>decade)|few\s+years)"
    rf"|(?:(?:no|not)\s+(?:more\s+than|older\s+than|over)|(?:less|newer|younger)\s+than|at\s+most|under)\s+"
    rf"(?P<old>{_NUMBER})\s+years(?:\s+old|\s+ago)?(?=\W*$|\s*[.,;!?]|\s+(?:and|or|but|please)\b))",
    re.IGNORECASE,
)
"""`the last 10 years`, `no older than 10 years`."""
_UNITS = {_HOURS: "minutes", **dict.fromkeys((_CENTURY, _RECENT, _DECADE, _YEAR), "year"), _PLAIN: ""}
"""What each says a number is of, in the order in which they are tried."""
_FEW = 5
_DONE = re.compile(r"\b(?:seen|saw|watched|been|read|played|heard|had|bought|went)\b[^.,;!?]*$", re.IGNORECASE)
"""Before years: somebody did something in them."""
_CENTURY_WORDS = {"eighteenth": 18, "nineteenth": 19, "twentieth": 20}
_TO = re.compile(
    r"^\s*(?:(?P<minutes>minutes?|mins?)|(?P<unit>(?!to\b|and\b|or\b|up\b)[a-z]{1,12}))?\s*,?"
    r"\s*(?P<how>-|–|(?:up )?to|and|or|until|through)\s*(?:maybe\s+|from\s+|in\s+"
    r"|the\s+)*$",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?:my|his|her|their|our|your)\s+(?:(?:early|mid|late)[\s-]+)?$", re.IGNORECASE)
_DECADE_PARTS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9), None: (0, 9)}
_MINUTES = re.compile(r"min|m\b", re.IGNORECASE)
CUE_CHARS = 120
"""How far before a number the words that govern it may begin."""
NEAR_CHARS = 28
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


def find_quantities(message: str, newest_year: float) -> Iterator[Quantity]:
    taken = Taken(message)
    for pattern, unit in _UNITS.items():
        for match in pattern.finditer(message):
            before = message[max(0, match.start() - CUE_CHARS) : match.start()]
            is_of_people = (pattern is _DECADE and _AGE.search(before)) or (pattern is _RECENT and _DONE.search(before))
            if is_of_people or not taken.is_free(*match.span()):
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
    if pattern is _RECENT:
        said = match["years"] or match["old"]
        return newest_year - (_number(said) if said else 10.0 if match["decade"] else _FEW), newest_year
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


def in_ranges(message: str, quantities: list[Quantity]) -> list[Quantity]:
    """`between A and B`, `A to B` and `A or B` as one range."""
    joined: list[Quantity] = []
    for quantity in quantities:
        last = joined[-1] if joined else None
        is_near = last is not None and quantity.start - last.end <= NEAR_CHARS
        between = _TO.match(message[last.end : quantity.start]) if last and is_near else None
        if last and between and _makes_range(message, last, quantity, between):
            is_alike = quantity.unit == "minutes" and not last.unit and not between["minutes"]
            in_hours = is_alike and 60 * last.low <= quantity.high  # `1 to 2 hours`, but not `90 to 2 hours`
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


def _makes_range(message: str, first: Quantity, second: Quantity, between: re.Match[str]) -> bool:
    how = between["how"].lower()
    behind = message[second.end : second.end + NEAR_CHARS].lstrip(" -").lower()
    if between["unit"] and not behind.startswith(between["unit"].lower()[:2]):
        return False
    if first.unit == "minutes" and not second.unit and _MINUTES.match(behind):
        return first.low <= second.low
    is_of_first = first.unit == "currency" and not second.unit and how not in ("and", "or")  # $15-25
    if first.unit not in ("", second.unit) and not is_of_first:
        return False
    is_year = first.unit == second.unit == "year"
    if how == "and" and not is_year:
        before = message[max(0, first.start - CUE_CHARS) : first.start]
        return re.search(r"\bbetween\s+(?:the\s+)?$", before, re.IGNORECASE) is not None
    return how == "or" or is_year or first.low <= second.low or second.unit == "minutes"
