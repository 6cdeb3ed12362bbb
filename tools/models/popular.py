"""Most popular, with time decay: how many people used an item, those of long ago counting less."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import History, Recommender, Scores, TrainingData
from tools.progress import OnStep, silent

HALF_LIVES = (1.0, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64)
"""Tried, besides no decay, as shares of the time that the data spans."""
SHORTEST_DAYS = 7.0
"""A shorter half-life would be noise."""
LATEST = 0.1
"""The share of the events, the latest, that the half-life is chosen by."""


class Popular(Recommender):
    """The same for everybody; what everything else has to beat, and what a person without a like gets."""

    name = "popular"

    def __init__(self, scores: Scores, half_life_days: float | None = None) -> None:
        self.scores = scores
        """Shape (size,), 0 to 1, on the scale of log(1 + people)."""
        self.half_life_days = half_life_days
        """After how long a use counts half; None where uses do not age."""
        self.size = len(scores)

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> Popular:
        """Count who used an item, liked or not; without `half_life` (seconds, 0 for none) the best one is found."""
        on_step("popularity", 0.0)
        item, time = data.item, data.time
        half_life = parameters["half_life"] if "half_life" in parameters else _best_half_life(item, time, data.size)
        counts = _decayed(item, time, data.size, half_life)
        return cls(_scaled(counts), half_life / 86_400 if half_life else None)

    @classmethod
    def of_counts(cls, counts: npt.NDArray[np.float64]) -> Popular:
        """From a count an item that somebody else made; unknown counts (NaN) are 0.

        >>> Popular.of_counts(np.array([0.0, 1.0, 3.0, np.nan])).scores.round(2).tolist()
        [0.0, 0.5, 1.0, 0.0]
        """
        return cls(_scaled(np.nan_to_num(np.maximum(counts, 0.0), nan=0.0)))

    def score(self, history: History) -> Scores:
        """How popular each item is, whatever the history."""
        return self.scores

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The scores and the half-life."""
        return {"scores": self.scores}, {"half_life_days": self.half_life_days}

    @classmethod
    def restore(cls, kept: Artifact) -> Popular:
        """The model from what was kept."""
        return cls(np.asarray(kept.arrays["scores"]), kept.facts["half_life_days"])


def _scaled(counts: npt.NDArray[np.float64]) -> Scores:
    logs = np.log1p(counts)
    top = float(logs.max(initial=0.0))
    return (logs / top if top > 0 else logs).astype(np.float32)


def _decayed(
    item: npt.NDArray[np.int64], time: npt.NDArray[np.int64], size: int, half_life: float | None
) -> npt.NDArray[np.float64]:
    """sum of 2^(-age / half-life) over an item's likes, scaled so that the whole is the number of likes."""
    if not half_life or not len(time):
        return np.asarray(np.bincount(item, minlength=size), dtype=np.float64)
    weights = np.exp2((time - time.max()) / half_life)
    scale = len(weights) / weights.sum()
    return np.asarray(np.bincount(item, weights=weights * scale, minlength=size), dtype=np.float64)


def _best_half_life(item: npt.NDArray[np.int64], time: npt.NDArray[np.int64], size: int) -> float | None:
    """Seconds, or None: by the likelihood of the latest events under the smoothed counts of the earlier ones."""
    order = np.argsort(time, kind="stable")
    cut = int(len(order) * (1 - LATEST))
    earlier, latest = order[:cut], order[cut:]
    if not cut or not len(latest) or time[order[0]] == time[order[-1]]:
        return None
    span = float(time[order[-1]] - time[order[0]])

    def likelihood(half_life: float | None) -> float:
        counts = _decayed(item[earlier], time[earlier], size, half_life) + 0.5
        return float(np.log(counts[item[latest]] / counts.sum()).mean())

    tried = [share * span for share in HALF_LIVES if share * span >= SHORTEST_DAYS * 86_400]
    return max([None, *tried], key=likelihood)
