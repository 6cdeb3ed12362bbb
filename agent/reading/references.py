"""References to what was shown: `the first one`, `number 3`, `that one`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.reading.lexicon import ORDINALS

_ORDINAL = "|".join(
    re.escape(word) for word in ORDINALS if not word.isalpha() or word not in ("one", "two", "three", "four", "five")
)
_POINTER = re.compile(r"\b(?:that|this|it)(?:\s+one)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A pointer at the shown slate: where it stands, and which row (from 0) it means."""

    start: int
    end: int
    row: int


def read_references(message: str, shown: int, item_words: Sequence[str]) -> list[Reference]:
    """Rows of a slate of `shown` items that a message points at; empty where nothing was shown."""
    if not shown:
        return []
    nouns = "|".join(
        map(
            re.escape,
            ["one", "ones", "option", "pick", "suggestion", "recommendation", "result", *item_words],
        )
    )
    pattern = re.compile(
        rf"\b(?:the\s+)?(?P<ordinal>{_ORDINAL})\s+(?:{nouns})\b|\b(?:the|your)\s+(?P<alone>{_ORDINAL})\b(?!\s+\w+\s*['’]?s\b)"
        rf"|(?:\bnumber\s+|\bno\.?\s*|#)(?P<number>[1-9])\b",
        re.IGNORECASE,
    )
    found = []
    for match in pattern.finditer(message):
        word = (match["ordinal"] or match["alone"] or "").lower()
        row = int(match["number"]) - 1 if match["number"] else ORDINALS[word]
        row = shown - 1 if row < 0 else row
        if row < shown:
            found.append(Reference(match.start(), match.end(), row))
    return found


def points_at_something(message: str) -> bool:
    """Whether a message says `that` or `it` of something shown before."""
    return _POINTER.search(message) is not None
