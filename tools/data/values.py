"""Turns one raw cell into one typed value, or says in a few words why it can't.

What is absent stays absent: blanks and the usual marks for "no value" become None, never 0 or "". What could
be read two ways (`01/02/2020`, `12,5`) is refused rather than guessed.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from tools.data.schema import FieldSpec

Value = str | float | bool | list[str]

MISSING = frozenset(
    {"", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "Null", "None", "nan", "NaN", "-", "\\N", "<NA>", "[]"}
)
_FLAGS = {"true": True, "yes": True, "y": True, "t": True, "1": True, "1.0": True} | {
    "false": False,
    "no": False,
    "n": False,
    "f": False,
    "0": False,
    "0.0": False,
}
_NUMBER = re.compile(
    r"([+-]?)\s*[$€£¥]?\s*((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
    r"\s*(%|[$€£¥]|[A-Za-z]+\.?)?"
)
_ISO_DATE = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2})(?:[T ][0-9]{1,2}:[0-9]{2}.*)?)?)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?\.? ([A-Za-z]+)\.?,? ([0-9]{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = {
    "minutes": ("min", "mins", "minute"),
    "hours": ("h", "hr", "hrs", "hour"),
    "seconds": ("sec", "secs", "second"),
    "milliseconds": ("ms", "msec", "millisecond"),
    "pages": ("pp", "page"),
}
_UNIT_OF = {short: unit for unit, shorts in _UNITS.items() for short in shorts}
_EPOCH_AFTER = 1e8
_MAX_LIST_CHARS = 20_000


def parse_value(field: FieldSpec, raw: object) -> Value | None:
    """One cell as the field's type.

    Returns:
        text, category: stripped text. categories: distinct stripped texts in order. number: float.
        date: `YYYY-MM-DD` (the first day where only year or month is known). flag: bool.
        None where the cell holds no value.

    Raises:
        ValueError: the cell holds something else than the type; the message is a short reason.
    """
    return None if is_missing(raw) else _PARSERS[field.type](field, raw)


def is_missing(raw: object) -> bool:
    """Whether a cell says "no value": nothing, blank, NaN, infinite, or one of `MISSING`."""
    if isinstance(raw, str):
        return raw.strip() in MISSING
    if isinstance(raw, float):
        return not math.isfinite(raw)
    return raw is None or raw == []


def plain_text(raw: object) -> str:
    """A scalar as stripped text, whole floats without their `.0`.

    Raises:
        ValueError: a list or an object.
    """
    if isinstance(raw, str):
        return raw.strip().replace("\0", "")
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, dict | list | tuple | set):
        raise ValueError("is a list" if not isinstance(raw, dict) else "is an object")
    return str(raw)


def split_unit(text: str) -> tuple[float, str] | None:
    """`148 min` -> (148.0, "minutes"), `$1,234` -> (1234.0, ""); None where it isn't one number."""
    match = _NUMBER.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        return None
    sign, digits, exponent, tail = match.groups()
    number = float(sign + digits.replace(",", "") + (exponent or ""))
    word = (tail or "").rstrip(".")
    return number, _UNIT_OF.get(word.lower(), word) if word.isalpha() else ""


def text_list(text: str) -> list[object] | None:
    """The list that a cell like `["a", "b"]` or `['a', 'b']` writes out, else None."""
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")) or len(text) > _MAX_LIST_CHARS:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    return found if isinstance(found, list) else None


def epoch_seconds(raw: object) -> int:
    """A point in time as seconds since 1970 (UTC): numbers (also milli- and microseconds), ISO text, dates.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(raw, str) and raw.isdecimal() and len(raw) <= 11:
        return int(raw)
    if isinstance(raw, datetime):
        return math.floor(raw.timestamp() if raw.tzinfo else raw.replace(tzinfo=UTC).timestamp())
    if isinstance(raw, date):
        return epoch_seconds(datetime(raw.year, raw.month, raw.day, tzinfo=UTC))
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        return _scaled(float(raw))
    text = plain_text(raw)
    try:
        return _scaled(float(text))
    except ValueError:
        try:
            return epoch_seconds(datetime.fromisoformat(text))
        except ValueError:
            return epoch_seconds(date.fromisoformat(_iso_date(text)))


def _scaled(number: float) -> int:
    """Seconds from seconds, milli- or microseconds, told apart by size (1e11 s is the year 5138)."""
    if not abs(number) < 1e17:  # NaN and infinity too
        raise ValueError("is not a point in time")
    while abs(number) >= 1e11:
        number /= 1000
    return math.floor(number)


def _text(_field: FieldSpec, raw: object) -> str | None:
    return plain_text(raw) or None


def _categories(field: FieldSpec, raw: object) -> list[str] | None:
    parts: list[object]
    if isinstance(raw, list | tuple | set):
        parts = list(raw)
    else:
        text = plain_text(raw)
        written = text_list(text)
        parts = written if written is not None else list(text.split(field.separator) if field.separator else [text])
    texts = [plain_text(part) for part in parts if not is_missing(part)]
    return list(dict.fromkeys(text for text in texts if text)) or None


def _number(field: FieldSpec, raw: object) -> float | None:
    if isinstance(raw, bool):
        raise ValueError("is true or false, not a number")
    if isinstance(raw, int | float | Decimal):
        try:
            number = float(raw)
        except OverflowError:
            raise ValueError("is too large") from None
    else:
        text = plain_text(raw)
        number = float(text) if _is_plain(text) else _number_in(field, text)
    return number if math.isfinite(number) else None


def _is_plain(text: str) -> bool:
    """Digits with at most one point between them: most numbers, and much the quickest to tell."""
    return text.isascii() and text.replace(".", "", 1).isdigit()


def _number_in(field: FieldSpec, text: str) -> float:
    found = split_unit(text)
    if found is None:
        if text.lower().lstrip("+-") in ("inf", "infinity"):
            return math.inf
        raise ValueError("is not a number")
    number, unit = found
    expected = (field.unit or "").lower()
    if unit and unit.lower() != _UNIT_OF.get(expected, expected):
        raise ValueError(f"has the unit {unit!r}" + (f", not {field.unit}" if field.unit else ""))
    return number


def _date(_field: FieldSpec, raw: object) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw > _EPOCH_AFTER:
        return _day_of(raw)
    text = plain_text(raw)
    if text.isdecimal() and len(text) > 8 and float(text) > _EPOCH_AFTER:
        return _day_of(float(text))
    return _iso_date(text)


def _day_of(epoch: float) -> str:
    return datetime.fromtimestamp(_scaled(epoch), UTC).date().isoformat()


def _iso_date(text: str) -> str:
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part or 1) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        year, month, day = int(match[3]), _month(match[2]), int(match[1])
    elif match := _MONTH_FIRST.fullmatch(text):
        year, month, day = int(match[3]), _month(match[1]), int(match[2])
    else:
        raise ValueError("is not a date like 2020-05-31")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def _month(word: str) -> int:
    short = word[:3].lower()
    if short not in _MONTHS:
        raise ValueError("is not a date like 2020-05-31")
    return _MONTHS.index(short) + 1


def _flag(_field: FieldSpec, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    found = _FLAGS.get(plain_text(raw).lower())
    if found is None:
        raise ValueError("is neither yes nor no")
    return found


_PARSERS: dict[str, Callable[[FieldSpec, object], Value | None]] = {
    "text": _text,
    "category": _text,
    "categories": _categories,
    "number": _number,
    "date": _date,
    "flag": _flag,
}
