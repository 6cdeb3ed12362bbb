"""What counts as liked, on any scale and in any state, and that the training data comes back as it was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.data.interactions import read_interactions
from tools.data.training import fit_catalogue, is_liked, load_training, save_training, training_data
from tools.models.contract import History

STARS = np.array([5, 4, 4, 3, 2, 1, 5, 4, 1, 3] * 20, dtype=np.float64)


@pytest.mark.parametrize("scale", [1.0, 10.0, 0.2])
def test_likes_do_not_depend_on_the_scale(scale: float) -> None:
    assert is_liked(scale * STARS).tolist() == (STARS >= 3).tolist()


def test_a_slip_of_the_pen_does_not_make_everything_else_disliked() -> None:
    slipped = STARS.copy()
    slipped[0] = 50
    assert is_liked(slipped).tolist() == (STARS >= 3).tolist()


def test_counts_are_likes_each_and_thumbs_are_not() -> None:
    plays = np.array([1, 1, 2, 1, 3, 250, 1, 40, 2, 1], dtype=np.float64)
    assert is_liked(plays).all()
    assert is_liked(np.array([0.0, 1.0, 0.0, 0.0])).tolist() == [False, True, False, False]
    assert is_liked(np.array([-1.0, 1.0, 1.0])).tolist() == [False, True, True]


def test_an_unknown_rating_is_a_use_and_so_a_like() -> None:
    some = STARS.copy()
    some[5] = np.nan
    assert is_liked(some)[5]
    assert is_liked(np.full(4, np.nan)).all()


def test_it_is_kept_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "plays.csv"
    rows = [f"u{n % 10},i{n % 7},{rating},{n}" for n, rating in enumerate(STARS[:60])]
    file.write_text("user,item,rating,timestamp\n" + "\n".join(rows))
    played = read_interactions(file, [f"i{n}" for n in range(7)])
    data = training_data(played, 7, np.ones((7, 3), dtype=np.float32))
    save_training(tmp_path, data)
    again = load_training(tmp_path)
    for name in ("user", "item", "liked", "time", "vectors", "ids"):
        np.testing.assert_array_equal(getattr(data, name), getattr(again, name))
    assert again.size == 7


def test_without_interactions_the_recommenders_are_fitted_all_the_same(tmp_path: Path) -> None:
    vectors = np.eye(7, 5, dtype=np.float32) + 0.1
    save_training(tmp_path, training_data(None, 7, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)))
    from tools.models.popular import Popular

    Popular.of_counts(np.arange(7, dtype=np.float64)).save(tmp_path)
    blend = fit_catalogue(tmp_path)
    assert blend.recommend(History(), 3)[0].tolist() == [6, 5, 4]
    assert np.isfinite(blend.score(History((1,)))).all()
