"""Numbers in a message: what they bound, in whose words, and when they mean nothing."""

from __future__ import annotations

import pytest
from heard import hear, musts, wishes

from agent.reading.numbers import read_numbers
from tools.data.schema import FieldSpec, Schema
from tools.shelf import Shelf

ONE_BOUND = [
    ("under 60 minutes", "minutes", "<", 60), ("over 90 minutes", "minutes", ">", 90),
    ("at most 45 minutes", "minutes", "<=", 45), ("at least two hours", "minutes", ">=", 120),
    ("no more than 30 minutes", "minutes", "<=", 30), ("no longer than 45 minutes", "minutes", "<=", 45),
    ("not longer than an hour", "minutes", "<=", 60), ("up to an hour", "minutes", "<=", 60),
    ("within 45 min", "minutes", "<=", 45), ("60 minutes or less", "minutes", "<=", 60),
    ("60 minutes max", "minutes", "<=", 60), ("60 min tops", "minutes", "<=", 60),
    ("100+ minutes", "minutes", ">=", 100), ("60 minutes or more", "minutes", ">=", 60),
    ("nothing over 60 minutes", "minutes", "<=", 60), ("no games over 60 minutes", "minutes", "<=", 60),
    ("under 1h", "minutes", "<", 60), ("less than half an hour", "minutes", "<", 30),
    ("under ninety minutes", "minutes", "<", 90), ("under forty-five minutes", "minutes", "<", 45),
    ("2 hours", "minutes", "=", 120), ("an hour and a half", "minutes", "=", 90),
    ("1 hour 30 minutes", "minutes", "=", 90), ("1h30", "minutes", "=", 90), ("1.5 hours", "minutes", "=", 90),
    ("two and a half hours", "minutes", "=", 150), ("45min", "minutes", "=", 45),
    ("sixteen minutes", "minutes", "=", 16),
    ("2  hours", "minutes", "=", 120), ("1,000 minutes", "minutes", "=", 1000),
    ("$20", "price", "=", 20), ("20$", "price", "=", 20), ("20 dollars", "price", "=", 20),
    ("under $20", "price", "<", 20), ("$20 or less", "price", "<=", 20), ("less than 20 dollars", "price", "<", 20),
    ("€30 max", "price", "<=", 30), ("not more than $30", "price", "<=", 30),
    ("I don't want to pay more than $30", "price", "<=", 30), ("a budget of $30", "price", "<=", 30),
    ("price under 20", "price", "<", 20), ("costing less than 20", "price", "<", 20),
    ("cheaper than 30", "price", "<", 30),
    ("since 1990", "year", ">=", 1990), ("before 2000", "year", "<", 2000), ("after 2010", "year", ">", 2010),
    ("until 1995", "year", "<=", 1995), ("pre-1990", "year", "<", 1990), ("from 1990 onwards", "year", ">=", 1990),
    ("1990 or later", "year", ">=", 1990), ("1990 or older", "year", "<=", 1990),
    ("not before 2000", "year", ">=", 2000),
    ("nothing older than 1995", "year", ">=", 1995), ("newer than 2010", "year", ">", 2010),
    ("in 2004", "year", "=", 2004),
    ("sub-$20", "price", "<", 20), ("over-90 minutes", "minutes", ">", 90), ("at-least-$30", "price", ">=", 30),
    ("with a maximum of 60 minutes", "minutes", "<=", 60), ("with a mimimum of 60 minutes", "minutes", ">=", 60),
    ("60 minutes at the outside", "minutes", "<=", 60), ("from 60 minutes", "minutes", ">=", 60),
    ("60 minutes and beyond", "minutes", ">=", 60), ("starting at $30", "price", ">=", 30),
    ("keep it to 60 minutes", "minutes", "<=", 60), ("limited to 60 minutes", "minutes", "<=", 60),
    ("in excess of $30", "price", ">", 30), ("non-2004", "year", "!=", 2004),
    ("other than 60 minutes", "minutes", "!=", 60),
    ("a hundred minutes", "minutes", "=", 100), ("two hundred and ten minutes", "minutes", "=", 210),
    ("maximum price 20", "price", "<=", 20), ("min price: 20", "price", ">=", 20),
    ("minutes over ninety", "minutes", ">", 90),
]  # fmt: skip


