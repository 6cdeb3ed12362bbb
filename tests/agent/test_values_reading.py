"""Kinds, people, flags and adjectives in a message: wanted, unwanted, or one of several."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from heard import hear, musts, wishes
from tiny import tiny_catalogue, tiny_schema

from agent.reading.message import read_message
from agent.training.material import load_domains
from evals.exam.made_up import shelf_of
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.grounding import Titles
from tools.shelf import Shelf

WANTED = ["wargames", "a wargame", "WARGAME!", "is there a wargame?", "why not a wargame?", "a war game", "a wargmae",
          "I can't get enough of wargames", "can't fault a wargame", "nothing beats a wargame",
          "I've never tried wargames"]  # fmt: skip
ALLOWED = ["I don't mind wargames", "not only wargames", "I wouldn't mind a wargame", "wargames are fine",
           "I have nothing against wargames"]  # fmt: skip
NEEDLESS = ["it doesn't have to be a wargame", "it needn't be a wargame", "not necessarily a wargame"]
UNWANTED = ["no wargames", "not a wargame", "without wargames", "anything but wargames", "I hate wargames",
            "I don't like wargames", "I'm sick of wargames", "it shouldn't be a wargame", "avoid wargames",
            "I do not want a wargame", "instead of wargames", "nothing like a wargame", "never wargames",
            "any kind but wargames", "other than wargames", "steering clear of wargames", "anything bar wargames",
            "everything but wargames", "a wargame-free game", "non-wargames", "apart from wargames"]  # fmt: skip


@pytest.mark.parametrize("message", WANTED)
def test_a_kind_is_wanted_in_whatever_form_it_is_named(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert musts(reading) == [("kinds", "=", "Wargame")]
    assert reading.query == ""


@pytest.mark.parametrize("message", ALLOWED)
def test_a_kind_is_allowed_and_not_asked_for(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert (reading.constraints, [c.value for c in reading.permitted], reading.query) == ((), ["Wargame"], "")


@pytest.mark.parametrize("message", NEEDLESS)
def test_a_kind_need_not_be(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert (reading.constraints, [c.value for c in reading.needless], reading.query) == ((), ["Wargame"], "")


@pytest.mark.parametrize("message", UNWANTED)
def test_a_kind_is_unwanted_in_whatever_way_it_is_refused(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert musts(reading) == [("kinds", "!=", "Wargame")]
    assert reading.query == ""


@pytest.mark.parametrize(
    ("message", "op"),
    [
        ("party or humor", "="), ("party games or humor", "="), ("a party game or a humor game", "="),
        ("party/humor", "="),
        ("either party or humor", "="), ("no party or humor", "!="), ("no party games or humor", "!="),
        ("anything but party or humor", "!="),
    ],
)  # fmt: skip
def test_alternatives_are_one_wish_that_any_of_them_meets(shelf: Shelf, message: str, op: str) -> None:
    assert musts(hear(message, shelf)) == [("kinds", op, ("Party", "Humor"))]


def test_alternatives_keep_all_their_words(shelf: Shelf) -> None:
    (wish,) = hear("well, no party games or humor, thanks", shelf).constraints
    assert wish.words == "no party games or humor"


@pytest.mark.parametrize(
    ("message", "wanted", "unwanted"),
    [
        ("not a party game but a wargame", "Wargame", "Party"), ("a wargame, not a party game", "Wargame", "Party"),
        ("wargame without humor", "Wargame", "Humor"), ("wargames instead of party games", "Wargame", "Party"),
        ("I hate party games and love wargames", "Wargame", "Party"), ("a wargame but not family", "Wargame", "Family"),
    ],
)  # fmt: skip
def test_a_negation_reaches_no_further_than_it_is_meant(shelf: Shelf, message: str, wanted: str, unwanted: str) -> None:
    assert set(musts(hear(message, shelf))) == {("kinds", "=", wanted), ("kinds", "!=", unwanted)}


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Shelf]]:
    folder = tmp_path_factory.mktemp("made-up")
    shelves = {
        name: shelf_of(domain, folder / name, random.Random(1))
        for name, domain in load_domains().items()
        if name in ("books", "video_games", "hotels", "online_courses")
    }
    yield shelves
    for shelf in shelves.values():
        shelf.close()


@pytest.mark.parametrize(
    ("name", "message", "due"),
    [
        ("books", "a book for 6-8", ("age_group", "6-8")), ("books", "something for 9-12", ("age_group", "9-12")),
        ("online_courses", "a text & quizzes course", ("delivery", "Text & Quizzes")),
        ("online_courses", "text and quizzes please", ("delivery", "Text & Quizzes")),
        ("video_games", "a 16+ game", ("pegi", "16")), ("video_games", "16 or 18", ("pegi", ("16", "18"))),
    ],
)  # fmt: skip
def test_a_value_that_is_written_like_a_number_is_one(
    made_up: dict[str, Shelf], name: str, message: str, due: tuple[str, object]
) -> None:
    assert musts(hear(message, made_up[name])) == [(due[0], "=", due[1])]
    assert all(c.field != "age_group" for c in hear("6-8 pounds", made_up["books"]).constraints)


def test_the_name_of_the_items_is_no_wish_for_a_kind_that_is_called_so(made_up: dict[str, Shelf]) -> None:
    hotels = made_up["hotels"]
    assert [c.value for c in hear("a hotel with a pool", hotels).constraints] == ["Pool"]
    assert musts(hear("not a hotel", hotels)) == [("property_type", "!=", "Hotel")]


@pytest.mark.parametrize(
    "message",
    [
        "that one is a party game, yes", "it was so party", "Yes, it's a party game", "the humor was great",
        "I liked Humor (2017)", "the others are party games", "it is on my party list",
    ],
)  # fmt: skip
def test_what_is_said_of_an_item_is_no_wish(shelf: Shelf, shown: list[Item], message: str) -> None:
    assert hear(message, shelf, shown).constraints == ()
    assert musts(hear("something that is a party game", shelf, shown)) == [("kinds", "=", "Party")]


@pytest.mark.parametrize("message", ["that one is pretty good", "not good", "I'm good and you?", "both are good"])
def test_a_judgement_is_no_wish_for_quality(books: Shelf, message: str) -> None:
    assert hear(message, books).constraints == ()
    assert wishes(hear("something pretty good", books), "prefer")[0][:2] == ("stars", ">=")


@pytest.mark.parametrize(
    "message",
    ["you wouldn't happen to have a wargame", "you would not happen to have a wargame?", "don't you have a wargame?"],
)
def test_a_question_that_denies_asks_for_what_it_names(shelf: Shelf, message: str) -> None:
    assert musts(hear(message, shelf)) == [("kinds", "=", "Wargame")]


def test_two_kinds_without_an_or_are_both_wanted(shelf: Shelf) -> None:
    assert musts(hear("wargames and strategy", shelf)) == [("kinds", "=", "Wargame"), ("kinds", "=", "Strategy")]


@pytest.mark.parametrize(
    ("message", "due"),
    [
        ("not party preferably humor games", [("!=", "Party", "must"), ("=", "Humor", "prefer")]),
        ("a non-party humor game", [("!=", "Party", "must"), ("=", "Humor", "must")]),
        ("preferably no party or humor games", [("=", ("Party", "Humor"), "avoid")]),
        ("party games or else humor ones", [("=", ("Party", "Humor"), "must")]),
        ("party or maybe humor games", [("=", ("Party", "Humor"), "must")]),
        ("a wargame if possible", [("=", "Wargame", "prefer")]),
        ("a wargame, given the choice", [("=", "Wargame", "prefer")]),
        ("preferably wargame, party or humor", [("=", ("Wargame", "Party", "Humor"), "prefer")]),
    ],
)  # fmt: skip
def test_how_far_hedges_refusals_and_lists_reach(
    shelf: Shelf, message: str, due: list[tuple[str, object, str]]
) -> None:
    assert [(c.op, c.value, c.strength) for c in hear(message, shelf).constraints] == due


def test_an_everyday_word_is_a_kind_only_beside_what_it_describes(shelf: Shelf) -> None:
    assert musts(hear("a family game", shelf)) == [("kinds", "=", "Family")]
    assert musts(hear("no family games", shelf)) == [("kinds", "!=", "Family")]
    assert musts(hear("something for my family", shelf)) == []


def test_people_who_each_make_an_item_alone_are_alternatives(shelf: Shelf) -> None:
    assert musts(hear("by Ada Quill", shelf)) == [("designer", "=", "Ada Quill")]
    assert musts(hear("not by ada quill", shelf)) == [("designer", "!=", "Ada Quill")]
    both = ("designer", "=", ("Ada Quill", "Bruno Vance"))
    assert musts(hear("designed by Ada Quill and Bruno Vance", shelf)) == [both]
    assert musts(hear("Ada Quill or Bruno Vance", shelf)) == [both]


def test_one_word_of_many_names_counts_only_where_it_is_written_as_a_name(books: Shelf) -> None:
    assert musts(hear("books by Jane Austen", books)) == [("author", "=", "Jane Austen")]
    assert musts(hear("by jane austen", books)) == [("author", "=", "Jane Austen")]
    assert books.catalogue.vocabulary_size("author") > 200


def test_synonyms_name_the_catalogues_value(books: Shelf) -> None:
    assert musts(hear("something funny", books)) == [("subjects", "=", "Comedy")]
    assert musts(hear("sci-fi novels", books)) == [("subjects", "=", "Science fiction")]
    assert musts(hear("not scary", books)) == [("subjects", "!=", "Horror")]
    assert musts(hear("no kids books", books)) == [("subjects", "!=", "Children")]


def test_comparatives_are_preferences(books: Shelf) -> None:
    assert wishes(hear("funnier please", books), "prefer") == [("subjects", "=", "Comedy")]
    assert wishes(hear("more funny", books), "prefer") == [("subjects", "=", "Comedy")]
    assert wishes(hear("less scary", books), "avoid") == [("subjects", "=", "Horror")]
    assert wishes(hear("not so scary", books), "avoid") == [("subjects", "=", "Horror")]
    assert wishes(hear("that was too scary", books), "avoid") == [("subjects", "=", "Horror")]
    assert musts(hear("more horror novels", books)) == []
    assert musts(hear("more comedies", books)) == [("subjects", "=", "Comedy")]


def test_a_value_of_two_letters_counts_only_as_it_is_written(books: Shelf) -> None:
    assert musts(hear("PG please", books)) == [("suits", "=", "PG")]
    assert musts(hear("rated R", books)) == [("suits", "=", "R")]
    assert musts(hear("u pick", books)) == []


def test_a_rather_b_than_c(shelf: Shelf) -> None:
    reading = hear("farming rather than wargames", shelf)
    assert musts(reading) == [("kinds", "=", "Farming")]
    assert wishes(reading, "avoid") == [("kinds", "=", "Wargame")]
    assert wishes(hear("I'd rather have farming than wargames", shelf), "avoid") == [("kinds", "=", "Wargame")]


def test_flags(shelf: Shelf) -> None:
    assert musts(hear("it has to be in stock", shelf)) == [("in_stock", "=", True)]
    assert musts(hear("not in stock", shelf)) == [("in_stock", "=", False)]
    assert wishes(hear("preferably in stock", shelf), "prefer") == [("in_stock", "=", True)]
    (wish,) = hear("only those not in stock, please", shelf).constraints
    assert wish.words == "not in stock"


@pytest.mark.parametrize(
    ("message", "field", "op", "value"),
    [
        ("shorter", "minutes", "<", 45), ("something longer", "minutes", ">", 45), ("cheaper please", "price", "<", 14),
        ("more expensive", "price", ">", 14), ("less expensive", "price", "<", 14), ("newer", "year", ">", 1986),
        ("these are too long", "minutes", "<", 45), ("too expensive", "price", "<", 14), ("too old", "year", ">", 1986),
        ("shorter than the first one", "minutes", "<", 30), ("the first one is too expensive", "price", "<", 11.75),
    ],
)  # fmt: skip
def test_a_comparison_is_with_what_was_shown(
    shelf: Shelf, shown: list[Item], message: str, field: str, op: str, value: float
) -> None:
    assert musts(hear(message, shelf, shown)) == [(field, op, value)]


@pytest.mark.parametrize(
    ("message", "field", "op"),
    [
        ("shorter", "minutes", "<="), ("quick", "minutes", "<="), ("longer", "minutes", ">="),
        ("not too long", "minutes", "<="),
        ("not so long", "minutes", "<="), ("too long", "minutes", "<="),
        ("more recent", "year", ">="), ("not too old", "year", ">="), ("something cheap", "price", "<="),
    ],
)  # fmt: skip
def test_without_a_slate_it_is_a_preference_by_the_catalogues_spread(
    shelf: Shelf, message: str, field: str, op: str
) -> None:
    reading = hear(message, shelf)
    assert musts(reading) == []
    ((name, side, value),) = wishes(reading, "prefer")
    assert (name, side) == (field, op)
    low, *_, high = shelf.catalogue.spread(field)
    assert low < float(str(value)) < high
    assert reading.query == ""


@pytest.mark.parametrize(
    "message",
    [
        "as long as it works",
        "all day long",
        "a long day at work",
        "it's late",
        "I get up early",
        "my 8 year old",
        "how long?",
    ],
)
def test_adjectives_that_compare_nothing_are_left_alone(shelf: Shelf, message: str) -> None:
    assert hear(message, shelf).constraints == ()


def test_newer_than_shown_dates(books: Shelf) -> None:
    shown = books.catalogue.items([3, 4, 7])  # 1987, 1986, 1990
    assert musts(hear("something newer", books, shown)) == [("published", ">", "1987-05-05")]


@pytest.mark.parametrize(
    ("message", "order"),
    [
        ("sort by price, highest first", "highest price"), ("wargames, lowest price first", "lowest price"),
        ("order by price", "lowest price"), ("the highest price", "highest price"),
        ("the cheapest wargame", "lowest price"), ("what's the most expensive one?", "highest price"),
        ("the newest party games", "highest year"), ("the least expensive farming game", "lowest price"),
        ("shorter games", ""),
    ],
)  # fmt: skip
def test_a_superlative_asks_for_an_order(shelf: Shelf, message: str, order: str) -> None:
    reading = hear(message, shelf)
    assert (reading.order, [c for c in reading.constraints if c.field == "price"]) == (order, [])


def test_an_adjective_that_is_a_kind_too_is_one_only_before_the_noun(tmp_path: Path) -> None:
    kinds = FieldSpec(name="kinds", type="categories")
    minutes = FieldSpec(name="minutes", type="number", role="duration", less=["short"])
    prizes = FieldSpec(name="prizes", type="number", more=["award-winning"])
    rows = [{"kinds": [("Short", "Comedy")[n % 2]], "minutes": 10.0 * n, "prizes": float(n)} for n in range(20)]
    schema = tiny_schema(kinds, minutes, prizes, item="film", items="films")
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        titles = Titles(catalogue, np.zeros(len(rows), dtype=np.float32))

        def fields(message: str) -> list[tuple[str, str]]:
            return [(c.field, c.op) for c in read_message(message, catalogue, titles).constraints]

        assert fields("a short film") == fields("shorts") == [("kinds", "=")]
        assert fields("something short") == [("minutes", "<=")]
        assert fields("a short comedy") == [("minutes", "<="), ("kinds", "=")]
        assert fields("an award-winning comedy") == [("prizes", ">="), ("kinds", "=")]
