"""The user mixture against Bayes' rule written out person by person."""

from __future__ import annotations

import numpy as np
import pytest

from tools.models.contract import AVERSION, History, TrainingData
from tools.models.ease import Ease
from tools.models.usermixture import FLOOR, NEAREST, OWN, POPULAR, TEMPER, UserMixture

PEOPLE, ITEMS = 40, 12


@pytest.fixture(scope="module")
def data() -> TrainingData:
    x = np.random.default_rng(2).random((PEOPLE, ITEMS)) < 0.35
    x[np.arange(PEOPLE), np.arange(PEOPLE) % ITEMS] = True
    user, item = np.nonzero(x)
    times = np.zeros(len(user), dtype=np.int64)
    return TrainingData(user, item, np.ones(len(user), dtype=bool), times, ITEMS + 2)


@pytest.fixture(scope="module")
def ease(data: TrainingData) -> Ease:
    return Ease.fit(data)


def by_hand(data: TrainingData, ease: Ease, history: History) -> np.ndarray:
    """The score of each item that somebody liked, one person after the other."""
    x = data.likes.toarray()[:, :ITEMS]
    popular = x.sum(axis=0) / x.sum()
    weights = np.zeros(PEOPLE)
    for v in range(PEOPLE):
        seen = np.maximum(ease.score(History(tuple(np.flatnonzero(x[v]).tolist())))[:ITEMS], 0)
        p = (seen / seen.sum() + OWN * x[v] / x[v].sum() + POPULAR * popular) / (1 + OWN + POPULAR)
        told = len(history.liked) + len(history.disliked)
        evidence = np.log(p[list(history.liked)]).sum() - AVERSION * np.log(p[list(history.disliked)]).sum()
        weights[v] = np.exp(evidence * told**-TEMPER)
    shares = weights @ x / weights.sum()
    logs = np.log(shares + FLOOR * popular)
    return logs - logs.min()


@pytest.mark.parametrize("history", [History((3,)), History((0, 5, 7)), History((1, 2), (4,)), History((), (6, 8))])
def test_the_score_is_bayes_rule(data: TrainingData, ease: Ease, history: History) -> None:
    assert PEOPLE <= NEAREST, "everybody is asked"
    found = UserMixture.fit(data, ease=ease).score(history)
    np.testing.assert_allclose(found[:ITEMS], by_hand(data, ease, history), atol=0.02)  # likelihoods have 16 bits
    assert found[ITEMS:].tolist() == [0, 0], "nobody liked these"


def test_it_makes_the_ease_that_it_needs(data: TrainingData, ease: Ease) -> None:
    given, made = UserMixture.fit(data, ease=ease), UserMixture.fit(data)
    np.testing.assert_allclose(given.score(History((3,))), made.score(History((3,))), atol=0.02)


def test_of_many_people_some_are_kept(data: TrainingData) -> None:
    few = UserMixture.fit(data, people=10)
    assert few.state()[0]["likelihood"].shape == (ITEMS, 10)
    assert np.isfinite(few.score(History((0, 5)))).all()
