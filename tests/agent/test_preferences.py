"""Later words win: what replaces what, what stays beside it, and what is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from heard import hear
from hypothesis import given
from hypothesis import strategies as st

from agent.preferences import ItemList, Preferences
from tools.constraints import Constraint
from tools.shelf import Shelf

LISTS: list[ItemList] = ["liked", "disliked", "rejected", "seen"]


def after(shelf: Shelf, *messages: str) -> set[tuple[Any, ...]]:
    """What a conversation of these messages knows."""
    preferences = Preferences()
    for message in messages:
        reading = hear(message, shelf)
        kept = preferences.after_taking_back(reading.back, reading.needless, shelf.catalogue.schema)
        preferences = kept.with_constraints(reading.constraints, shelf.catalogue.schema, reading.back.change)
    return {(c.field, c.op, c.value, c.strength) for c in preferences.constraints}


@pytest.mark.parametrize(
    ("earlier", "later", "known"),
    [
        ("under 60 minutes", "under 30 minutes", {("minutes", "<", 30)}),
        ("under 60 minutes", "under 90 minutes", {("minutes", "<", 90)}),
        ("under 60 minutes", "over 90 minutes", {("minutes", ">", 90)}),
        ("under 60 minutes", "at least 60 minutes", {("minutes", ">=", 60)}),
        ("under 60 minutes", "over 30 minutes", {("minutes", "<", 60), ("minutes", ">", 30)}),
        ("at most 60 minutes", "at least 60 minutes", {("minutes", "<=", 60), ("minutes", ">=", 60)}),
        ("under 60 minutes", "under $30", {("minutes", "<", 60), ("price", "<", 30)}),
        ("in 2004", "in 2005", {("year", "=", 2005)}),
        ("since 1990", "in 1985", {("year", "=", 1985)}),
        ("not in 1999", "since 1990", {("year", "!=", 1999), ("year", ">=", 1990)}),
        ("not from the 90s", "from the 90s", {("year", ">=", 1990), ("year", "<=", 1999)}),
        ("in stock", "not in stock", {("in_stock", "=", False)}),
        ("a wargame", "no wargames", {("kinds", "!=", "Wargame")}),
        ("no wargames", "a wargame after all", {("kinds", "=", "Wargame")}),
        ("no party or humor", "a party game", {("kinds", "=", "Party")}),
        ("a wargame", "no party games or wargames", {("kinds", "!=", ("Party", "Wargame"))}),
        ("a wargame", "a wargame or a party game", {("kinds", "=", ("Wargame", "Party"))}),
        ("a wargame", "strategy", {("kinds", "=", "Wargame"), ("kinds", "=", "Strategy")}),
        ("by Ada Quill", "by Bruno Vance", {("designer", "=", "Bruno Vance")}),
        ("not by Ada Quill", "not by Bruno Vance", {("designer", "!=", "Ada Quill"),
        ("designer", "!=", "Bruno Vance")}),
    ],
)  # fmt: skip
def test_a_later_wish_replaces_what_it_contradicts_and_nothing_else(
    shelf: Shelf, earlier: str, later: str, known: set[tuple[Any, ...]]
) -> None:
    assert after(shelf, earlier, later) == {(*wish, "must") for wish in known}
    assert after(shelf, earlier, later, later) == after(shelf, earlier, later)


def test_a_preference_leaves_the_must_that_it_agrees_with(shelf: Shelf) -> None:
    assert after(shelf, "under 60 minutes", "preferably under 30 minutes") == {
        ("minutes", "<", 60, "must"), ("minutes", "<", 30, "prefer"),
    }  # fmt: skip
    assert after(shelf, "under 60 minutes", "preferably over 90 minutes") == {("minutes", ">", 90, "prefer")}
    assert after(shelf, "preferably under 30 minutes", "under 60 minutes") == {("minutes", "<", 60, "must")}


def test_dates_of_any_precision_are_compared(books: Shelf) -> None:
    schema = books.catalogue.schema
    newer = Constraint(field="published", op=">", value="1987-05-05")
    older = Constraint(field="published", op="<", value="1980")
    known = Preferences().with_constraints([newer], schema).with_constraints([older], schema)
    assert known.constraints == [older]
    later = Constraint(field="published", op="<", value="1990")
    assert Preferences().with_constraints([newer], schema).with_constraints([later], schema).constraints == [
        newer,
        later,
    ]


@pytest.mark.parametrize(
    ("phrase", "left"),
    [
        ("forget the year", {"minutes", "kinds", "price"}), ("forget the length", {"year", "kinds", "price"}),
        ("forget the minutes", {"year", "kinds", "price"}), ("forget about the wargame", {"minutes", "year", "price"}),
        ("never mind the price", {"minutes", "year", "kinds"}), ("forget under 60 minutes", {"year", "kinds", "price"}),
        ("forget the weather", {"minutes", "year", "kinds", "price"}),
    ],
)  # fmt: skip
def test_a_wish_is_taken_back_by_its_words_or_its_fields(shelf: Shelf, phrase: str, left: set[str]) -> None:
    known = after(shelf, "a wargame from the 90s, under 60 minutes, under $30", phrase)
    assert {wish[0] for wish in known} == left


def test_the_words_and_the_turn_stay_with_the_wish(shelf: Shelf) -> None:
    wish = Constraint(field="minutes", op="<", value=60.0, words="under an hour", turn=2)
    known = Preferences().with_constraints([wish], shelf.catalogue.schema)
    again = Preferences.model_validate(known.model_dump(mode="json"))
    assert (again.constraints[0].words, again.constraints[0].turn) == ("under an hour", 2)


@given(st.lists(st.tuples(st.sampled_from(LISTS), st.lists(st.sampled_from("abcde"), max_size=3)), max_size=8))
def test_an_item_is_only_in_the_list_that_it_was_put_in_last(steps: list[tuple[ItemList, list[str]]]) -> None:
    preferences, last = Preferences(), dict[str, str]()
    for kind, ids in steps:
        preferences = preferences.with_items(kind, ids)
        last |= dict.fromkeys(ids, kind)
    found = [(item, kind) for kind in LISTS for item in getattr(preferences, kind)]
    assert sorted(found) == sorted(last.items())
    assert sorted(preferences.excluded) == sorted(last)
