"""References to what was shown: `the first one`, `number 3`, `that one`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.reading.lexicon import NUMBER_WORDS, ORDINALS

_ORDINAL = "|".join(
    re.escape(word) for word in ORDINALS if not word.isalpha() or word not in ("one", "two", "three", "four", "five")
)
_ALONE = (
    r"(?=\s*(?:$|[^\w\s]|(?:is|was|are|were|looks?|sounds?|seems?|has|costs?|lasts?|takes?|and|or|but|though|please"
    r"|too|instead|again|already|if|because|in|on|from|with|for|as|to|it|then)\b))"
)
"""What may stand behind an ordinal that points by itself: `the second is too long`, but `the second world war`."""
_NUMBERS = re.compile(
    r"\b(?:seen|saw|watched|read|played|know|own|have|liked?|loved?|hated?|disliked?|take|prefer|not"
    r"|about|than|between)\s+(?:#\s?)?(?P<numbers>[1-9]\d?(?:\s*(?:,|and|or|&|,\s*and)\s*#?\s?[1-9]\d?)*)"
    r"(?=\s*(?:$|[.,;!?](?!\d)|already\b|before\b|but\b|and\b(?!\s+an?\s)))",
    re.IGNORECASE,
)
"""`I've seen 1, 3 and 5`: rows without a word for them."""
_POINTER = re.compile(r"\b(?:that|this|it|its)(?:\s+one)?\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:these|those|them|they|all)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A pointer at the shown slate: where it stands, and which row (from 0) it means."""

    start: int
    end: int
    row: int


def read_references(message: str, shown: int, item_words: Sequence[str]) -> list[Reference]:
    """Rows of a slate of `shown` items that a message points at, also beyond it; none where nothing was shown."""
    if not shown:
        return []
    nouns = "|".join(
        map(
            re.escape,
            ["one", "ones", "option", "pick", "suggestion", "recommendation", "result", *item_words],
        )
    )
    pattern = re.compile(
        rf"\b(?:the\s+)?(?P<ordinal>{_ORDINAL})\s+(?:{nouns})\b|\b(?:the|your)\s+(?P<alone>{_ORDINAL})\b{_ALONE}"
        rf"|(?:\b(?:number|option|nr\.?)\s+|\bno\.\s*|#)(?P<number>[1-9]\d?|one|two|three|four|five)\b"
        r"|\bthe\s+(?P<end>first|last)\s+(?P<count>two|three|four|[2-4])\b(?!\s+(?:hours?|minutes?|days?|years?)\b)",
        re.IGNORECASE,
    )
    found = []
    for match in pattern.finditer(message):
        found += [Reference(match.start(), match.end(), row) for row in _rows(match, shown)]
    for match in _NUMBERS.finditer(message):
        rows = [int(number) - 1 for number in re.findall(r"\d+", match["numbers"])]
        if not found and all(row < shown for row in rows):
            found += [Reference(match.start("numbers"), match.end(), row) for row in rows]
    return found


def _rows(match: re.Match[str], shown: int) -> list[int]:
    if match["count"]:
        count = int(match["count"]) if match["count"].isdigit() else NUMBER_WORDS[match["count"].lower()]
        first = max(0, shown - count) if match["end"].lower() == "last" else 0
        return list(range(first, first + count))
    if match["number"]:
        return [int(NUMBER_WORDS.get(match["number"].lower(), match["number"])) - 1]
    row = ORDINALS[(match["ordinal"] or match["alone"]).lower()]
    return [shown - 1 if row < 0 else row]


def points_at_something(message: str) -> bool:
    """Whether a message says `that` or `it` of something shown before."""
    return _POINTER.search(message) is not None


def points_at_all(message: str) -> bool:
    """Whether a message says `these` of all that was shown."""
    return _ALL.search(message) is not None
