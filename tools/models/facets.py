"""Facets: likeness by shared categories, for items that nobody interacted with as well as for the rest.

An item is a vector over the values of the small category fields, each weighed by its inverse document
frequency ln(items / count); likeness is the cosine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags

from tools.data.catalogue import Catalogue, Positions
from tools.data.schema import SMALL_VOCABULARY

Scores = npt.NDArray[np.float32]


class Facets:
    """Which small categories each item has."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.fields = [
            field.name
            for field in catalogue.schema.askable
            if field.is_category and field.role is None and catalogue.vocabulary_size(field.name) <= SMALL_VOCABULARY
        ]
        rows = catalogue.memberships(self.fields) if self.fields else []
        numbers = {pair: i for i, pair in enumerate(sorted({(field, value) for _, field, value in rows}))}
        items = np.array([item for item, _, _ in rows], dtype=np.int64)
        columns = np.array([numbers[field, value] for _, field, value in rows], dtype=np.int64)
        shape = (catalogue.size, max(len(numbers), 1))
        has = csr_matrix((np.ones(len(items), dtype=np.float32), (items, columns)), shape=shape)
        counts = np.asarray(has.sum(axis=0), dtype=np.float32).ravel()
        raw = has @ diags(np.log(np.maximum(catalogue.size, 1) / np.maximum(counts, 1)) + 0.1)
        length = np.sqrt(np.asarray(raw.multiply(raw).sum(axis=1)).ravel())
        self._matrix = csr_matrix(diags(1 / np.maximum(length, 1e-9)) @ raw, dtype=np.float32)

    def score(self, liked: Sequence[int], disliked: Sequence[int] = ()) -> Scores:
        """Mean cosine to the liked items less that to the disliked ones, shape (items,), each in 0..1."""
        scores = np.zeros(self._matrix.shape[0], dtype=np.float32)
        for sign, positions in ((1.0, liked), (-1.0, disliked)):
            if len(positions):
                mean = np.asarray(self._matrix[list(positions)].mean(axis=0), dtype=np.float32).ravel()
                scores += sign * (self._matrix @ mean)
        return scores

    def likeness(self, positions: Positions) -> Scores:
        """The cosine of each two of these items, shape (n, n)."""
        some = self._matrix[positions]
        return np.asarray((some @ some.T).toarray(), dtype=np.float32)
