"""explain_item: the contributions are the score, the barriers are real, and the changes do what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from contracts import ToolContract

from tools.constraints import Constraint
from tools.contract import Candidates, TitleArguments, Wishes
from tools.explain import ExplainItem, explain
from tools.filter import FilterItems
from tools.rank import RankArguments, RankItems
from tools.search import SearchArguments, SearchItems
from tools.shelf import Shelf

WISHES = Wishes(
    constraints=(
        Constraint(field="price", op="<=", value=60.0, words="up to 60"),
        Constraint(field="kinds", op="=", value="Strategy", strength="prefer", words="strategy"),
        Constraint(field="designer", op="=", value="Ada Quill", strength="avoid", words="not by Ada Quill"),
    ),
    liked=(0, 3),
    disliked=(1,),
    excluded=(0, 1, 3),
)


class TestExplainContract(ToolContract):
    tool = ExplainItem()
    calls = tuple(TitleArguments(title=t) for t in ("Siege of Jade", "Banter of Coral", "Nothing Like It"))


def ranked(shelf: Shelf, wishes: Wishes, candidates: Candidates | None = None) -> Candidates:
    left = candidates or Candidates.everything(shelf.catalogue.size)
    for tool, arguments in ((FilterItems(), FilterItems.arguments()), (RankItems(), RankArguments())):
        left = tool.run(arguments, shelf, wishes, left).candidates  # type: ignore[attr-defined]
    return left


def test_the_contributions_add_up_to_the_score_that_ranks(shelf: Shelf) -> None:
    order = ranked(shelf, WISHES)
    everything = Candidates.everything(shelf.catalogue.size)
    for row in (0, 1, len(order) // 2, len(order) - 1):
        explained = explain(shelf, WISHES, everything, int(order.positions[row]))
        assert explained.place == row + 1
        assert explained.score == pytest.approx(float(order.scores[row]), abs=1e-5)
        assert sum(c.amount for c in explained.contributions) == pytest.approx(explained.score, abs=1e-4)
        assert explained.is_allowed


def test_so_they_do_after_a_search(shelf: Shelf) -> None:
    found = SearchItems().run(
        SearchArguments(query="a game about sieges"), shelf, WISHES, Candidates.everything(shelf.catalogue.size)
    )
    order = ranked(shelf, WISHES, found.candidates)
    explained = explain(shelf, WISHES, found.candidates, int(order.positions[0]))
    assert explained.score == pytest.approx(float(order.scores[0]), abs=1e-5)
    assert sum(c.amount for c in explained.contributions) == pytest.approx(explained.score, abs=1e-4)
    assert any(c.kind == "text" for c in explained.contributions)


def test_what_was_liked_speaks_for_its_like(shelf: Shelf) -> None:
    first = int(ranked(shelf, Wishes(liked=(0, 3))).positions[0])
    explained = explain(shelf, Wishes(liked=(0, 3)), Candidates.everything(shelf.catalogue.size), first)
    assert {c.cause for c in explained.contributions if c.kind == "liked" and c.amount > 0} == {0, 3}


def test_why_not_names_the_broken_wish_and_what_would_change_it(shelf: Shelf) -> None:
    everything = Candidates.everything(shelf.catalogue.size)
    free = replace(WISHES, constraints=WISHES.constraints[1:])
    dear = next(p for p in ranked(shelf, free).positions[:5] if 9.5 + p * 0.75 > 60)
    explained = explain(shelf, WISHES, everything, int(dear))
    assert [c.field for c in explained.barriers] == ["price"]
    assert not explained.is_allowed
    (change,) = [c for c in explained.changes if isinstance(c.cause, Constraint) and c.cause.field == "price"]
    assert ranked(shelf, free).positions[change.place - 1] == dear


def test_each_change_moves_the_item_over_the_edge_of_the_slate(shelf: Shelf) -> None:
    everything = Candidates.everything(shelf.catalogue.size)
    seen = 0
    for position in ranked(shelf, WISHES).positions[:12]:
        explained = explain(shelf, WISHES, everything, int(position))
        for change in explained.changes:
            assert (change.place <= 5) != (explained.place <= 5)
            seen += 1
    assert seen, "some single wish decides somewhere"


def test_what_is_known_or_off_topic_is_said_to_be(shelf: Shelf) -> None:
    everything = Candidates.everything(shelf.catalogue.size)
    assert explain(shelf, WISHES, everything, 0).is_known
    some = everything.take(np.arange(10)).with_part("text", np.ones(10, dtype=np.float32))
    assert explain(shelf, WISHES, some, 50).is_off_topic


def test_with_nothing_said_popularity_is_all(shelf: Shelf) -> None:
    explained = explain(shelf, Wishes(), Candidates.everything(shelf.catalogue.size), 5)
    assert [c.kind for c in explained.contributions] == ["popular"]
    assert explained.changes == ()


def test_what_was_liked_before_the_conversation_is_a_contribution(shelf: Shelf) -> None:
    explained = explain(shelf, Wishes(liked=(0,), log=(3, 6)), Candidates.everything(120), 9)
    assert sum(c.amount for c in explained.contributions) == pytest.approx(explained.score, abs=1e-4)
    assert [c.amount > 0 for c in explained.contributions if c.kind == "log"] == [True]
