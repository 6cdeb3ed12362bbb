"""What holds for every recommender. A model's test inherits all of it by subclassing `RecommenderContract`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from tools.errors import UnavailableError
from tools.models.contract import History, Recommender, TrainingData

SIZE, TASTES = 30, 3
COLD = (28, 29)
"""Nobody used these."""
STRANGE = (10_000, -3)
HISTORIES = (
    History(),
    History((0,)),
    History((0, 3, 6)),
    History((0, 3), (1,)),
    History((), (1, 4)),
    History((28,)),
    History((0, *STRANGE), STRANGE),
    History((0, 0, 3), (0, 1, 1)),
    History((0, 3, 6, 9), is_log=True),
)


def vectors() -> npt.NDArray[np.float32]:
    """Texts that tell the taste: items of a taste lie close together."""
    raw = np.random.default_rng(3).normal(0, 0.3, (SIZE, 8)) + np.eye(8)[np.arange(SIZE) % TASTES]
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


def tastes(people: int = 45) -> TrainingData:
    """Each person likes eight items of one of three tastes, in a random order, and dislikes two of another."""
    rng = np.random.default_rng(5)
    rows = []
    for person in range(people):
        own = [n for n in range(SIZE) if n % TASTES == person % TASTES and n not in COLD]
        other = [n for n in range(SIZE) if n % TASTES != person % TASTES and n not in COLD]
        rows += [(person, item, True, 1000 + when) for when, item in enumerate(rng.permutation(own)[:8])]
        rows += [(person, item, False, 2000) for item in rng.permutation(other)[:2]]
    user, item, liked, time = (np.array(column) for column in zip(*rows, strict=True))
    return TrainingData(user, item, liked, time, SIZE, vectors())


def only(*events: tuple[int, int, bool, int], size: int = SIZE) -> TrainingData:
    """Just these events: user, item, liked, time."""
    columns = zip(*events, strict=True) if events else ([], [], [], [])
    user, item, liked, time = (np.array(column, dtype=np.int64) for column in columns)
    return TrainingData(user, item, liked.astype(bool), time, size, vectors()[:size])


ODD = {
    "no interactions": only(),
    "one event": only((0, 4, True, 1)),
    "one user": only((0, 1, True, 1), (0, 2, True, 2), (0, 5, True, 3)),
    "one item": only((0, 0, True, 1), (1, 0, True, 1), size=1),
    "nothing liked": only((0, 1, False, 1), (1, 2, False, 1)),
    "events twice": only(*[(user, item, True, 7) for user in range(4) for item in (1, 2, 2, 3)]),
}


class RecommenderContract:
    """Checks for one recommender. A subclass says which, and with what parameters it is fitted."""

    kind: ClassVar[type[Recommender]]
    parameters: ClassVar[dict[str, Any]] = {}
    has_taste: ClassVar[bool] = True
    """Whether what is liked decides what is recommended."""
    hears_dislikes: ClassVar[bool] = True
    scores_cold_items: ClassVar[bool] = False

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Recommender:
        return cls.kind.fit(tastes(), **cls.parameters)

    def test_every_history_has_a_finite_score_for_every_item(self, model: Recommender) -> None:
        for history in HISTORIES:
            scores = model.score(history)
            assert scores.shape == (SIZE,)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_same_history_same_scores(self, model: Recommender) -> None:
        for history in HISTORIES:
            np.testing.assert_array_equal(model.score(history), model.score(history))

    def test_fitting_again_gives_the_same_model(self, model: Recommender) -> None:
        again = self.kind.fit(tastes(), **self.parameters)
        for history in HISTORIES:
            np.testing.assert_allclose(again.score(history), model.score(history), rtol=1e-4, atol=1e-5)

    def test_unknown_and_repeated_positions_change_nothing(self, model: Recommender) -> None:
        plain = model.score(History((0, 3), (1,)))
        np.testing.assert_array_equal(plain, model.score(History((0, 3, 0, *STRANGE), (1, 1, 3, *STRANGE))))

    def test_what_is_known_or_excluded_is_not_recommended(self, model: Recommender) -> None:
        for history in HISTORIES:
            positions, scores = model.recommend(history, SIZE, exclude=(7, *STRANGE))
            assert not {*history.liked, *history.disliked, 7} & set(positions.tolist())
            assert len(set(positions.tolist())) == len(positions)
            assert (np.diff(scores) <= 0).all()

    def test_as_many_as_asked_for(self, model: Recommender) -> None:
        for count in (0, 1, 5, 20):
            assert len(model.recommend(History((0,)), count)[0]) == count
        assert len(model.recommend(History((0,)), 10**6)[0]) == SIZE - 1

    def test_candidates_bound_the_choice(self, model: Recommender) -> None:
        candidates = np.array([20, 2, 11, 0])
        positions, scores = model.recommend(History((0,)), 10, candidates=candidates)
        assert sorted(positions.tolist()) == [2, 11, 20]
        np.testing.assert_array_equal(scores, model.score(History((0,)))[positions])
        assert not len(model.recommend(History((0,)), 10, candidates=candidates[:0])[0])

    def test_liking_a_taste_brings_more_of_it(self, model: Recommender) -> None:
        if not self.has_taste:
            pytest.skip("the same for everybody")
        for taste in range(TASTES):
            found, _ = model.recommend(History((taste, taste + 3)), 5)
            assert (found % TASTES == taste).sum() >= 4
            alike, _ = model.similar(taste, 5)
            assert (alike % TASTES == taste).sum() >= 4

    def test_disliking_a_taste_pushes_it_down(self, model: Recommender) -> None:
        if not self.hears_dislikes:
            pytest.skip("hears likes only")
        before, after = model.score(History((0, 3))), model.score(History((0, 3), (1, 4)))
        taste = np.array([n for n in range(SIZE) if n % TASTES == 1 and n not in (1, 4, *COLD)])
        assert (after - before)[taste].mean() < (after - before)[taste - 1].mean()

    def test_items_that_nobody_used(self, model: Recommender) -> None:
        scores = model.score(History((1, 4)))  # 28 is of their taste, 29 of another
        if self.scores_cold_items:
            assert scores[28] > scores[29]
        else:
            assert scores[list(COLD)].tolist() == [0, 0]

    @pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
    def test_odd_data_makes_a_model_all_the_same(self, data: TrainingData) -> None:
        model = self.kind.fit(data, **self.parameters)
        for history in HISTORIES:
            scores = model.score(history)
            assert scores.shape == (data.size,)
            assert np.isfinite(scores).all()

    def test_it_comes_back_from_disk_as_it_went(self, model: Recommender, tmp_path: Path) -> None:
        model.save(tmp_path)
        again = self.kind.load(tmp_path)
        for history in HISTORIES:
            np.testing.assert_allclose(again.score(history), model.score(history), rtol=1e-5, atol=1e-6)

    def test_a_damaged_one_is_refused(self, model: Recommender, tmp_path: Path) -> None:
        model.save(tmp_path)
        next(tmp_path.glob("*.npy")).write_bytes(b"rubbish")
        with pytest.raises(UnavailableError, match="tastemaker fit"):
            self.kind.load(tmp_path)

    def test_progress_ends_where_it_should(self) -> None:
        shares: list[float] = []
        self.kind.fit(tastes(), lambda _, share: shares.append(share), **self.parameters)
        assert shares
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] <= 1
