"""Reads who used what: a file of users, items, and if there are any, ratings and times, as arrays.

Items are addressed by their position in the catalogue. A row that names an item which the catalogue hasn't is
counted and left out, and of several rows for the same user and item the latest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.data.columns import slug
from tools.data.items import item_id
from tools.data.read import Row, iter_rows
from tools.data.schema import FieldSpec
from tools.data.values import epoch_seconds, is_missing, parse_value
from tools.errors import BadInputError

_USER = re.compile(r"(user|customer|member|account|reviewer|visitor|client|person|reader|viewer)s?(_?(id|name))?|uid")
_ITEM = re.compile(r"items?(_?id)?|iid")
_OTHER_ITEM = re.compile(r"\w+_id|isbn\w*|asin|sku|ean|upc|gtin|product|title")
_RATING = re.compile(r"rating|score|stars|(user|overall|item)_rating|overall|value|weight")
_TIME = re.compile(r"timestamp|(unix_?)?(review_?)?time|date|datetime|(\w+_)?(at|on|date|timestamp)|ts")
_PEEK_ROWS = 1000
_EXAMPLES = 3
_NO_TIME = 0
_RATING_SPEC = FieldSpec(name="rating", type="number")


@dataclass(frozen=True)
class InteractionsReport:
    """What became of a file's rows."""

    rows: int
    kept: int
    unknown_rows: int
    """Rows that name an item which the catalogue hasn't; left out."""
    unknown_items: int
    """How many different items those are."""
    unknown_examples: tuple[str, ...]
    """The first three of them."""
    duplicates: int
    """Rows for a user and item that a later row speaks of again; left out."""
    incomplete: int
    """Rows without user or item; left out."""
    bad_ratings: int
    """Rows whose rating is not a number; kept without it."""
    bad_times: int
    """Rows whose time can't be read; kept without it."""

    def sentences(self) -> list[str]:
        """What was left out, one sentence each; empty where nothing was."""
        shown = ", ".join(self.unknown_examples)
        said = [
            (
                self.unknown_rows,
                f"rows left out that name {self.unknown_items:,} unknown items, such as {shown}.",
            ),
            (self.duplicates, "repeated rows merged into the latest of the same user and item."),
            (self.incomplete, "rows left out that have no user or no item."),
            (self.bad_ratings, "rows kept without their rating, which is not a number."),
            (self.bad_times, "rows kept without their time, which can't be read."),
        ]
        return [f"{count:,} {what}" for count, what in said if count]


@dataclass(frozen=True)
class Interactions:
    """Who used what, one entry for each user and item, in file order; all arrays have the same length."""

    users: list[str]
    """User ids by position."""
    user: npt.NDArray[np.int32]
    """Positions into `users`."""
    item: npt.NDArray[np.int32]
    """Positions into the item ids that were given."""
    rating: npt.NDArray[np.float32]
    """NaN where there is none."""
    timestamp: npt.NDArray[np.int64]
    """Seconds since 1970, UTC; 0 where there is none."""
    report: InteractionsReport


@dataclass(frozen=True)
class _Columns:
    user: str
    item: str
    rating: str | None
    time: str | None


def read_interactions(path: Path, item_ids: Sequence[str]) -> Interactions:
    """Read the file and place its rows in the catalogue.

    Args:
        path: CSV, TSV, JSONL or Parquet with a column for the user and one for the item.
        item_ids: the catalogue's ids by position.

    Raises:
        BadInputError: the file can't be read, has no user or item column, or names no item of the catalogue.
    """
    rows = iter_rows(path)
    head = list(islice(rows, _PEEK_ROWS))
    positions = _positions(item_ids)
    columns = _columns(path, head, positions)
    gathered = _Gathered(columns, positions)
    gathered.add(chain(head, rows))
    if not gathered.items:
        raise _nothing_known(path, gathered, item_ids)
    return gathered.arrays()


