"""EASE: a linear item-to-item model with a closed form, which folds a new user in by adding rows.

H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019: B = I - P diag(P)^-1 with
P = (X'X + lambda I)^-1. Where users are fewer than items, P is found on the users' side (Woodbury),
P = (I - X' (lambda I + X X')^-1 X) / lambda, which is the same matrix for less work.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from tools.data.catalogue import Positions
from tools.models.artifact import Arrays

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float32]

REGULARISATION = 500.0
MAX_ITEMS = 20_000
"""Memory grows with its square; items beyond it, the least interacted, are left to the other recommenders."""


def fit_ease(users: Positions, items: Positions, size: int, regularisation: float = REGULARISATION) -> Arrays:
    """Fit on positive interactions.

    Args:
        users, items: positions of equal length, one pair an interaction.
        size: how many items the catalogue has.
        regularisation: lambda.

    Returns:
        `columns` (k,): the catalogue positions that the model knows; `weights` (k, k): B, zero diagonal.
    """
    counts = np.bincount(items, minlength=size)
    columns = np.sort(np.argsort(-counts, kind="stable")[:MAX_ITEMS])
    columns = columns[counts[columns] > 0]
    place = np.full(size, -1)
    place[columns] = np.arange(len(columns))
    known = place[items] >= 0
    _, rows = np.unique(users[known], return_inverse=True)
    ones = np.ones(int(known.sum()), dtype=np.float32)
    shape = (int(rows.max(initial=-1)) + 1, len(columns))
    x = csr_matrix((ones, (rows, place[items[known]])), shape=shape)
    x.data[:] = 1.0
    return {"columns": columns.astype(np.int64), "weights": _weights(x, regularisation)}


def _weights(x: csr_matrix, regularisation: float) -> Matrix:
    people, k = x.shape
    if k == 0:
        return np.zeros((0, 0), dtype=np.float32)
    if people < k:
        dense = x.toarray()  # (u, k)
        gram = dense @ dense.T + regularisation * np.eye(people, dtype=np.float32)  # (u, u)
        p = -(dense.T @ cho_solve(cho_factor(gram, lower=True), dense))  # (k, k)
        p[np.diag_indices(k)] += 1.0
        p /= regularisation
    else:
        gram = (x.T @ x).toarray().astype(np.float32)
        gram[np.diag_indices(k)] += regularisation
        p = cho_solve(cho_factor(gram, lower=True), np.eye(k, dtype=np.float32))
    b: Matrix = (p / -np.diag(p)).astype(np.float32)
    b[np.diag_indices(k)] = 0.0
    return b


class Ease:
    """Scores for a person with no row in any matrix: the sum of the liked items' rows less the disliked ones'."""

    def __init__(self, arrays: Arrays, size: int) -> None:
        self._columns = np.asarray(arrays["columns"])
        self._weights = arrays["weights"]
        self._place = np.full(size, -1)
        self._place[self._columns] = np.arange(len(self._columns))
        self._size = size

    def knows(self, position: int) -> bool:
        """Whether people interacted with the item, so that it says something."""
        return bool(self._place[position] >= 0)

    def score(self, liked: Sequence[int], disliked: Sequence[int] = ()) -> Scores:
        """One score an item, shape (items,); 0 for items that the model does not know."""
        scores = np.zeros(self._size, dtype=np.float32)
        for sign, positions in ((1.0, liked), (-1.0, disliked)):
            for position in positions:
                if self.knows(position):
                    scores[self._columns] += sign * self._weights[self._place[position]]
        return scores

    def closeness(self, of: int, to: int) -> float:
        """What liking one item adds to another's score, as a share of what it adds to its closest neighbour's."""
        if not (self.knows(of) and self.knows(to)):
            return 0.0
        row = self._weights[self._place[of]]
        top = float(row.max(initial=0.0))
        return float(row[self._place[to]]) / top if top > 0 else 0.0
