"""Stretches of a message: which words already mean something, so that none is read twice, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tools.constraints import Constraint
from tools.text import words_with_spans


class Taken:
    """The characters of one message that were understood. Constant time a look-up: long messages have many words."""

    def __init__(self, message: str, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._mask = bytearray(len(message))
        for start, end in spans:
            self.take(start, end)

    def take(self, start: int, end: int) -> None:
        """Mark a stretch as understood."""
        self._mask[start:end] = b"\1" * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing of a stretch was understood yet."""
        return 1 not in self._mask[start:end]


@dataclass(frozen=True)
class Found:
    """Constraints read off one stretch of a message."""

    start: int
    end: int
    constraints: tuple[Constraint, ...]


def phrases(message: str) -> list[tuple[str, int, int]]:
    """Each two words that stand together, then each word: folded, with where they start and end."""
    words = words_with_spans(message)
    return [*((f"{one[0]} {two[0]}", one[1], two[2]) for one, two in pairwise(words)), *words]