@pytest.mark.parametrize(("message", "field", "op", "value"), ONE_BOUND, ids=[case[0] for case in ONE_BOUND])
def test_a_number_bounds_its_field_on_the_side_that_is_said(
    shelf: Shelf, message: str, field: str, op: str, value: float
) -> None:
    reading = hear(message, shelf)
    assert musts(reading) == [(field, op, value)]
    assert reading.query == ""  # nothing of it is searched for as text


RANGES = [
    ("between 30 and 60 minutes", "minutes", 30, 60), ("30 to 60 minutes", "minutes", 30, 60),
    ("30-60 minutes", "minutes", 30, 60), ("between one and two hours", "minutes", 60, 120),
    ("1 to 2 hours", "minutes", 60, 120), ("30 minutes to 2 hours", "minutes", 30, 120),
    ("between 30 minutes and an hour", "minutes", 30, 60), ("about 60 minutes", "minutes", 48, 72),
    ("between $20 and $40", "price", 20, 40), ("between 20 and 30 dollars", "price", 20, 30),
    ("$20-$40", "price", 20, 40), ("20 dollars to 40 dollars", "price", 20, 40),
    ("60 minutes to 90 minutes", "minutes", 60, 90), ("1h to 90 minutes", "minutes", 60, 90),
    ("between 90 and 2h", "minutes", 90, 120),
    ("from 1990 to 1999", "year", 1990, 1999), ("between 1990 and 2000", "year", 1990, 2000),
    ("1990-2000", "year", 1990, 2000),
    ("the 90s", "year", 1990, 1999), ("'90s", "year", 1990, 1999), ("’90s games", "year", 1990, 1999),
    ("1990s", "year", 1990, 1999), ("the nineties", "year", 1990, 1999), ("early 80s", "year", 1980, 1983),
    ("late 1980s", "year", 1987, 1989), ("mid-90s", "year", 1994, 1996), ("the 2000s", "year", 2000, 2009),
    ("the 10s", "year", 2010, 2019), ("around 1995", "year", 1993, 1997),
    ("from the 80s to the 90s", "year", 1980, 1999),
    ("80s or 90s", "year", 1980, 1999), ("the 90s and the 80s", "year", 1980, 1999),
    ("1994 or 1995", "year", 1994, 1995),
]  # fmt: skip


@pytest.mark.parametrize(("message", "field", "low", "high"), RANGES, ids=[case[0] for case in RANGES])
def test_a_range_is_one_wish_with_two_ends(shelf: Shelf, message: str, field: str, low: float, high: float) -> None:
    reading = hear(message, shelf)
    assert musts(reading) == [(field, ">=", low), (field, "<=", high)]
    assert len({constraint.words for constraint in reading.constraints}) == 1


