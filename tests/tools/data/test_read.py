"""Files as people have them, good and bad, and what is said about the bad ones."""

from __future__ import annotations

import csv
import json
import tracemalloc
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.data.read import MAX_LINE_BYTES, Table, read_table
from tools.errors import BadInputError


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> BadInputError:
    with pytest.raises(BadInputError) as caught:
        read_table(path)
    return caught.value


def cells(table: Table) -> list[dict[str, Any]]:
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_the_delimiter_is_found_whatever_the_ending(tmp_path: Path, mark: str, ending: str) -> None:
    path = write(tmp_path, f"items{ending}", f"id{mark}title{mark}tags\n1{mark}One{mark}a-b\n")
    assert cells(read_table(path)) == [{"id": "1", "title": "One", "tags": "a-b"}]


def test_delimiters_inside_values_do_not_mislead(tmp_path: Path) -> None:
    path = write(tmp_path, "items.csv", 'id,title,tags\n1,One,a|b|c|d\n2,"Two; or, three",a;b\n')
    table = read_table(path)
    assert table.columns == ["id", "title", "tags"]
    assert table.rows[1].cells["title"] == "Two; or, three"


def test_quoted_newlines_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = '\ufeffid,title\r\n\r\n1,"Two\r\nlines"\r\n2,"A ""quoted"" word"\r\n,\r\n3,Last'
    table = read_table(write(tmp_path, "items.csv", text))
    assert table.columns == ["id", "title"]
    assert [row.cells["title"] for row in table.rows] == ["Two\r\nlines", 'A "quoted" word', "Last"]
    assert [row.line for row in table.rows] == [3, 5, 7]


def test_a_short_csv_row_lacks_its_last_values_and_a_long_one_is_refused(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "short.csv", "id,title,year\n1,One\n2,Two,1999,,\n"))
    assert cells(table) == [
        {"id": "1", "title": "One", "year": ""},
        {"id": "2", "title": "Two", "year": "1999"},
    ]
    said = str(refusal(write(tmp_path, "long.csv", "id,title\n1,One\n2,Two, the sequel\n")))
    assert "line 3 has 3 cells, but the header has 2" in said
    assert "quotes" in said


def test_jsonl_keeps_types_and_gathers_columns_in_order_of_appearance(tmp_path: Path) -> None:
    text = '{"id": 1, "title": "One", "tags": ["a"]}\n\n{"id": 2, "new": false, "title": null}\n'
    table = read_table(write(tmp_path, "items.jsonl", text))
    assert table.columns == ["id", "title", "tags", "new"]
    assert [row.line for row in table.rows] == [1, 3]
    assert table.rows[1].cells == {"id": 2, "new": False, "title": None}


