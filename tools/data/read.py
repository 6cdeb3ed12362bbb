"""Reads a table of raw cells from CSV, TSV, JSON, JSONL or Parquet, each row with its line in the file.

Nothing is converted here: CSV cells are text, JSON and Parquet cells are what those formats say. Text files
are read line by line with a limit on the line, so a broken file costs at most one line of memory before it
is refused. A JSON array is read whole; its rows are numbered instead.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from tools.errors import BadInputError

MAX_LINE_BYTES = 1_000_000
DELIMITERS = (",", ";", "\t", "|")
KINDS = ".csv, .tsv, .json, .jsonl, .ndjson and .parquet"
_PARQUET_BATCH_ROWS = 4096
_CSV_BATCH_ROWS = 1024


class Row(NamedTuple):
    """One row: its 1-based line in the file (Parquet, JSON array: its 1-based row) and its cells by column."""

    line: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A file's rows in file order; `columns` in file order, for JSONL in order of first appearance."""

    path: Path
    columns: list[str]
    rows: list[Row]


def read_table(path: Path) -> Table:
    """Read a whole file.

    Raises:
        BadInputError: see `iter_rows`.
    """
    rows = list(iter_rows(path))
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    return Table(path=path, columns=list(columns), rows=rows)


def iter_rows(path: Path) -> Iterator[Row]:
    """Read a file row by row, without holding it in memory.

    Raises:
        BadInputError: no such file, a kind of file that isn't read, not UTF-8, a line or cell over 1 MB, a
            row that doesn't parse, or no rows at all; names the line where there is one.
    """
    empty = True
    try:
        for row in _reader(path)(path):
            empty = False
            yield row
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInputError(f"{path} can't be read: {reason}.", "Check the path and its permissions.") from error
    if empty:
        raise BadInputError(f"{path} has no rows.", "Give a file with a header and at least one row.")


def _reader(path: Path) -> Callable[[Path], Iterator[Row]]:
    if not path.exists():
        raise BadInputError(f"There is no file {path}.", "Check the path.")
    if path.is_dir():
        raise BadInputError(f"{path} is a folder.", "Name one file in it.")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kind = f"{path.suffix} files are" if path.suffix else "a file without an ending is"
        raise BadInputError(f"{path}: {kind} not read.", f"Save it as one of {KINDS}.")
    return reader


def _lines(path: Path, file: IO[bytes]) -> Iterator[str]:
    """The lines of a UTF-8 file, ends included; refuses what no text file holds."""
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            raw = _without_mark(path, raw)
        if len(raw) > MAX_LINE_BYTES:
            raise BadInputError(
                f"{path}, line {number} is longer than 1 MB.",
                "Shorten it, or check that the file has line ends and closes its quotes.",
            )
        if b"\0" in raw:
            raise BadInputError(
                f"{path}, line {number} holds a NUL byte, so this is a binary file or not UTF-8.",
                f"Save it as UTF-8 text, or give it the ending it really has ({KINDS}).",
            )
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadInputError(
                f"{path}, line {number}: byte {error.start + 1} (0x{raw[error.start]:02x}) is not UTF-8.",
                "Save it as UTF-8.",
            ) from error


def _without_mark(path: Path, raw: bytes) -> bytes:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInputError(f"{path}, line 1: the file is UTF-16.", "Save it as UTF-8.")
    return raw.removeprefix(b"\xef\xbb\xbf")


# --- CSV and TSV


