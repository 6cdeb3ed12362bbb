"""What a plan and its prompt are made from: a schema with its values. A `Catalogue` has it; so has a made-up one."""

from __future__ import annotations

from typing import Protocol

from tools.data.schema import Schema


class Fields(Protocol):
    """The fields of a catalogue, with what they hold."""

    @property
    def schema(self) -> Schema:
        """The fields."""
        ...

    def vocabulary(self, field: str, most: int | None = None) -> list[tuple[str, int]]:
        """A category field's values with how many items have them, the most frequent first."""
        ...

    def vocabulary_size(self, field: str) -> int:
        """How many values it has."""
        ...

    def spread(self, field: str) -> list[float]:
        """Quantiles of a number's or a date's values, ascending; empty where it has none."""
        ...
