"""What the demo catalogue holds and how far its sources reach, in figures that are printed and tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.data.demo.catalogue import Film
from tools.data.demo.sources import Rating


@dataclass(frozen=True)
class DemoSummary:
    """Counts, and shares between 0 and 1."""

    items: int
    rated_items: int
    ratings: int
    users: int
    wikidata_share: float
    """Of the ratings, those whose film joined to a Wikidata film."""
    imdb_share: float
    """Of the ratings, those whose film joined to a title of ggplot2movies."""
    joined_share: float
    """Of the ratings, those whose film joined to either."""
    unrated_share: float
    """Of the items, those without an interaction."""
    missing: Mapping[str, float]
    """Field -> of the items, those without a value."""

    def lines(self) -> list[str]:
        """The summary as lines to print."""
        gaps = ", ".join(f"{name} {share:.0%}" for name, share in self.missing.items() if share)
        return [
            f"{self.items:,} films, {self.rated_items:,} of them rated: "
            f"{self.ratings:,} ratings by {self.users:,} users.",
            f"{self.joined_share:.1%} of the ratings are of films with details "
            f"(Wikidata {self.wikidata_share:.1%}, ggplot2movies {self.imdb_share:.1%}).",
            f"{self.unrated_share:.1%} of the films have no ratings.",
            f"Missing: {gaps}.",
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def summarise(films: Sequence[Film], records: Sequence[Mapping[str, Any]], ratings: Sequence[Rating]) -> DemoSummary:
    """The figures of a built catalogue; `films` and `records` go side by side."""
    counts = Counter(rating.movie for rating in ratings)
    rated = [(film, counts[film.rated.movie]) for film in films if film.rated]

    def share(joined: Callable[[Film], bool]) -> float:
        return sum(count for film, count in rated if joined(film)) / max(1, len(ratings))

    return DemoSummary(
        items=len(films),
        rated_items=len(rated),
        ratings=len(ratings),
        users=len({rating.user for rating in ratings}),
        wikidata_share=share(lambda film: film.wikidata is not None),
        imdb_share=share(lambda film: film.imdb is not None),
        joined_share=share(lambda film: film.wikidata is not None or film.imdb is not None),
        unrated_share=1 - len(rated) / max(1, len(films)),
        missing=_missing(records),
    )


def _missing(records: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    present = Counter(name for record in records for name in record if name != "id")
    return {name: 1 - count / len(records) for name, count in present.most_common()}
