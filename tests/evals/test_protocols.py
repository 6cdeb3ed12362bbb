"""Protocols: no model sees what it will be asked for, and the bench's rows say what was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recommenders import tastes

from agent.settings import Settings
from evals.bench.recommenders import Row, fold_in_cost, measure, plot, table
from evals.bench.rivals import Implicit, OurBlend, Ours
from evals.datasets import Dataset, load_dataset
from evals.protocols import Protocol, protocols
from tools.errors import MissingError
from tools.models.ease import Ease
from tools.models.popular import Popular

NAMES = ["random-1", "random-3", "random-5", "random-10", "last", "order-5", "dislike", "dislike-untold", "cold"]


@pytest.fixture(scope="module")
def asked() -> dict[str, Protocol]:
    return {protocol.name: protocol for protocol in protocols(Dataset("tastes", tastes(90)))}


def seen(protocol: Protocol) -> set[tuple[int, int]]:
    return set(zip(protocol.train.user.tolist(), protocol.train.item.tolist(), strict=True))


def test_a_dataset_with_times_ratings_and_texts_allows_all(asked: dict[str, Protocol]) -> None:
    assert list(asked) == NAMES
    assert all(protocol.cases for name, protocol in asked.items() if name not in ("random-10", "dislike"))


def test_what_is_to_be_found_is_never_in_the_history(asked: dict[str, Protocol]) -> None:
    for protocol in asked.values():
        for case in protocol.cases:
            assert case.relevant
            assert not case.relevant & {*case.history.liked, *case.history.disliked}


def test_strangers_are_strangers(asked: dict[str, Protocol]) -> None:
    """A fifth of the people is in no chat protocol's training."""
    for name in ("random-1", "random-5", "order-5", "dislike"):
        trained = set(asked[name].train.user.tolist())
        assert len(trained) == 72


def test_leave_last_out_leaves_the_latest_out(asked: dict[str, Protocol]) -> None:
    data = Dataset("tastes", tastes(90)).all_liked
    protocol = asked["last"]
    assert len(protocol.cases) == data.users
    assert len(seen(protocol)) == len(data.item) - data.users
    for person, case in enumerate(protocol.cases):
        (target,) = case.relevant
        assert (person, target) not in seen(protocol)
        assert data.time[(data.user == person) & (data.item == target)][0] == data.time[data.user == person].max()


def test_cold_items_are_cold_and_the_only_candidates(asked: dict[str, Protocol]) -> None:
    protocol = asked["cold"]
    assert protocol.candidates is not None
    assert not set(protocol.train.item.tolist()) & set(protocol.candidates.tolist())
    assert all(case.relevant <= set(protocol.candidates.tolist()) for case in protocol.cases)


def test_a_dislike_can_be_left_untold(asked: dict[str, Protocol]) -> None:
    assert all(not case.history.disliked for case in asked["dislike-untold"].cases)


def test_the_same_seed_draws_the_same_cases_whatever_else_is_asked() -> None:
    dataset = Dataset("tastes", tastes(90))
    (alone,) = protocols(dataset, ["random-5"])
    together = next(p for p in protocols(dataset) if p.name == "random-5")
    assert alone.cases == together.cases
    assert protocols(dataset, ["random-5"], seed=1)[0].cases != alone.cases


@pytest.fixture(scope="module")
def rows(asked: dict[str, Protocol]) -> list[Row]:
    contestants = [Ours("popular", Popular), Ours("EASE", Ease), OurBlend(), Implicit("BM25", "bm25", K=50)]
    return list(measure([asked["random-3"], asked["cold"]], contestants))


def test_taste_beats_popularity_where_there_is_taste(rows: list[Row]) -> None:
    found = {row.rival: row.ndcg for row in rows if row.protocol == "random-3"}
    assert found["EASE"] > found["popular"] + 0.2
    assert found["blend"] > found["popular"] + 0.2
    assert found["BM25"] > found["popular"] + 0.2
    cold = {row.rival: row.ndcg for row in rows if row.protocol == "cold"}
    assert cold["blend"] > cold["popular"]


def test_the_table_and_the_plot_name_everybody(rows: list[Row], asked: dict[str, Protocol], tmp_path: Path) -> None:
    one = [row for row in rows if row.protocol == "random-3"]
    text = "\n".join(table(one, asked["random-3"]))
    assert all(row.rival in text and f"{row.ndcg:.3f} ± {row.margin:.3f}" in text for row in one)
    order = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(order) == 4
    plot(rows, "tastes", tmp_path / "plots" / "tastes.png")
    assert (tmp_path / "plots" / "tastes.png").read_bytes().startswith(b"\x89PNG")


def test_the_cost_of_a_fold_in_stands_beside_the_bare_product(asked: dict[str, Protocol]) -> None:
    ease = Ours("EASE", Ease)
    ease.fit(asked["random-3"].train)
    (cost,) = fold_in_cost(asked["random-3"], [ease])
    assert cost[0] == "EASE"
    assert cost[1] > 0
    assert cost[2] > 0


def test_the_catalogue_in_service_is_a_dataset(world_settings: Settings) -> None:
    dataset = load_dataset("catalogue", world_settings)
    assert str(dataset) == "catalogue: 60 users, 120 items, 840 events"
    assert np.mean(dataset.data.liked) == pytest.approx(12 / 14)


def test_data_that_is_not_here_is_named_with_the_way_to_it(world_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"ratings\.csv is not there\. Name the folder that has it"):
        load_dataset("ml-latest-small", world_settings, tmp_path)


def test_of_many_cases_some_are_drawn_the_same_ones_each_time() -> None:
    dataset = Dataset("tastes", tastes(90))
    (some,), (again,), (everything,) = (protocols(dataset, ["last"], most_cases=most) for most in (7, 7, None))
    assert len(some.cases) == 7 < len(everything.cases)
    assert [case.history for case in some.cases] == [case.history for case in again.cases]
    assert {case.history for case in some.cases} <= {case.history for case in everything.cases}
