"""The lexical index: BM25 over the items' text in SQLite's FTS5, tolerant of typing errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from tools.data.catalogue import Catalogue, Positions
from tools.index.embed import Vectors
from tools.text import words_with_spans

TELLING_SHARE = 0.3
"""A word that more items have than this tells little: `about`, `with`, or the name of what the catalogue is of."""
TELLING_LITTLE = 0.6
"""A word that more items have tells nothing at all."""
CLOSE = 80.0
"""Likeness in percent from which a word that no item has is taken for one that some have."""
SHORTEST = 5
WIDER = 4
"""How many times as many are asked for, where a filter leaves too few of those that were found."""
_ENDINGS = ("", "e", "s")
"""The index holds stems and stems what it is asked for, which can cut a stem once more: one of these brings it back."""


@dataclass(frozen=True)
class QueryWord:
    """A word of a query as it is searched for."""

    typed: str
    text: str
    """Another word where no item has the one that was typed."""
    count: int
    """How many items have it, counted up to a little over TELLING_LITTLE of them."""


def read_query(catalogue: Catalogue, query: str) -> list[QueryWord]:
    """The query's words; one that no item has is replaced by the likest that some have, if there is one."""
    words = [query[start:end] for _, start, end in words_with_spans(query)]  # folded by the index, as its text was
    return [_read(catalogue, word) for word in dict.fromkeys(words)]


def _read(catalogue: Catalogue, word: str) -> QueryWord:
    most = int(TELLING_LITTLE * catalogue.size) + 2
    count = catalogue.count_text(f'"{word}"', most)
    if not count and len(word) >= SHORTEST and word.isalpha():
        close = process.extractOne(word.lower(), catalogue.terms, scorer=fuzz.ratio, score_cutoff=CLOSE)
        for likest in (close[0] + ending for ending in _ENDINGS) if close else ():
            if count := catalogue.count_text(f'"{likest}"', most):
                return QueryWord(word, likest, count)
    return QueryWord(word, word, count)


def search_lexical(
    catalogue: Catalogue, words: Sequence[QueryWord], limit: int, among: Positions | None = None
) -> tuple[Positions, Vectors]:
    """Positions and BM25 scores (larger is better) of the items that share words with the query, best first.

    Args:
        among: only of these items; None: of all.
    """
    return _found(catalogue, " OR ".join(f'"{word.text}"' for word in words), limit, among)


def match_all(
    catalogue: Catalogue, words: Sequence[QueryWord], limit: int, among: Positions | None = None
) -> Positions:
    """The items that have every telling word of the query; where none tells much, every word that tells anything.

    Args: as of `search_lexical`.
    """
    telling = [word for word in words if word.count <= TELLING_SHARE * catalogue.size + 1]
    telling = telling or [word for word in words if word.count <= TELLING_LITTLE * catalogue.size]
    if not telling or not all(word.count for word in telling):
        return np.empty(0, dtype=np.int64)
    return _found(catalogue, " AND ".join(f'"{word.text}"' for word in telling), limit, among)[0]


def having(catalogue: Catalogue, word: QueryWord) -> npt.NDArray[np.bool_]:
    """Whether each item's text has a word, shape (size,)."""
    has = np.zeros(catalogue.size, dtype=bool)
    has[[position for position, _ in catalogue.match_text(f'"{word.text}"', catalogue.size)]] = True
    return has


def _found(catalogue: Catalogue, query: str, limit: int, among: Positions | None = None) -> tuple[Positions, Vectors]:
    """Where others take the places, more are asked for: FTS5 itself is a hundred times slower with a list of rows."""
    asked = limit
    while True:
        rows = catalogue.match_text(query, asked) if query else []
        positions = np.array([row[0] for row in rows], dtype=np.int64)
        scores = np.array([row[1] for row in rows], dtype=np.float32)
        is_wanted = np.ones(len(rows), dtype=bool) if among is None else np.isin(positions, among)
        if len(rows) < asked or is_wanted.sum() >= limit:
            kept = np.flatnonzero(is_wanted)[:limit]
            return positions[kept], scores[kept]
        asked *= WIDER
