"""Ages in a message: whose they are, what is fit for them, and numbers that are no age."""

from __future__ import annotations

import pytest
from heard import hear, musts

from tools.shelf import Shelf

G, PG, PG_13 = ("G",), ("G", "PG"), ("G", "PG", "PG-13")


@pytest.mark.parametrize(
    ("message", "fit"),
    [
        ("I'm 10", PG),
        ("im 12, something funny", PG),
        ("I am only eight years old", PG),
        ("my 8-year-old is watching", PG),
        ("it's for my six year old nephew", G),
        ("for a 13 year old", PG_13),
        ("with our 9yo", PG),
        ("we watch it with two 10-year-olds", PG),
        ("my daughter is 14", PG_13),
        ("my kids are 5 and 15", G),
        ("for my kids, aged 9 to 12", PG),
        ("for children aged 7", G),
        ("something for kids under 14", PG_13),
        ("for kids up to 10, please", PG),
        ("I'm 40 and my 16-year-old son picks", PG_13),
    ],
)
def test_what_is_fit_for_the_youngest_is_demanded(films: Shelf, message: str, fit: tuple[str, ...]) -> None:
    said = [wish for wish in musts(hear(message, films)) if wish[0] != "genres"]
    assert said == [("content_rating", "=", fit)]


@pytest.mark.parametrize(
    "message",
    [
        "I'm 35",
        "for a 40-year-old",
        "a 10-year-old film",
        "it is 10 years old",
        "we're 4 people tonight",
        "I'm in for 10 minutes",
        "it's my 10th film",
        "a film from when I was 8",
        "I've seen 10 of these",
    ],
)
def test_what_is_no_child_s_age_demands_nothing_of_certificates(films: Shelf, message: str) -> None:
    assert not any(wish[0] == "content_rating" for wish in musts(hear(message, films)))


def test_where_no_field_has_ages_it_is_said_of_children_only(shelf: Shelf) -> None:
    assert hear("for my 8-year-old", shelf).is_of_unknown_age
    assert not hear("I'm 40", shelf).is_of_unknown_age


def test_for_the_kids_is_the_kind_that_is_called_so_else_what_is_fit_for_a_child(films: Shelf, books: Shelf) -> None:
    for message in ("something for kids", "a comedy for my kids", "suitable for children who love dinosaurs"):
        assert ("content_rating", "=", PG) in musts(hear(message, films)), message
        assert ("subjects", "=", "Children") in musts(hear(message, books)), message
    assert ("subjects", "!=", "Children") in musts(hear("not for kids", books))
    assert ("content_rating", "=", G) in musts(hear("for my kids, aged 6 and 9", films))
    assert musts(hear("for kids under 10 minutes", films)) == [("content_rating", "=", PG), ("minutes", "<", 10)]
    assert musts(hear("kids at heart need drama", films)) == [("genres", "=", "Drama")]
