"""Metrics: as scikit-learn and ranx compute them, the rest on cases small enough to do by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from evals.metrics import coverage, hit_rate, ndcg, novelty, popularity_bias, reciprocal_rank


@settings(max_examples=60, deadline=None)
@given(size=st.integers(2, 40), k=st.integers(1, 15), seed=st.integers(0, 999), share=st.floats(0.05, 0.9))
def test_ndcg_is_scikit_learns(size: int, k: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    relevant = rng.random(size) < share
    relevant[rng.integers(size)] = True
    ranked = rng.permutation(size)
    scores = np.empty(size)
    scores[ranked] = np.arange(size, 0, -1)
    expected = ndcg_score([relevant.astype(int)], [scores], k=k)
    assert ndcg(ranked, set(np.flatnonzero(relevant).tolist()), k) == pytest.approx(expected)


RANX = [
    ([12, 14, 4, 28, 22, 24, 17, 3, 27, 19, 18, 13, 0], {18, 24}, (0.218407, 1.0, 0.166667)),
    ([1, 12, 19, 10, 13, 28, 23, 16, 18, 0, 2, 6, 4], {0, 2, 6, 11, 14, 15, 17, 21, 28, 29}, (0.142019, 1.0, 0.166667)),
    ([11, 6, 13, 25, 29, 2, 16, 22, 8, 9, 3, 19, 23], {2, 13, 19, 24}, (0.334246, 1.0, 0.333333)),
    ([13, 12, 2, 22, 29, 6, 7, 11, 24, 17, 15, 21], {0, 3, 8, 11, 19, 23, 28, 29}, (0.177646, 1.0, 0.2)),
    ([29, 18, 17, 7, 11, 9, 5, 0, 22, 12, 2, 19], {2, 5, 6, 11, 18, 20, 27, 28, 29}, (0.552619, 1.0, 1.0)),
    ([24, 27, 20, 25, 22, 17, 2, 3, 5, 29, 7, 1], {3, 7, 8, 15, 16, 17, 25, 28}, (0.278831, 1.0, 0.25)),
]
"""Ranked, relevant, and what ranx 0.3.21 says: ndcg@10, hit_rate@10, mrr."""


@pytest.mark.parametrize(("ranked", "relevant", "said"), RANX)
def test_ranx_says_the_same(ranked: list[int], relevant: set[int], said: tuple[float, float, float]) -> None:
    found = [measure(np.array(ranked), relevant) for measure in (ndcg, hit_rate, reciprocal_rank)]
    assert tuple(found) == pytest.approx(said, abs=1e-6)


def test_nothing_relevant_and_nothing_shown_are_zero() -> None:
    assert ndcg(np.array([1, 2]), set()) == 0
    assert ndcg(np.array([], dtype=np.int64), {1}) == 0
    assert hit_rate(np.array([], dtype=np.int64), {1}) == 0
    assert reciprocal_rank(np.array([3, 4]), {1}) == 0


def test_hits_and_ranks_by_hand() -> None:
    ranked = np.array([4, 7, 9, 1])
    assert hit_rate(ranked, {9}, k=3) == 1
    assert hit_rate(ranked, {9}, k=2) == 0
    assert reciprocal_rank(ranked, {9, 1}) == pytest.approx(1 / 3)


def test_what_the_lists_as_a_whole_are_like() -> None:
    lists = [np.array([0, 1]), np.array([0, 2])]
    assert coverage(lists, 4) == 0.75
    assert coverage(lists, 4, k=1) == 0.25
    assert novelty([np.array([0])], np.array([0.25, 1.0])) == pytest.approx(2.0)
    counts = np.array([9, 5, 1])
    assert popularity_bias([np.array([0])], counts) == 0
    assert popularity_bias([np.array([2])], counts) == 1
    assert popularity_bias([np.array([0, 1, 2])], counts) == pytest.approx(0.5)
