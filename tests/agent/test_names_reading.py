"""Names in a message: longer than a title that they hold, joined by `or`, or of fields that share a word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from heard import hear, musts, wishes
from tiny import tiny_catalogue, tiny_schema

from agent.reading.heard import Before, Reading
from agent.reading.message import read_message
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec
from tools.grounding import Titles
from tools.shelf import Shelf

SCHEMA = tiny_schema(
    FieldSpec(name="makers", type="categories", role="creator", words=["maker", "made by"]),
    FieldSpec(name="writers", type="categories", words=["writer", "written by"]),
    FieldSpec(name="score", type="number", role="quality", words=["average score", "score"]),
    FieldSpec(name="critics", type="number", words=["critics' board score", "critics"]),
)
ROWS = [
    {"title": "Oliver", "makers": ["Ada Quill"], "writers": ["Ada Quill"], "score": 3.0, "critics": 60.0},
    {"title": "Kingdom", "makers": ["Oliver Platt"], "writers": ["Bruno Vance"], "score": 4.0, "critics": 70.0},
    {"title": "Barn", "makers": ["Bruno Vance"], "writers": ["Ada Quill"], "score": 4.5, "critics": 80.0},
    {"title": "Yard", "makers": ["Cleo Marsh"], "writers": ["Bruno Vance"], "score": 2.0, "critics": 50.0},
]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with tiny_catalogue(tmp_path_factory.mktemp("names"), SCHEMA, ROWS) as catalogue:
        yield catalogue


def read(message: str, catalogue: Catalogue) -> Reading:
    return read_message(message, catalogue, Titles(catalogue, np.zeros(catalogue.size, dtype=np.float32)))


@pytest.mark.parametrize("message", ["with Oliver Platt", "at most, Oliver Platt", "I like Oliver Platt"])
def test_a_title_inside_a_longer_name_is_none(names: Catalogue, message: str) -> None:
    reading = read(message, names)
    assert musts(reading) == [("makers", "=", "Oliver Platt")]
    assert (reading.liked, reading.query) == ((), "")


def test_a_title_alone_still_is_one(names: Catalogue) -> None:
    assert read("I loved Oliver", names).liked == (0,)


@pytest.mark.parametrize(
    ("message", "field"),
    [("by Ada Quill or Bruno Vance", "makers"), ("written by Ada Quill or Bruno Vance", "writers")],
)
def test_names_joined_by_or_are_of_one_field(names: Catalogue, message: str, field: str) -> None:
    assert musts(read(message, names)) == [(field, "=", ("Ada Quill", "Bruno Vance"))]


@pytest.mark.parametrize("message", ["critics' board score between 60 and 70", "a critics' board score of 60 to 70"])
def test_of_names_that_share_a_word_the_longest_counts(names: Catalogue, message: str) -> None:
    assert musts(read(message, names)) == [("critics", ">=", 60.0), ("critics", "<=", 70.0)]


@pytest.mark.parametrize("message", ["I'm not very good at choosing", "Sorry for my English", "I'm new here"])
def test_what_people_say_of_themselves_is_no_wish(shelf: Shelf, message: str) -> None:
    reading = hear(f"a wargame. {message}.", shelf)
    assert musts(reading) == [("kinds", "=", "Wargame")]
    assert (wishes(reading, "prefer"), reading.query) == ([], "")


def test_a_bound_before_another_wish_is_a_bound(shelf: Shelf) -> None:
    assert musts(hear("from 2010 on and w/o wargames", shelf)) == [("year", ">=", 2010.0), ("kinds", "!=", "Wargame")]


@pytest.fixture
def shown(shelf: Shelf) -> list[Item]:
    return shelf.catalogue.items(range(5))


@pytest.mark.parametrize("message", ["I don't like. You have other?", "other ideas?"])
def test_what_was_shown_is_turned_down(shelf: Shelf, shown: list[Item], message: str) -> None:
    heard = read_message(message, shelf.catalogue, shelf.titles, Before(shown, unjudged=len(shown)))
    assert heard.answer.verdict == "rejected"


def test_who_sees_why_asks_nothing(shelf: Shelf, shown: list[Item]) -> None:
    message = "I can see why you'd say that, but it doesn't do anything for me. Something else?"
    assert hear(message, shelf, shown).intent == "recommend"


def test_a_changed_mind_corrects(shelf: Shelf) -> None:
    assert hear("Sorry, I change my mind: wargames", shelf).back.change == "corrects"
