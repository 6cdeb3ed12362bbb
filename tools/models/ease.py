"""EASE: a linear item-to-item model with a closed form, which folds a new user in by adding rows.

H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019: B = I - P diag(P)^-1 with
P = (X'X + L)^-1. The diagonal L is a constant plus a share of diag(X'X), which is what training with dropout comes
to (H. Steck, "Autoencoders that don't overfit towards the Identity", NeurIPS 2020): with a dropout near 1 the model
expects to be told a few likes out of many, as in a chat, rather than a whole log. People with long logs count less,
by the square root of their length. Where users are fewer than items, P is found on the users' side (Woodbury).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, diags

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import AVERSION, History, Positions, Recommender, Scores, TrainingData, places
from tools.progress import OnStep, silent

REGULARISATION = 20.0
DROPOUT = 0.98
"""The share of a person's likes that the model learns to do without; 0 for whole logs."""
MAX_ITEMS = 20_000
"""Memory grows with its square; items beyond it, the least liked, are left to the other recommenders."""


class Ease(Recommender):
    """Weights between pairs of items, learnt together: a neighbour that another one explains adds nothing."""

    name = "ease"

    def __init__(self, columns: Positions, weights: Scores, size: int) -> None:
        self.columns = columns
        """Shape (k,): the positions that the model knows, ascending."""
        self._weights = weights  # (k, k): B, zero diagonal
        self._place = places(columns, size)
        self.size = size

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> Ease:
        """Parameters: `regularisation`, `dropout`."""
        on_step("item-to-item weights", 0.0)
        counts = data.counts
        columns = np.sort(np.argsort(-counts, kind="stable")[:MAX_ITEMS])
        columns = columns[counts[columns] > 0].astype(np.int64)
        likes = data.likes[:, columns]
        likes = likes[np.diff(likes.indptr) > 0]
        weights = _weights(likes, parameters.get("regularisation", REGULARISATION), parameters.get("dropout", DROPOUT))
        return cls(columns, weights, data.size)

    def knows(self, position: int) -> bool:
        """Whether people liked the item, so that it says something."""
        return bool(self._place[position] >= 0)

    def score(self, history: History) -> Scores:
        """The sum of the liked items' rows less a share of the disliked ones'."""
        known = history.of(self.size)
        sums = np.zeros(len(self.columns), dtype=np.float32)
        for sign, positions in ((1.0, known.liked), (-AVERSION, known.disliked)):
            for position in positions:
                if self.knows(position):
                    sums += np.float32(sign) * self._weights[self._place[position]]
        scores = np.zeros(self.size, dtype=np.float32)
        scores[self.columns] = sums
        return scores

    def of_rows(self, likes: csr_matrix) -> Scores:
        """Scores of several people from their likes over the known positions, shape (people, k) both."""
        return np.asarray(likes @ self._weights, dtype=np.float32)

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The known positions and the weights between them."""
        return {"columns": self.columns, "weights": self._weights}, {"size": self.size}

    @classmethod
    def restore(cls, kept: Artifact) -> Ease:
        """The model from what was kept."""
        return cls(np.asarray(kept.arrays["columns"]), kept.arrays["weights"], kept.facts["size"])


def _weights(likes: csr_matrix, regularisation: float, dropout: float) -> Scores:
    people, k = likes.shape
    if k == 0:
        return np.zeros((0, 0), dtype=np.float32)
    length = np.asarray(likes.sum(axis=1)).ravel()
    x = (diags(length**-0.25) @ likes).tocsr().astype(np.float32)  # rows enter squared: a weight of 1 / sqrt(length)
    own = np.asarray(x.multiply(x).sum(axis=0)).ravel()  # diag(X'X)
    ridge = (regularisation + dropout / (1 - dropout) * own).astype(np.float32)
    if people < k:
        wide = x.toarray()  # (u, k)
        scaled = wide / ridge  # X L^-1
        inner = scaled @ wide.T + np.eye(people, dtype=np.float32)  # (u, u)
        p = scaled.T @ cho_solve(cho_factor(inner, lower=True), scaled)  # (k, k)
        np.negative(p, out=p)
        p[np.diag_indices(k)] += 1 / ridge
    else:
        gram = (x.T @ x).toarray().astype(np.float32)
        gram[np.diag_indices(k)] += ridge
        p = cho_solve(cho_factor(gram, lower=True, overwrite_a=True), np.eye(k, dtype=np.float32), overwrite_b=True)
    b: Scores = np.asarray(p, dtype=np.float32)
    b /= -np.diag(p).copy()
    b[np.diag_indices(k)] = 0.0
    return b
