"""The schema file: it survives the round trip through YAML, and what is wrong with it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tools.data.schema import FieldSpec, FieldType, Schema, dump_schema, load_schema
from tools.errors import BadInputError

TITLE = FieldSpec(name="title", type="text", role="title")

# Line breaks of other alphabets than \n do not survive YAML; no column or value is called so.
words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12) | st.sampled_from(
    ["yes", "null", "1", "2020-01-01", "a: b", "- x", "# c", '"', "'", "é", "\n", " "]
)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda n: n not in ("id", "position", "title"))
fields = st.builds(
    FieldSpec,
    name=names,
    type=st.sampled_from(get_args(FieldType)),
    column=st.none() | words,
    unit=st.none() | words,
    words=st.lists(words, max_size=2),
    more=st.lists(words, max_size=2),
    less=st.lists(words, max_size=2),
    synonyms=st.dictionaries(words, words, max_size=2),
    askable=st.booleans(),
)
schemas = st.builds(
    Schema,
    id_column=words,
    item=words,
    items=words,
    item_words=st.lists(words, max_size=2),
    aliases=st.lists(names, max_size=2),
    fields=st.lists(fields, max_size=4, unique_by=lambda field: field.name).map(lambda some: [TITLE, *some]),
)


@settings(max_examples=60, deadline=None)
@given(schema=schemas)
def test_a_schema_comes_back_from_its_file_as_it_went(tmp_path_factory: pytest.TempPathFactory, schema: Schema) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.yaml"
    path.write_text(dump_schema(schema), encoding="utf-8")
    assert load_schema(path) == schema


def test_the_file_is_short_and_readable() -> None:
    schema = Schema(
        id_column="game_id",
        item="game",
        fields=[TITLE, FieldSpec(name="minutes", type="number", unit="minutes", more=["longer"])],
    )
    assert dump_schema(schema).splitlines() == [
        "id_column: game_id",
        "item: game",
        "fields:",
        "- name: title",
        "  type: text",
        "  role: title",
        "- name: minutes",
        "  type: number",
        "  unit: minutes",
        "  more:",
        "  - longer",
    ]


FIELDS = "fields: [{name: title, type: text, role: title}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is not a YAML file"),
        ("", "id_column: Field required"),
        ("- a\n- b", "the file: "),
        ("just text", "the file: "),
        (f"{FIELDS}]", "id_column: Field required"),
        ("id_column: id\nfields: []", "exactly one field must have the role title"),
        (f"id_column: id\n{FIELDS}, {{name: t, type: text, role: title}}]", "exactly one field must have the role"),
        (f"id_column: id\n{FIELDS}, {{name: a, type: flag}}, {{name: a, type: flag}}]", "field 'a' stands twice"),
        (f"id_column: id\n{FIELDS}, {{name: a, type: money}}]", "fields.1.type: Input should be 'text'"),
        (f"id_column: id\n{FIELDS}, {{name: a, type: flag, rolle: price}}]", "fields.1.rolle: Extra inputs"),
        (f"id_column: id\n{FIELDS}, {{name: A b, type: flag}}]", "fields.1: 'A b' can't be a field's name"),
        (f"id_column: id\n{FIELDS}, {{name: position, type: flag}}]", "'position' can't be a field's name"),
        (f"id_column: id\n{FIELDS}, {{name: a, type: number, separator: '|'}}]", "a separator goes with type cat"),
        (
            f"id_column: id\n{FIELDS}, {{name: a, type: text, role: popularity}}]",
            "fields.1: a: the role popularity goes with type number, not text.",
        ),
        (f"id_column: id\n{FIELDS}, {{name: a, type: flag, role: year}}]", "role year goes with type number or date"),
        ("id_column: id\nfields: [{name: t, type: number, role: title}]", "role title goes with type text or"),
        ("!!python/object/apply:os.system [exit]", "is not a YAML file"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        load_schema(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "Value error" not in str(caught.value)


def test_a_file_that_is_no_text_or_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"There is no schema file .+ Leave --schema out"):
        load_schema(tmp_path / "none.yaml")
    with pytest.raises(BadInputError, match="can't be read: Is a directory"):
        load_schema(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("é".encode("latin-1"))
    with pytest.raises(BadInputError, match="not a YAML file"):
        load_schema(tmp_path / "latin.yaml")


@pytest.mark.parametrize(
    ("given_", "label"),
    [({"name": "play_time"}, "play time"), ({"name": "minutes", "words": ["length", "time"]}, "length")],
)
def test_a_field_is_read_aloud_by_its_first_word(given_: dict[str, Any], label: str) -> None:
    assert FieldSpec(type="number", **given_).label == label


def test_what_may_be_asked_for() -> None:
    schema = Schema(
        id_column="id",
        fields=[TITLE, FieldSpec(name="a", type="flag"), FieldSpec(name="b", type="flag", askable=False)],
    )
    assert [field.name for field in schema.askable] == ["a"]
    assert schema.field("b") is not None
    assert schema.field("c") is None
    assert schema.with_role("price") is None
    assert schema.title is schema.with_role("title")


def test_names_are_checked_in_code_too() -> None:
    for name in ("", "a-b", "ä", "1a", "_a", "a" * 64, "id", "Title"):
        with pytest.raises(ValidationError):
            FieldSpec(name=name, type="text")
