"""What a catalogue holds, for plain look-ups: titles, values, labels, and who liked what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec
from tools.data.training import load_training
from tools.data.versions import Version

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LONGEST_TITLE, LONGEST_VALUE = 16, 6
"""In words."""
SMALL = 60
"""Values of vocabularies up to this size are also understood in lower case, as in `a comedy`."""


def plain(text: str) -> str:
    """Words in lower case without accents and apostrophes, one space between.

    >>> plain("Amélie’s  Spider-Man")
    'amelies spider man'
    """
    letters = unicodedata.normalize("NFKD", " ".join(WORD.findall(text)).casefold())
    return "".join(c for c in letters if not unicodedata.combining(c) and c not in "'’")


class Records:
    """The items of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue, self.schema = catalogue, catalogue.schema
        self.year = self.schema.with_role("year")
        named = [self.schema.title.name, *self.schema.aliases]
        self.titles: dict[str, list[int]] = {}
        """Plain words of a title -> the positions of its items."""
        self.written: set[str] = set()
        """Titles as they are written."""
        for field in filter(None, map(self.schema.field, named)):
            rows = catalogue.memberships([field.name]) if field.is_category else []
            pairs = [(at, value) for at, _, value in rows] or catalogue.values_of(field.name)
            for position, value in pairs:
                self.titles.setdefault(plain(str(value)), []).append(position)
                self.written.add(str(value))
        self.titles.pop("", None)
        self.values: dict[str, dict[str, str]] = {}
        """Plain words of a value -> field -> the value."""
        self.counts: dict[str, Mapping[str, int]] = {}
        for field in (f for f in self.schema.fields if f.is_category and f.name not in named):
            self.counts[field.name] = dict(catalogue.vocabulary(field.name))
            for value in self.counts[field.name]:
                self.values.setdefault(plain(value), {})[field.name] = value
        self.values.pop("", None)
        self.listed = {name: list(counts) for name, counts in self.counts.items() if counts}
        """The values of each field that has some, the commonest first."""
        self.labels: dict[str, list[FieldSpec]] = {}
        """A field's name in plain words -> the fields that are called so."""
        for field in self.schema.fields:
            for label in {plain(word) for word in [field.name.replace("_", " "), field.label, *field.words]} - {""}:
                self.labels.setdefault(label, []).append(field)

    def is_known(self, words: str) -> bool:
        """Whether plain words are a title or a value."""
        return words in self.titles or words in self.values

    def title(self, item: Item) -> str:
        """As the catalogue writes it."""
        return str(item.values[self.schema.title.name])

    def year_of(self, item: Item) -> int | None:
        """Its year, where it has one."""
        known = item.values.get(self.year.name) if self.year else None
        return None if known is None else int(known[:4] if isinstance(known, str) else known)

    def has(self, item: Item, words: str, fields: Iterable[str] = ()) -> bool:
        """Whether an item has a value of these plain words, in one of some fields or in any."""
        named = self.values.get(words, {})
        return any(value in item.words(field) for field, value in named.items() if not fields or field in fields)

    def numbers(self, item: Item, fields: Sequence[FieldSpec] = ()) -> list[float]:
        """An item's numbers and years, of some fields or of all."""
        asked = fields or self.schema.fields
        found = [item.values[f.name] for f in asked if f.is_ordered and f.name in item.values]
        return [float(value[:4]) if isinstance(value, str) else float(value) for value in found]

    def with_unit(self, text: str) -> tuple[list[FieldSpec], int]:
        """The fields whose unit a text begins with, and how long that is."""
        fields = [f for f in self.schema.fields if f.unit and re.match(rf"\s*{re.escape(f.unit)}(?!\w)", text)]
        return fields, max((text.find(f.unit or "") + len(f.unit or "") for f in fields), default=0)

    def are_liked_together(self, one: int, other: int) -> bool:
        """Whether somebody liked both."""
        return not self._fans(one).isdisjoint(self._fans(other))

    def _fans(self, position: int) -> frozenset[int]:
        users, items = self._likes
        return frozenset(users[items == position].tolist())

    @cached_property
    def _likes(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
        data = load_training(Version(self.catalogue.path.parent).models)
        return data.user[data.liked], data.item[data.liked]
