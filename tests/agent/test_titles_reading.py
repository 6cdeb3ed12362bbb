"""Titles in a message: which items are named, what is said of them, and which words only look like titles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from heard import hear, musts, names
from tiny import tiny_catalogue, tiny_schema

from agent.reading.message import read_message
from tools.data.schema import FieldSpec
from tools.grounding import Titles
from tools.shelf import Shelf


@pytest.mark.parametrize(
    "message",
    ["I loved Siege of Ruby", "i loved siege of ruby", "something like siege of ruby", "siege of ruby", "SIEGE OF RUBY",
     "I'm a fan of Siege of Ruby", '"Siege of Ruby" was great', "I loved Seige of Ruby",
     "‘Siege of Ruby’, more of that"],
)  # fmt: skip
def test_a_title_that_is_named_was_liked(shelf: Shelf, message: str) -> None:
    reading = hear(message, shelf)
    assert names(shelf, reading.liked) == ["Siege of Ruby"]
    assert (reading.disliked, reading.seen, reading.rejected) == ((), (), ())
    assert (reading.unknown, reading.constraints) == ((), ())


def test_several_titles_joined(shelf: Shelf) -> None:
    reading = hear("something like siege of ruby and banter of jade", shelf)
    assert names(shelf, reading.liked) == ["Siege of Ruby", "Banter of Jade"]
    reading = hear("I loved Siege of Ruby, Banter of Jade, and Legion of Opal.", shelf)
    assert names(shelf, reading.liked) == ["Siege of Ruby", "Banter of Jade", "Legion of Opal"]


def test_what_is_said_of_each_title_counts(shelf: Shelf) -> None:
    reading = hear("I loved Siege of Ruby but hated Banter of Ruby", shelf)
    assert (names(shelf, reading.liked), names(shelf, reading.disliked)) == (["Siege of Ruby"], ["Banter of Ruby"])
    for message in ("I didn't like Siege of Ruby", "I never liked Siege of Ruby", "Siege of Ruby was boring"):
        assert names(shelf, hear(message, shelf).disliked) == ["Siege of Ruby"], message
    for message in ("I've already played Siege of Ruby", "already seen Siege of Ruby", "I own Siege of Ruby"):
        assert names(shelf, hear(message, shelf).seen) == ["Siege of Ruby"], message
        assert hear(message, shelf).query == "", message
    for message in ("not Siege of Ruby", "don't show me Siege of Ruby again", "forget Siege of Ruby"):
        reading = hear(message, shelf)
        assert (names(shelf, reading.rejected), reading.liked) == (["Siege of Ruby"], ()), message
    reading = hear("I'm a fan of Siege of Ruby, not of Banter of Ruby", shelf)
    assert (names(shelf, reading.liked), names(shelf, reading.rejected)) == (["Siege of Ruby"], ["Banter of Ruby"])


def test_a_year_behind_a_title_says_which_one_and_bounds_nothing(books: Shelf) -> None:
    for message, year in (("I loved Emma (2014)", "2014"), ("I loved Emma from 1815", "1815"), ("Emma 2014", "2014")):
        reading = hear(message, books)
        assert [str(books.catalogue.item(p).values["published"])[:4] for p in reading.liked] == [year], message
        assert reading.constraints == ()
    reading = hear("I loved Emma", books)  # the better known of the two
    assert [str(books.catalogue.item(p).values["published"])[:4] for p in reading.liked] == ["1815"]


def test_a_quoted_title_that_is_not_there_is_reported_as_typed(shelf: Shelf) -> None:
    reading = hear("I loved “Gloomhaven” and 'Siege of Ruby'", shelf)
    assert reading.unknown == ("Gloomhaven",)
    assert names(shelf, reading.liked) == ["Siege of Ruby"]
    assert hear("I loved Gloomhaven", shelf).unknown == ("Gloomhaven",)
    assert hear("tell me about Gloomhaven", shelf).unknown == ("Gloomhaven",)


def test_everyday_words_that_happen_to_be_titles_are_not_taken(books: Shelf) -> None:
    for message in ("nobody told me what it is about", "it should cheer me up", "Nobody I know reads", "take me home",
                    "something to read at home, under 300 pages"):  # fmt: skip
        reading = hear(message, books)
        assert (reading.liked, reading.disliked, reading.seen, reading.about) == ((), (), (), ()), message


def test_but_behind_a_cue_or_in_quotes_they_are(books: Shelf) -> None:
    assert names(books, hear('I loved "Up"', books).liked) == ["Up"]
    assert names(books, hear("I loved Nobody", books).liked) == ["Nobody"]
    assert names(books, hear("something like Home", books).liked) == ["Home"]


def test_a_title_that_is_a_number(books: Shelf) -> None:
    reading = hear("I loved 1984", books)
    assert (names(books, reading.liked), reading.constraints) == (["1984"], ())
    assert musts(hear("published before 1984", books)) == [("published", "<", "1984")]


def test_a_name_that_is_a_value_is_no_unknown_title(shelf: Shelf) -> None:
    reading = hear("I like Ada Quill", shelf)
    assert reading.unknown == ()
    assert musts(reading) == [("designer", "=", "Ada Quill")]


def test_an_article_makes_a_kind_of_what_may_be_a_title(books: Shelf) -> None:
    for message in ("I want a Romance book", "I'm in the mood for a Romance", "a romance, please"):
        reading = hear(message, books)
        assert (musts(reading), reading.liked) == ([("subjects", "=", "Romance")], ()), message


def test_a_question_mark_that_belongs_to_a_title_asks_nothing(books: Shelf) -> None:
    reading = hear("I loved Sister, Where Are You Going?", books)
    assert (reading.intent, names(books, reading.liked)) == ("recommend", ["Sister, Where Are You Going?"])


def test_a_verdict_on_one_word_with_a_capital_names_a_title(books: Shelf) -> None:
    assert names(books, hear("Home was great", books).liked) == ["Home"]
    assert names(books, hear("Home was boring", books).disliked) == ["Home"]
    assert hear("home was boring", books).disliked == ()


def test_a_name_with_a_year_behind_it_is_a_title_whether_or_not_it_is_known(books: Shelf) -> None:
    reading = hear("I want a comedy. I saw Moana (2016) and Bright Home (2017)", books)
    assert (reading.unknown, reading.query) == (("Moana", "Bright Home"), "")
    assert musts(reading) == [("subjects", "=", "Comedy")]
    for message in ("we liked Robbot Garden (2017)", "I Liked Robot Garden (2017)"):
        assert names(books, hear(message, books).liked) == ["Robot Garden"], message
    assert names(books, hear("Liked Pride and Plums (1968)", books).liked) == ["Pride and Plums"]
    assert names(books, hear("I liked It (1986)", books).liked) == ["It"]
    assert hear("I liked It (2017)", books).unknown == ("It",)
    assert hear("we read Robbot Garden (1950)", books).unknown == ("Robbot Garden",)


def test_what_is_said_of_a_named_item_is_no_wish(books: Shelf) -> None:
    for message in ("Robot Garden was really good", "Robot Garden (2017) is illustrated", "Robot Garden is long"):
        reading = hear(message, books)
        assert (names(books, reading.liked), reading.constraints) == (["Robot Garden"], ()), message
    reading = hear("Robot Garden was good, now a good romance", books)
    assert [c.field for c in reading.constraints] == ["stars", "subjects"]


def test_something_in_the_style_of_a_title_is_like_it(shelf: Shelf) -> None:
    for message in ("siege of ruby style games", "a siege of ruby-like game", "siege of ruby vibes"):
        reading = hear(message, shelf)
        assert (names(shelf, reading.liked), reading.query) == (["Siege of Ruby"], ""), message


def test_a_title_that_only_says_a_kind_is_the_kind_unless_a_cue_says_otherwise(tmp_path: Path) -> None:
    rows = [{"title": title, "kinds": ["Romance", "Comedy", "Horror"]} for title in ("Romantic Comedy", "Scary Movie")]
    kinds = FieldSpec(name="kinds", type="categories", synonyms={"romantic": "Romance", "scary": "Horror"})
    schema = tiny_schema(kinds, item="movie", items="movies")
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        titles = Titles(catalogue, np.zeros(2, dtype=np.float32))
        for message in ("romantic comedy", "a rom-com", "A Romantic Comedy please", "no romcoms"):
            reading = read_message(message, catalogue, titles)
            assert ({c.value for c in reading.constraints}, reading.liked) == ({"Romance", "Comedy"}, ()), message
        assert read_message("a scary movie", catalogue, titles).liked == ()
        for message in ("I loved Scary Movie", 'like "scary movie"', "something like Romantic Comedy"):
            assert len(read_message(message, catalogue, titles).liked) == 1, message


def test_what_was_thought_of_what_was_seen_counts(shelf: Shelf) -> None:
    for message in ("I saw Siege of Ruby yesterday and loved it", "we watched Siege of Ruby. It was really good!",
                    "watched Siege of Ruby, liked it a lot"):  # fmt: skip
        reading = hear(message, shelf)
        assert (names(shelf, reading.liked), reading.seen) == (["Siege of Ruby"], ()), message
    reading = hear("I've seen Siege of Ruby but didn't like it", shelf)
    assert (names(shelf, reading.disliked), reading.seen) == (["Siege of Ruby"], ())
    reading = hear("I saw Siege of Ruby and loved Banter of Jade", shelf)
    assert (names(shelf, reading.seen), names(shelf, reading.liked)) == (["Siege of Ruby"], ["Banter of Jade"])
