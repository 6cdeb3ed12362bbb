"""Most popular: an order that follows the counts, on a scale from 0 to 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import COLD, ratings

from tools.models.popular import fit_popular
from tools.shelf import Shelf


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_more_is_never_less(counts: list[int]) -> None:
    scores = fit_popular(np.array(counts, dtype=np.float64))
    order = np.argsort(counts, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    assert scores.max() == pytest.approx(1.0 if any(counts) else 0.0)
    assert scores.min() >= 0


def test_the_unknown_and_the_senseless_are_nothing() -> None:
    assert fit_popular(np.array([np.nan, -5.0, 0.0, 9.0])).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("counts", [[], [0.0, 0.0], [np.nan, np.nan]])
def test_without_any_count_all_are_alike(counts: list[float]) -> None:
    assert fit_popular(np.array(counts)).tolist() == [0.0] * len(counts)


def test_the_catalogue_in_service_counts_people(shelf: Shelf) -> None:
    counts = np.bincount([int(item[1:]) for _, item, _, _ in ratings()], minlength=120)
    assert shelf.popular[counts.argmax()] == pytest.approx(1.0)
    assert not shelf.popular[list(COLD)].any()
    assert (shelf.popular[: COLD.start] > 0).all()
