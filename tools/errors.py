"""The one family of errors that people are meant to read."""

from __future__ import annotations

from typing import Any


class TastemakerError(Exception):
    """Something the user can mend: what is wrong, then the way out, in one sentence each at most.

    Args:
        what: what is wrong, naming the file, line, field or value.
        way_out: what to do about it.
    """

    def __init__(self, what: str, way_out: str = "") -> None:
        self.what = what
        self.way_out = way_out
        super().__init__(f"{what} {way_out}".strip())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, self.way_out)


class BadInputError(TastemakerError):
    """A file, message or argument that cannot be used as it is."""


class MissingError(TastemakerError):
    """Something that has to be made or installed first: a catalogue, weights, a package."""


class UnavailableError(TastemakerError):
    """A part that should be running is not: the planner, the dense index, a port, the disk."""
