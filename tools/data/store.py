"""Writes a catalogue's SQLite file: items, values, vocabulary, titles and the lexical index, in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tools.constraints import quoted
from tools.data.catalogue import item_columns
from tools.data.items import ItemRow
from tools.data.schema import SMALL_VOCABULARY, FieldSpec, Schema
from tools.data.series import numbered_names, series_names
from tools.text import normalise, normalise_title, stem_phrase

_TOLD = ("title", "year", "description")

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE item_values (field TEXT, value TEXT, item INTEGER, PRIMARY KEY (field, value, item)) WITHOUT ROWID;
CREATE TABLE vocabulary (norm TEXT, field TEXT, value TEXT, count INTEGER, PRIMARY KEY (norm, field, value))
    WITHOUT ROWID;
CREATE TABLE titles (norm TEXT, item INTEGER, PRIMARY KEY (norm, item)) WITHOUT ROWID;
CREATE VIRTUAL TABLE lexical USING fts5(body, content='', tokenize="porter unicode61 remove_diacritics 2");
"""


def write_catalogue(path: Path, schema: Schema, items: Sequence[ItemRow], meta: dict[str, Any]) -> None:
    """Create the catalogue file. `meta` must hold what else a reader should know; schema and size are added."""
    db = sqlite3.connect(path)
    try:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
        db.execute(f"CREATE TABLE items ({item_columns(schema)})")
        _write_items(db, schema, items)
        sizes = _write_values(db, schema, items)
        _write_titles(db, schema, items)
        texts = ((position, item_text(schema, item)) for position, item in enumerate(items))
        db.executemany("INSERT INTO lexical (rowid, body) VALUES (?, ?)", texts)
        whole = {
            **meta,
            "schema": schema.model_dump(),
            "size": len(items),
            "spreads": _spreads(schema, items),
            "vocabulary_sizes": sizes,
        }
        db.executemany("INSERT INTO meta VALUES (?, ?)", [(k, json.dumps(v)) for k, v in whole.items()])
        db.executescript("INSERT INTO lexical(lexical) VALUES ('optimize'); ANALYZE;")
        db.commit()
    finally:
        db.close()


def item_text(schema: Schema, item: ItemRow) -> str:
    """What the lexical index reads: title, year, every category, and the description."""
    return _joined(item, [field for field in schema.fields if field.is_category or field.role in _TOLD])


def embedding_text(schema: Schema, item: ItemRow, kinds: Sequence[FieldSpec]) -> str:
    """What the embedding reads: title, year, kinds and description. Names say little to it, and cost the most."""
    return _joined(item, [field for field in schema.fields if field in kinds or field.role in _TOLD])


def kinds_of(schema: Schema, items: Sequence[ItemRow]) -> list[FieldSpec]:
    """The category fields that say what kind of thing an item is: a small vocabulary and no role of their own."""
    return [
        field
        for field in schema.askable
        if field.is_category
        and field.role is None
        and len({value for item in items for value in _values(item, field)}) <= SMALL_VOCABULARY
    ]


def _joined(item: ItemRow, fields: Sequence[FieldSpec]) -> str:
    parts = []
    for field in fields:
        value = item.values.get(field.name)
        if isinstance(value, list):
            parts.append(", ".join(value))
        elif value is not None:
            parts.append(f"{value:.0f}" if isinstance(value, float) else str(value))
    return ". ".join(parts)


def _write_items(db: sqlite3.Connection, schema: Schema, items: Sequence[ItemRow]) -> None:
    marks = ",".join("?" * (len(schema.fields) + 2))
    rows = (
        (position, item.id, *(_cell(item.values.get(field.name)) for field in schema.fields))
        for position, item in enumerate(items)
    )
    db.executemany(f"INSERT INTO items VALUES ({marks})", rows)  # noqa: S608
    for field in schema.askable:
        if field.type != "categories":
            db.execute(f"CREATE INDEX {quoted('by_' + field.name)} ON items ({quoted(field.name)})")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _values(item: ItemRow, field: FieldSpec) -> list[str]:
    value = item.values.get(field.name)
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]


def _write_values(db: sqlite3.Connection, schema: Schema, items: Sequence[ItemRow]) -> dict[str, int]:
    """Fill the tables of values; how many different values each category field has."""
    sizes = {}
    for field in schema.fields:
        if not field.is_category:
            continue
        counts: Counter[str] = Counter()
        rows = []
        for position, item in enumerate(items):
            values = _values(item, field)
            counts.update(values)
            rows += [(field.name, value, position) for value in values]
        db.executemany("INSERT OR IGNORE INTO item_values VALUES (?, ?, ?)", sorted(rows))
        db.executemany("INSERT OR IGNORE INTO vocabulary VALUES (?, ?, ?, ?)", _named(field, counts))
        sizes[field.name] = len(counts)
    return sizes


def _named(field: FieldSpec, counts: Counter[str]) -> Iterable[tuple[str, str, str, int]]:
    """Each value under its own normalised words and under others for it; those of an absent value are left out."""
    for value, count in counts.items():
        yield stem_phrase(normalise(value)), field.name, value, count
    for word, value in (field.related | field.synonyms).items():
        if value in counts:
            yield stem_phrase(normalise(word)), field.name, value, counts[value]


def _write_titles(db: sqlite3.Connection, schema: Schema, items: Sequence[ItemRow]) -> None:
    """Fill the table of titles: what an item is called, in other languages, and as a part of its series."""
    names = [field for field in schema.fields if field.role == "title" or field.name in schema.aliases]
    titles = [(title, row) for row, item in enumerate(items) for field in names for title in _values(item, field)]
    rows = {(normalise_title(title), row) for title, row in titles}
    titled, values = {norm for norm, _ in rows}, {norm for (norm,) in db.execute("SELECT norm FROM vocabulary")}
    rows.update([*series_names(titles, values, titled), *numbered_names(titles, titled | values)])
    db.executemany("INSERT INTO titles VALUES (?, ?)", sorted(rows))


def _spreads(schema: Schema, items: Sequence[ItemRow]) -> dict[str, list[float]]:
    spreads = {}
    for field in schema.fields:
        if not field.is_ordered:
            continue
        known = [item.values[field.name] for item in items if field.name in item.values]
        numbers = [float(str(v)[:4] if field.type == "date" else str(v)) for v in known]
        if numbers:
            spreads[field.name] = [round(float(q), 4) for q in np.quantile(numbers, np.linspace(0, 1, 11))]
    return spreads
