"""Turns rows and a schema into typed items, and keeps a count of everything that was left out.

A little dirt is counted and stepped over, with the first example kept; more than a little is refused, because
then the schema or the file is wrong and silence would lose data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.data.read import Row, Table
from tools.data.schema import FieldSpec, Schema
from tools.data.values import MISSING, Value, is_missing, parse_value, plain_text
from tools.errors import BadInputError

UNNAMED_SHARE = 0.01
"""From this share of the rows on, rows without id or title are refused instead of skipped."""
FAILED_SHARE = 0.2
"""Above this share of a field's values, values of another type are refused instead of left missing."""


@dataclass(frozen=True)
class ItemRow:
    """One item as stored: its id, and its values by field name; what is missing is absent."""

    id: str
    values: dict[str, Value]


@dataclass(frozen=True)
class Example:
    """Where something was met first, and how often in all."""

    line: int
    what: str
    """The value, or the name of what was missing."""
    reason: str
    count: int


@dataclass(frozen=True)
class IngestReport:
    """What became of a file's rows."""

    rows: int
    items: int
    skipped: Example | None = None
    """Rows without id or title, left out."""
    failed: dict[str, Example] = field(default_factory=dict)
    """By field: values of another type, left missing."""
    unknown: dict[str, int] = field(default_factory=dict)
    """By field: how many items have no value, failed ones included; fields that are complete are absent."""

    def sentences(self) -> list[str]:
        """What was left out, one sentence each; empty where nothing was."""
        said = []
        if self.skipped:
            some = self.skipped
            said.append(f"Skipped {_rows(some.count)} without {some.what}, the first on line {some.line}.")
        for name, some in self.failed.items():
            left = f"{name}: left {_values(some.count)} missing, the first on line {some.line}:"
            said.append(f"{left} {some.what} {some.reason}.")
        return said


def typed_items(table: Table, schema: Schema) -> tuple[list[ItemRow], IngestReport]:
    """The rows as items, in file order.

    Raises:
        BadInputError: the schema names a column that the file hasn't; two rows share an id; too many rows
            have no id or title; too many of a field's values are of another type; or nothing is left. Names
            the line.
    """
    _check_columns(table, schema)
    tally = _Tally(table, schema)
    items = list(tally.items())
    tally.refuse_failures()
    tally.refuse_unnamed()
    if not items:
        raise BadInputError(f"{table.path} has no items.", "Give a file with at least one row.")
    unknown = {spec.name: sum(spec.name not in item.values for item in items) for spec in schema.fields}
    report = IngestReport(
        rows=len(table.rows),
        items=len(items),
        skipped=tally.skipped,
        failed=tally.failed,
        unknown={name: count for name, count in unknown.items() if count},
    )
    return items, report


def _check_columns(table: Table, schema: Schema) -> None:
    wanted = [("id_column", schema.id_column)]
    wanted += [(f"field {spec.name}", spec.column or spec.name) for spec in schema.fields]
    for place, column in wanted:
        if column not in table.columns:
            raise BadInputError(
                f"The schema's {place} reads the column {column!r}, which {table.path} hasn't; it has"
                f" {', '.join(table.columns[:30])}.",
                "Correct the column in the schema file, or take the field out.",
            )


class _Tally:
    """Types the rows one by one and counts what goes wrong on the way."""

    def __init__(self, table: Table, schema: Schema) -> None:
        self.skipped: Example | None = None
        self.failed: dict[str, Example] = {}
        self._table, self._schema = table, schema
        self._columns = [(spec, spec.column or spec.name) for spec in schema.fields]
        self._present = dict.fromkeys((spec.name for spec in schema.fields), 0)
        self._lines: dict[str, int] = {}

    def items(self) -> Iterator[ItemRow]:
        for row in self._table.rows:
            key = item_id(row.cells.get(self._schema.id_column))
            values = self._values(row)
            lacks = "an id" if key is None else "a title" if self._schema.title.name not in values else None
            if key is None or lacks is not None:
                first = self.skipped or Example(row.line, lacks or "", "", 0)
                self.skipped = Example(first.line, first.what, first.reason, first.count + 1)
                continue
            self._refuse_twice(key, row.line)
            yield ItemRow(key, values)

    def _values(self, row: Row) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for spec, column in self._columns:
            raw = row.cells.get(column)
            if is_missing(raw):
                continue
            self._present[spec.name] += 1
            try:
                value = parse_value(spec, raw)
            except ValueError as error:
                self._fail(spec, row.line, raw, str(error))
            else:
                if value is not None:
                    values[spec.name] = value
        return values

    def _fail(self, spec: FieldSpec, line: int, raw: object, reason: str) -> None:
        first = self.failed.get(spec.name) or Example(line, _quoted(raw), reason, 0)
        self.failed[spec.name] = Example(first.line, first.what, first.reason, first.count + 1)

    def _refuse_twice(self, key: str, line: int) -> None:
        before = self._lines.setdefault(key, line)
        if before != line:
            raise BadInputError(
                f"{self._table.path}: the id {key!r} stands twice, on lines {before} and {line}.",
                "Remove one of them, or name another column as id_column in the schema file.",
            )

    def refuse_failures(self) -> None:
        """Raise where too many of a field's values were of another type."""
        for name, some in self.failed.items():
            if some.count > FAILED_SHARE * self._present[name]:
                raise BadInputError(
                    f"{self._table.path}, line {some.line}: {name} is {some.what}, which {some.reason};"
                    f" {some.count} of its {self._present[name]} values are not of type {self._type(name)}.",
                    "Change the field's type in the schema file, or correct the values.",
                )

    def refuse_unnamed(self) -> None:
        """Raise where too many rows have no id or title."""
        some = self.skipped
        if some and some.count >= UNNAMED_SHARE * len(self._table.rows):
            raise BadInputError(
                f"{self._table.path}, line {some.line} has no {some.what.split()[-1]}, and"
                f" {some.count} of {len(self._table.rows)} rows lack id or title.",
                "Fill them in, remove those rows, or name other columns in the schema file.",
            )

    def _type(self, name: str) -> str:
        return next(spec.type for spec in self._schema.fields if spec.name == name)


def item_id(raw: object) -> str | None:
    """A cell as an id: text as it is, a whole float without its `.0`; None where missing or not a scalar."""
    if isinstance(raw, str):
        text = raw.strip()
        return None if text in MISSING else text
    if is_missing(raw) or isinstance(raw, bool | list | dict):
        return None
    return plain_text(raw)


def _quoted(raw: object) -> str:
    text = str(raw)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _rows(count: int) -> str:
    return f"{count:,} row" + ("s" if count != 1 else "")


def _values(count: int) -> str:
    return f"{count:,} value" + ("s" if count != 1 else "")
