"""The columns of a table as inference sees them: a field name each, and the values that are there."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tools.data.read import Row, Table
from tools.data.schema import FIELD_NAME, RESERVED, FieldSpec
from tools.data.values import is_missing, parse_value, plain_text, split_unit

SAMPLE_ROWS = 2000
"""How many values, evenly spread over the file, decide a type."""
PARSABLE = 0.98
"""The share of those values that must read as a type for the column to be given it."""
MIXED = 0.5
"""From this share on, the values that do not read are worth a note."""


@dataclass
class Column:
    """One column with its values, missing ones left out."""

    name: str
    """As the file has it."""
    slug: str
    """As a field's name."""
    cells: list[tuple[int, Any]]
    """(line, raw value) in file order."""
    rows: int
    """How many rows the table has, those without a value included."""
    notes: list[str] = field(default_factory=list)
    """Sentences for whoever reads the inferred schema."""

    @cached_property
    def sample(self) -> list[tuple[int, Any]]:
        """The same few thousand cells every time, evenly spread over the file."""
        step = max(1, -(-len(self.cells) // SAMPLE_ROWS))
        return self.cells[::step]

    @cached_property
    def texts(self) -> list[str]:
        """All values as text, lists and objects left out."""
        return [plain_text(raw) for _, raw in self.cells if not isinstance(raw, list | dict)]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text stands in the column."""
        return Counter(self.texts)

    @property
    def repeats(self) -> bool:
        """Whether at least one value in ten has been seen before."""
        return len(self.counts) <= 0.9 * len(self.texts)

    @cached_property
    def mean_length(self) -> float:
        """Characters per text."""
        return sum(map(len, self.texts)) / max(1, len(self.texts))

    @cached_property
    def numbers(self) -> list[float]:
        """The numbers in the sample, units and currency off, in ascending order."""
        found = (split_unit(plain_text(raw)) for _, raw in self.sample if not isinstance(raw, list | dict))
        return sorted(pair[0] for pair in found if pair is not None)

    def share(self, test: Callable[[Any], bool]) -> float:
        """The share of the sample that passes; the column must have values."""
        return sum(test(raw) for _, raw in self.sample) / len(self.sample)

    def is_mostly(self, spec: FieldSpec) -> bool:
        """Whether the values read as the type; notes the first that doesn't where most do."""
        bad = [(line, raw) for line, raw in self.sample if not reads(spec, raw)]
        good = 1 - len(bad) / len(self.sample)
        if MIXED <= good < PARSABLE and not self.notes:
            line, raw = bad[0]
            self.notes.append(
                f"{self.name}: {len(bad)} of {len(self.sample)} values looked at are not of type {spec.type},"
                f" first {str(raw)[:60]!r} on line {line}, so it is read as words; to have it as {spec.type},"
                " mend them and set its type."
            )
        return good >= PARSABLE


def columns_of(table: Table) -> list[Column]:
    """Every column, in file order, missing values left out."""
    names = field_names(table.columns)
    return [
        Column(name, slug, _cells(table.rows, name), len(table.rows))
        for name, slug in zip(table.columns, names, strict=True)
    ]


def slug(name: str) -> str:
    """A column's name in the form of a field's name; empty where nothing in it is a letter or digit.

    >>> slug("Release Date"), slug("itemId")
    ('release_date', 'item_id')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:55].strip("_")


def field_names(columns: Sequence[str]) -> list[str]:
    """Valid, distinct field names for the columns, in their order; a name met again is numbered."""
    names: list[str] = []
    for position, column in enumerate(columns, start=1):
        name = slug(column) or f"column_{position}"
        if not FIELD_NAME.fullmatch(name) or name in RESERVED:
            name = f"item_{name}"
        number, free = 1, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return names


def _cells(rows: Iterable[Row], name: str) -> list[tuple[int, Any]]:
    return [(row.line, raw) for row in rows if not is_missing(raw := row.cells.get(name))]


def reads(spec: FieldSpec, raw: object) -> bool:
    """Whether a cell can be read as the field's type."""
    try:
        parse_value(spec, raw)
    except ValueError:
        return False
    return True
