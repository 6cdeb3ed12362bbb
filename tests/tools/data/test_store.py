"""What the catalogue file holds of the items that were given: texts, vocabulary, titles, spreads."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tiny import tiny_catalogue, tiny_items, tiny_schema

from tools.data.catalogue import Catalogue, Word
from tools.data.schema import SMALL_VOCABULARY, FieldSpec
from tools.data.store import embedding_text, item_text, kinds_of, write_catalogue
from tools.errors import UnavailableError

YEAR = FieldSpec(name="year", type="number", role="year")
KINDS = FieldSpec(name="kinds", type="categories", synonyms={"brain teasers": "Puzzle", "sports": "Football"})
CAST = FieldSpec(name="cast", type="categories")
BY = FieldSpec(name="by", type="category", role="creator")
ABOUT = FieldSpec(name="about", type="text", role="description")
PRICE = FieldSpec(name="price", type="number")
ROW = {
    "title": "Night Train",
    "year": 1998.0,
    "kinds": ["Puzzle", "Co-op"],
    "by": "Ada Quill",
    "about": "Find the spy.",
    "price": 19.5,
}


def test_what_is_searched_by_words_and_what_by_meaning() -> None:
    schema = tiny_schema(YEAR, KINDS, BY, ABOUT, PRICE)
    (item,) = tiny_items([ROW])
    assert item_text(schema, item) == "Night Train. 1998. Puzzle, Co-op. Ada Quill. Find the spy."
    assert embedding_text(schema, item, [KINDS]) == "Night Train. 1998. Puzzle, Co-op. Find the spy."


def test_texts_leave_out_the_unknown() -> None:
    (item,) = tiny_items([{"title": "Night Train"}])
    assert item_text(tiny_schema(YEAR, KINDS, ABOUT), item) == "Night Train"


def test_kinds_have_few_values_and_no_role() -> None:
    schema = tiny_schema(KINDS, CAST, BY)
    items = tiny_items([{"kinds": ["a"], "cast": [f"p{n}"], "by": "x"} for n in range(SMALL_VOCABULARY + 1)])
    assert kinds_of(schema, items) == [KINDS]
    assert kinds_of(schema, items[:-1]) == [KINDS, CAST]


def test_values_are_known_by_their_words_and_synonyms(tmp_path: Path) -> None:
    rows = [ROW, {"kinds": ["Puzzle"]}, {"by": "Puzzle"}]
    with tiny_catalogue(tmp_path, tiny_schema(KINDS, BY), rows) as catalogue:
        puzzle = Word("puzzle", "kinds", "Puzzle", 2)
        assert catalogue.words(["puzzle"]) == [puzzle, Word("puzzle", "by", "Puzzle", 1)]
        assert catalogue.words(["brain teaser"]) == [Word("brain teaser", "kinds", "Puzzle", 2)]
        assert catalogue.words(["co op"])[0].value == "Co-op"
        assert catalogue.words(["sport"]) == [], "no item has what the synonym stands for"
        assert catalogue.vocabulary("kinds") == [("Puzzle", 2), ("Co-op", 1)]


def test_a_value_that_an_item_repeats_is_there_once(tmp_path: Path) -> None:
    with tiny_catalogue(tmp_path, tiny_schema(KINDS), [{"kinds": ["a", "a", "b"]}]) as catalogue:
        assert catalogue.memberships(["kinds"]) == [(0, "kinds", "a"), (0, "kinds", "b")]


def test_an_item_is_known_by_all_its_titles(tmp_path: Path) -> None:
    schema = tiny_schema(
        FieldSpec(name="original", type="text"), FieldSpec(name="aka", type="categories"), aliases=["original", "aka"]
    )
    rows = [{"title": "The Night Train", "original": "Der Nachtzug", "aka": ["Ночной поезд", "?"]}, {"title": "!!!"}]
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        assert dict(catalogue.all_titles) == {
            "night train": 0,
            "der nachtzug": 0,
            "ночнои поезд": 0,
            "?": 0,
            "!!!": 1,
        }


def test_spreads_are_deciles_of_what_is_known(tmp_path: Path) -> None:
    schema = tiny_schema(PRICE, FieldSpec(name="day", type="date"), FieldSpec(name="none", type="number"))
    rows = [{"price": float(n), "day": f"{2000 + n}-05-31"} for n in range(11)] + [{}]
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        assert catalogue.spread("price") == list(range(11))
        assert catalogue.spread("day") == list(range(2000, 2011))
        assert catalogue.spread("none") == []
        assert catalogue.spread("title") == []


def test_a_catalogue_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    twice = [tiny_items([{}])[0]] * 2
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        write_catalogue(path, tiny_schema(), twice, {})
    with pytest.raises(UnavailableError, match="Ingest it again"):
        Catalogue(path)


def test_fields_may_be_called_anything_that_sql_calls_something(tmp_path: Path) -> None:
    names = ["select", "order", "group", "index", "table", "rowid", "values", "null", "item"]
    schema = tiny_schema(*[FieldSpec(name=name, type="number") for name in names])
    with tiny_catalogue(tmp_path, schema, [{name: float(n) for n, name in enumerate(names)}]) as catalogue:
        values = catalogue.item(0).values
        assert [values[name] for name in names] == list(range(len(names)))
