"""filter_items: the musts hold for whatever is left."""

from __future__ import annotations

import numpy as np
from contracts import ToolContract
from worlds import games

from tools.constraints import Constraint
from tools.contract import Arguments, Candidates, ToolResult, Wishes
from tools.filter import FilterItems
from tools.shelf import Shelf


class TestFilterContract(ToolContract):
    tool = FilterItems()
    calls = (Arguments(),)


def run(shelf: Shelf, wishes: Wishes, positions: list[int] | None = None) -> ToolResult:
    candidates = Candidates.everything(shelf.catalogue.size)
    if positions is not None:
        candidates = candidates.take(np.array(positions))
    return FilterItems().run(Arguments(), shelf, wishes, candidates)


def wish(field: str, op: str, value: object, strength: str = "must") -> Constraint:
    return Constraint.model_validate({"field": field, "op": op, "value": value, "strength": strength})


def test_every_must_holds(shelf: Shelf) -> None:
    wishes = Wishes((wish("minutes", "<=", 60.0), wish("kinds", "=", "Strategy"), wish("in_stock", "=", True)))
    found = run(shelf, wishes).candidates.positions.tolist()
    expected = [
        number
        for number, game in enumerate(games())
        if game.get("minutes", 999) <= 60 and "Strategy" in game["kinds"] and game["in_stock"]  # type: ignore[operator]
    ]
    assert found == expected
    assert len(expected) > 5


def test_an_unknown_value_is_not_good_enough(shelf: Shelf) -> None:
    unknown = {number for number, game in enumerate(games()) if "minutes" not in game}
    longer, others = (run(shelf, Wishes((wish("minutes", op, 30.0),))).candidates for op in (">=", "!="))
    assert unknown
    assert unknown.isdisjoint(longer.positions.tolist())
    assert unknown.isdisjoint(others.positions.tolist())


def test_what_is_preferred_or_to_be_avoided_stays(shelf: Shelf) -> None:
    soft = (wish("kinds", "=", "Party", "prefer"), wish("kinds", "=", "Farming", "avoid"))
    assert len(run(shelf, Wishes(soft)).candidates) == 120


def test_the_seen_and_rejected_go(shelf: Shelf) -> None:
    left = run(shelf, Wishes(excluded=(3, 119))).candidates.positions.tolist()
    assert left == [n for n in range(120) if n not in (3, 119)]


def test_order_is_kept(shelf: Shelf) -> None:
    result = run(shelf, Wishes((wish("designer", "=", ["Ada Quill", "Cleo Marsh"]),)), [9, 8, 7, 6, 4, 2])
    assert result.candidates.positions.tolist() == [8, 6, 4, 2]
    assert result.summary == {"before": 6, "after": 4}


def test_musts_that_exclude_each_other_leave_nothing(shelf: Shelf) -> None:
    wishes = Wishes((wish("kinds", "=", "Party"), wish("kinds", "=", "Wargame")))
    assert len(run(shelf, wishes).candidates) == 0
