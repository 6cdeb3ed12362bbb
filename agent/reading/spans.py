"""Stretches of a message that are spoken for: which words already mean something, so that none is read twice."""

from __future__ import annotations

from collections.abc import Iterable


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
