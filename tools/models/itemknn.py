"""ItemKNN: items are alike if the same people liked them; a person's score is the sum over the liked items.

M. Deshpande and G. Karypis, "Item-based top-N recommendation algorithms", TOIS 2004. The weights (cosine, TF-IDF,
BM25) and the search for the nearest are `implicit`'s; the scoring is ours, since the library's may return a liked
item with score 0, or fewer items than asked for.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import AVERSION, History, Recommender, Scores, TrainingData
from tools.progress import OnStep, silent

NEIGHBOURS = 200
"""A thousand did no better in the blend, at five times the time and room."""


class ItemKnn(Recommender):
    """Neighbourhoods by co-interaction; the strongest of the plain models on a few likes in no order."""

    name = "itemknn"

    def __init__(self, neighbours: csr_matrix, weighting: str) -> None:
        self._neighbours = neighbours
        self.weighting = weighting
        self.size = int(neighbours.shape[0])

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> ItemKnn:
        """Parameters: `weighting` (cosine, tfidf, bm25), `neighbours` an item, `k1` and `b` of BM25."""
        from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

        on_step("item neighbours", 0.0)
        weighting, count = parameters.get("weighting", "bm25"), parameters.get("neighbours", NEIGHBOURS)
        likes = data.likes
        if not likes.nnz:
            return cls(csr_matrix((data.size, data.size), dtype=np.float32), weighting)
        if weighting == "bm25":
            model = BM25Recommender(K=count, K1=parameters.get("k1", 100.0), B=parameters.get("b", 0.2))
        else:
            model = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender}[weighting](K=count)
        with warnings.catch_warnings():  # it makes a COO matrix itself, and then warns of it
            warnings.simplefilter("ignore")
            model.fit(likes, show_progress=False)
        found = csr_matrix(model.similarity, dtype=np.float32)
        found.setdiag(0.0)
        found.eliminate_zeros()
        found.data /= max(float(found.data.max(initial=0.0)), 1e-9)
        return cls(found, weighting)

    def score(self, history: History) -> Scores:
        """The sum of the liked items' neighbourhoods, less a share of the disliked ones'."""
        known = history.of(self.size)
        scores = np.zeros(self.size)
        for sign, positions in ((1.0, known.liked), (-AVERSION, known.disliked)):
            if positions:
                scores += sign * self._sum(positions)
        return scores.astype(np.float32)

    def likeness(self, one: int, other: int) -> float:
        """What liking one item adds to another's score; 0 for a position that the model does not have."""
        if not (0 <= one < self.size and 0 <= other < self.size):
            return 0.0
        n = self._neighbours
        row = slice(n.indptr[one], n.indptr[one + 1])
        return float(n.data[row][n.indices[row] == other].sum())

    def closeness(self, one: int, other: int) -> float:
        """The likeness as a share of the closest neighbour's."""
        alike = self.likeness(one, other)
        row = slice(self._neighbours.indptr[one], self._neighbours.indptr[one + 1]) if alike else slice(0)
        return alike / float(self._neighbours.data[row].max()) if alike else 0.0

    def _sum(self, positions: tuple[int, ...]) -> npt.NDArray[np.float64]:
        n = self._neighbours
        rows = [slice(n.indptr[p], n.indptr[p + 1]) for p in positions]
        indices, data = (np.concatenate([part[row] for row in rows]) for part in (n.indices, n.data))
        return np.asarray(np.bincount(indices, weights=data, minlength=self.size), dtype=np.float64)

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The neighbourhoods as a CSR matrix."""
        n = self._neighbours
        return {"data": n.data, "indices": n.indices, "indptr": n.indptr}, {"weighting": self.weighting}

    @classmethod
    def restore(cls, kept: Artifact) -> ItemKnn:
        """The model from what was kept."""
        a = kept.arrays
        size = len(a["indptr"]) - 1
        return cls(csr_matrix((a["data"], a["indices"], a["indptr"]), shape=(size, size)), kept.facts["weighting"])
