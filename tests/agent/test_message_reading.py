"""A whole message: what it asks for, what is left to search for, and that no text can break the reading."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from heard import hear, musts, names
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.reading.spelling import corrected
from tools.constraints import Op, Strength
from tools.data.catalogue import Item
from tools.shelf import Shelf

LONGEST = 8_000


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("recommend me something", "recommend"), ("what should I play?", "recommend"), ("surprise me", "recommend"),
        ("a wargame", "recommend"), ("something else", "recommend"), ("do you have any farming games?", "recommend"),
        ("is there a game like Siege of Ruby?", "recommend"), ("why not a wargame?", "recommend"), ("", "chat"),
        ("tell me about Siege of Ruby", "lookup"), ("how long is Siege of Ruby?", "lookup"),
        ("is Siege of Ruby in stock?", "lookup"),
        ("who designed Siege of Ruby?", "lookup"), ("how much is Siege of Ruby", "lookup"),
        ("Siege of Ruby: designer?", "lookup"), ("designer of Siege of Ruby?", "lookup"),
        ("do you know the designer of Siege of Ruby", "lookup"), ("tell me the price of siege of ruby", "lookup"),
        ("I need to know the price of Siege of Ruby", "lookup"), ("details on siege of ruby please", "lookup"),
        ("what goes well with Siege of Ruby?", "recommend"), ("What should I get after Siege of Ruby?", "recommend"),
        ("I loved Siege of Ruby, do you have a wargame?", "recommend"), ("what's popular?", "recommend"),
        ("what do you have?", "recommend"), ("games for people who like wargames", "recommend"),
        ("hello", "chat"), ("hi there!", "chat"), ("thanks, that's great", "chat"), ("who are you?", "chat"),
        ("bye", "chat"), ("have a good day", "chat"), ("you too!", "chat"), ("Happy New Year", "chat"),
        ("is it a wargame?", "lookup"), ("was it any good?", "lookup"), ("who is in that one?", "lookup"),
    ],
)  # fmt: skip
def test_what_a_message_wants(shelf: Shelf, message: str, intent: str) -> None:
    reading = hear(message, shelf)
    assert reading.intent == intent
    assert reading.intent in reading.possible


@pytest.mark.parametrize(
    ("message", "intent", "rows"),
    [
        ("why the first one?", "explain", [0]), ("why?", "explain", [0, 1, 2]), ("explain", "explain", [0, 1, 2]),
        ("why these?", "explain", [0, 1, 2]), ("why that one?", "explain", [0]),
        ("why option 2?", "explain", [1]), ("what's wrong with nr 3?", "explain", [2]),
        ("how long is the second one?", "lookup", [1]),
        ("is it in stock?", "lookup", [0]), ("who designed #3?", "lookup", [2]),
        ("tell me more about the last one", "lookup", [2]),
    ],
)  # fmt: skip
def test_what_a_question_is_about(shelf: Shelf, shown: list[Item], message: str, intent: str, rows: list[int]) -> None:
    reading = hear(message, shelf, shown)
    assert (reading.intent, reading.about) == (intent, tuple(shown[row].position for row in rows))
    assert reading.constraints == ()


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("how long is Siege of Ruby?", ("minutes",)), ("what year is Siege of Ruby from?", ("year",)),
        ("when was Siege of Ruby released?", ("year",)), ("how much does Siege of Ruby cost?", ("price",)),
        ("how much is Siege of Ruby?", ("price",)), ("who designed Siege of Ruby?", ("designer",)),
        ("is Siege of Ruby in stock?", ("in_stock",)), ("tell me about Siege of Ruby", ()),
    ],
)  # fmt: skip
def test_which_facts_a_question_asks_for(shelf: Shelf, message: str, fields: tuple[str, ...]) -> None:
    assert hear(message, shelf).asked == fields


def test_what_no_field_says_is_searched_for(shelf: Shelf) -> None:
    assert hear("a wargame about pirates and treasure, under 60 minutes", shelf).query == "pirates treasure"
    assert hear("nothing about pirates, please", shelf).query == ""
    assert hear("something about time travel", shelf).query == "time travel"
    assert hear("next time pirates", shelf).query == "pirates"


@pytest.mark.parametrize(
    "message",
    ["something else", "start over", "surprise me", "I've already played Siege of Ruby", "sick of wargames", "whatever",
     "price under 20", "a game of at least 30 minutes", "what should I play", "the next one please", "in my 30s"],
)  # fmt: skip
def test_words_that_were_understood_are_not_searched_for(shelf: Shelf, message: str) -> None:
    assert hear(message, shelf).query == ""


def test_others_are_asked_for(shelf: Shelf, shown: list[Item]) -> None:
    for message in ("something else", "another one", "show me more options", "none of these", "what else?"):
        assert hear(message, shelf, shown).another, message
    assert not hear("more like the second one", shelf, shown).another


@pytest.mark.parametrize(
    ("message", "fields", "phrases"),
    [
        ("forget the year", (), ("year",)), ("forget about the price, please", (), ("price",)),
        ("never mind the wargame", (), ("wargame",)), ("forget under 60 minutes", (), ("under 60 minutes",)),
        ("forget “under 60 minutes”", (), ("“under 60 minutes”",)), ("drop the minutes", ("minutes",), ()),
        ("the price doesn't matter", ("price",), ()), ("I don't care how long it takes", ("minutes",), ()),
        ("any designer is fine", ("designer",), ()), ("remove the price limit", ("price",), ()),
        ("no limit on the price", ("price",), ()), ("no matter who designed it", (), ()),
        ("the year is not important", ("year",), ()), ("I don't care about the designer", ("designer",), ()),
    ],
)  # fmt: skip
def test_a_wish_is_taken_back(shelf: Shelf, message: str, fields: tuple[str, ...], phrases: tuple[str, ...]) -> None:
    reading = hear(message, shelf)
    assert (reading.back.fields, reading.back.phrases, reading.constraints) == (fields, phrases, ())
    assert not reading.unknown


def test_a_wish_is_taken_back_and_another_made(shelf: Shelf) -> None:
    reading = hear("forget the wargames and show me farming games", shelf)
    assert (reading.back.phrases, musts(reading)) == (("wargames",), [("kinds", "=", "Farming")])


def test_starting_over(shelf: Shelf) -> None:
    for message in ("start over", "let's start again", "forget everything", "from scratch please"):
        assert hear(message, shelf).start_over, message
    assert not hear("forget the year", shelf).start_over


@pytest.mark.parametrize(
    "message",
    ["Ich hätte gerne ein Strategiespiel", "Je voudrais un jeu de stratégie", "quiero un juego de estrategia para dos",
     "привет, посоветуй игру", "我想要一个游戏", "おすすめのゲーム", "asdf qwer zxcv hjkl"],
)  # fmt: skip
def test_what_is_not_english_is_seen(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert reading.is_foreign
    assert reading.constraints == ()


def test_english_with_foreign_names_is_english(shelf: Shelf) -> None:
    for message in ("something like 千と千尋", "a wargame, s'il vous plaît", "I loved Amélie"):
        assert not hear(message, shelf).is_foreign, message


def test_each_part_is_read_beside_the_others(shelf: Shelf, shown: list[Item]) -> None:
    reading = hear(
        "Loved Siege of Ruby, not the second one; a strategy game under an hour, not by Ada Quill", shelf, shown
    )
    assert names(shelf, reading.liked) == ["Siege of Ruby"]
    assert reading.rejected == (shown[1].position,)
    assert musts(reading) == [
        ("kinds", "=", "Strategy"), ("minutes", "<", 60), ("designer", "!=", "Ada Quill"),
    ]  # fmt: skip
    assert reading.query == ""


PHRASES = st.sampled_from(
    ["under 60 minutes", "no party or humor", "Siege of Ruby", "like", "hated", "the first one", "#2", "between",
     "and", "or", "not", "the 90s", "$20", "shorter", "too long", "forget", "why", "“", "'", "(a+)+$", "[^", "\\",
     "\x00", "\ud83c\udfb2", "İ", "ﬁ", "½", "٣٠ minutes", "1,,2", "1e999", "9" * 40, ".", ",", "-", "\n", "a\u0301",
     "DROP TABLE items; --", "%s {0}"]
)  # fmt: skip
MESSAGES = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zs", "Nd", "No", "Po"]), max_size=120),
    st.lists(PHRASES | st.text(max_size=8), max_size=40).map(" ".join),
)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@example(message="(a+)+$ " * 1_000, with_slate=True)
@example(message="1, " * 2_000, with_slate=True)
@example(message="not between 1 and " * 400, with_slate=True)
@example(message="0 MIANS", with_slate=False)
@given(message=MESSAGES, with_slate=st.booleans())
def test_no_text_breaks_the_reading(shelf: Shelf, shown: list[Item], message: str, with_slate: bool) -> None:
    message = message[:LONGEST]
    reading = hear(message, shelf, shown if with_slate else [])
    as_read = message if reading.is_foreign else corrected(message, shelf.catalogue)
    fields = {field.name: field for field in shelf.catalogue.schema.askable}
    for constraint in reading.constraints:
        field = fields[constraint.field]
        assert constraint.op in get_args(Op)
        assert constraint.strength in get_args(Strength)
        assert constraint.words in as_read
        if field.is_category:
            assert constraint.op in ("=", "!=")
        elif field.is_ordered:
            assert math.isfinite(float(str(constraint.value)))
    shelf.catalogue.filter(reading.constraints)
    positions = (*reading.liked, *reading.disliked, *reading.seen, *reading.rejected, *reading.about)
    assert len(shelf.catalogue.items(positions)) == len(positions)
    assert reading.query == "" or all(word in reading.words for word in reading.query.split())


@pytest.mark.parametrize("part", ["a long wargame under 60 minutes like Siege of Ruby, no party or humor ", "1 ", "- "])
def test_the_longest_message_is_read_to_its_end(shelf: Shelf, part: str) -> None:
    message = (part * LONGEST)[: LONGEST - 20] + " and under $30"
    assert ("price", "<", 30) in musts(hear(message, shelf))
