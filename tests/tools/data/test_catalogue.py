"""Reading a catalogue file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny import tiny_catalogue, tiny_items, tiny_schema
from worlds import games

from tools.constraints import Constraint
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec
from tools.data.store import write_catalogue
from tools.errors import UnavailableError
from tools.shelf import Shelf

SCHEMA = tiny_schema(
    FieldSpec(name="kinds", type="categories"),
    FieldSpec(name="by", type="category"),
    FieldSpec(name="minutes", type="number"),
    FieldSpec(name="day", type="date"),
    FieldSpec(name="new", type="flag"),
)
FULL = {"title": "Ünï “x”", "kinds": ["b", "a"], "by": "O'Hara", "minutes": 90.5, "day": "2020-05-31", "new": False}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with tiny_catalogue(tmp_path_factory.mktemp("c"), SCHEMA, [FULL, {}, {"by": "x"}]) as opened:
        yield opened


def test_values_come_back_as_they_went_and_the_unknown_is_absent(catalogue: Catalogue) -> None:
    assert catalogue.item(0).values == FULL
    assert catalogue.item(0).values["new"] is False
    assert catalogue.item(1).values == {"title": "Item 1"}
    assert catalogue.schema == SCHEMA
    assert catalogue.size == 3


def test_items_come_in_the_order_asked(catalogue: Catalogue) -> None:
    assert [item.id for item in catalogue.items([2, 0, 2])] == ["i2", "i0", "i2"]
    assert catalogue.items([]) == []
    with pytest.raises(KeyError):
        catalogue.item(3)


def test_ids_that_are_not_there_are_left_out(catalogue: Catalogue) -> None:
    assert catalogue.positions_of(["i2", "nobody", "i0", "'; --"]) == [2, 0]
    assert catalogue.positions_of([]) == []


def test_every_item_of_the_world_is_stored(shelf: Shelf) -> None:
    for item, game in zip(shelf.catalogue.items(range(120)), games(), strict=True):
        assert item.values == {name: value for name, value in game.items() if name != "game_id"}
        assert item.id == game["game_id"]


def test_vocabulary_is_by_frequency_then_by_name(shelf: Shelf) -> None:
    kinds = shelf.catalogue.vocabulary("kinds")
    assert kinds[0] == ("Strategy", 80)
    assert kinds[1] == ("Family", 60)
    assert shelf.catalogue.vocabulary("kinds", most=1) == kinds[:1]
    assert shelf.catalogue.vocabulary_size("kinds") == len(kinds) == 6
    assert shelf.catalogue.vocabulary("minutes") == []
    assert shelf.catalogue.vocabulary_size("no such field") == 0


def test_it_cannot_be_written(catalogue: Catalogue) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalogue._db.execute("DELETE FROM items")


def test_threads_share_it(shelf: Shelf) -> None:
    def ask(number: int) -> list[int]:
        shelf.catalogue.item(number % 120)
        shelf.catalogue.match_text('"siege"', 5)
        return shelf.catalogue.filter([Constraint(field="minutes", op="<=", value=float(number))]).tolist()

    expected = [ask(number) for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(200))) == expected


@pytest.mark.parametrize("name", ["with space.db", "per%20cent.db", "question?.db", "ha#sh.db", "ünï.db"])
def test_a_path_may_hold_anything(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_catalogue(tmp_path / name, SCHEMA, tiny_items([FULL]), {})
    monkeypatch.chdir(tmp_path)
    opened = Catalogue(Path(name))
    assert opened.size == 1
    opened.close()


CHANGES = {"of another schema": "UPDATE meta SET value = '{}'", "half written": "DELETE FROM meta"}


def damaged(path: Path, how: str) -> None:
    write_catalogue(path, SCHEMA, tiny_items([FULL]), {})
    if how in CHANGES:
        db = sqlite3.connect(path)
        db.execute(CHANGES[how])
        db.commit()
        db.close()
    else:
        path.write_bytes({"empty": b"", "junk": b"junk" * 500, "cut": path.read_bytes()[:5000]}[how])


@pytest.mark.parametrize("how", ["empty", "junk", "cut", *CHANGES])
def test_what_is_no_catalogue_is_refused_with_the_way_out(tmp_path: Path, how: str) -> None:
    damaged(tmp_path / "catalogue.db", how)
    with pytest.raises(UnavailableError) as caught:
        Catalogue(tmp_path / "catalogue.db")
    assert str(tmp_path / "catalogue.db") in str(caught.value)
    assert str(caught.value).endswith("Ingest it again.")
    assert "\n" not in str(caught.value)


def test_a_catalogue_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"can't be read .+ Ingest it again"):
        Catalogue(tmp_path / "catalogue.db")
    assert list(tmp_path.iterdir()) == []


def test_names_are_found_whatever_the_columns_are_called(tmp_path: Path) -> None:
    schema = tiny_schema(
        FieldSpec(name="field", type="categories", role="creator"),
        FieldSpec(name="value", type="categories", role="performer"),
        FieldSpec(name="item", type="number", role="popularity"),
    )
    rows = [{"field": ["Ann Vance"], "value": ["Bo Vance"], "item": 7}, {"field": ["Ann Vance"], "item": 2}]
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        known = [(name.field, name.value, name.count) for name in catalogue.name_parts["vance"]]
    assert known == [("field", "Ann Vance", 9), ("value", "Bo Vance", 7)]
