"""EASE against the textbook: the matrix as the paper writes it, found on either side, and what is made of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.models.ease
from tools.models.ease import Ease, fit_ease

EMPTY = np.empty(0, dtype=np.int64)


def textbook(x: npt.NDArray[np.float64], regularisation: float) -> npt.NDArray[np.float64]:
    """Steck 2019, equation 8, by inverting the matrix as it stands."""
    p = np.linalg.inv(x.T @ x + regularisation * np.eye(x.shape[1]))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    return b


def liked(people: int, items: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """A random matrix in which every item was liked by somebody, and everybody liked something."""
    x = (np.random.default_rng(seed).random((people, items)) < 0.3).astype(np.float64)
    x[np.arange(items) % people, np.arange(items)] = 1
    x[np.arange(people), np.arange(people) % items] = 1
    return x


def fitted(x: npt.NDArray[np.float64], regularisation: float = 500.0) -> dict[str, npt.NDArray[np.float32]]:
    users, items = np.nonzero(x)
    return fit_ease(users, items, x.shape[1], regularisation)


@pytest.mark.parametrize("regularisation", [2.0, 500.0])
@pytest.mark.parametrize(("people", "items"), [(8, 25), (25, 8), (12, 12), (1, 5), (5, 1), (1, 1)])
def test_the_matrix_is_the_textbooks_on_either_side(people: int, items: int, regularisation: float) -> None:
    x = liked(people, items)
    expected = textbook(x, regularisation)
    weights = fitted(x, regularisation)["weights"]
    np.testing.assert_allclose(weights, expected, atol=2e-4 * max(np.abs(expected).max(), 1e-3))
    assert not np.diag(weights).any()


@settings(max_examples=40, deadline=None)
@given(people=st.integers(1, 20), items=st.integers(1, 20), seed=st.integers(0, 99))
def test_both_sides_agree(people: int, items: int, seed: int) -> None:
    """21 times as many of the same people, with lambda 21 times as large, give the same matrix on the other side."""
    x = liked(people, items, seed)
    np.testing.assert_allclose(fitted(x, 3.0)["weights"], fitted(np.vstack([x] * 21), 63.0)["weights"], atol=1e-4)


def test_no_interactions_at_all() -> None:
    arrays = fit_ease(EMPTY, EMPTY, 4)
    ease = Ease(arrays, 4)
    assert arrays["weights"].shape == (0, 0)
    assert ease.score([0, 1], [2]).tolist() == [0, 0, 0, 0]
    assert ease.closeness(0, 1) == 0
    assert not ease.knows(0)


def test_one_person_alone() -> None:
    ease = Ease(fit_ease(np.array([0, 0, 0]), np.array([0, 2, 4]), 5, 1.0), 5)
    scores = ease.score([0])
    assert scores[2] == pytest.approx(scores[4])
    assert scores[2] > 0
    assert scores[[0, 1, 3]].tolist() == [0, 0, 0]


def test_an_interaction_said_twice_counts_once() -> None:
    x = liked(6, 5)
    users, items = np.nonzero(x)
    twice = fit_ease(np.tile(users, 2), np.tile(items, 2), 5, 1.0)["weights"]
    np.testing.assert_array_equal(twice, fitted(x, 1.0)["weights"])


def test_user_numbers_may_have_gaps() -> None:
    x = liked(6, 5)
    users, items = np.nonzero(x)
    np.testing.assert_array_equal(fit_ease(users * 1000 + 7, items, 5, 1.0)["weights"], fitted(x, 1.0)["weights"])


def test_a_person_is_folded_in_as_a_row_of_likes() -> None:
    x = liked(10, 6)
    b = textbook(x, 2.0)
    ease = Ease(fitted(x, 2.0), 6)
    np.testing.assert_allclose(ease.score([1, 4], [2]), b[1] + b[4] - b[2], atol=1e-5)
    assert not ease.score([]).any()


def test_an_item_without_interactions_scores_nothing_and_says_nothing() -> None:
    x = liked(10, 6)
    x[:, 3] = 0
    ease = Ease(fitted(x, 2.0), 6)
    assert ease.score([0, 1])[3] == 0
    assert not ease.score([3]).any()
    assert [ease.knows(n) for n in range(6)] == [True, True, True, False, True, True]
    assert ease.closeness(3, 0) == ease.closeness(0, 3) == 0
    kept = [0, 1, 2, 4, 5]
    np.testing.assert_allclose(ease.score([0])[kept], textbook(x[:, kept], 2.0)[0], atol=1e-5)


def test_the_closest_neighbour_is_at_one() -> None:
    ease = Ease(fitted(liked(10, 6), 2.0), 6)
    closeness = [ease.closeness(0, to) for to in range(1, 6)]
    assert max(closeness) == pytest.approx(1.0)
    row = ease.score([0])[1:]
    np.testing.assert_allclose(closeness, row / row.max(), rtol=1e-5)


def test_beyond_its_size_the_least_known_items_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.models.ease, "MAX_ITEMS", 3)
    users = np.array([0, 1, 2, 0, 1, 0, 1, 2, 2, 0])
    items = np.array([4, 4, 4, 1, 1, 3, 3, 3, 0, 2])
    arrays = fit_ease(users, items, 6, 1.0)
    assert arrays["columns"].tolist() == [1, 3, 4]
    assert arrays["weights"].shape == (3, 3)
    assert not Ease(arrays, 6).knows(0)
