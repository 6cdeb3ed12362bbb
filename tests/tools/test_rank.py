"""rank_items: who likes these also likes those, wishes count, and ties are settled the same way every time."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from contracts import ToolContract
from worlds import COLD, games, ratings

from tools.constraints import Constraint
from tools.contract import Candidates, Wishes
from tools.models.contract import History
from tools.rank import Order, RankArguments, RankItems, taste
from tools.shelf import Shelf

WAR, PARTY, FARM = 0, 1, 2
ORDERS = [order for order in get_args(Order) if order != "sequential"]  # the world's is fitted without


class TestRankContract(ToolContract):
    tool = RankItems()
    calls = tuple(RankArguments.model_validate({"by": by}) for by in (*ORDERS, "lowest price", "highest year"))


def rank(shelf: Shelf, wishes: Wishes, candidates: Candidates | None = None, by: str = "preference") -> list[int]:
    everything = Candidates.everything(shelf.catalogue.size)
    arguments = RankArguments.model_validate({"by": by})
    return RankItems().run(arguments, shelf, wishes, candidates or everything).candidates.positions.tolist()


def plays() -> np.ndarray:
    """How many people interacted with each item, from the file."""
    return np.bincount([int(item[1:]) for _, item, _, _ in ratings()], minlength=120)


@pytest.mark.parametrize("taste", [WAR, PARTY, FARM])
def test_liking_one_taste_brings_more_of_it(shelf: Shelf, taste: int) -> None:
    best = rank(shelf, Wishes(liked=(taste, taste + 3)))[:20]
    assert sum(position % 3 == taste for position in best) >= 18


def test_what_is_disliked_sinks(shelf: Shelf) -> None:
    order = rank(shelf, Wishes(disliked=(1, 4, 7)))
    assert sum(position % 3 == PARTY for position in order[-30:]) >= 25


def test_an_item_that_nobody_knows_is_found_by_what_it_is(shelf: Shelf) -> None:
    order = rank(shelf, Wishes(liked=(1, 4)))
    cold = [position for position in order if position in COLD]
    assert {position % 3 for position in cold[:4]} == {PARTY}
    assert order.index(cold[0]) < 60


def test_with_nothing_said_the_popular_come_first(shelf: Shelf) -> None:
    order = rank(shelf, Wishes())
    counts = plays()[order]
    assert (np.diff(counts) <= 0).all()
    assert order == rank(shelf, Wishes(), by="popularity")


def test_ties_go_to_the_earlier_item(shelf: Shelf) -> None:
    assert rank(shelf, Wishes())[-12:] == list(COLD)


def test_popularity_means_popularity(shelf: Shelf) -> None:
    """Not what was liked, and not how well the text fits: that has already narrowed the candidates."""
    relevant = Candidates.everything(120).with_part("text", np.linspace(0, 1, 120, dtype=np.float32))
    assert rank(shelf, Wishes(liked=(0,)), relevant, "popularity") == rank(shelf, Wishes())


def test_text_relevance_counts(shelf: Shelf) -> None:
    text = np.zeros(120, dtype=np.float32)
    text[119] = 1
    assert rank(shelf, Wishes(), Candidates.everything(120).with_part("text", text))[0] == 119


@pytest.mark.parametrize(("strength", "place"), [("prefer", slice(None, 30)), ("avoid", slice(-30, None))])
def test_a_wish_moves_what_meets_it(shelf: Shelf, strength: str, place: slice) -> None:
    wish = Constraint.model_validate({"field": "designer", "op": "=", "value": "Cleo Marsh", "strength": strength})
    order = rank(shelf, Wishes((wish,)))
    hers = {n for n, game in enumerate(games()) if game["designer"] == "Cleo Marsh"}
    assert len(hers) == 30
    assert set(order[place]) == hers


def test_a_must_is_not_a_matter_of_order(shelf: Shelf) -> None:
    must = Constraint(field="designer", op="=", value="Cleo Marsh")
    assert rank(shelf, Wishes((must,))) == rank(shelf, Wishes())


def test_the_score_is_made_of_its_parts(shelf: Shelf) -> None:
    wish = Constraint(field="kinds", op="=", value="Humor", strength="prefer")
    result = RankItems().run(RankArguments(), shelf, Wishes((wish,), liked=(0,)), Candidates.everything(120))
    assert set(result.candidates.parts) == {"popular", "taste", "facets", "prefers"}
    assert (np.diff(result.candidates.scores) <= 0).all(), "best first"
    assert np.abs(result.candidates.parts["taste"]).max() == pytest.approx(1.0)


def test_what_was_liked_before_the_conversation_counts_less_than_what_is_said_in_it(shelf: Shelf) -> None:
    log = (WAR + 3, WAR + 6, WAR + 9)
    best = rank(shelf, Wishes(log=log))[:20]
    assert sum(position % 3 == WAR for position in best) >= 15, "with nothing said, it is all there is"
    best = rank(shelf, Wishes(liked=(PARTY, PARTY + 3), log=log))[:10]
    assert sum(position % 3 == PARTY for position in best) >= 8


def test_a_recommender_alone_goes_by_the_log_too(shelf: Shelf) -> None:
    best = rank(shelf, Wishes(log=(FARM, FARM + 3)), by="usermixture")[:20]
    assert sum(position % 3 == FARM for position in best) >= 15


def test_what_nobody_used_is_liked_for_what_its_text_says(shelf: Shelf) -> None:
    cold = int(COLD[0])
    history = History((cold,))
    assert not shelf.blend.members["itemknn"].score(history).any()
    assert taste(shelf, history) is shelf.blend.members["content"]
    assert {position % 3 for position in rank(shelf, Wishes(liked=(cold,)))[:10]} == {cold % 3}
    assert taste(shelf, History((cold, 0))) is shelf.blend.members["itemknn"]
