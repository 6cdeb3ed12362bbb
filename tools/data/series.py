"""Names of series: what the titles of several parts begin with, which people say for a part: `Star Wars`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

from tools.text import ARTICLE_BEHIND, normalise_title, stem_phrase

MOST_PARTS = 30
"""In items: a name that more titles begin with is a maker's, or a shelf's."""
_PART = re.compile(r"^(?P<name>.+?)(?P<mark>: | and the )\S")
_NUMBERED = re.compile(
    r"^(?P<name>.+?)(?P<part>[:,]? (?i:part|vol(?:ume)?|chapter|episode|season|book)\.?)? "
    r"(?P<number>[IVX]{1,5}|[2-9]|1\d|[Tt]wo|[Tt]hree)(?=$|[:,]| - )"
)
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
_UNFINISHED = re.compile(r"\b(?:and|or|of|the|an?|vs|in|for|to|with)$")


def numbered_names(titles: Iterable[tuple[str, int]], taken: Set[str]) -> Iterator[tuple[str, int]]:
    """(normalised name, position) of the items whose titles have a number, with the number as people write it.

    `The Godfather: Part II` is `godfather 2`, `godfather ii`, `godfather part 2`.
    """
    for title, position in titles:
        match = _NUMBERED.match(ARTICLE_BEHIND.sub("", title))
        number = _number(match["number"]) if match else 0
        if match and number > 1:
            for part in ("", " part"):
                for written in (str(number), _ROMAN[number]):
                    name = normalise_title(f"{match['name']}{part} {written}")
                    if name not in taken:
                        yield name, position


def series_names(
    titles: Iterable[tuple[str, int]], taken: Set[str], titled: Set[str] = frozenset()
) -> Iterator[tuple[str, int]]:
    """(normalised name, position) of the items that are parts of a series by their titles.

    `X: Y` is a part of X; `X and the Y` is one if another title begins so. A name has two words at least (`Alien:
    Covenant` makes no `Alien`), and is none of those that are `taken` by a value. Where an item is `titled` so, too,
    the series needs two parts `X: Y`: `The Lord of the Rings` is a film of 1978, and three that are better known.
    """
    parts: dict[str, dict[int, bool]] = defaultdict(dict)
    for title, position in titles:
        part = _PART.match(ARTICLE_BEHIND.sub("", title))
        name = normalise_title(part["name"]) if part else ""
        if part and " " in name and taken.isdisjoint((name, stem_phrase(name))) and not _UNFINISHED.search(name):
            parts[name][position] = part["mark"] == ": "
    for name, named in parts.items():
        is_series = sum(named.values()) > 1 if name in titled else any(named.values()) or len(named) > 1
        if len(named) <= MOST_PARTS and is_series:
            yield from ((name, position) for position in named)


def _number(written: str) -> int:
    """Of a part; 0 where it is none that is known."""
    if written.isdigit():
        return int(written) if int(written) < len(_ROMAN) else 0
    word = {"two": 2, "three": 3}.get(written.lower(), 0)
    return word or (_ROMAN.index(written) if written in _ROMAN else 0)
