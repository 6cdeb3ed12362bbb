"""The user mixture: which of the people we know might be the one who speaks, and what did those like besides?

User-based collaborative filtering with Bayes' rule in place of a similarity: a person v of the training data has the
posterior weight

    w(v) = prod P(i | v)^t over the likes told / prod P(j | v)^(AVERSION t) over the dislikes,   t = told^-TEMPER

with P(i | v) = share of v's likelihood that is item i: v's own likes, mixed with what EASE makes of them (an item that
v would like but has not met yet counts too) and with popularity. The exponent t is below 1 since likes of one person
are not independent. The score is the log of the weighted share of the NEAREST people that liked an item.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import AVERSION, History, Positions, Recommender, Scores, TrainingData, places
from tools.models.ease import Ease
from tools.progress import OnStep, silent

OWN, POPULAR = 0.3, 0.1
"""What a person's own likes and popularity count in P(i | v), EASE's view of the person being 1."""
TEMPER = 0.2
NEAREST = 200
"""So many people, at most, are asked what they liked."""
MOST_PEOPLE = 5_000
"""Of more, so many are drawn at random: likelihoods are kept for each of them and each item."""
FLOOR = 1e-3
"""What popularity adds to the share of the people, so that an item that none of them liked is not impossible."""
_BATCH = 512


class UserMixture(Recommender):
    """The strongest alone on few likes in no order; a single like already tells it which crowd is speaking."""

    name = "usermixture"
    needs: ClassVar[tuple[type[Recommender], ...]] = (Ease,)

    def __init__(self, columns: Positions, likelihood: npt.NDArray[np.float16], likes: csr_matrix, size: int) -> None:
        self._columns = columns  # (k,): the positions that somebody liked
        self._likelihood = np.asarray(likelihood)  # (k, people): log P(i | v)
        self._likes = likes  # (people, k)
        counts = np.asarray(likes.sum(axis=0), dtype=np.float32).ravel()
        self._floor = FLOOR * counts / max(float(counts.sum()), 1.0)  # (k,)
        self._place = places(columns, size)
        self.size = size

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> UserMixture:
        """Parameters: `ease`, a model fitted on the same data (made where absent), and `people`."""
        on_step("people", 0.0)
        ease: Ease = parameters.get("ease") or Ease.fit(data)
        likes = data.likes
        able = np.flatnonzero(np.diff(likes.indptr) > 0)
        most = parameters.get("people", MOST_PEOPLE)
        chosen = np.sort(np.random.default_rng(0).permutation(able)[:most])
        columns = ease.columns
        likes = likes[chosen][:, columns]
        likelihood = np.empty((len(columns), len(chosen)), dtype=np.float16)
        popular = np.asarray(likes.sum(axis=0), dtype=np.float32).ravel()
        popular /= max(float(popular.sum()), 1.0)
        for begin in range(0, len(chosen), _BATCH):
            some = likes[begin : begin + _BATCH]
            likelihood[:, begin : begin + _BATCH] = _log_likelihood(some, ease, popular).T
            on_step("people", min(1.0, (begin + _BATCH) / len(chosen)))
        return cls(columns, likelihood, likes, data.size)

    def score(self, history: History) -> Scores:
        """log of how many of the likely people liked each item, over that of the least liked."""
        known = history.of(self.size)
        liked, disliked = self._known(known.liked), self._known(known.disliked)
        scores = np.zeros(self.size, dtype=np.float32)
        if not liked and not disliked:
            return scores
        evidence = self._likelihood[liked].astype(np.float32).sum(axis=0)
        if disliked:
            evidence -= np.float32(AVERSION) * self._likelihood[disliked].astype(np.float32).sum(axis=0)
        evidence *= np.float32((len(liked) + len(disliked)) ** -TEMPER)
        count = min(NEAREST, len(evidence))
        nearest = np.argpartition(-evidence, count - 1)[:count]
        weights = np.exp(evidence[nearest] - evidence[nearest].max())
        weights /= weights.sum()
        liked_by, lengths = self._liked_by(nearest)
        shares = np.bincount(liked_by, np.repeat(weights, lengths), minlength=len(self._columns))
        logs = np.log(shares.astype(np.float32) + self._floor)
        scores[self._columns] = logs - logs.min()
        return scores

    def _liked_by(self, people: Positions) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The likes of these people one after another, and how many each has: a fifth of the time of CSR's own rows."""
        begins, ends = self._likes.indptr[people], self._likes.indptr[people + 1]
        lengths = ends - begins
        till = np.cumsum(lengths)
        return self._likes.indices[np.arange(till[-1]) + np.repeat(begins - till + lengths, lengths)], lengths

    def _known(self, positions: tuple[int, ...]) -> list[int]:
        return [int(self._place[p]) for p in positions if self._place[p] >= 0]

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The known positions, the likelihoods, and who liked what."""
        likes = self._likes
        arrays = {"columns": self._columns, "likelihood": self._likelihood}
        return {**arrays, "indices": likes.indices, "indptr": likes.indptr}, {"size": self.size}

    @classmethod
    def restore(cls, kept: Artifact) -> UserMixture:
        """The model from what was kept."""
        a = kept.arrays
        shape = (len(a["indptr"]) - 1, len(a["columns"]))
        likes = csr_matrix((np.ones(len(a["indices"]), dtype=np.float32), a["indices"], a["indptr"]), shape=shape)
        return cls(np.asarray(a["columns"]), a["likelihood"], likes, kept.facts["size"])


def _log_likelihood(likes: csr_matrix, ease: Ease, popular: Scores) -> Scores:
    """log P(i | v), shape (people, k)."""
    seen = np.maximum(ease.of_rows(likes), 0)
    seen /= np.maximum(seen.sum(axis=1, keepdims=True), 1e-9)
    own = likes.toarray() / np.maximum(np.asarray(likes.sum(axis=1)), 1e-9).reshape(-1, 1)
    mixed = (seen + OWN * own + POPULAR * popular) / (1 + OWN + POPULAR)
    return np.asarray(np.log(np.maximum(mixed, 1e-9)), dtype=np.float32)
