"""Content: what an item's text says, mapped linearly into the space of who likes what, so that it serves new items.

After L. Sheng et al., "Language Representations Can be What Recommenders Need" (AlphaRec), ICLR 2025: text
embeddings hold preference in a form that a linear map brings out. Here the map has a closed form: with unit text
vectors V of the liked items and S the cosine of who liked them, M minimises |V M V' - S|^2 + ridge, so
M = R V'SV R with R = (V'V + ridge I)^-1; any item, liked by anybody or not, scores v M sum(v of what was liked).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh
from scipy.sparse import diags

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import AVERSION, History, Recommender, Scores, TrainingData
from tools.progress import OnStep, silent

RIDGE = 0.01
"""As a share of the number of items with a like."""
DIMENSIONS = 64
"""On films 32 to 384 serve new items equally well."""
Matrix = npt.NDArray[np.float32]


class Content(Recommender):
    """Item vectors whose product says how far the same people like both; without interactions, how alike texts are."""

    name = "content"

    def __init__(self, items: Matrix, signs: Matrix) -> None:
        self.items = items
        """Shape (size, dimensions); zeros without text."""
        self._signs = signs  # (dimensions,): +1 or -1, the sign of the space's direction
        self.size = len(items)

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> Content:
        """Parameters: `ridge`, `dimensions`. Without vectors the model knows nothing."""
        on_step("content", 0.0)
        if data.vectors is None:
            return cls(np.zeros((data.size, 1), dtype=np.float32), np.ones(1, dtype=np.float32))
        liked = np.flatnonzero(data.counts)
        if not len(liked):
            return cls(data.vectors, np.ones(data.vectors.shape[1], dtype=np.float32))
        mean = data.vectors[liked].mean(axis=0)
        centred = data.vectors - mean
        m = _map(data, centred[liked], liked, parameters.get("ridge", RIDGE))
        values, directions = eigh(m)
        strongest = np.argsort(-np.abs(values))[: parameters.get("dimensions", DIMENSIONS)]
        items = centred @ (directions[:, strongest] * np.sqrt(np.abs(values[strongest]))).astype(np.float32)
        items /= np.maximum(np.linalg.norm(items, axis=1, keepdims=True), 1e-9)
        return cls(items.astype(np.float32), np.sign(values[strongest]).astype(np.float32))

    def score(self, history: History) -> Scores:
        """The sum of the likenesses to the liked items less a share of those to the disliked ones."""
        return np.asarray(self.items @ self.person(history))

    def likeness(self, one: int, other: int) -> float:
        """How much one item adds to the other's score where it is liked."""
        return float((self._signs * self.items[one]) @ self.items[other])

    def person(self, history: History) -> Scores:
        """The vector, shape (dimensions,), whose product with an item's is the item's score."""
        known = history.of(self.size)
        person = np.zeros(self.items.shape[1], dtype=np.float32)
        for sign, positions in ((1.0, known.liked), (-AVERSION, known.disliked)):
            if positions:
                person += np.float32(sign) * self.items[list(positions)].sum(axis=0)
        return self._signs * person

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The items' vectors in the space of likes."""
        return {"items": self.items, "signs": self._signs}, {}

    @classmethod
    def restore(cls, kept: Artifact) -> Content:
        """The model from what was kept."""
        return cls(np.asarray(kept.arrays["items"]), np.asarray(kept.arrays["signs"]))


def _map(data: TrainingData, vectors: Matrix, liked: npt.NDArray[np.int64], ridge: float) -> npt.NDArray[np.float64]:
    """M, symmetric; V'SV is found on the users' side, without the matrix of item pairs."""
    counts = data.counts[liked]
    x = data.likes[:, liked] @ diags((1 / np.sqrt(counts)).astype(np.float32))
    told = x @ vectors  # (users, d): S = x'x, so V'SV = (xV)'(xV)
    gram = (vectors.T @ vectors).astype(np.float64)
    inner = (told.T @ told).astype(np.float64) - gram  # S without its diagonal: an item is no neighbour of itself
    r = np.linalg.inv(gram + ridge * len(liked) * np.eye(vectors.shape[1]))
    m: npt.NDArray[np.float64] = r @ inner @ r
    return (m + m.T) / 2
