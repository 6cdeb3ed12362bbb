"""lookup_item: one item by its title, or honestly none."""

from __future__ import annotations

from typing import Any

import pytest
from contracts import ToolContract
from pydantic import ValidationError

from tools.contract import Candidates, TitleArguments, Wishes
from tools.lookup import LookupItem
from tools.shelf import Shelf


class TestLookupContract(ToolContract):
    tool = LookupItem()
    calls = tuple(TitleArguments(title=t) for t in ("Siege of Ruby", "seige of ruby", "Nothing Like It", "'; --"))


def lookup(shelf: Shelf, title: str) -> dict[str, Any]:
    candidates = Candidates.everything(shelf.catalogue.size)
    result = LookupItem().run(TitleArguments(title=title), shelf, Wishes(), candidates)
    assert result.candidates is candidates, "the candidates pass by"
    return result.summary


def test_finds_the_item(shelf: Shelf) -> None:
    assert lookup(shelf, "Siege of Ruby") == {"found": 0, "how": "exact"}
    assert lookup(shelf, "the siege of ruby") == {"found": 0, "how": "normalised"}


def test_an_unknown_title_is_said_to_be_unknown_with_what_comes_near(shelf: Shelf) -> None:
    summary = lookup(shelf, "Siege of Rubber Ducks")
    assert summary["found"] is None
    assert summary["nearest"][0] == "Siege of Ruby"
    assert len(set(summary["nearest"])) == 3


@pytest.mark.parametrize("title", ["", "x" * 201])
def test_a_title_has_a_length(title: str) -> None:
    with pytest.raises(ValidationError):
        TitleArguments(title=title)
