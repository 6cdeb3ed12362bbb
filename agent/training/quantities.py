"""How people write a number: digits or words, minutes as hours, decades, currency signs."""

from __future__ import annotations

import random

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SIGNS = {"dollars": "$", "euros": "€", "pounds": "£"}
_SHORT = {"minutes": ("min", "mins", "m"), "hours": ("h", "hrs", "hr"), "pages": ("pp", "p"), "dollars": ("bucks",)}


def in_words(number: int) -> str:
    """A number below a thousand in words.

    >>> in_words(7), in_words(42), in_words(350)
    ('seven', 'forty-two', 'three hundred and fifty')
    """
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")


def say_number(number: float, rng: random.Random) -> str:
    """Digits mostly; small whole numbers now and then in words."""
    if number == int(number):
        whole = int(number)
        if 0 < whole < 1000 and rng.random() < (0.25 if whole <= 20 else 0.08):
            return in_words(whole)
        return f"{whole:,}" if whole >= 10_000 and rng.random() < 0.5 else str(whole)
    return f"{number:g}"


def say_quantity(number: float, unit: str, rng: random.Random) -> str:
    """A number with its unit: `90 minutes`, `1.5 hours`, `an hour and a half`, `$20`, `20 bucks`."""
    if unit in ("minutes", "min") and rng.random() < 0.55 and (hours := _hours(number, rng)):
        return hours
    if unit in _SIGNS and rng.random() < 0.5:
        return f"{_SIGNS[unit]}{number:g}"
    said = say_number(number, rng)
    if unit in _SHORT and rng.random() < 0.3:
        short = rng.choice(_SHORT[unit])
        return f"{said}{short}" if said.isdigit() and rng.random() < 0.4 else f"{said} {short}"
    one = unit.removesuffix("s") if number == 1 and unit.endswith("s") else unit
    return f"{said} {one}"


def _hours(minutes: float, rng: random.Random) -> str:
    whole, rest = divmod(minutes, 60)
    hours = int(whole)
    if not 1 <= hours <= 12 or rest not in (0, 15, 30, 45):
        return ""
    said = str(hours) if rng.random() < 0.5 else in_words(hours)
    if rest == 0:
        short = [f"{hours}h", f"{hours} hrs" if hours > 1 else "1 hr"]
        return rng.choice([f"{said} hours" if hours > 1 else rng.choice(["an hour", "one hour", "1 hour"]), *short])
    if rest == 30:
        long = "an hour and a half" if hours == 1 else f"{said} and a half hours"
        return rng.choice([long, f"{hours}.5 hours", f"{hours}h30", f"{hours}.5h"])
    return f"{hours}h{int(rest)}"
