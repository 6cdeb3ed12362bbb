"""Names of series, as titles tell them."""

from __future__ import annotations

import pytest

from tools.data.series import MOST_PARTS, numbered_names, series_names

PIRATES = ["Gulls of Brine: The First Tide", "Gulls of Brine: Low Water"]


def numbered(titles: list[str]) -> list[tuple[str, int]]:
    return [(title, row) for row, title in enumerate(titles)]


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (PIRATES, "gulls of brine"),
        (PIRATES[:1], "gulls of brine"),
        (["Gulls of Brine: The First Tide, The", "The Gulls of Brine: Low Water"], "gulls of brine"),
        (["Robot 2: Rust"], "robot 2"),
        (["Hettie Crow and the Silver Key", "Hettie Crow and the Old Well"], "hettie crow"),
    ],
)
def test_a_series_is_called_by_what_its_titles_begin_with(titles: list[str], name: str) -> None:
    assert {*series_names(numbered(titles), set())} == {(name, row) for row in range(len(titles))}


@pytest.mark.parametrize(
    "titles",
    [
        ["Visitor: Covenant"],  # one word: too many things are called so
        ["Hettie Crow and the Silver Key"],  # no other says that it is a series
        ["The Fox and the Hound", "The Fox and the Hen"],
        ["Tales of the: Unfinished"],
        ["12:30 to Bath", "Gulls of Brine"],
        [f"Acme Tools: drill {number}" for number in range(MOST_PARTS + 1)],
    ],
)
def test_what_is_no_series(titles: list[str]) -> None:
    assert [*series_names(numbered(titles), set())] == []


def test_a_name_that_an_item_or_a_value_has_stays_theirs() -> None:
    assert [*series_names(numbered(PIRATES), {"gulls of brine"})] == []
    assert [*series_names([("Board games: the book", 0)], {"board game"})] == []


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Gulls: Part II", {"gulls 2", "gulls ii", "gulls part 2", "gulls part ii"}),
        ("Gull Vol. 3", {"gull 3", "gull iii", "gull part 3", "gull part iii"}),
        ("Robot IV: Rust", {"robot 4", "robot iv", "robot part 4", "robot part iv"}),
        ("The Robot 2", {"robot 2", "robot ii", "robot part 2", "robot part ii"}),
        ("Robot", set()),
        ("Robot 2049", set()),
        ("Robot I", set()),
    ],
)
def test_a_part_is_called_by_its_number_however_it_is_written(title: str, names: set[str]) -> None:
    assert {name for name, _ in numbered_names([(title, 0)], set())} == names
    assert [*numbered_names([(title, 0)], names)] == []
