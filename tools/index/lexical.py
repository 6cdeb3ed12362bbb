"""The lexical index: BM25 over the items' text in SQLite's FTS5."""

from __future__ import annotations

import numpy as np

from tools.data.catalogue import Catalogue, Positions
from tools.index.embed import Vectors
from tools.text import words_with_spans


def search_lexical(catalogue: Catalogue, query: str, limit: int) -> tuple[Positions, Vectors]:
    """Positions and BM25 scores (larger is better) of the items that share words with the query, best first."""
    words = [query[start:end] for _, start, end in words_with_spans(query)]  # folded by the index, as its text was
    if not words:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    rows = catalogue.match_text(" OR ".join(f'"{word}"' for word in words), limit)
    positions = np.array([row[0] for row in rows], dtype=np.int64)
    return positions, np.array([row[1] for row in rows], dtype=np.float32)
