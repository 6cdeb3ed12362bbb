"""Rows become items: what is stepped over is counted, what would lose data is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.data.infer import infer_schema
from tools.data.items import ItemRow, typed_items
from tools.data.read import Row, Table
from tools.data.schema import FieldSpec, Schema
from tools.errors import BadInputError

SCHEMA = Schema(
    id_column="key",
    fields=[
        FieldSpec(name="title", type="text", role="title", column="Name"),
        FieldSpec(name="tags", type="categories", separator="|"),
        FieldSpec(name="minutes", type="number", role="duration"),
        FieldSpec(name="ready", type="flag"),
        FieldSpec(name="day", type="date"),
    ],
)
COLUMNS = ["key", "Name", "tags", "minutes", "ready", "day"]


def row(line: int, **cells: Any) -> Row:
    whole = {
        "key": f"k{line}",
        "Name": f"Name {line}",
        "tags": "a|b",
        "minutes": "90",
        "ready": "no",
        "day": "1999",
    }
    return Row(line, whole | cells)


def table(*changed: Row, size: int = 0) -> Table:
    """The changed rows, and plain ones on all other lines up to `size` rows."""
    by_line = {line: row(line) for line in range(2, size + 2)} | {one.line: one for one in changed}
    return Table(Path("items.csv"), COLUMNS, [by_line[line] for line in sorted(by_line)])


def refusal(rows: Table, schema: Schema = SCHEMA) -> str:
    with pytest.raises(BadInputError) as caught:
        typed_items(rows, schema)
    assert caught.value.way_out
    assert "items.csv" in caught.value.what
    return str(caught.value)


def test_each_field_gets_its_type_and_a_false_flag_is_a_value() -> None:
    items, report = typed_items(table(row(2)), SCHEMA)
    values = {"title": "Name 2", "tags": ["a", "b"], "minutes": 90.0, "ready": False, "day": "1999-01-01"}
    assert items == [ItemRow("k2", values)]
    assert (report.rows, report.items, report.sentences(), report.unknown) == (1, 1, [], {})


def test_what_is_missing_is_absent_and_never_zero_or_blank() -> None:
    blank = row(3, tags="", minutes=None, ready="N/A", day="  ")
    items, report = typed_items(table(row(2, minutes="0"), blank), SCHEMA)
    assert items[0].values["minutes"] == 0.0
    assert items[1].values == {"title": "Name 3"}
    assert report.unknown == {"tags": 1, "minutes": 1, "ready": 1, "day": 1}
    assert report.failed == {}


@pytest.mark.parametrize(("raw", "key"), [(" a ", "a"), (7, "7"), (7.0, "7"), ("007", "007"), ("7.0", "7.0")])
def test_ids_are_text(raw: object, key: str) -> None:
    assert typed_items(table(row(2, key=raw)), SCHEMA)[0][0].id == key


def test_doubled_ids_name_the_id_and_both_lines() -> None:
    said = refusal(table(row(40, key=" x"), row(70, key="x"), size=100))
    assert "'x' stands twice, on lines 40 and 70" in said


def test_the_same_id_as_number_and_as_text_is_one_id() -> None:
    assert "'7' stands twice" in refusal(table(row(2, key=7), row(3, key="7"), row(4, key=8)))


@pytest.mark.parametrize(
    ("cells", "lack"), [({"key": ""}, "an id"), ({"Name": " "}, "a title"), ({"key": [1]}, "an id")]
)
def test_a_few_rows_without_id_or_title_are_skipped_and_counted(cells: dict[str, Any], lack: str) -> None:
    items, report = typed_items(table(row(30, **cells), row(60, **cells), size=300), SCHEMA)
    assert len(items) == report.items == 298
    assert "k30" not in {item.id for item in items}
    assert report.sentences() == [f"Skipped 2 rows without {lack}, the first on line 30."]


@pytest.mark.parametrize(("cells", "lack"), [({"key": None}, "id"), ({"Name": "-"}, "title")])
def test_many_rows_without_id_or_title_are_refused(cells: dict[str, Any], lack: str) -> None:
    said = refusal(table(row(30, **cells), row(60, **cells), row(61, **cells), size=300))
    assert f"line 30 has no {lack}" in said
    assert "3 of 300 rows" in said


def test_a_few_values_of_another_type_are_left_missing_and_counted_with_the_first() -> None:
    items, report = typed_items(table(row(5, minutes="long"), row(9, minutes="short"), size=20), SCHEMA)
    assert "minutes" not in items[3].values
    assert report.unknown == {"minutes": 2}
    assert report.sentences() == ["minutes: left 2 values missing, the first on line 5: 'long' is not a number."]


def test_many_values_of_another_type_are_refused_with_field_line_and_value() -> None:
    words = [row(line, minutes=f"word {line}") for line in range(10, 16)]
    said = refusal(table(*words, size=20))
    assert "line 10: minutes is 'word 10', which is not a number; 6 of its 20 values are not of type number" in said
    assert "type in the schema file" in said


def test_missing_values_do_not_dilute_the_share_of_wrong_ones() -> None:
    blanks = [row(line, day="") for line in range(10, 100)]
    assert "2 of its 8 values" in refusal(table(*blanks, row(3, day="soon"), row(4, day="late"), size=98))


def test_a_long_wrong_value_is_shown_by_its_beginning() -> None:
    _, report = typed_items(table(row(5, minutes="x" * 10_000), size=20), SCHEMA)
    assert len(report.sentences()[0]) < 200


def test_a_schema_that_names_an_absent_column_is_refused() -> None:
    spec = FieldSpec(name="price", type="number", column="Price (EUR)")
    said = refusal(table(row(2)), SCHEMA.model_copy(update={"fields": [*SCHEMA.fields, spec]}))
    assert "field price reads the column 'Price (EUR)'" in said
    assert "it has key, Name, tags" in said
    assert "id_column reads the column 'nr'" in refusal(table(row(2)), SCHEMA.model_copy(update={"id_column": "nr"}))


def test_a_catalogue_without_items_is_refused() -> None:
    assert "has no items" in refusal(Table(Path("items.csv"), COLUMNS, []))


def test_the_same_column_can_be_id_and_title() -> None:
    schema = Schema(id_column="Name", fields=SCHEMA.fields[:1])
    assert typed_items(table(row(2)), schema)[0] == [ItemRow("Name 2", {"title": "Name 2"})]


CELL = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.lists(st.text(max_size=4), max_size=3)
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dictionaries(st.sampled_from(["id", "title", "price", "tags", "year", "x"]), CELL), max_size=12))
def test_whatever_the_rows_hold_they_become_items_or_one_clear_refusal(records: list[dict[str, Any]]) -> None:
    rows = [Row(line, record) for line, record in enumerate(records, start=1)]
    columns = list(dict.fromkeys(name for record in records for name in record))
    found = Table(Path("items.jsonl"), columns, rows)
    try:
        schema = infer_schema(found)
        items, report = typed_items(found, schema)
    except BadInputError as error:
        assert "items.jsonl" in str(error)  # noqa: PT017
        return
    assert len({item.id for item in items}) == len(items) == report.items == len(records)
    assert all(item.values[schema.title.name] for item in items)
