"""What people type to a recommender of films on an ordinary evening: names, nations, moods, what they have seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import tiny_catalogue, tiny_schema

from agent.reading.heard import Before, Reading
from agent.reading.message import read_message
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec
from tools.grounding import Titles

SCHEMA = tiny_schema(
    FieldSpec(name="year", type="number", role="year", more=["newer"], less=["older", "old"]),
    FieldSpec(
        name="genres",
        type="categories",
        synonyms={"scary": "Horror", "funny": "Comedy", "comedies": "Comedy"},
        related={"gory": "Horror", "heist": "Crime", "aliens": "Sci-Fi", "sad": "Drama", "cheer me up": "Comedy"},
    ),
    FieldSpec(name="runtime", type="number", role="duration", unit="minutes", more=["long", "longer"], less=["short"]),
    FieldSpec(
        name="certificate", type="category", role="audience", order=["G", "PG", "R"], ages={"G": 0, "PG": 8, "R": 17}
    ),
    FieldSpec(name="directors", type="categories", role="creator", words=["director", "directed by"]),
    FieldSpec(name="cast", type="categories", role="performer", words=["cast", "starring"]),
    FieldSpec(name="languages", type="categories", role="language", words=["language"]),
    FieldSpec(
        name="countries", type="categories", words=["made in"], synonyms={"french": "France", "korean": "South Korea"}
    ),
    FieldSpec(name="rating", type="number", role="quality", words=["rating", "ratings"], more=["good", "better"]),
    FieldSpec(
        name="ratings", type="number", role="popularity", words=["number of ratings", "ratings"], less=["obscure"]
    ),
    item="film",
    items="films",
    item_words=["movie", "movies"],
)


def film(title: str, year: int, genres: list[str], by: list[str], cast: list[str], known: int, **more: Any) -> Any:
    plain = {"runtime": 100, "languages": ["English"], "countries": ["United States"], "rating": 4.0}
    return {"title": title, "year": year, "genres": genres, "directors": by, "cast": cast, "ratings": known} | {
        **plain,
        **more,
    }


FRENCH = {"languages": ["French"], "countries": ["France"]}
KOREAN = {"languages": ["Korean"], "countries": ["South Korea"]}
ROWS = [
    film("Shark Bay", 1975, ["Horror"], ["Stefan Bergspiel"], ["Roy Shade"], 400),
    film("The Iceberg", 1997, ["Drama"], ["Jim Camarone"], ["Leo DiCapra"], 390),
    film("Space Wars: The Hope", 1977, ["Sci-Fi"], ["Jorge Lukas"], ["Harry Fordham"], 380),
    film("Space Wars: The Return", 1983, ["Sci-Fi"], ["Jorge Lukas"], ["Harry Fordham"], 370),
    film("Pulp Stories", 1994, ["Crime", "Comedy"], ["Quintus Tarantella"], ["Quintus Tarantella", "Al Pacheco"], 360),
    film("Jackie Green", 1997, ["Crime"], ["Quintus Tarantella"], ["Robert De Nirro"], 300),
    film("Night Job", 2001, ["Crime"], ["Ada Koen", "Ben Koen"], ["Robert De Nirro", "Al Pacheco"], 200),
    film("Cold River", 1996, ["Crime"], ["Ada Koen", "Ben Koen"], ["Jason Stathis"], 150),
    film("Blood", 2004, ["Horror"], ["Koen brothers"], ["Nobody Much"], 1),
    film("Them", 2006, ["Horror"], ["Xavier Moreau"], ["Olivia Bonamie"], 2, **FRENCH),
    film("La Rue", 2003, ["Comedy"], ["Xavier Moreau"], ["Olivia Bonamie"], 60, **FRENCH),
    film("Old Lad", 2003, ["Thriller"], ["Park Chun"], ["Choi Min"], 90, **KOREAN),
    film("The Queen", 2006, ["Drama"], ["Steve Frears"], ["Helen Mirror"], 80, certificate="PG"),
    film("Toy Tale", 1995, ["Comedy"], ["John Lassiter"], ["Tim Alland"], 350, certificate="G"),
    film("Wild Road", 2015, ["Sci-Fi"], ["Geo Mueller"], ["Charlize Thorn"], 120, certificate="R"),
]  # fmt: skip
POPULAR = np.array([row["ratings"] for row in ROWS], dtype=np.float32)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, Titles]]:
    with tiny_catalogue(Path(tmp_path_factory.mktemp("everyday")), SCHEMA, ROWS) as catalogue:
        yield catalogue, Titles(catalogue, POPULAR / POPULAR.max())


def read(films: tuple[Catalogue, Titles], message: str, shown: bool = False) -> Reading:
    catalogue, titles = films
    return read_message(message, catalogue, titles, Before(catalogue.items(range(5)) if shown else ()))


def short(constraint: Constraint) -> tuple[str, str, object]:
    return constraint.field, "avoid" if constraint.strength == "avoid" else constraint.op, constraint.value


@pytest.mark.parametrize(
    ("message", "wishes"),
    [
        ("tarantella", [("directors", "=", "Quintus Tarantella")]),
        ("de nirro has to be in it", [("cast", "=", "Robert De Nirro")]),
        ("anything with both De Nirro and Pacheco", [("cast", "=", "Robert De Nirro"), ("cast", "=", "Al Pacheco")]),
        ("without dicapra", [("cast", "!=", "Leo DiCapra")]),
        ("no Stathis though", [("cast", "!=", "Jason Stathis")]),
        ("lukas or bergspiel", [("directors", "=", ("Jorge Lukas", "Stefan Bergspiel"))]),
        ("koen brothers movies", [("directors", "=", ("Ada Koen", "Ben Koen"))]),
        ("movies with John Lukas", []),
        ("tarantella's best", [("directors", "=", "Quintus Tarantella")]),
        ("I've seen all of tarantella", [("directors", "!=", "Quintus Tarantella")]),
    ],
)
def test_people_are_meant_by_their_surnames(films: Any, message: str, wishes: list[Any]) -> None:
    assert [short(c) for c in read(films, message).constraints] == wishes


@pytest.mark.parametrize(
    ("message", "wishes"),
    [
        ("french comedies", [("languages", "=", "French"), ("countries", "=", "France"), ("genres", "=", "Comedy")]),
        ("french language films", [("languages", "=", "French")]),
        ("something in French", [("languages", "=", "French")]),
        ("nothing french", [("languages", "!=", "French")]),
        ("not in french maybe", [("languages", "avoid", "French")]),
    ],
)
def test_a_nation_is_where_it_is_from_and_what_is_spoken(films: Any, message: str, wishes: list[Any]) -> None:
    assert [short(c) for c in read(films, message).constraints] == wishes


@pytest.mark.parametrize(
    ("message", "wishes"),
    [
        ("a heist film", [("genres", "=", "Crime")]),
        ("something scary but not gory", [("genres", "=", "Horror")]),
        ("sci-fi, no aliens", [("genres", "=", "Sci-Fi")]),
        ("not scary", [("genres", "!=", "Horror")]),
        ("im sad, cheer me up", [("genres", "=", "Comedy")]),
        ("a not too long comedy", [("runtime", "<=", 100.0), ("genres", "=", "Comedy")]),
        ("a drama with more talk than horror", [("genres", "=", "Drama"), ("genres", "avoid", "Horror")]),
    ],
)
def test_a_word_that_only_speaks_for_a_kind_refuses_none(films: Any, message: str, wishes: list[Any]) -> None:
    assert [short(c) for c in read(films, message).constraints] == wishes


@pytest.mark.parametrize(
    ("message", "kind", "titles"),
    [
        ("seen pulp stories, jackie green and night job", "seen", ["Pulp Stories", "Jackie Green", "Night Job"]),
        ("ive seen Shark Bay and The Iceberg", "seen", ["Shark Bay", "The Iceberg"]),
        ("he has seen Shark Bay already", "seen", ["Shark Bay"]),
        ("I hated Shark Bay, Pulp Stories and The Iceberg", "disliked", ["Shark Bay", "Pulp Stories", "The Iceberg"]),
        ("I fell asleep during Shark Bay", "disliked", ["Shark Bay"]),
        ("just watched Shark Bay and it blew me away", "liked", ["Shark Bay"]),
        ("a comedy but not shark bay", "rejected", ["Shark Bay"]),
        ("any shark bay kind of thing", "liked", ["Shark Bay"]),
    ],
)
def test_what_is_said_of_titles(films: Any, message: str, kind: str, titles: list[str]) -> None:
    reading = read(films, message)
    assert [films[1].title(position) for position in getattr(reading, kind)] == titles
    others = {"liked", "disliked", "seen", "rejected"} - {kind}
    assert [getattr(reading, other) for other in others] == [(), (), ()]


@pytest.mark.parametrize(
    "message",
    ["or both of them?", "my gf hates blood", "tarantella", "we loved it, all of them", "something set in Blood"],
)
def test_common_words_and_names_are_no_titles(films: Any, message: str) -> None:
    reading = read(films, message)
    assert (reading.liked, reading.disliked, reading.seen) == ((), (), ())


def test_a_title_that_only_begins_a_longer_name_is_unknown(films: Any) -> None:
    reading = read(films, "I've seen Queen of Spades, loved it")
    assert (reading.unknown, reading.seen, reading.liked) == (("Queen of Spades",), (), ())


@pytest.mark.parametrize(
    ("message", "about", "asked"),
    [
        ("who directed shark bay", "Shark Bay", {"directors"}),
        ("how long is Shark Bay", "Shark Bay", {"runtime"}),
        ("is The Iceberg any good?", "The Iceberg", {"rating"}),
        ("is Pulp Stories worth watching?", "Pulp Stories", {"rating"}),
        ("what year is the last one from", "Pulp Stories", {"year"}),
        ("whos in the second one", "The Iceberg", {"directors"}),
        ("the 4th one, tell me more", "Space Wars: The Return", set()),
        ("the last one sounds nice, whos in it?", "Pulp Stories", {"directors"}),
    ],
)
def test_questions_as_they_are_typed(films: Any, message: str, about: str, asked: set[str]) -> None:
    reading = read(films, message, shown=True)
    assert reading.intent == "lookup"
    assert [films[1].title(position) for position in reading.about] == [about]
    assert {*reading.asked} == asked


@pytest.mark.parametrize(
    ("message", "rows"),
    [("seen 1, 3 and 5", [0, 2, 4]), ("seen the first one, and the second one too", [0, 1]), ("saw number two", [1])],
)
def test_rows_that_were_seen(films: Any, message: str, rows: list[int]) -> None:
    assert [*read(films, message, shown=True).seen] == rows


def test_the_reason_for_a_row_is_asked_in_words(films: Any) -> None:
    reading = read(films, "why number two?", shown=True)
    assert (reading.intent, reading.about) == ("explain", (1,))


@pytest.mark.parametrize(
    "message",
    ["that's not a comedy", "older stuff is fine too", "the rest is fine, thanks", "no i mean the other one",
     "what should i watch if i just broke up with my bf", "we're 5 guys with beer, what do we put on",
     "they've seen every pixar film like 100 times", "Rainy sunday, blanket, tea. What do you recommend?",
     "ok watching it. thx ur sweet", "I have a long day behind me"],
)  # fmt: skip
def test_chatter_demands_nothing(films: Any, message: str) -> None:
    reading = read(films, message, shown=True)
    assert (reading.constraints, reading.query, reading.liked) == ((), "", ())


@pytest.mark.parametrize(
    ("message", "amount"),
    [("give me three crime films", 3), ("top 5 comedies", 5), ("10 comedies", 0), ("10 films with Al Pacheco", 10),
     ("just one suggestion please", 1), ("only three please", 3), ("two comedies under 90 minutes", 0),
     ("show me 90s comedies", 0), ("under 90 minutes", 0), ("give me 2 hours of fun", 0), ("only 90", 0),
     ("recommend 100 films", 0)],
)  # fmt: skip
def test_how_many_are_asked_for(films: Any, message: str, amount: int) -> None:
    reading = read(films, message)
    assert reading.amount == amount
    assert all(c.value != float(amount) for c in reading.constraints if amount)


def test_a_count_is_no_rating(films: Any) -> None:
    wishes = [short(c) for c in read(films, "fewer than 10000 ratings but rated over 3").constraints]
    assert wishes == [("ratings", "<", 10_000.0), ("rating", ">", 3.0)]


def test_ages_as_they_are_typed(films: Any) -> None:
    (wish,) = read(films, "movie for me and my two kids (6 and 9)").constraints
    assert (short(wish), wish.words) == (("certificate", "=", ("G",)), "kids (6 and 9)")
    (wish,) = read(films, "PG max, for my 6 year old").constraints
    assert short(wish) == ("certificate", "=", ("G", "PG")), "what is said of the certificate counts"


def test_by_whoever_made_what_was_shown(films: Any) -> None:
    catalogue, titles = films
    before = Before(catalogue.items(range(5)), focused=catalogue.items([2]))
    (wish,) = read_message("anything else by him?", catalogue, titles, before).constraints
    assert short(wish) == ("directors", "=", "Jorge Lukas")


def test_another_value_may_do_as_well(films: Any) -> None:
    assert read(films, "ok what about korean ones too").back.change == "widens"
    assert read(films, "what about korean ones").back.change != "widens"


def test_a_title_that_was_shown_needs_no_capitals(films: Any) -> None:
    reading = read(films, "not space wars the hope, seen it a million times", shown=True)
    assert [films[1].title(position) for position in reading.rejected] == ["Space Wars: The Hope"]
    assert (reading.query, reading.is_ambiguous) == ("", False)


def test_a_decade_or_earlier_ends_with_it(films: Any) -> None:
    assert [short(c) for c in read(films, "a comedy from the 70s or earlier").constraints] == [
        ("genres", "=", "Comedy"),
        ("year", "<=", 1979.0),
    ]
    assert [short(c) for c in read(films, "the 80s or later").constraints] == [("year", ">=", 1980.0)]
