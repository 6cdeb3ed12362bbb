"""What is compared: our recommenders and the blend, and `implicit` as its users call it."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from evals.bench.peers.held import held_bytes
from tools.models.als import Als
from tools.models.blend import Blend
from tools.models.content import Content
from tools.models.contract import History, Positions, Recommender, TrainingData, best
from tools.models.ease import Ease
from tools.models.fit import QUICK, fit_blend
from tools.models.itemknn import ItemKnn
from tools.models.popular import Popular
from tools.models.sequential import Sequential
from tools.models.usermixture import UserMixture
from tools.progress import OnStep, silent

SHOWN = 10


class Rival(ABC):
    """Something that is fitted once and then asked for ten items for one person at a time."""

    name: str
    whose: str
    last_s: float | None = None
    """How long the last answer took, where it says so itself."""

    @abstractmethod
    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """Learn."""

    @abstractmethod
    def ask(self, history: History, candidates: Positions | None) -> Positions:
        """The ten best, best first."""

    def megabytes(self) -> float:
        """Size of the model's arrays."""
        return float("nan")

    def close(self) -> None:  # noqa: B027 - most have nothing to give back
        """Give back what is held; it may be fitted again."""


class Fitted(Rival):
    """One of our recommenders, or the blend, that is fitted already."""

    whose = "ours"

    def __init__(self, name: str, model: Recommender | Blend | None) -> None:
        self.name, self._model = name, model

    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """It is."""

    def ask(self, history: History, candidates: Positions | None) -> Positions:
        """What it recommends."""
        assert self._model is not None
        return self._model.recommend(history, SHOWN, candidates)[0]

    def megabytes(self) -> float:
        """Size of the model's arrays, or of the members' ones."""
        assert self._model is not None
        models = self._model.members.values() if isinstance(self._model, Blend) else [self._model]
        return sum(array.nbytes for model in models for array in model.state()[0].values()) / 2**20


class Ours(Fitted):
    """One of our recommenders."""

    def __init__(self, name: str, kind: type[Recommender], **parameters: Any) -> None:
        super().__init__(name, None)
        self._kind, self._parameters = kind, parameters

    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """Fit the recommender."""
        self._model = self._kind.fit(data, on_step, **self._parameters)


class OurBlend(Fitted):
    """The blend of them, its weights fitted on people held out of the training data."""

    def __init__(self, kinds: Sequence[type[Recommender]] = QUICK, minutes: float = 10.0) -> None:
        super().__init__("blend", None)
        self._kinds, self._minutes = kinds, minutes

    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """Fit members and weights."""
        self._model = fit_blend(data, self._kinds, {"sequential": {"budget_s": 60 * self._minutes}}, on_step)


class Implicit(Rival):
    """`implicit`, a row of the person's likes given to its `recommend`."""

    whose = "implicit"

    def __init__(self, name: str, model: str, **parameters: Any) -> None:
        self.name, self._kind, self._parameters = name, model, parameters

    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """Fit the library's model."""
        import implicit

        make = {
            "bm25": implicit.nearest_neighbours.BM25Recommender,
            "tfidf": implicit.nearest_neighbours.TFIDFRecommender,
            "als": implicit.als.AlternatingLeastSquares,
        }[self._kind]
        extra = {"random_state": 0, "use_gpu": False} if self._kind == "als" else {}
        on_step(self.name, 0.0)
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._model = make(**self._parameters, **extra)
            self._model.fit(data.likes, show_progress=False)
        self._size = data.size

    def ask(self, history: History, candidates: Positions | None) -> Positions:
        """Its list; it knows no dislikes."""
        liked = np.array(history.liked, dtype=np.int32)
        row = csr_matrix((np.ones(len(liked), np.float32), liked, [0, len(liked)]), shape=(1, self._size))
        extra: dict[str, Any] = {"recalculate_user": True} if self._kind == "als" else {}
        if candidates is not None:
            extra["items"] = candidates
        found, scores = self._model.recommend(0, row, N=SHOWN, filter_already_liked_items=candidates is None, **extra)
        return np.asarray(found[np.isfinite(scores) & (found >= 0)], dtype=np.int64)

    def megabytes(self) -> float:
        """Size of the fitted model's arrays."""
        return float(held_bytes(self._model) / 2**20)


class Bare(Rival):
    """The least a fold-in can cost: one matrix-vector product over all items, and the ten best of it."""

    whose = "floor"
    name = "bare matrix-vector product"

    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """Nothing to learn: 64 numbers an item."""
        self._items = np.random.default_rng(0).normal(size=(data.size, 64)).astype(np.float32)
        self._person = self._items[0].copy()

    def ask(self, history: History, candidates: Positions | None) -> Positions:
        """The ten greatest products."""
        return best(self._items @ self._person, SHOWN, candidates, history.liked)[0]


def rivals(has_text: bool, with_sequential: bool, minutes: float = 10.0) -> list[Rival]:
    """Who takes part; the content model where items have text, the sequential one with so many minutes to train."""
    ours: list[Rival] = [
        Ours("popular", Popular),
        Ours("ItemKNN cosine", ItemKnn, weighting="cosine", neighbours=1000),
        Ours("ItemKNN TF-IDF", ItemKnn, weighting="tfidf", neighbours=1000),
        Ours("ItemKNN BM25", ItemKnn, neighbours=1000),
        Ours("EASE", Ease),
        Ours("EASE for logs", Ease, dropout=0.5, regularisation=50.0),
        Ours("user mixture", UserMixture),
        Ours("ALS", Als),
    ]
    if has_text:
        ours.append(Ours("content", Content))
    if with_sequential:
        ours.append(Ours("sequential", Sequential, budget_s=60 * minutes))
    ours.append(OurBlend((*QUICK, Sequential) if with_sequential else QUICK, minutes))
    peers = [
        Implicit("implicit BM25", "bm25", K=1000, K1=100, B=0.2),
        Implicit("implicit TF-IDF", "tfidf", K=1000),
        Implicit("implicit ALS", "als", factors=64, regularization=1.0, alpha=10.0),
    ]
    return [*ours, *peers]
