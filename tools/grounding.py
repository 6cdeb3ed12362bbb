"""Titles that a person or a model types, grounded to items: exact, then normalised, then fuzzy, else unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from tools.data.catalogue import Catalogue
from tools.text import ARTICLE_BEHIND, normalise_title, words_with_spans

LONGEST_TITLE = 10
"""In words; longer titles are found when they are given alone, not in running text."""
FUZZY_THRESHOLD, FUZZY_LEAST = 88.0, 75.0
"""How alike, of 100, letters make two titles the same; and how alike at least, where few letters are wrong."""
LETTERS_AN_ERROR = 6
"""A title may have one wrong letter for so many that it has."""
SHORTEST_FUZZY = 4
"""In characters; a shorter title is a whole other word for each letter that is wrong."""
_NUMBER = re.compile(r"\d+")
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
    """Finds items by title. Among items of one title the year decides, give or take one, then popularity."""

    def __init__(self, catalogue: Catalogue, popular: npt.NDArray[np.float32]) -> None:
        self._catalogue = catalogue
        self._popular = popular
        self._year = catalogue.schema.with_role("year")

    def find(self, typed: str) -> Match | None:
        """The item that a typed title means; a year behind it is understood."""
        year = _YEAR.search(typed)
        readings: list[tuple[str, int | None]] = [(typed, None)]
        if year:
            readings.append((typed[: year.start()], int(year.group(1))))
        for text, wanted in readings:
            norm = normalise_title(text)
            positions = [position for _, position in self._catalogue.titled([norm])] if norm else []
            if positions:
                position = self.best(positions, wanted)
                return Match(position, self._how(position, text), typed)
        return self._fuzzy(typed, readings)

    def best(self, positions: Sequence[int], year: int | None = None) -> int:
        """Of several items of one title: that of the year, else the most popular, else the first."""
        if year is not None:
            away = {p: self._years_from(p, year) for p in positions}
            nearest = min(away.values())
            positions = [p for p in positions if away[p] == nearest <= 1] or positions
        return min(positions, key=lambda p: (-self._popular[p], p))

    def title(self, position: int) -> str:
        """The title of the item at a position, as the catalogue writes it."""
        return str(self._catalogue.item(position).values[self._catalogue.schema.title.name])

    def is_famous(self, positions: Sequence[int], share: float) -> bool:
        """Whether the best known of these items is among the best known share of all."""
        known, place = self._popular[self.best(positions)], int(share * len(self._popular))
        return bool(known > 0 and known >= self._best_known[min(place, len(self._popular) - 1)])

    @cached_property
    def _best_known(self) -> npt.NDArray[np.float32]:
        """How popular the items are, the best known first."""
        return np.sort(self._popular)[::-1]

    def is_of_year(self, position: int, year: int) -> bool:
        """Whether an item's year is this one, give or take one; False where it is unknown."""
        return self._years_from(position, year) <= 1

    def _years_from(self, position: int, year: int) -> float:
        known = self._catalogue.item(position).values.get(self._year.name) if self._year else None
        if known is None:
            return np.inf
        return abs(float(known[:4] if isinstance(known, str) else known) - year)

    def nearest(self, typed: str, limit: int = 3) -> list[str]:
        """The catalogue's titles that look most like a typed one, best first."""
        norms = [norm for norm, _ in self._catalogue.all_titles]
        found = process.extract(normalise_title(typed), norms, scorer=fuzz.WRatio, limit=4 * limit, score_cutoff=60)
        titles = [self.title(self._catalogue.all_titles[index][1]) for _, _, index in found]
        return list(dict.fromkeys(titles))[:limit]

    def spot(self, message: str) -> list[Span]:
        """Stretches of a message that are titles, the longest first, none overlapping another."""
        words = words_with_spans(message)
        grams: dict[str, list[tuple[int, int]]] = {}
        for start in range(len(words)):
            for end in range(start + 1, min(start + LONGEST_TITLE, len(words)) + 1):
                text = message[words[start][1] : words[end - 1][2]]
                is_cut = ARTICLE_BEHIND.search(text) is not None  # `comedy, the` begins something else
                norm = "" if is_cut else normalise_title(text)
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

    def _fuzzy(self, typed: str, readings: Sequence[tuple[str, int | None]]) -> Match | None:
        """The item whose title is closest to one of these (text, year), if it is close and has the same numbers."""
        norms = [norm for norm, _ in self._catalogue.all_titles]
        close = []
        for text, year in readings:
            wanted = normalise_title(text)
            if len(wanted) >= SHORTEST_FUZZY:
                near = process.extract(wanted, norms, scorer=fuzz.ratio, score_cutoff=FUZZY_LEAST, limit=10)
                close += [(score, norm, year) for norm, score, _ in near if _is_close(wanted, norm, score)]
        if not close:
            return None
        _, norm, year = max(close, key=lambda hit: hit[0])
        positions = [position for _, position in self._catalogue.titled([norm])]
        return Match(self.best(positions, year), "fuzzy", typed)


def _is_close(typed: str, title: str, likeness: float) -> bool:
    """Whether a title may have been meant; a sequel is another item, however alike the names are."""
    if _NUMBER.findall(typed) != _NUMBER.findall(title):
        return False
    errors = min(len(typed), len(title)) // LETTERS_AN_ERROR
    return likeness >= FUZZY_THRESHOLD or OSA.distance(typed, title, score_cutoff=errors) <= errors
