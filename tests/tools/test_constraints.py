"""The two ways of checking a constraint, SQL and plain Python, held against each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tiny import tiny_catalogue, tiny_schema

from tools.constraints import Constraint, Op, Value, quoted, satisfies
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec

OPS: tuple[Op, ...] = get_args(Op)
SCHEMA = tiny_schema(
    FieldSpec(name="blurb", type="text"),
    FieldSpec(name="order", type="category"),
    FieldSpec(name="kinds", type="categories"),
    FieldSpec(name="minutes", type="number"),
    FieldSpec(name="day", type="date"),
    FieldSpec(name="select", type="flag"),
)
"""One field of each type; two are named like words of SQL."""
HOSTILE = ["x'; DROP TABLE items;--", '" OR 1=1 --', "') OR ('1'='1", "%", "?", ":1", "NULL", "null", "[]", "\x00"]

texts = st.sampled_from(["a", "A", "b", "é", "ab", "1", "1.0", "true", *HOSTILE]) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3
)
numbers = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 90.0]) | st.floats(allow_nan=False, allow_infinity=False)
days = st.dates().map(lambda day: day.isoformat())
rows = st.fixed_dictionaries(
    {},
    optional={
        "blurb": texts,
        "order": texts,
        "kinds": st.lists(texts, min_size=1, max_size=3, unique=True),
        "minutes": numbers,
        "day": days,
        "select": st.booleans(),
    },
)


def constraints_on(field: str, ops: tuple[Op, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Constraint]:
    return st.builds(Constraint, field=st.just(field), op=st.sampled_from(ops), value=values)


words = texts | st.lists(texts, max_size=3).map(tuple)
wishes = st.one_of(
    constraints_on("blurb", OPS, texts),
    constraints_on("order", ("=", "!="), words),
    constraints_on("kinds", ("=", "!="), words),
    constraints_on("minutes", OPS, numbers),
    constraints_on("day", OPS, days.flatmap(lambda day: st.sampled_from([day[:4], day[:7], day]))),
    constraints_on("select", ("=", "!="), st.booleans()),
)


def in_python(row: dict[str, Any], constraint: Constraint) -> bool | None:
    field = SCHEMA.field(constraint.field)
    assert field is not None
    return satisfies(row, constraint, field)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(rows, min_size=1, max_size=8), constraints=st.lists(wishes, min_size=1, max_size=3))
def test_sql_and_python_agree(tmp_path: Path, items: list[dict[str, Any]], constraints: list[Constraint]) -> None:
    with tiny_catalogue(tmp_path, SCHEMA, items) as catalogue:
        for asked in ([c] for c in constraints):
            expected = [n for n, row in enumerate(items) if in_python(row, asked[0])]
            assert catalogue.filter(asked).tolist() == expected
        expected = [n for n, row in enumerate(items) if all(in_python(row, c) for c in constraints)]
        assert catalogue.filter(constraints).tolist() == expected


KNOWN = {"blurb": "b", "order": "b", "kinds": ["b"], "minutes": 5.0, "day": "2020-05-31", "select": True}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """Item 0 of which nothing is known, item 1 of which all is."""
    with tiny_catalogue(tmp_path_factory.mktemp("two"), SCHEMA, [{}, KNOWN]) as opened:
        yield opened


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(
    ("field", "value"),
    [("blurb", "a"), ("order", "a"), ("kinds", "a"), ("minutes", 1.0), ("day", "2019"), ("select", False)],
)
def test_the_unknown_satisfies_nothing(catalogue: Catalogue, field: str, op: Op, value: Value) -> None:
    constraint = Constraint(field=field, op=op, value=value)
    assert 0 not in catalogue.filter([constraint])
    assert in_python({}, constraint) is None
    assert in_python({field: None}, constraint) is None
    assert op != "!=" or catalogue.filter([constraint]).tolist() == [1], "known to be another"


@pytest.mark.parametrize(
    ("op", "value", "holds"),
    [
        ("=", "2020", True),
        ("=", "2020-05", True),
        ("=", "2020-05-31", True),
        ("=", "2020-06", False),
        ("!=", "2020", False),
        ("!=", "2019", True),
        (">", "2020", False),
        (">", "2019", True),
        (">=", "2020", True),
        ("<=", "2020", True),
        ("<", "2020", False),
        ("<", "2020-06", True),
        ("<=", "2020-05-30", False),
    ],
)
def test_a_date_is_compared_as_far_as_it_is_said(catalogue: Catalogue, op: Op, value: str, holds: bool) -> None:
    constraint = Constraint(field="day", op=op, value=value)
    assert (1 in catalogue.filter([constraint])) is holds
    assert in_python(KNOWN, constraint) is holds


@pytest.mark.parametrize("field", ["order", "kinds"])
def test_several_values_mean_any_of_them(tmp_path: Path, field: str) -> None:
    rows = [{field: [v] if field == "kinds" else v} for v in ("a", "b", "c")] + [{}]
    with tiny_catalogue(tmp_path, SCHEMA, rows) as catalogue:
        any_of = Constraint(field=field, op="=", value=("a", "c", "z"))
        none_of = Constraint(field=field, op="!=", value=("a", "c", "z"))
        assert catalogue.filter([any_of]).tolist() == [0, 2]
        assert catalogue.filter([none_of]).tolist() == [1]


def test_one_of_an_items_values_is_enough(tmp_path: Path) -> None:
    with tiny_catalogue(tmp_path, SCHEMA, [{"kinds": ["a", "b"]}, {"kinds": ["b"]}]) as catalogue:
        assert catalogue.filter([Constraint(field="kinds", op="=", value="a")]).tolist() == [0]
        assert catalogue.filter([Constraint(field="kinds", op="!=", value="a")]).tolist() == [1]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["blurb", "order", "kinds"])
def test_a_value_is_only_ever_a_value(tmp_path: Path, field: str, hostile: str) -> None:
    rows = [{field: [hostile] if field == "kinds" else hostile}, KNOWN]
    with tiny_catalogue(tmp_path, SCHEMA, rows) as catalogue:
        assert catalogue.filter([Constraint(field=field, op="=", value=hostile)]).tolist() == [0]
        assert catalogue.filter([Constraint(field=field, op="!=", value=hostile)]).tolist() == [1]
        assert len(catalogue.items([0, 1])) == 2


@pytest.mark.parametrize("name", ['minutes" OR 1=1 --', '"', "minutes; DROP TABLE items", "id", "position"])
def test_a_field_that_the_schema_has_not_is_refused(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(KeyError):
        catalogue.filter([Constraint(field=name, op="=", value=1.0)])
    assert catalogue.filter([]).tolist() == [0, 1]
    with pytest.raises(ValidationError):
        FieldSpec(name=name, type="number")


@pytest.mark.parametrize("name", ['a"b', '""', 'x" INTEGER); DROP TABLE t; --'])
def test_quotes_in_a_name_stay_in_the_name(name: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE TABLE t ({quoted(name)} TEXT)")
    assert [row[1] for row in db.execute("PRAGMA table_info(t)")] == [name]
    db.close()


def test_a_constraint_comes_back_from_json_as_it_went() -> None:
    for value in (True, 5.0, "5", "true", ("a", "b")):
        constraint = Constraint(field="f", op="=", value=value, words="of five", turn=3)
        again = Constraint.model_validate_json(constraint.model_dump_json())
        assert again == constraint
        assert type(again.value) is type(value)


@pytest.mark.parametrize("bad", [{"op": "LIKE"}, {"value": float("nan")}, {"value": None}, {"anything": "else"}])
def test_what_cannot_be_compared_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Constraint(**{"field": "minutes", "op": "=", "value": 1.0, **bad})
