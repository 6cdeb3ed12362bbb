"""Most popular: an order that follows the counts, on a scale from 0 to 1, in which the old fades where taste moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import COLD, ratings

from tools.models.contract import TrainingData
from tools.models.popular import Popular
from tools.shelf import Shelf

DAY = 86_400


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_more_is_never_less(counts: list[int]) -> None:
    scores = Popular.of_counts(np.array(counts, dtype=np.float64)).scores
    order = np.argsort(counts, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    assert scores.max() == pytest.approx(1.0 if any(counts) else 0.0)
    assert scores.min() >= 0


def test_the_unknown_and_the_senseless_are_nothing() -> None:
    assert Popular.of_counts(np.array([np.nan, -5.0, 0.0, 9.0])).scores.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("counts", [[], [0.0, 0.0], [np.nan, np.nan]])
def test_without_any_count_all_are_alike(counts: list[float]) -> None:
    assert Popular.of_counts(np.array(counts)).scores.tolist() == [0.0] * len(counts)


def test_the_catalogue_in_service_counts_people(shelf: Shelf) -> None:
    counts = np.bincount([int(item[1:]) for _, item, _, _ in ratings()], minlength=120)
    assert shelf.popular[counts.argmax()] == pytest.approx(1.0)
    assert not shelf.popular[list(COLD)].any()
    assert (shelf.popular[: COLD.start] > 0).all()


def events(items: list[int], days: list[int]) -> TrainingData:
    n = len(items)
    when = np.array(days, dtype=np.int64) * DAY
    return TrainingData(np.arange(n), np.array(items), np.ones(n, dtype=bool), when, 4)


def test_where_taste_moves_on_yesterdays_favourite_fades() -> None:
    """600 events of item 0, then 300 of item 1: whoever counts all of them shows what nobody takes any more."""
    moved = Popular.fit(events([0] * 600 + [1] * 300, list(range(900))))
    assert moved.half_life_days is not None
    assert moved.scores[1] > moved.scores[0]
    plain = Popular.fit(events([0] * 600 + [1] * 300, list(range(900))), half_life=0)
    assert plain.scores[0] > plain.scores[1]


def test_where_taste_stays_nothing_fades() -> None:
    items = np.random.default_rng(0).choice(4, 900, p=[0.5, 0.3, 0.15, 0.05]).tolist()
    steady = Popular.fit(events(items, list(range(900))))
    assert np.argsort(-steady.scores).tolist() == [0, 1, 2, 3]
    assert steady.half_life_days is None or steady.half_life_days > 200


def test_times_that_are_all_alike_say_nothing() -> None:
    assert Popular.fit(events([0, 0, 1], [5, 5, 5])).half_life_days is None
