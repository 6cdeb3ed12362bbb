"""One cell, one value: what is read, what counts as missing, and what is refused rather than guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.data.schema import FieldSpec, FieldType
from tools.data.values import MISSING, Value, epoch_seconds, parse_value

TYPES: list[FieldType] = ["text", "category", "categories", "number", "date", "flag"]


def parse(kind: FieldType, raw: object, unit: str | None = None, separator: str | None = None) -> Value | None:
    return parse_value(FieldSpec(name="field", type=kind, unit=unit, separator=separator), raw)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("raw", [None, "  ", float("nan"), float("inf"), [], *sorted(MISSING)])
def test_what_says_no_value_is_missing_in_every_type(kind: FieldType, raw: object) -> None:
    assert parse(kind, raw) is None


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("12", 12), ("-3.5", -3.5), ("+7", 7), (".5", 0.5), ("1e3", 1000),
        ("\N{MINUS SIGN}4", -4),
        ("1,234", 1234), ("1,234,567.8", 1234567.8), ("$12.50", 12.5), ("€ 9", 9), ("12.50€", 12.5),
        ("-$3", -3),
        ("87%", 87), (5, 5), (2.5, 2.5), (Decimal("1.25"), 1.25), (" 8 ", 8),
    ],
)  # fmt: skip
def test_numbers(raw: object, number: float) -> None:
    assert parse("number", raw) == number
    assert isinstance(parse("number", raw), float)


@pytest.mark.parametrize(
    "raw",
    ["12,5", "1.234,56", "12,34,567", "1 234", "twelve", "1_000", "12 apples", "3-4", "2:15", True, [1], {}],
)
def test_what_could_be_another_number_is_refused(raw: object) -> None:
    with pytest.raises(ValueError):
        parse("number", raw)


def test_a_unit_is_read_where_it_is_the_fields_own() -> None:
    for raw in ("148 min", "148 mins.", "148 Minutes", "148min", "148"):
        assert parse("number", raw, unit="minutes") == 148
    assert parse("number", "2 kg", unit="kg") == 2
    with pytest.raises(ValueError, match="hours"):
        parse("number", "2 h", unit="minutes")


def test_numbers_beyond_any_are_never_stored() -> None:
    for raw in ("1e999", "-inf", "Infinity"):
        assert parse("number", raw) is None
    with pytest.raises(ValueError, match="too large"):
        parse("number", 10**400)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2020-05-31", "2020-05-31"), ("2020/5/1", "2020-05-01"), ("2020-05", "2020-05-01"),
        ("1999", "1999-01-01"),
        (1999, "1999-01-01"),
        ("2020-05-31T23:59:00Z", "2020-05-31"), ("2020-05-31 10:00", "2020-05-31"),
        ("May 31, 2020", "2020-05-31"), ("31 May 2020", "2020-05-31"), ("1st Sept. 2020", "2020-09-01"),
        (datetime(2020, 5, 31, 12), "2020-05-31"), (date(2020, 5, 31), "2020-05-31"),
        (1590883200, "2020-05-31"), ("1590883200", "2020-05-31"), (1590883200000, "2020-05-31"),
    ],
)  # fmt: skip
def test_dates(raw: object, day: str) -> None:
    assert parse("date", raw) == day


@pytest.mark.parametrize("raw", ["01/02/2020", "2020-13-01", "2020-02-30", "tomorrow", "31 Foo 2020", 12, True, "0"])
def test_days_that_are_ambiguous_or_do_not_exist_are_refused(raw: object) -> None:
    with pytest.raises(ValueError):
        parse("date", raw)


@pytest.mark.parametrize("raw", [True, "true", "Yes", "Y", "1", 1, 1.0, " TRUE "])
def test_flags_that_are_on(raw: object) -> None:
    assert parse("flag", raw) is True


@pytest.mark.parametrize("raw", [False, "false", "No", "n", "0", 0, 0.0])
def test_flags_that_are_off(raw: object) -> None:
    assert parse("flag", raw) is False


@pytest.mark.parametrize("raw", ["maybe", "2", 2, [True]])
def test_flags_that_are_neither(raw: object) -> None:
    with pytest.raises(ValueError):
        parse("flag", raw)


@pytest.mark.parametrize(
    ("raw", "separator", "values"),
    [
        (["Drama", " Drama ", "Comedy", None, "", 7], None, ["Drama", "Comedy", "7"]),
        ("Drama|Comedy||Drama", "|", ["Drama", "Comedy"]),
        ("Drama, Comedy", ", ", ["Drama", "Comedy"]),
        ("Drama, Comedy", None, ["Drama, Comedy"]),
        ("['Drama', \"It's\"]", None, ["Drama", "It's"]),
        ('["Drama", "Comedy"]', "|", ["Drama", "Comedy"]),
        ("[sic]", None, ["[sic]"]),
    ],
)
def test_lists_of_values(raw: object, separator: str | None, values: list[str]) -> None:
    assert parse("categories", raw, separator=separator) == values


@pytest.mark.parametrize("raw", [[None, ""], "|", " | "])
def test_a_list_of_nothing_is_missing(raw: object) -> None:
    assert parse("categories", raw, separator="|") is None


def test_text_is_stripped_and_numbers_read_as_people_write_them() -> None:
    assert parse("text", "  Heat ") == "Heat"
    assert parse("text", 1984.0) == "1984"
    assert parse("category", 12) == "12"
    for raw in (["a"], {"a": 1}):
        with pytest.raises(ValueError):
            parse("text", raw)


@pytest.mark.parametrize(
    "raw", [964982703, "964982703", 964982703.9, "964982703000", 964982703000000,
    "2000-07-30T18:45:03", "2000-07-30 18:45:03Z"]
)  # fmt: skip
def test_a_time_is_the_same_in_every_spelling(raw: object) -> None:
    assert epoch_seconds(raw) == 964982703


def test_times_of_day_zones_and_nonsense() -> None:
    assert epoch_seconds(datetime(1970, 1, 2)) == 86400
    assert epoch_seconds(datetime(1970, 1, 2, tzinfo=UTC)) == 86400
    assert epoch_seconds(date(1970, 1, 2)) == epoch_seconds("1970-01-02") == 86400
    for raw in ("soon", True, "nan", 1e300, [1]):
        with pytest.raises(ValueError):
            epoch_seconds(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(kind=st.sampled_from(TYPES), raw=JSON, separator=st.sampled_from([None, "|"]))
def test_whatever_comes_a_value_has_its_type_or_is_missing_or_is_refused(
    kind: FieldType, raw: object, separator: str | None
) -> None:
    try:
        value = parse(kind, raw, separator=separator if kind == "categories" else None)
    except ValueError:
        return
    if value is None:
        return
    expected = {"number": float, "flag": bool, "categories": list}.get(kind, str)
    assert type(value) is expected
    assert value == 0 or value is False or value
    if isinstance(value, list):
        assert len(set(value)) == len(value)
        assert all(part == part.strip() != "" for part in value)
