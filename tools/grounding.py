"""Titles that a person or a model types, grounded to items: exact, then normalised, then fuzzy, else unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from tools.data.catalogue import Catalogue
from tools.text import normalise_title, words_with_spans

LONGEST_TITLE = 10
"""In words; longer titles are found when they are given alone, not in running text."""
FUZZY_THRESHOLD = 88.0
_YEAR = re.compile(r"\(?\b(1[89]\d\d|20\d\d)\)?\s*$")


@dataclass(frozen=True)
class Match:
    """A title that was understood."""

    position: int
    how: Literal["exact", "normalised", "fuzzy"]
    words: str
    """As it was typed."""


@dataclass(frozen=True)
class Span:
    """A stretch of a message that reads like a title, and the items of that title."""

    start: int
    end: int
    words: int
    positions: tuple[int, ...]


class Titles:
    """Finds items by title. Among items of one title the year decides, then popularity."""

    def __init__(self, catalogue: Catalogue, popular: npt.NDArray[np.float32]) -> None:
        self._catalogue = catalogue
        self._popular = popular
        self._year = catalogue.schema.with_role("year")

    def find(self, typed: str) -> Match | None:
        """The item that a typed title means; a year behind it is understood."""
        year = _YEAR.search(typed)
        for text, wanted in ((typed, None), (typed[: year.start()] if year else "", year)):
            norm = normalise_title(text)
            positions = [position for _, position in self._catalogue.titled([norm])] if norm else []
            if positions:
                position = self.best(positions, int(wanted.group(1)) if wanted else None)
                return Match(position, self._how(position, text), typed)
        return self._fuzzy(typed)

    def best(self, positions: Sequence[int], year: int | None = None) -> int:
        """Of several items of one title: that of the year, else the most popular, else the first."""
        if year is not None:
            positions = [p for p in positions if self.is_of_year(p, year)] or positions
        return min(positions, key=lambda p: (-self._popular[p], p))

    def title(self, position: int) -> str:
        """The title of the item at a position, as the catalogue writes it."""
        return str(self._catalogue.item(position).values[self._catalogue.schema.title.name])

    def is_of_year(self, position: int, year: int) -> bool:
        """Whether an item's year is this one, give or take one; False where it is unknown."""
        if self._year is None:
            return False
        known = self._catalogue.item(position).values.get(self._year.name)
        return known is not None and abs(known - year) <= 1

    def nearest(self, typed: str, limit: int = 3) -> list[str]:
        """The catalogue's titles that look most like a typed one, best first."""
        norms = [norm for norm, _ in self._catalogue.all_titles]
        found = process.extract(normalise_title(typed), norms, scorer=fuzz.WRatio, limit=limit, score_cutoff=60)
        return [self.title(self._catalogue.all_titles[index][1]) for _, _, index in found]

    def spot(self, message: str) -> list[Span]:
        """Stretches of a message that are titles, the longest first, none overlapping another."""
        words = words_with_spans(message)
        grams: dict[str, list[tuple[int, int]]] = {}
        for start in range(len(words)):
            for end in range(start + 1, min(start + LONGEST_TITLE, len(words)) + 1):
                norm = normalise_title(message[words[start][1] : words[end - 1][2]])
                grams.setdefault(norm, []).append((start, end))
        items: dict[str, list[int]] = {}
        for norm, position in self._catalogue.titled([g for g in grams if g]):
            items.setdefault(norm, []).append(position)
        places = [(s, e, tuple(items[norm])) for norm in items for s, e in grams[norm]]
        return self._longest(words, places)

    @staticmethod
    def _longest(words: list[tuple[str, int, int]], places: list[tuple[int, int, tuple[int, ...]]]) -> list[Span]:
        taken: set[int] = set()
        spans = []
        for start, end, positions in sorted(places, key=lambda place: (place[0] - place[1], place[0])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                spans.append(Span(words[start][1], words[end - 1][2], end - start, positions))
        return spans

    def _how(self, position: int, typed: str) -> Literal["exact", "normalised"]:
        return "exact" if self.title(position) == typed.strip() else "normalised"

    def _fuzzy(self, typed: str) -> Match | None:
        norms = [norm for norm, _ in self._catalogue.all_titles]
        wanted = normalise_title(_YEAR.sub("", typed))
        if len(wanted) < 4:
            return None
        found = process.extractOne(wanted, norms, scorer=fuzz.ratio, score_cutoff=FUZZY_THRESHOLD)
        if found is None:
            return None
        positions = [position for _, position in self._catalogue.titled([found[0]])]
        return Match(self.best(positions), "fuzzy", typed)
