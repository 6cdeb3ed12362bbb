"""The blend: weights by kind of history, fitted on people kept apart, and never by noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recommenders import HISTORIES, SIZE, only, tastes

from tools.errors import UnavailableError
from tools.models.blend import KINDS, Blend, Case, fit_weights, kind_of, standardised
from tools.models.contract import History, TrainingData
from tools.models.ease import Ease
from tools.models.fit import cases_of, fit_blend, load_blend, save_blend
from tools.models.popular import Popular
from tools.models.sequential import Sequential


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return tastes(150)


@pytest.fixture(scope="module")
def blend(data: TrainingData) -> Blend:
    return fit_blend(data)


@pytest.mark.parametrize(
    ("history", "kind"),
    [
        (History(), "none"),
        (History((1,)), "one"),
        (History((), (1, 2)), "one"),
        (History((1, 2)), "few"),
        (History((1, 2, 3, 4)), "few"),
        (History((1, 2, 3, 4, 5)), "several"),
        (History((1,), is_log=True), "one"),
        (History((1, 2), is_log=True), "log"),
    ],
)
def test_the_kind_of_a_history(history: History, kind: str) -> None:
    assert kind_of(history) == kind


def test_there_are_weights_for_every_kind(blend: Blend) -> None:
    assert set(blend.weights) == set(KINDS)
    assert set(blend.weights["none"]) == {"popular"}
    assert all(weight > 0 for weights in blend.weights.values() for weight in weights.values())


def test_the_score_is_the_sum_of_its_parts(blend: Blend) -> None:
    for history in HISTORIES:
        parts = blend.parts(history)
        np.testing.assert_allclose(blend.score(history), sum(parts.values()), atol=1e-5)
        assert np.isfinite(blend.score(history)).all()


def test_what_is_excluded_is_not_recommended_and_what_is_no_item_is_no_matter(blend: Blend) -> None:
    for history in HISTORIES:
        positions, _ = blend.recommend(history, SIZE, exclude=(7, -1, SIZE, 10_000))
        assert not {*history.of(SIZE).liked, *history.of(SIZE).disliked, 7} & set(positions.tolist())
        assert len(positions) >= SIZE - 8, "-1 excludes nothing"


def test_taste_decides_once_there_is_taste(blend: Blend) -> None:
    for taste in range(3):
        found, _ = blend.recommend(History((taste, taste + 3)), 5)
        assert (found % 3 == taste).all()


def test_among_what_nobody_used_the_text_decides(blend: Blend) -> None:
    cold = np.array([28, 29])  # of the second taste and of the third
    for taste, first in ((1, 28), (2, 29)):
        for history in (History((taste,)), History((taste, taste + 3)), History((taste, taste + 3, taste + 6))):
            assert blend.recommend(history, 2, candidates=cold)[0][0] == first


def test_a_member_that_only_adds_noise_gets_no_weight(data: TrainingData) -> None:
    class Noise(Popular):
        name = "noise"

        def score(self, history: History) -> np.ndarray:
            return (
                np.random.default_rng(1000 * sum(history.liked) + len(history.liked))
                .normal(size=SIZE)
                .astype(np.float32)
            )

    held = [data.sequences[person] for person in range(30)]
    members = {"ease": Ease.fit(data.where(data.user >= 30)), "noise": Noise(np.zeros(SIZE, dtype=np.float32))}
    weights = fit_weights(members, cases_of(held, True, seed=0))
    assert all("noise" not in weights[kind] for kind in ("one", "few", "several"))


def test_what_nobody_can_learn_from_gets_plain_weights() -> None:
    lonely = fit_blend(only((0, 1, True, 1), (0, 2, True, 2)))
    assert lonely.weights["none"] == {"popular": 1.0}
    assert len(lonely.weights["few"]) > 2
    assert np.isfinite(lonely.score(History((1,)))).all()


def test_kinds_without_cases_take_the_nearest_ones_weights(data: TrainingData) -> None:
    members = {"popular": Popular.fit(data), "ease": Ease.fit(data)}
    only_few = {"few": [Case(History((0, 3)), frozenset([6, 9]))] * 5}
    weights = fit_weights(members, only_few)  # type: ignore[arg-type]
    assert weights["one"] == weights["few"] == weights["several"] == weights["log"]


def test_scales_do_not_matter() -> None:
    scores = np.array([1.0, 2.0, 9.0], dtype=np.float32)
    np.testing.assert_allclose(standardised(scores), standardised(scores * 1000 + 5), rtol=1e-4)
    assert standardised(np.full(3, 7.0, dtype=np.float32)).tolist() == [0, 0, 0]


def test_it_comes_back_from_disk_as_it_went_and_a_lost_member_is_said(blend: Blend, tmp_path: Path) -> None:
    save_blend(tmp_path, blend)
    again = load_blend(tmp_path)
    assert again.weights == blend.weights
    for history in HISTORIES:
        np.testing.assert_allclose(again.score(history), blend.score(history), rtol=1e-4, atol=1e-5)
    (tmp_path / "ease.json").unlink()
    with pytest.raises(UnavailableError, match="tastemaker fit"):
        load_blend(tmp_path)


def test_the_sequential_model_joins_where_it_is_asked_for(data: TrainingData, tmp_path: Path) -> None:
    quick = {"sequential": {"length": 8, "dimensions": 16, "epochs": 3, "batch": 32}}
    with_logs = fit_blend(data, (Popular, Ease, Sequential), quick)
    save_blend(tmp_path, with_logs)
    assert set(load_blend(tmp_path).members) == {"popular", "ease", "sequential"}


def test_the_sequential_model_ends_with_its_budget(data: TrainingData) -> None:
    shares: list[float] = []
    # Its schedule would take hours: that it comes back is the point.
    model = Sequential.fit(data, lambda _, share: shares.append(share), epochs=100_000, budget_s=2.0)
    assert shares == sorted(shares)
    assert np.isfinite(model.score(History((0, 3), is_log=True))).all()
