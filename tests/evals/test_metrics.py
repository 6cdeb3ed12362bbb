"""Metrics: NDCG as scikit-learn computes it, the rest on cases small enough to do by hand."""

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
