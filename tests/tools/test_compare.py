"""compare_items: the fields side by side, what is shared, and which fits better."""

from __future__ import annotations

import pytest
from contracts import ToolContract
from pydantic import ValidationError

from tools.compare import CompareArguments, CompareItems, Comparison, Difference, compare
from tools.contract import Candidates, Wishes
from tools.shelf import Shelf


class TestCompareContract(ToolContract):
    tool = CompareItems()
    calls = (
        CompareArguments(titles=("Siege of Ruby", "Banter of Ruby")),
        CompareArguments(titles=("Siege of Ruby", "siege of ruby", "Banter of Ruby")),
        CompareArguments(titles=("Siege of Ruby", "Nothing Like It")),
    )


@pytest.fixture(scope="module")
def compared(shelf: Shelf) -> Comparison:
    return compare(shelf, Wishes(liked=(3,)), [0, 2])  # two strategy games, of war and of farming


def of(comparison: Comparison, name: str) -> Difference:
    return next(d for d in comparison.differences if d.field.name == name)


def test_the_values_stand_side_by_side(compared: Comparison, shelf: Shelf) -> None:
    assert of(compared, "price").values == (9.5, 11.0)
    assert of(compared, "price").order == (1, 0)
    assert of(compared, "kinds").shared == ("Strategy", "Family")
    assert not of(compared, "kinds").is_same
    assert all(d.field.role != "title" for d in compared.differences)


def test_what_is_not_known_is_neither_equal_nor_more(compared: Comparison) -> None:
    minutes = of(compared, "minutes")  # not known of the first game
    assert minutes.values[0] is None
    assert minutes.order == ()
    assert not minutes.is_same


def test_equal_values_are_the_same(shelf: Shelf) -> None:
    assert of(compare(shelf, Wishes(), [1, 5]), "designer").is_same


def test_what_was_liked_says_which_fits_better(compared: Comparison, shelf: Shelf) -> None:
    assert compared.fit[0] > compared.fit[1]
    assert compared.likeness < compare(shelf, Wishes(), [0, 3]).likeness


def test_an_unknown_title_is_named_and_nothing_is_compared(shelf: Shelf) -> None:
    everything = Candidates.everything(shelf.catalogue.size)
    arguments = CompareArguments(titles=("Siege of Ruby", "Siege of Rubber Ducks"))
    result = CompareItems().run(arguments, shelf, Wishes(), everything)
    assert result.finding is None
    assert result.summary["nearest"][0] == "Siege of Ruby"


@pytest.mark.parametrize("words", [[], ["Siege of Ruby"], ["a"] * 6])
def test_two_to_five_are_compared(words: list[str]) -> None:
    with pytest.raises(ValidationError):
        CompareArguments.of_words(words)
