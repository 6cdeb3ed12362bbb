"""similar_items: by who used both, by the text where nobody used it, and never the item itself."""

from __future__ import annotations

import numpy as np
from contracts import ToolContract
from worlds import COLD

from tools.contract import Candidates, TitleArguments, ToolResult, Wishes
from tools.shelf import Shelf
from tools.similar import MOST, SimilarItems, likeness


class TestSimilarContract(ToolContract):
    tool = SimilarItems()
    calls = tuple(TitleArguments(title=t) for t in ("Siege of Ruby", "seige of ruby", "Nothing Like It"))


def similar(shelf: Shelf, title: str, candidates: Candidates | None = None) -> ToolResult:
    everything = Candidates.everything(shelf.catalogue.size)
    return SimilarItems().run(TitleArguments(title=title), shelf, Wishes(), candidates or everything)


def test_what_the_same_people_liked_comes_first(shelf: Shelf) -> None:
    result = similar(shelf, "Siege of Ruby")  # a war game
    assert result.summary["found"] == 0
    assert 0 not in result.candidates.positions
    assert sum(position % 3 == 0 for position in result.candidates.positions[:15]) >= 14
    assert len(result.candidates) <= MOST


def test_of_what_nobody_used_the_text_tells(shelf: Shelf) -> None:
    party = next(n for n in COLD if n % 3 == 1)
    result = similar(shelf, shelf.titles.title(party))
    assert sum(position % 3 == 1 for position in result.candidates.positions[:10]) >= 8


def test_an_unknown_title_leaves_the_candidates_alone(shelf: Shelf) -> None:
    everything = Candidates.everything(shelf.catalogue.size)
    result = similar(shelf, "Siege of Rubber Ducks", everything)
    assert result.candidates is everything
    assert result.summary["nearest"][0] == "Siege of Ruby"


def test_likeness_is_a_mean_from_none_to_all(shelf: Shelf) -> None:
    one, other = likeness(shelf, [0]), likeness(shelf, [1])
    assert 0 <= one.min() <= one.max() <= 1
    np.testing.assert_allclose(likeness(shelf, [0, 1]), (one + other) / 2, atol=1e-6)
    assert not likeness(shelf, []).any()
