"""Words and meaning together: the scores of both lists, each on its query's own scale, added up; and a cut-off.

Fusion by zero mean and unit variance (M. Montague and J. Aslam, "Relevance Score Normalization for Metasearch",
CIKM 2001), without weights to tune. Reciprocal rank fusion, the usual choice, throws away by how much the first is
ahead of the second; on our sets it loses to plain BM25 where queries are names and keywords (`tastemaker bench
retrieval`), as S. Bruch et al., "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, found elsewhere.

The cut-off's idea is of N. Rossi et al., "Relevance Filtering for Embedding-based Retrieval", CIKM 2024: a cosine
means something only beside the other cosines of the same query. There a mapping is learnt; here the query's cosines
over a sample of the catalogue are its yardstick.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Found = tuple[Positions, Scores]
"""What one index found: positions, best first, and their scores."""

RRF_DAMPING = 60.0


def fuse(size: int, near: Found, yardstick: Scores, shared: Found) -> Scores:
    """One score an item, shape (size,), larger is better.

    Args:
        near: what the dense index found, by cosine; whatever it did not find counts as its last.
        yardstick: the query's cosines with a sample of the catalogue.
        shared: what the lexical index found, by BM25; whatever it did not find has 0.
    """
    meaning = np.full(size, near[1].min(initial=1.0), dtype=np.float32)
    meaning[near[0]] = near[1]
    words = np.zeros(size, dtype=np.float32)
    words[shared[0]] = shared[1]
    return _on_scale(meaning, yardstick) + _on_scale(words, words)


def fuse_ranks(size: int, lists: list[Positions]) -> Scores:
    """Reciprocal rank fusion (G. Cormack et al., SIGIR 2009), for comparison: the sum of 1 / (60 + rank)."""
    fused = np.zeros(size, dtype=np.float32)
    for positions in lists:
        fused[positions] += 1 / (RRF_DAMPING + np.arange(1, len(positions) + 1, dtype=np.float32))
    return fused


def standing_out(cosines: Scores, yardstick: Scores) -> Scores:
    """How many standard deviations each cosine lies above what this query has with the catalogue at large.

    Robust, by the median and the median deviation: in a small catalogue a third may be about the query.

    Args:
        cosines: of the items in question, shape (n,).
        yardstick: of a sample of the catalogue, shape (m,).
    """
    middle = np.median(yardstick)
    spread = 1.4826 * float(np.median(np.abs(yardstick - middle)))
    return ((cosines - middle) / np.float32(max(spread, 1e-6))).astype(np.float32)


def _on_scale(scores: Scores, yardstick: Scores) -> Scores:
    spread = float(yardstick.std())
    return (scores - yardstick.mean()) / np.float32(spread) if spread > 1e-6 else np.zeros_like(scores)
