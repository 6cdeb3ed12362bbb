"""Titles as people type them, over a catalogue with the usual traps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny import tiny_catalogue, tiny_schema

from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec
from tools.grounding import Titles

YEAR = FieldSpec(name="year", type="number", role="year")
ALSO = FieldSpec(name="also", type="categories")
BOOKS: list[tuple[str, int | None, float]] = [
    ("The Glass Harbour", 1961, 0.2),
    ("Amélie’s Garden", 2001, 0.1),
    ("Salt & Smoke", 1999, 0.1),
    ("Winter", 1950, 0.3),
    ("Winter", 2010, 0.9),
    ("Winter", 2011, 0.1),
    ("Winter Light", 1963, 0.1),
    ("1984", 1949, 0.5),
    ("Harbour 2049", 2017, 0.1),
    ("Harbour", 1982, 0.8),
    ("!!!", 2007, 0.1),
    ("An", None, 0.1),
    ("The Long Way Round the Quiet Sea", 1970, 0.1),
    ("The Long Way Round the Quiet Sea", 1990, 0.6),
]
WINTER_1950, WINTER_2010, WINTER_2011 = 3, 4, 5


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    rows: list[dict[str, object]] = [
        {"title": title, **({"year": float(year)} if year else {})} for title, year, _ in BOOKS
    ]
    rows[0]["also"] = ["Le Port de verre", "Glashafen"]
    with tiny_catalogue(tmp_path_factory.mktemp("books"), tiny_schema(YEAR, ALSO, aliases=["also"]), rows) as opened:
        yield opened


@pytest.fixture(scope="module")
def titles(catalogue: Catalogue) -> Titles:
    return Titles(catalogue, np.array([popular for *_, popular in BOOKS], dtype=np.float32))


@pytest.mark.parametrize("typed", ["Harbour 48", "The Glass Harbour 2", "Winter 3", "The Long Way Round 1 Quiet Sea"])
def test_a_title_with_another_number_is_another_item(titles: Titles, typed: str) -> None:
    assert titles.find(typed) is None


@pytest.mark.parametrize(
    ("typed", "position"),
    [("Galss Harbour", 0), ("wimter", WINTER_2010), ("Amelias Gardn", 1), ("long way ruond the quite sea", 13)],
)
def test_a_wrong_letter_for_each_six_is_forgiven(titles: Titles, typed: str, position: int) -> None:
    match = titles.find(typed)
    assert match is not None
    assert (match.position, match.how) == (position, "fuzzy")


@pytest.mark.parametrize(
    ("typed", "position", "how"),
    [
        ("The Glass Harbour", 0, "exact"),
        (" The Glass Harbour ", 0, "exact"),
        ("the glass harbour", 0, "normalised"),
        ("glass harbour", 0, "normalised"),
        ("A Glass Harbour!", 0, "normalised"),
        ("glashafen", 0, "normalised"),
        ("Le port de verre", 0, "normalised"),
        ("Amélie’s Garden", 1, "exact"),
        ("amelie's garden", 1, "normalised"),
        ("Amelies Garden", 1, "normalised"),
        ("AMÉLIE'S GARDEN", 1, "normalised"),
        (unicodedata.normalize("NFD", "Amélie's Garden"), 1, "normalised"),
        ("Salt and Smoke", 2, "normalised"),
        ("salt & smoke", 2, "normalised"),
        ("Glass Harbour (1961)", 0, "normalised"),
        ("1984", 7, "exact"),
        ("1984 (1949)", 7, "exact"),
        ("Harbour 2049", 8, "exact"),
        ("Harbour 2049 (2017)", 8, "exact"),
        ("Harbour 1982", 9, "exact"),
        ("!!!", 10, "exact"),
        ("an", 11, "normalised"),
        ("The Glas Harbor", 0, "fuzzy"),
        ("winter ligth", 6, "fuzzy"),
        ("Harbor 2049", 8, "fuzzy"),
    ],
)
def test_a_title_is_understood_as_it_was_typed(titles: Titles, typed: str, position: int, how: str) -> None:
    match = titles.find(typed)
    assert match is not None
    assert (match.position, match.how, match.words) == (position, how, typed)


@pytest.mark.parametrize("typed", ["Zanzibar Express", "", " ", "??", "x", "Wint", "(1999)", "harbour of salt"])
def test_an_unknown_title_is_nothing(titles: Titles, typed: str) -> None:
    assert titles.find(typed) is None


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ("Winter", WINTER_2010),
        ("Winter (1950)", WINTER_1950),
        ("Winter 1951", WINTER_1950),
        ("winter, 2010", WINTER_2010),
        ("Winter (2011)", WINTER_2011),
        ("Winter (2012)", WINTER_2011),
        ("Winter (1977)", WINTER_2010),
        ("The Long Way Round the Quiet Sea", 13),
        ("The Long Way Round the Quiet Sea (1970)", 12),
        ("The Long Way Rond the Quite Sea (1970)", 12),
    ],
)
def test_of_two_of_one_name_the_year_decides_then_popularity(titles: Titles, typed: str, position: int) -> None:
    match = titles.find(typed)
    assert match is not None
    assert match.position == position


def test_a_year_may_be_read_off_a_date(tmp_path: Path) -> None:
    schema = tiny_schema(FieldSpec(name="released", type="date", role="year"))
    rows = [{"title": "Winter", "released": "1950-11-02"}, {"title": "Winter", "released": "2010-01-09"}]
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        match = Titles(catalogue, np.array([0.1, 0.9], dtype=np.float32)).find("Winter (1950)")
        assert match is not None
        assert match.position == 0


def test_without_years_a_year_does_no_harm(tmp_path: Path) -> None:
    with tiny_catalogue(tmp_path, tiny_schema(), [{"title": "Winter"}, {"title": "Winter"}]) as catalogue:
        titles = Titles(catalogue, np.array([0.1, 0.9], dtype=np.float32))
        match = titles.find("Winter (1950)")
        assert match is not None
        assert match.position == 1
        assert not titles.is_of_year(1, 1950)


def test_a_year_may_be_off_by_one(titles: Titles) -> None:
    assert [titles.is_of_year(0, year) for year in (1959, 1960, 1961, 1962, 1963)] == [False, True, True, True, False]
    assert not titles.is_of_year(11, 1961), "unknown"


def test_the_nearest_titles_are_named_once_each(titles: Titles) -> None:
    assert titles.nearest("winters")[:2] == ["Winter", "Winter Light"]
    for typed in ("glass harbours", "winters", "long way"):
        nearest = titles.nearest(typed)
        assert len(set(nearest)) == len(nearest) <= 3
    assert titles.nearest("glass harbours")[0] == "The Glass Harbour"
    assert titles.nearest("") == []


def spotted(titles: Titles, message: str) -> list[str]:
    return [message[span.start : span.end] for span in titles.spot(message)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("I loved Winter Light.", ["Winter Light"]),
        ("winter light and winter", ["winter light", "winter"]),
        ("Winter, then The Glass Harbour", ["The Glass Harbour", "Winter"]),
        ("Something like Salt and Smoke?", ["Salt and Smoke"]),
        ("Something like salt & smoke?", ["salt & smoke"]),
        ("Have you read the long way round the quiet sea?", ["the long way round the quiet sea"]),
        ("nothing of the kind", []),
        ("", []),
        ("?!", []),
    ],
)
def test_titles_are_spotted_in_a_sentence_the_longest_first(titles: Titles, message: str, expected: list[str]) -> None:
    assert spotted(titles, message) == expected


def test_an_article_behind_a_comma_belongs_to_what_follows(titles: Titles) -> None:
    assert spotted(titles, "set in winter, the boat was dull") == ["winter"]
    assert spotted(titles, "Glass Harbour, The") == ["Glass Harbour"]


def test_a_spotted_title_brings_all_items_of_that_name(titles: Titles) -> None:
    (span,) = titles.spot("winter was cold")
    assert span.positions == (WINTER_1950, WINTER_2010, WINTER_2011)
    assert span.words == 1


def test_a_long_message_takes_a_moment(titles: Titles) -> None:
    assert spotted(titles, "word " * 1500 + "glass harbour") == ["glass harbour"]


def test_a_series_stands_for_its_best_known_part_and_with_a_year_for_that_one(tmp_path: Path) -> None:
    rows = [
        {"title": "Gulls of Brine: The First Tide", "year": 1977},
        {"title": "Gulls of Brine: Low Water", "year": 1980},
        {"title": "Ash: Part One", "year": 1990},
    ]
    with tiny_catalogue(tmp_path, tiny_schema(YEAR), rows) as catalogue:
        titles = Titles(catalogue, np.array([0.1, 0.9, 0.5]))
        found = {typed: titles.find(typed) for typed in ("gulls of brine", "Gulls of Brine (1977)")}
        assert [match and match.position for match in found.values()] == [1, 0]
        assert [span.positions for span in titles.spot("something like gulls of brine")] == [(0, 1)]
        assert titles.find("Ash") is None
