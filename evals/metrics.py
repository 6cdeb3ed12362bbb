"""Ranking metrics in numpy, full ranking, one list at a time; the mean and its interval are `evals.measures`' matter.

NDCG divides by the best that could be achieved (Järvelin and Kekäläinen, TOIS 2002, binary gains), as ranx and
scikit-learn do; some libraries divide by the best of a list of k relevant items instead.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]


def ndcg(ranked: Positions, relevant: Set[int], k: int = 10) -> float:
    """DCG of the first k over the best possible DCG; 0 where nothing is relevant.

    >>> round(ndcg(np.array([4, 7, 9]), {7, 9, 1}, k=3), 4)
    0.5307
    """
    gains = [1 / np.log2(rank + 2) for rank, p in enumerate(ranked[:k].tolist()) if p in relevant]
    best = sum(1 / np.log2(rank + 2) for rank in range(min(k, len(relevant))))
    return float(sum(gains) / best) if best else 0.0


def hit_rate(ranked: Positions, relevant: Set[int], k: int = 10) -> float:
    """1 if any of the first k is relevant."""
    return float(any(p in relevant for p in ranked[:k].tolist()))


def reciprocal_rank(ranked: Positions, relevant: Set[int]) -> float:
    """1 / rank of the first relevant item; 0 if there is none."""
    return next((1 / rank for rank, p in enumerate(ranked.tolist(), 1) if p in relevant), 0.0)


def coverage(lists: list[Positions], size: int, k: int = 10) -> float:
    """The share of the items that are in at least one of the lists."""
    return len({p for ranked in lists for p in ranked[:k].tolist()}) / size if size else 0.0


def novelty(lists: list[Positions], popularity: npt.NDArray[np.float64], k: int = 10) -> float:
    """Mean self-information, -log2 of the share of people who know the item (Zhou et al., PNAS 2010)."""
    shown = np.concatenate([ranked[:k] for ranked in lists]) if lists else np.empty(0, dtype=np.int64)
    return float(-np.log2(np.maximum(popularity[shown], 1e-9)).mean()) if len(shown) else 0.0


def popularity_bias(lists: list[Positions], counts: Positions, k: int = 10) -> float:
    """Mean popularity rank of what is shown, as a share: 0 the most popular items only, 0.5 no bias at all."""
    places = np.argsort(np.argsort(-counts, kind="stable"), kind="stable") / max(1, len(counts) - 1)
    shown = np.concatenate([ranked[:k] for ranked in lists]) if lists else np.empty(0, dtype=np.int64)
    return float(places[shown].mean()) if len(shown) else 0.0


def margin_of(values: npt.NDArray[np.float64]) -> float:
    """Half of the 95% interval of the mean, by the normal approximation.

    >>> round(margin_of(np.array([0.0, 1.0, 0.0, 1.0])), 2)
    0.49
    """
    return float(1.96 * values.std() / np.sqrt(max(1, len(values))))
