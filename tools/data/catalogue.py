"""The catalogue: one read-only SQLite file with items, their values, a vocabulary, titles and a lexical index.

Items are addressed by position (0..size-1), the row of every array beside the database; ids are the user's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.constraints import Constraint, quoted, satisfies, to_sql
from tools.data.schema import FieldSpec, Schema
from tools.errors import UnavailableError
from tools.text import normalise

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
KEPT_MASKS = 64
"""Constraints whose items are remembered; from then on all are let go. A byte an item each."""
KEPT_ITEMS = 2_000
"""From this many items in memory on, all are let go."""
PLAIN_WORDS = 200
"""In a vocabulary of up to this many values, each is a word that people use; in a larger one they are names."""


@dataclass(frozen=True)
class Item:
    """One item: its position, the user's id, and the values that are known."""

    position: int
    id: str
    values: Mapping[str, Any]

    def words(self, field: str) -> tuple[str, ...]:
        """The values of a category field, whether it may have one or several; none where unknown."""
        value = self.values.get(field, ())
        return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True)
class Word:
    """A value of the vocabulary: how often it occurs, and the words that name it."""

    norm: str
    field: str
    value: str
    count: int


class Catalogue:
    """Reads one catalogue file. Safe to share between threads; nothing here writes."""

    def __init__(self, path: Path) -> None:
        self.version = path.absolute().parent.name
        """The name of the folder that it was built in."""
        self.path = path
        try:
            self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            rows = self._db.execute("SELECT key, value FROM meta").fetchall()
            self.meta: dict[str, Any] = {key: json.loads(value) for key, value in rows}
            self.schema = Schema.model_validate(self.meta["schema"])
            self.size = int(self.meta["size"])
            self._kept: dict[int, Item] = {}
            self._met: dict[tuple[Any, ...], Mask] = {}
        except sqlite3.Error as error:
            raise UnavailableError(f"The catalogue {path} can't be read ({error}).", "Ingest it again.") from error
        except (KeyError, ValueError) as error:
            raise UnavailableError(
                f"The catalogue {path} is not whole, or was made by another version.", "Ingest it again."
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def filter(self, constraints: Iterable[Constraint]) -> Positions:
        """Positions that satisfy every constraint, ascending. Unknown fields raise KeyError."""
        keep = np.ones(self.size, dtype=bool)
        for constraint in constraints:
            keep &= self.meeting(constraint)
        return np.flatnonzero(keep)

    def meeting(self, constraint: Constraint) -> Mask:
        """Whether each item meets a constraint, shape (size,); kept for the next turn, so never to be written to."""
        if constraint.either:
            met: Mask = np.logical_or.reduce([self.meeting(one) for one in constraint.options])
            return met
        field = self.schema.field(constraint.field)
        if field is None:
            raise KeyError(constraint.field)
        key = constraint.key[:3]
        if key not in self._met:
            is_of_words = field.is_told and constraint.op in ("=", "!=")
            met = self._with_words(constraint, field) if is_of_words else self._mask(*to_sql(constraint, field))
            if field.is_category and constraint.op == "!=":
                column = quoted(field.name)
                some = f" AND {column} <> '[]'" if field.type == "categories" else ""
                met = self._mask(f"SELECT position FROM items WHERE {column} IS NOT NULL{some}", []) & ~met  # noqa: S608
            if len(self._met) >= KEPT_MASKS:
                self._met = {}
            self._met[key] = met
        return self._met[key]

    def _with_words(self, constraint: Constraint, field: FieldSpec) -> Mask:
        """Of a title or description: the lexical index finds who may have the words, since its stems are coarser."""
        query = f'"{normalise(str(constraint.value))}"'
        having = constraint.model_copy(update={"op": "="})
        found = [row[0] for row in self._db.execute("SELECT rowid FROM lexical WHERE lexical MATCH ?", [query])]
        met = np.zeros(self.size, dtype=bool)
        met[[item.position for item in self.items(found) if satisfies(item.values, having, field)]] = True
        return met if constraint.op == "=" else ~met

    def _mask(self, sql: str, parameters: Sequence[Any]) -> Mask:
        mask = np.zeros(self.size, dtype=bool)
        mask[[row[0] for row in self._db.execute(sql, parameters)]] = True
        return mask

    def items(self, positions: Iterable[int]) -> list[Item]:
        """The items at these positions, in this order. Those of the last turns are kept for the next."""
        wanted = [int(position) for position in positions]
        here = {position: self._kept[position] for position in wanted if position in self._kept}
        missing = [position for position in wanted if position not in here]
        if missing:
            here |= self._read(missing)
            if len(self._kept) > KEPT_ITEMS:
                self._kept = {}
            self._kept |= here
        return [here[position] for position in wanted]

    def _read(self, positions: Sequence[int]) -> dict[int, Item]:
        marks = ",".join("?" * len(positions))
        found: dict[int, Item] = {}
        for row in self._db.execute(f"SELECT * FROM items WHERE position IN ({marks})", positions):  # noqa: S608
            position, item_id, *cells = row
            values = {
                field.name: _load(field, cell)
                for field, cell in zip(self.schema.fields, cells, strict=True)
                if cell is not None
            }
            found[position] = Item(position, item_id, values)
        return found

    def item(self, position: int) -> Item:
        """The item at a position."""
        return self.items([position])[0]

    def positions_of(self, ids: Iterable[str]) -> list[int]:
        """Positions of these ids; ids that are not in the catalogue are left out."""
        wanted = list(ids)
        marks = ",".join("?" * len(wanted))
        sql = f"SELECT id, position FROM items WHERE id IN ({marks})"  # noqa: S608
        found = dict(self._db.execute(sql, wanted).fetchall())
        return [found[item_id] for item_id in wanted if item_id in found]

    def words(self, norms: Sequence[str]) -> list[Word]:
        """Category values that one of these normalised phrases names, the most frequent first."""
        marks = ",".join("?" * len(norms))
        sql = f"SELECT norm, field, value, count FROM vocabulary WHERE norm IN ({marks}) ORDER BY count DESC"  # noqa: S608
        return [Word(*row) for row in self._db.execute(sql, list(norms))]

    def kinds(self, norms: Sequence[str]) -> list[Word]:
        """Of these `words`, the values of small vocabularies: they name kinds of items, not somebody or some item."""
        return [word for word in self.words(norms) if self.vocabulary_size(word.field) <= PLAIN_WORDS]

    def vocabulary(self, field: str, most: int | None = None) -> list[tuple[str, int]]:
        """A category field's values with how many items have them, the most frequent first."""
        sql = "SELECT value, MAX(count) FROM vocabulary WHERE field = ? GROUP BY value ORDER BY 2 DESC, 1 LIMIT ?"
        return self._db.execute(sql, [field, -1 if most is None else most]).fetchall()

    def vocabulary_size(self, field: str) -> int:
        """How many different values a category field has."""
        return int(self.meta["vocabulary_sizes"].get(field, 0))

    def titled(self, norms: Sequence[str]) -> list[tuple[str, int]]:
        """(normalised title, position) of the items that one of these normalised titles names."""
        marks = ",".join("?" * len(norms))
        sql = f"SELECT norm, item FROM titles WHERE norm IN ({marks})"  # noqa: S608
        return self._db.execute(sql, list(norms)).fetchall()

    @cached_property
    def all_titles(self) -> list[tuple[str, int]]:
        """Every (normalised title, position), for fuzzy matching."""
        return self._db.execute("SELECT norm, item FROM titles ORDER BY item, norm").fetchall()

    def spread(self, field: str) -> list[float]:
        """The 11 deciles (minimum to maximum) of a number field, or of a date field's years; [] if all unknown."""
        return list(self.meta["spreads"].get(field, []))

    def memberships(self, fields: Sequence[str]) -> list[tuple[int, str, str]]:
        """(position, field, value) for every value of these category fields."""
        marks = ",".join("?" * len(fields))
        sql = f"SELECT item, field, value FROM item_values WHERE field IN ({marks})"  # noqa: S608
        return self._db.execute(sql, list(fields)).fetchall()

    def values_of(self, field: str) -> list[tuple[int, Any]]:
        """(position, value) of a field that is not a list, for the items where it is known."""
        sql = f"SELECT position, {quoted(field)} FROM items WHERE {quoted(field)} IS NOT NULL"  # noqa: S608
        return self._db.execute(sql).fetchall()

    def match_text(self, query: str, limit: int) -> list[tuple[int, float]]:
        """(position, BM25 score, larger is better) of an FTS5 query, best first."""
        sql = "SELECT rowid, -bm25(lexical) FROM lexical WHERE lexical MATCH ? ORDER BY bm25(lexical) LIMIT ?"
        return self._db.execute(sql, [query, limit]).fetchall()

    def count_text(self, query: str, most: int) -> int:
        """How many items an FTS5 query finds, counted up to `most`."""
        sql = "SELECT COUNT(*) FROM (SELECT 1 FROM lexical WHERE lexical MATCH ? LIMIT ?)"
        return int(self._db.execute(sql, [query, most]).fetchone()[0])

    @cached_property
    def title_words(self) -> frozenset[str]:
        """Every word of a title."""
        return frozenset(word for norm, _ in self.all_titles for word in norm.split())

    @cached_property
    def value_words(self) -> frozenset[str]:
        """Every word of a category value, and of what people call it."""
        rows = self._db.execute("SELECT DISTINCT norm FROM vocabulary")
        return frozenset(word for (norm,) in rows for word in norm.split())

    @cached_property
    def run_together(self) -> dict[str, str]:
        """The normalised values of a small vocabulary, by how they read without spaces."""
        sql = "SELECT DISTINCT norm FROM vocabulary WHERE field = ?"
        small = [field for field, size in self.meta["vocabulary_sizes"].items() if size <= PLAIN_WORDS]
        norms = [norm for field in small for (norm,) in self._db.execute(sql, [field])]
        return {norm.replace(" ", ""): norm for norm in norms}

    @cached_property
    def name_parts(self) -> dict[str, list[Word]]:
        """The names that a single word is part of: of people the last, of services the first.

        Counted is how well a name is known: how often its items were used, where that is known, else how many it has.
        """
        known = self.schema.with_role("popularity")
        each = f"COALESCE(i.{quoted(known.name)}, 0)" if known else "1"
        sql = (
            f"SELECT v.value, SUM({each}) FROM item_values AS v JOIN items AS i ON i.position = v.item "  # noqa: S608
            "WHERE v.field = ? GROUP BY v.value ORDER BY 2 DESC, 1"
        )
        parts: dict[str, list[Word]] = {}
        for role, place in (("creator", -1), ("performer", -1), ("availability", 0)):
            for field in (f for f in self.schema.askable if f.role == role and f.is_category):
                for value, count in self._db.execute(sql, [field.name]):
                    words = normalise(value).split()
                    if len(words) > 1:
                        parts.setdefault(words[place], []).append(Word(words[place], field.name, value, int(count)))
        return parts

    def fame(self, share: float) -> int:
        """How well known the best known share of the `name_parts` are at least; 0 where there are few names at all."""
        known = self._fame
        return int(known[int(share * len(known))]) if len(known) > PLAIN_WORDS else 0

    @cached_property
    def _fame(self) -> npt.NDArray[np.int64]:
        counts = [name.count for names in self.name_parts.values() for name in names]
        return np.sort(np.array(counts, dtype=np.int64))[::-1]

    @cached_property
    def terms(self) -> list[str]:
        """Every stem of the lexical index, for words that are typed wrongly."""
        self._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab('main', 'lexical', 'row')")
        return [row[0] for row in self._db.execute("SELECT term FROM temp.terms WHERE doc > 1 ORDER BY term")]


def _load(field: FieldSpec, cell: Any) -> Any:
    if field.type == "categories":
        return json.loads(cell)
    return bool(cell) if field.type == "flag" else cell


_COLUMN_TYPES = {"number": "REAL", "flag": "INTEGER"}


def item_columns(schema: Schema) -> str:
    """The column definitions of the table `items`."""
    columns = [f"{quoted(field.name)} {_COLUMN_TYPES.get(field.type, 'TEXT')}" for field in schema.fields]
    return ", ".join(["position INTEGER PRIMARY KEY", "id TEXT NOT NULL UNIQUE", *columns])
