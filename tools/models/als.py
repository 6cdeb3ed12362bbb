"""Implicit ALS: factors of users and items by alternating least squares; a new user is one least-squares solution.

Y. Hu, Y. Koren and C. Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008. Trained by
`implicit`; folded in here, since the library's way needs the whole matrix and gives somebody without a like an
arbitrary list.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import History, Recommender, Scores, TrainingData
from tools.progress import OnStep, silent


class Als(Recommender):
    """Latent factors; the choice where items are too many for a matrix of their pairs."""

    name = "als"

    def __init__(self, items: npt.NDArray[np.float32], regularisation: float, confidence: float) -> None:
        self._items = items  # (size, factors); zeros where nobody liked the item
        self._regularisation, self._confidence = regularisation, confidence
        self.size, factors = items.shape
        self._gram = items.T @ items + regularisation * np.eye(factors, dtype=np.float32)

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> Als:
        """Parameters: `factors`, `regularisation`, `confidence` (of a like; that of all else is 1), `iterations`."""
        from implicit.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        factors, rounds = parameters.get("factors", 64), parameters.get("iterations", 15)
        regularisation, confidence = parameters.get("regularisation", 1.0), parameters.get("confidence", 10.0)
        known = np.flatnonzero(data.counts)
        items = np.zeros((data.size, factors), dtype=np.float32)
        if len(known):
            with threadpool_limits(1, "blas"):  # the library's threads and those of BLAS would wait for each other
                model = AlternatingLeastSquares(
                    factors=factors,
                    regularization=regularisation,
                    alpha=confidence,
                    iterations=rounds,
                    random_state=0,
                    use_gpu=False,
                )
                model.fit_callback = lambda done, *_: on_step("latent factors", (done + 1) / rounds)
                model.fit(data.likes[:, known], show_progress=False)
            items[known] = model.item_factors
        return cls(items, regularisation, confidence)

    def score(self, history: History) -> Scores:
        """The person's factors times the items': liked items as 1, disliked as 0, both with confidence."""
        known = history.of(self.size)
        if not known.liked and not known.disliked:
            return np.zeros(self.size, dtype=np.float32)
        liked, said = self._items[list(known.liked)], self._items[[*known.liked, *known.disliked]]
        a = self._gram + (self._confidence - 1) * (said.T @ said)
        user = cho_solve(cho_factor(a), self._confidence * liked.sum(axis=0))
        return np.asarray(self._items @ user.astype(np.float32))

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The items' factors; nothing of the users."""
        return {"items": self._items}, {"regularisation": self._regularisation, "confidence": self._confidence}

    @classmethod
    def restore(cls, kept: Artifact) -> Als:
        """The model from what was kept."""
        return cls(np.asarray(kept.arrays["items"]), kept.facts["regularisation"], kept.facts["confidence"])
