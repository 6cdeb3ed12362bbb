"""Most popular: how many people interacted with an item, on a scale from 0 to 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


def fit_popular(counts: npt.NDArray[np.float64]) -> Scores:
    """log(1 + count), divided by its maximum; unknown counts (NaN) are 0. Shape (items,).

    >>> fit_popular(np.array([0.0, 1.0, 3.0, np.nan])).round(2).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """
    logs = np.log1p(np.nan_to_num(np.maximum(counts, 0.0), nan=0.0))
    top = float(logs.max(initial=0.0))
    scores: Scores = (logs / top if top > 0 else logs).astype(np.float32)
    return scores