def _read_csv(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        records = _csv_records(path, _lines(path, file))
        header = next(records, None)
        if header is None:
            return
        columns = _header(path, header)
        for line, cells in records:
            if not any(cells):
                continue
            if len(cells) > len(columns) and any(cells[len(columns) :]):
                raise BadInputError(
                    f"{path}, line {line} has {len(cells)} cells, but the header has {len(columns)}.",
                    'Put quotes (") around a value that holds the delimiter.',
                )
            # A short row ends early: what it doesn't say is missing, not an error.
            padded = cells + [""] * (len(columns) - len(cells))
            yield Row(line, dict(zip(columns, padded, strict=False)))


def _csv_records(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Records with the line each starts on; blank lines skipped."""
    skipped, header = next(((n, line) for n, line in enumerate(lines) if line.strip()), (0, ""))
    if not header:
        return
    try:
        reader = csv.reader(chain([header], lines), delimiter=_delimiter(header), strict=True)
    except csv.Error as error:
        raise _csv_error(path, skipped + 1, error) from error
    start = skipped + 1
    while True:
        batch: list[tuple[int, list[str]]] = []
        try:
            with _wide_fields():
                for cells in islice(reader, _CSV_BATCH_ROWS):
                    batch.append((start, cells))
                    start = skipped + reader.line_num + 1
        except csv.Error as error:
            raise _csv_error(path, start, error) from error
        if not batch:
            return
        yield from (record for record in batch if record[1])


def _delimiter(header: str) -> str:
    """The mark that cuts the header into most columns; the first of equals."""
    with _wide_fields():
        return max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark))))


@contextmanager
def _wide_fields() -> Iterator[None]:
    # The limit is one for the whole process, so it is put back.
    before = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _csv_error(path: Path, line: int, error: csv.Error) -> BadInputError:
    reason = str(error)
    if "unexpected end of data" in reason or "field larger" in reason:
        return BadInputError(
            f'{path}: a quote (") opened in the row on line {line} is not closed within 1 MB.',
            "Close it, or double a quote that belongs to the value.",
        )
    if "new-line character" in reason:
        return BadInputError(
            f"{path}, line {line} ends in a bare carriage return.",
            "Save the file with Unix or Windows line ends.",
        )
    return BadInputError(
        f"{path}: the row on line {line} doesn't parse as CSV: {reason}.",
        'Put quotes (") around the value and double the quotes inside it.',
    )


def _header(path: Path, record: tuple[int, list[str]]) -> list[str]:
    line, cells = record
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    columns = [cell.strip() or f"column {position}" for position, cell in enumerate(cells, start=1)]
    _refuse_twice(f"{path}, line {line}", columns)
    return columns


def _refuse_twice(place: str, columns: list[str]) -> None:
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise BadInputError(f"{place}: the column {twice!r} stands twice.", "Rename one of them.")


# --- JSONL


def _read_jsonl(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line, text in enumerate(_lines(path, file), start=1):
            if not text.isspace():
                yield Row(line, _json_object(path, line, text.rstrip()))


def _read_json(path: Path) -> Iterator[Row]:
    raw = _without_mark(path, path.read_bytes())
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path}: byte {error.start + 1} is not UTF-8.", "Save it as UTF-8.") from error
    body = _parsed(path, 1, text, "Write an array of objects: [{...}, {...}].")
    if not isinstance(body, list):
        raise BadInputError(f"{path} is JSON, but not an array of objects.", "Write [{...}, {...}], or use .jsonl.")
    for number, cells in enumerate(body, start=1):
        if not isinstance(cells, dict):
            raise BadInputError(f"{path}, row {number} is JSON, but not an object {{...}}.", "Write [{...}, {...}].")
        yield Row(number, cells)


def _json_object(path: Path, line: int, text: str) -> dict[str, Any]:
    way_out = "Write one JSON object on each line."
    body = _parsed(path, line, text, way_out)
    if not isinstance(body, dict):
        raise BadInputError(f"{path}, line {line} is JSON, but not an object {{...}}.", way_out)
    return body


def _parsed(path: Path, line: int, text: str, way_out: str) -> Any:
    """JSON that begins on that line."""
    try:
        body = json.loads(text)
        if "\\ud" in text or "\\uD" in text:
            # Half a surrogate pair is legal JSON, but no text that could be stored.
            json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInputError(f"{path}, line {line} holds half a surrogate pair (\\ud...).", "Write it whole.") from error
    except json.JSONDecodeError as error:
        at = f"line {line + error.lineno - 1}, column {error.colno}"
        raise BadInputError(f"{path}, {at}: {error.msg}.", way_out) from error
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path}, line {line} holds a number too long or nested too deep.", way_out) from error
    return body


# --- Parquet


def _read_parquet(path: Path) -> Iterator[Row]:
    # Imported here: it is slow to load, and a CSV needs none of it.
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            _refuse_twice(str(path), file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=_PARQUET_BATCH_ROWS):
                for cells in _without_nanoseconds(batch).to_pylist():
                    number += 1
                    yield Row(number, {name: _cell(path, number, name, cell) for name, cell in cells.items()})
    except (pa.ArrowException, ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise BadInputError(
            f"{path} is not a Parquet file that can be read past row {number}: {reason}.",
            "Write it again, or save it as CSV.",
        ) from error


def _without_nanoseconds(batch: Any) -> Any:
    # Python's datetime holds microseconds; what lies below would raise.
    import pyarrow as pa

    for position, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            column = batch.column(position).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(position, field.name, column)
    return batch


def _cell(path: Path, row: int, name: str, cell: Any) -> Any:
    if not isinstance(cell, str | bytes):
        return cell
    if len(cell) > MAX_LINE_BYTES:
        raise BadInputError(f"{path}, row {row}: {name!r} is longer than 1 MB.", "Shorten it or leave the column out.")
    if isinstance(cell, str):
        return cell
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{path}, row {row}: {name!r} holds bytes that are not UTF-8.",
            "Leave the column out or save it as text.",
        ) from error


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".parquet": _read_parquet,
}
