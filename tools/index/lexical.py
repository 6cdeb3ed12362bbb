"""The lexical index: BM25 over the items' text in SQLite's FTS5."""

from __future__ import annotations

import numpy as np

from tools.data.catalogue import Catalogue, Positions
from tools.index.embed import Vectors
from tools.text import normalise


def search_lexical(catalogue: Catalogue, query: str, limit: int) -> tuple[Positions, Vectors]:
    """Positions and BM25 scores (larger is better) of the items that share words with the query, best first."""
    words = normalise(query).split()
    if not words:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    rows = catalogue.match_text(" OR ".join(f'"{word}"' for word in words), limit)
    positions = np.array([row[0] for row in rows], dtype=np.int64)
    return positions, np.array([row[1] for row in rows], dtype=np.float32)
