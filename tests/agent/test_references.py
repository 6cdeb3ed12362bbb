"""References to what was shown: by number, by ordinal, all at once, and beyond it."""

from __future__ import annotations

import pytest
from heard import hear

from agent.reading.references import read_references
from tools.data.catalogue import Item
from tools.shelf import Shelf

NOUNS = ["game", "games"]


@pytest.mark.parametrize(
    ("message", "rows"),
    [
        ("the first one", [0]), ("the second one please", [1]), ("the last one", [2]), ("#3", [2]), ("number 2", [1]),
        ("no. 2", [1]), ("option 2", [1]), ("nr 2", [1]), ("nr. 3", [2]),
        ("the third game", [2]), ("your first suggestion", [0]), ("the 2nd one", [1]),
        ("the second is fine", [1]),
        ("the third and the first", [2, 0]), ("the first two", [0, 1]), ("the last two", [1, 2]),
        ("the fifth one", [4]),
        ("number 9", [8]), ("#12", [11]), ("the ninth one", [8]), ("no 5 minute games", []),
        ("a second world war", []), ("the second world war", []), ("the last ten years", []), ("first", []),
        ("one of them", []), ("the first two hours", []), ("not 1.6", []), ("not 1", [0]),
    ],
)  # fmt: skip
def test_which_rows_are_meant(message: str, rows: list[int]) -> None:
    assert [reference.row for reference in read_references(message, 3, NOUNS)] == rows


def test_nothing_is_pointed_at_before_anything_was_shown() -> None:
    assert read_references("the first one", 0, NOUNS) == []


@pytest.mark.parametrize(
    ("message", "kind", "rows"),
    [
        ("drop the second one", "rejected", [1]), ("option 2? no thanks", "rejected", [1]),
        ("more like the second one", "liked", [1]), ("I liked the first", "liked", [0]), ("I'll take #3", "liked", [2]),
        ("I've seen the first one", "seen", [0]), ("I've already played the first two", "seen", [0, 1]),
        ("not the second one", "rejected", [1]), ("I hated the last one", "rejected", [2]),
        ("the second one is too long", "rejected", [1]),
        ("the first one looks boring", "rejected", [0]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_row_is_said_of_its_item(
    shelf: Shelf, shown: list[Item], message: str, kind: str, rows: list[int]
) -> None:
    reading = hear(message, shelf, shown)
    expected = tuple(shown[row].position for row in rows)
    assert {name: getattr(reading, name) for name in ("liked", "seen", "rejected", "disliked")} == {
        "liked": (), "seen": (), "rejected": (), "disliked": (), kind: expected,
    }  # fmt: skip


def test_one_is_liked_and_the_other_not(shelf: Shelf, shown: list[Item]) -> None:
    reading = hear("I liked the first one but not the second", shelf, shown)
    assert (reading.liked, reading.rejected) == ((shown[0].position,), (shown[1].position,))


@pytest.mark.parametrize("message", ["I liked the fifth one", "number 9 is great", "more like the 4th one"])
def test_a_row_beyond_the_slate_is_nothing_and_is_not_searched_for(
    shelf: Shelf, shown: list[Item], message: str
) -> None:
    reading = hear(message, shelf, shown)
    assert not reading.liked
    assert reading.query == ""


def test_a_question_about_a_row_beyond_the_slate_is_about_none(shelf: Shelf, shown: list[Item]) -> None:
    assert (hear("why the fifth one?", shelf, shown).intent, hear("why the fifth one?", shelf, shown).about) == (
        "explain",
        (),
    )
    assert hear("how long is number 9?", shelf, shown).about == ()