@pytest.mark.parametrize(
    "message",
    [
        "in my 30s", "someone in his late 20s", "3", "42", "100+", "under 30", "between 20 and 40", "for my 8 year old",
        "I'm 10 years old", "7 of us", "one of them", "100%",
        "100s of games",
        "1" * 400 + " minutes",
    ],
)  # fmt: skip
def test_a_number_that_no_field_fits_means_nothing(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert reading.constraints == ()
    assert reading.query == ""


def test_all_the_time_or_money_there_is_is_a_limit(shelf: Shelf) -> None:
    assert musts(hear("I have two hours", shelf)) == [("minutes", "<=", 120)]
    assert musts(hear("we only have 45 minutes", shelf)) == [("minutes", "<=", 45)]
    assert musts(hear("I've got $20", shelf)) == [("price", "<=", 20)]


def test_the_words_are_the_persons_own(shelf: Shelf) -> None:
    for words in (
        "between 30 and 60 minutes", "about 60 minutes", "100+ minutes", "not before 2000", "the early 80s",
        "don't want to pay more than $30", "nothing over 60 minutes", "20 dollars or less", "an hour and a half",
    ):  # fmt: skip
        message = f"Strategy, please. I {words}; thanks!"
        assert {c.words for c in hear(message, shelf).constraints} == {"Strategy", words}


def test_what_is_softly_said_is_a_preference(shelf: Shelf) -> None:
    assert wishes(hear("preferably under 60 minutes", shelf), "prefer") == [("minutes", "<", 60)]
    assert wishes(hear("ideally from the 90s", shelf), "prefer") == [("year", ">=", 1990), ("year", "<=", 1999)]


@pytest.mark.parametrize(
    "message", ["$20 or less if possible", "$20 or less, if you can", "$20 or less would be nice", "pref $20 or less"]
)
def test_a_hedge_may_stand_behind(shelf: Shelf, message: str) -> None:
    assert wishes(hear(message, shelf), "prefer") == [("price", "<=", 20)]


def test_a_bound_is_of_the_number_that_it_stands_before(shelf: Shelf) -> None:
    assert musts(hear("60 minutes max $30", shelf)) == [("minutes", "=", 60), ("price", "<=", 30)]


@pytest.mark.parametrize("message", ["I loved Falco Nero (1995)", 'I liked "Falco Nero" (1995), more please'])
def test_a_year_in_brackets_belongs_to_the_name_before_it(shelf: Shelf, message: str) -> None:
    assert hear(message, shelf).constraints == ()
    assert musts(hear("games (1995)", shelf)) == [("year", "=", 1995)]


def test_two_numbers_bound_two_fields(shelf: Shelf) -> None:
    assert musts(hear("under 60 minutes and under $30", shelf)) == [("minutes", "<", 60), ("price", "<", 30)]
    assert musts(hear("more than 30 but less than 60 minutes", shelf)) == [("minutes", ">", 30), ("minutes", "<", 60)]


@pytest.mark.parametrize("message", ["not from the 90s", "nothing from the 90s", "no 90s games", "except the 90s"])
def test_a_decade_that_is_not_wanted_is_kept_out_whole(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert musts(reading) == [("year", "!=", year) for year in range(1990, 2000)]
    left = shelf.catalogue.items(shelf.catalogue.filter(reading.constraints))
    assert {item.values["year"] // 10 for item in left} == {198, 200, 201}


def test_a_negation_of_something_else_leaves_the_number(shelf: Shelf) -> None:
    assert ("minutes", "<", 60) in musts(hear("nothing scary and under 60 minutes", shelf))
    assert musts(hear("no wargames, from the 90s", shelf)) == [
        ("kinds", "!=", "Wargame"), ("year", ">=", 1990), ("year", "<=", 1999),
    ]  # fmt: skip


def test_dates_are_bounded_by_their_year_and_ratings_from_below(books: Shelf) -> None:
    assert musts(hear("published before 1990", books)) == [("published", "<", "1990")]
    assert musts(hear("from the 80s", books)) == [("published", ">=", "1980"), ("published", "<=", "1989")]
    assert musts(hear("4 stars", books)) == [("stars", ">=", 4)]
    assert musts(hear("under 300 pages", books)) == [("pages", "<", 300)]


@pytest.mark.parametrize(
    ("message", "bounds"),
    [
        ("at least 10 hours", [(">=", 10)]), ("under two hours", [("<", 2)]), ("an hour and a half", [("=", 1.5)]),
        ("between five and eight hours", [(">=", 5), ("<=", 8)]), ("with a battery life over 12 hours", [(">", 12)]),
        ("under 90 minutes", [("<", 1.5)]),
    ],
)  # fmt: skip
def test_times_are_counted_in_the_unit_of_their_field(message: str, bounds: list[tuple[str, float]]) -> None:
    battery = FieldSpec(name="battery_life", type="number", unit="hours", words=["battery life"])
    schema = Schema(id_column="id", fields=[FieldSpec(name="name", type="text", role="title"), battery])
    found = read_numbers(message, schema, 2025.0)
    assert [(c.op, c.value) for one in found for c in one.constraints] == bounds


@pytest.mark.parametrize(
    ("message", "least"),
    [("at least 7/10", 3.5), ("8 out of 10 or better", 4.0), ("rated 4/5 or higher", 4.0)],
)
def test_a_mark_is_read_on_the_scale_of_the_catalogue(books: Shelf, message: str, least: float) -> None:
    assert musts(hear(message, books)) == [("stars", ">=", least)]
    assert hear("that one was a 10/10", books).constraints == ()


@pytest.mark.parametrize(
    ("message", "since"),
    [("from the last 10 years", "2007"), ("no older than 10 years", "2007"), ("in the past decade", "2007"),
     ("less than 5 years old", "2012"), ("of the last few years", "2012"), ("after the year 1990", "1990")],
)  # fmt: skip
def test_years_back_are_counted_from_the_newest_item(books: Shelf, message: str, since: str) -> None:
    first = hear(message, books).constraints[0]
    assert (first.field, first.op[0], str(first.value)[:4]) == ("published", ">", since)
    for message in ("I read it 10 years ago", "I haven't read one in the last 5 years"):
        assert hear(message, books).constraints == (), message


def test_a_place_called_new_is_not_new(shelf: Shelf) -> None:
    assert hear("games set in new york", shelf).constraints == ()