class _Gathered:
    """The rows as lists, while they are read."""

    def __init__(self, columns: _Columns, positions: Mapping[str, int]) -> None:
        self._columns, self._positions = columns, positions
        self._user_positions: dict[str, int] = {}
        self._ratings_met: dict[str, float] = {}
        self.users: list[int] = []
        self.items: list[int] = []
        self.ratings: list[float] = []
        self.times: list[int] = []
        self.unknown: dict[str, int] = {}
        self.rows = self.incomplete = self.bad_ratings = self.bad_times = 0

    def add(self, rows: Iterable[Row]) -> None:
        columns, positions, users = self._columns, self._positions, self._user_positions
        for _, cells in rows:
            self.rows += 1
            user, item = item_id(cells.get(columns.user)), item_id(cells.get(columns.item))
            if user is None or item is None:
                self.incomplete += 1
                continue
            position = positions.get(item)
            if position is None and (position := positions.get(_whole(item))) is None:
                self.unknown[item] = self.unknown.get(item, 0) + 1
                continue
            self.users.append(users.setdefault(user, len(users)))
            self.items.append(position)
            self.ratings.append(self._rating(cells[columns.rating]) if columns.rating in cells else np.nan)
            self.times.append(self._time(cells[columns.time]) if columns.time in cells else _NO_TIME)

    def _rating(self, raw: object) -> float:
        # The same few ratings stand in every file, so each is parsed once.
        if isinstance(raw, str) and raw in self._ratings_met:
            return self._ratings_met[raw]
        try:
            value = parse_value(_RATING_SPEC, raw)
        except ValueError:
            self.bad_ratings += 1
            return np.nan
        rating = value if isinstance(value, float) else np.nan
        if isinstance(raw, str):
            self._ratings_met[raw] = rating
        return rating

    def _time(self, raw: object) -> int:
        if is_missing(raw):
            return _NO_TIME
        try:
            return epoch_seconds(raw)
        except ValueError:
            self.bad_times += 1
            return _NO_TIME

    def arrays(self) -> Interactions:
        user, item = np.array(self.users, dtype=np.int32), np.array(self.items, dtype=np.int32)
        rating, time = np.array(self.ratings, dtype=np.float32), np.array(self.times, dtype=np.int64)
        kept = _latest(user, item, time)
        report = InteractionsReport(
            rows=self.rows,
            kept=len(kept),
            unknown_rows=sum(self.unknown.values()),
            unknown_items=len(self.unknown),
            unknown_examples=tuple(islice(self.unknown, _EXAMPLES)),
            duplicates=len(user) - len(kept),
            incomplete=self.incomplete,
            bad_ratings=self.bad_ratings,
            bad_times=self.bad_times,
        )
        return Interactions(list(self._user_positions), user[kept], item[kept], rating[kept], time[kept], report)


def _latest(
    user: npt.NDArray[np.int32], item: npt.NDArray[np.int32], time: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp]:
    """The rows to keep, ascending: of each user and item the one with the latest time, of equals the last."""
    order = np.lexsort((time, item, user))  # stable, so equal times stay in file order
    user, item = user[order], item[order]
    last = np.append((user[1:] != user[:-1]) | (item[1:] != item[:-1]), True)
    return np.sort(order[last])


def _positions(item_ids: Sequence[str]) -> dict[str, int]:
    """Position by id, and by the id without a `.0` that a spreadsheet or data frame may have left on it."""
    positions = {name: position for position, name in enumerate(item_ids)}
    for position, name in enumerate(item_ids):
        positions.setdefault(_whole(name), position)
    return positions


def _whole(name: str) -> str:
    head, dot, tail = name.rpartition(".")
    return head if dot and head.isdecimal() and not tail.strip("0") else name


def _columns(path: Path, head: list[Row], positions: Mapping[str, int]) -> _Columns:
    names = {name: slug(name) for name in dict.fromkeys(name for row in head for name in row.cells)}
    user = _first(_USER, names)
    candidates = [name for name in _matching(_ITEM, names) if name != user]
    candidates = candidates or [name for name in _matching(_OTHER_ITEM, names) if name != user]
    # Of several ids the item's is the one that the catalogue knows.
    item = max(candidates, key=lambda name: _known(head, name, positions), default=None)
    if user is None or item is None:
        missing = "user" if user is None else "item"
        raise BadInputError(
            f"{path} has no column for the {missing}; its columns are {', '.join(list(names)[:30])}.",
            f"Rename it to {missing}_id; the columns read are user_id, item_id, rating and timestamp.",
        )
    rest = {name: plain for name, plain in names.items() if name not in (user, item)}
    return _Columns(user, item, rating=_first(_RATING, rest), time=_first(_TIME, rest))


def _matching(pattern: re.Pattern[str], names: Mapping[str, str]) -> Iterator[str]:
    return (name for name, plain in names.items() if pattern.fullmatch(plain))


def _first(pattern: re.Pattern[str], names: Mapping[str, str]) -> str | None:
    return next(_matching(pattern, names), None)


def _known(head: list[Row], column: str, positions: Mapping[str, int]) -> int:
    ids = (item_id(row.cells.get(column)) for row in head)
    return sum(name is not None and (name in positions or _whole(name) in positions) for name in ids)


def _nothing_known(path: Path, gathered: _Gathered, item_ids: Sequence[str]) -> BadInputError:
    theirs, ours = ", ".join(islice(gathered.unknown, _EXAMPLES)), ", ".join(item_ids[:_EXAMPLES])
    if not theirs:
        return BadInputError(f"{path}: no row has both a user and an item.", "Fill in both columns.")
    return BadInputError(
        f"{path}: none of its {gathered.rows:,} rows names an item of the catalogue: it names {theirs}, the"
        f" catalogue has {ours}.",
        "Use the ids of the items file, or name the column that holds these as id_column in the schema file.",
    )
