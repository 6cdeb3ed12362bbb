"""Finds which film of one source is which film of another, by title and year alone.

Neither source carries the other's ids. Two films are one when a title of each has the same key and the years
are at most one apart; candidates are taken from the surest to the least sure and no film is joined twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tools.data.demo.titles import has_article, loose_key, rewritten, title_key

EXACT, ALSO, LOOSE, REWRITTEN = range(4)
"""How sure a key is: the title, another name, without its article, rewritten as another source might."""

_NEVER = 9999
_RUNTIME_RATIO = 1.34
_RUNTIME_SLACK = 15.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the join looks at: the title's spellings, other names, year, genres, minutes."""

    titles: tuple[str, ...]
    also: tuple[str, ...]
    year: int | None
    genres: frozenset[str]
    minutes: float | None = None
    known: int = 0
    """How widely known a film is in its source, to choose between two of the same title and year."""


class _Pair(NamedTuple):
    rewritten: bool
    years_apart: int
    unsure: int
    genre_distance: float
    less_known: int
    left: int
    right: int


def join(left: Sequence[Candidate], right: Sequence[Candidate]) -> dict[int, int]:
    """Positions in `left` -> positions in `right`, one to one.

    Order of trust: a title as it stands, the exact year, the surer key, the closer genres, the better known.
    """
    joined, taken = dict[int, int](), set[int]()
    for pair in sorted(_pairs(left, right)):
        if pair.left not in joined and pair.right not in taken:
            joined[pair.left] = pair.right
            taken.add(pair.right)
    return joined


def _pairs(left: Sequence[Candidate], right: Sequence[Candidate]) -> Iterator[_Pair]:
    index = _index(right)
    for here, film in enumerate(left):
        for key, sure in _keys(film).items():
            for there, other_sure in index.get(key, ()):
                unsure = max(sure, other_sure)
                if not (sure == other_sure == REWRITTEN) and _agree(film, right[there], unsure):
                    yield _pair(film, right[there], unsure, (here, there))


def _index(films: Sequence[Candidate]) -> dict[str, list[tuple[int, int]]]:
    index: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for position, film in enumerate(films):
        for key, sure in _keys(film).items():
            index[key].append((position, sure))
    return index


def _keys(film: Candidate) -> dict[str, int]:
    """Every key of a film with how sure it is; the surest where two names give one key."""
    keys: dict[str, int] = {}
    titles = dict.fromkeys(film.titles)
    for sure, made in (
        (EXACT, map(title_key, titles)),
        (ALSO, map(title_key, film.also)),
        (LOOSE, map(loose_key, filter(has_article, titles))),
        (REWRITTEN, (loose_key(other) for title in titles for other in rewritten(title))),
    ):
        for key in made:
            keys.setdefault(key, sure)
    keys.pop("", None)
    return keys


def _agree(film: Candidate, other: Candidate, unsure: int) -> bool:
    if _years_apart(film, other) > (0 if unsure == REWRITTEN else 1):
        return False
    if not _runtimes_agree(film.minutes, other.minutes):
        return False
    strict = film.year != other.year or unsure >= LOOSE
    return not (strict and film.genres and other.genres and film.genres.isdisjoint(other.genres))


def _years_apart(film: Candidate, other: Candidate) -> int:
    return _NEVER if film.year is None or other.year is None else abs(film.year - other.year)


def _runtimes_agree(one: float | None, other: float | None) -> bool:
    """Whether two running times can belong to two cuts of one film."""
    if one is None or other is None:
        return True
    longer, shorter = max(one, other), min(one, other)
    return longer - shorter <= _RUNTIME_SLACK or longer <= shorter * _RUNTIME_RATIO


def _pair(film: Candidate, other: Candidate, unsure: int, places: tuple[int, int]) -> _Pair:
    either = film.genres | other.genres
    common = len(film.genres & other.genres) / len(either) if either else 0.0
    return _Pair(unsure == REWRITTEN, _years_apart(film, other), unsure, 1.0 - common, -other.known, *places)