def test_parquet_keeps_lists_dates_and_text_stored_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    added = pa.array([1_700_000_000_123_456_789, None], pa.timestamp("ns"))
    columns = {
        "id": [1.0, 2.0],
        "title": [b"One", "Zwölf".encode()],
        "tags": [["a", "b"], []],
        "added": added,
    }
    pq.write_table(pa.table(columns), path)
    table = read_table(path)
    assert [row.line for row in table.rows] == [1, 2]
    assert table.rows[0].cells["added"] == datetime(2023, 11, 14, 22, 13, 20, 123456)
    assert table.rows[1].cells == {"id": 2.0, "title": "Zwölf", "tags": [], "added": None}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("items.xlsx", "x", [".xlsx files are not read", ".csv", ".parquet"]),
        ("items.json", "[]", ["has no rows"]),
        ("items.json", '{"id": 1}', ["not an array of objects", ".jsonl"]),
        ("items.json", '[{"id": 1},\n 2]', ["row 2", "not an object"]),
        ("items.json", '[{"id": 1},\n {"id": 2,}]', ["line 2, column", "array of objects"]),
        ("items.yaml", "id: 1", [".yaml files are not read", ".jsonl"]),
        ("items", "id,title\n1,One\n", ["without an ending", ".csv"]),
        ("items.csv", "", ["has no rows"]),
        ("items.csv", "\n\n", ["has no rows"]),
        ("items.csv", "id,title\n", ["has no rows"]),
        ("items.csv", "id,title\n,\n", ["has no rows"]),
        ("items.jsonl", "\n", ["has no rows"]),
        ("items.csv", "id,title,title\n1,a,b\n", ["line 1", "'title' stands twice", "Rename"]),
        ("items.csv", 'id,title\n1,One\n2,"open\n3,Three\n', ["line 3", "not closed", "Close it"]),
        ("items.csv", 'id,title\n1,"One" and more\n', ["line 2", "double the quotes"]),
        ("items.csv", "id,title\r1,One\r", ["carriage return", "line ends"]),
        ("items.csv", b"id,title\n1,Caf\xe9\n", ["line 2", "byte 6 (0xe9)", "UTF-8"]),
        ("items.csv", "id,title\n1,One\n".encode("utf-16"), ["UTF-16", "Save it as UTF-8"]),
        ("items.csv", "id,title\n1,One\n".encode("utf-16-le"), ["line 1", "NUL byte", "UTF-8"]),
        ("items.csv", b"PK\x03\x04\x00\x00", ["line 1", "binary"]),
        ("items.jsonl", '{"id": 1}\n{"id": 2,}\n', ["line 2, column", "one JSON object on each line"]),
        ("items.jsonl", '[\n{"id": 1}\n]\n', ["line 1", "one JSON object on each line"]),
        ("items.jsonl", '{"id": 1}\n[1, 2]\n', ["line 2", "not an object"]),
        ("items.jsonl", '{"id": 1, "title": "\\ud800"}\n', ["line 1", "surrogate"]),
        ("items.jsonl", "[" * 100_000 + "\n", ["line 1", "too deep"]),
        ("items.jsonl", '{"id": ' + "9" * 5000 + "}\n", ["line 1", "too long"]),
        ("items.jsonl", b'{"id": "\xff"}\n', ["line 1", "byte 9 (0xff)", "UTF-8"]),
        ("items.parquet", "id,title\n1,One\n", ["not a Parquet file", "CSV"]),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_a_way_out(
    tmp_path: Path, name: str, content: str | bytes, said: list[str]
) -> None:
    error = refusal(write(tmp_path, name, content))
    assert name in error.what
    assert error.way_out
    assert [part for part in said if part not in str(error)] == []


def test_what_is_no_file_is_said_plainly(tmp_path: Path) -> None:
    assert "There is no file" in str(refusal(tmp_path / "items.csv"))
    assert "is a folder" in str(refusal(tmp_path))


@pytest.mark.parametrize("name", ["items.csv", "items.jsonl"])
def test_a_50_mb_line_is_refused_without_being_read_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b"id,title\n" if name.endswith("csv") else b'{"id": 1}\n')
        for _ in range(50):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    said = str(refusal(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "line 2 is longer than 1 MB" in said
    assert peak < 10_000_000


def test_a_quote_left_open_over_many_lines_is_refused_at_1_mb(tmp_path: Path) -> None:
    path = write(tmp_path, "items.csv", 'id,title\n1,"open\n' + "2,plain\n" * 300_000)
    assert "opened in the row on line 2 is not closed within 1 MB" in str(refusal(path))


def test_long_values_up_to_the_limit_are_read_and_the_csv_module_is_left_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    long = "x" * 900_000
    assert read_table(write(tmp_path, "items.csv", f"id,title\n1,{long}\n")).rows[0].cells["title"] == long
    assert csv.field_size_limit() == before


def test_a_parquet_value_over_the_limit_names_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pq.write_table(pa.table({"id": ["1", "2"], "title": ["One", "x" * (MAX_LINE_BYTES + 1)]}), path)
    assert "row 2: 'title' is longer than 1 MB" in str(refusal(path))


def test_all_formats_say_the_same_of_the_same_rows(tmp_path: Path) -> None:
    rows = [{"id": str(i), "title": f'Title {i}, "quoted"\nand so on'} for i in range(5)]
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "title"])
        writer.writeheader()
        writer.writerows(rows)
    write(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    write(tmp_path, "a.json", json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    for name in ("a.csv", "a.json", "a.jsonl", "a.parquet"):
        table = read_table(tmp_path / name)
        assert (table.columns, cells(table)) == (["id", "title"], rows)
