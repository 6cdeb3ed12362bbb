"""EASE against the textbook: the matrix as the papers write it, found on either side, and what is made of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.models.ease
from tools.models.contract import AVERSION, History, TrainingData
from tools.models.ease import Ease


def textbook(x: npt.NDArray[np.float64], regularisation: float, dropout: float = 0.0) -> npt.NDArray[np.float64]:
    """Steck 2019, equation 8, with the diagonal of Steck 2020 and people weighted, by inverting the matrix."""
    weighted = x / np.sqrt(x.sum(axis=1, keepdims=True))
    gram = x.T @ weighted
    p = np.linalg.inv(gram + np.diag(regularisation + dropout / (1 - dropout) * np.diag(gram)))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    return b


def liked(people: int, items: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """A random matrix in which every item was liked by somebody, and everybody liked something."""
    x = (np.random.default_rng(seed).random((people, items)) < 0.3).astype(np.float64)
    x[np.arange(items) % people, np.arange(items)] = 1
    x[np.arange(people), np.arange(people) % items] = 1
    return x


def events(user: npt.NDArray[np.int64], item: npt.NDArray[np.int64], size: int) -> TrainingData:
    return TrainingData(user, item, np.ones(len(user), dtype=bool), np.zeros(len(user), dtype=np.int64), size)


def fitted(x: npt.NDArray[np.float64], regularisation: float = 2.0, dropout: float = 0.0) -> Ease:
    user, item = np.nonzero(x)
    return Ease.fit(events(user, item, x.shape[1]), regularisation=regularisation, dropout=dropout)


def weights(ease: Ease) -> npt.NDArray[np.float32]:
    return ease.state()[0]["weights"]


@pytest.mark.parametrize(("regularisation", "dropout"), [(2.0, 0.0), (500.0, 0.0), (2.0, 0.9)])
@pytest.mark.parametrize(("people", "items"), [(8, 25), (25, 8), (12, 12), (1, 5), (5, 1), (1, 1)])
def test_the_matrix_is_the_textbooks_on_either_side(
    people: int, items: int, regularisation: float, dropout: float
) -> None:
    x = liked(people, items)
    expected = textbook(x, regularisation, dropout)
    found = weights(fitted(x, regularisation, dropout))
    np.testing.assert_allclose(found, expected, atol=2e-4 * max(np.abs(expected).max(), 1e-3))
    assert not np.diag(found).any()


@settings(max_examples=40, deadline=None)
@given(people=st.integers(1, 20), items=st.integers(1, 20), seed=st.integers(0, 99))
def test_both_sides_agree(people: int, items: int, seed: int) -> None:
    """21 times as many of the same people, with lambda 21 times as large, give the same matrix on the other side."""
    x = liked(people, items, seed)
    np.testing.assert_allclose(weights(fitted(x, 3.0)), weights(fitted(np.vstack([x] * 21), 63.0)), atol=1e-4)


def test_one_person_alone() -> None:
    ease = Ease.fit(events(np.array([0, 0, 0]), np.array([0, 2, 4]), 5))
    scores = ease.score(History((0,)))
    assert scores[2] == pytest.approx(scores[4])
    assert scores[2] > 0
    assert scores[[0, 1, 3]].tolist() == [0, 0, 0]


def test_user_numbers_may_have_gaps() -> None:
    x = liked(6, 5)
    user, item = np.nonzero(x)
    gaps = Ease.fit(events(user * 1000 + 7, item, 5), regularisation=2.0, dropout=0.0)
    np.testing.assert_array_equal(weights(gaps), weights(fitted(x)))


def test_a_person_is_folded_in_as_a_row_of_likes() -> None:
    x = liked(10, 6)
    b = textbook(x, 2.0)
    np.testing.assert_allclose(fitted(x).score(History((1, 4), (2,))), b[1] + b[4] - AVERSION * b[2], atol=1e-5)


def test_an_item_without_interactions_scores_nothing_and_says_nothing() -> None:
    x = liked(10, 6)
    x[:, 3] = 0
    ease = fitted(x)
    assert ease.score(History((0, 1)))[3] == 0
    assert not ease.score(History((3,))).any()
    assert [ease.knows(n) for n in range(6)] == [True, True, True, False, True, True]


def test_beyond_its_size_the_least_known_items_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.models.ease, "MAX_ITEMS", 3)
    user = np.array([0, 1, 2, 0, 1, 0, 1, 2, 2, 0])
    item = np.array([4, 4, 4, 1, 1, 3, 3, 3, 0, 2])
    ease = Ease.fit(events(user, item, 6))
    assert [ease.knows(n) for n in range(6)] == [False, True, False, True, True, False]
    assert weights(ease).shape == (3, 3)
