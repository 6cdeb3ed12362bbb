"""How close two items are by who liked both."""

from __future__ import annotations

import numpy as np
import pytest
from recommenders import only

from tools.models.contract import History
from tools.models.itemknn import ItemKnn

SIZE, UNUSED = 6, 3


@pytest.fixture(scope="module")
def model() -> ItemKnn:
    x = np.random.default_rng(0).random((10, SIZE)) < 0.5
    x[:, UNUSED] = False
    return ItemKnn.fit(only(*[(int(u), int(i), True, 0) for u, i in np.argwhere(x)], size=SIZE))


def test_an_item_without_interactions_is_close_to_none(model: ItemKnn) -> None:
    assert model.closeness(UNUSED, 0) == model.closeness(0, UNUSED) == 0
    assert model.closeness(0, SIZE) == model.closeness(-1, 0) == model.closeness(SIZE, 0) == 0


def test_the_closest_neighbour_is_at_one(model: ItemKnn) -> None:
    closeness = [model.closeness(0, to) for to in range(1, SIZE)]
    assert max(closeness) == pytest.approx(1.0)
    row = model.score(History((0,)))[1:]
    np.testing.assert_allclose(closeness, row / row.max(), rtol=1e-5)


def test_likeness_is_what_a_like_adds_to_the_score(model: ItemKnn) -> None:
    likeness = [model.likeness(0, to) + model.likeness(1, to) for to in range(SIZE)]
    np.testing.assert_allclose(likeness, model.score(History((0, 1))), atol=1e-6)
