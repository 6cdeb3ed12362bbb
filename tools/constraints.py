"""What a conversation asks of a field, and the two independent ways of checking it: SQL and plain Python.

The SQL filters the catalogue; the Python check is the critic's, so that a fault in one is seen by the other.
In both, a value that the catalogue does not know satisfies nothing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from tools.data.schema import FieldSpec
from tools.text import mentions

Op = Literal["=", "!=", "<", "<=", ">", ">="]
Strength = Literal["must", "prefer", "avoid"]
Value = bool | float | str | tuple[str, ...]
"""Several words mean any of them (with `!=`: none of them)."""

ORDERED_OPS: tuple[Op, ...] = ("<", "<=", ">", ">=")
_COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Constraint(BaseModel):
    """One wish about one field, in the words that it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    op: Op
    value: Value
    strength: Strength = "must"
    words: str = ""
    """The user's own words that ask for it."""
    turn: int = 0
    either: tuple[Constraint, ...] = ()
    """Wishes about other fields that do as well: `a comedy or something by her`."""

    @field_validator("value")
    @classmethod
    def _comparable(cls, value: Value) -> Value:
        if isinstance(value, float) and math.isnan(value):  # SQL takes it for unknown, Python does not
            raise ValueError("nothing compares with NaN")
        return value

    @property
    def key(self) -> tuple[str, Op, object, Strength]:
        """What the constraint says, whoever said it and when."""
        value = (self.value, *(other.key[:3] for other in self.either)) if self.either else self.value
        return self.field, self.op, value, self.strength

    @property
    def is_refusal(self) -> bool:
        """Whether it is a wish against its value."""
        return self.op == "!=" or self.strength == "avoid"

    @property
    def options(self) -> tuple[Constraint, ...]:
        """The wishes of which one is enough: this one by itself, and each that does as well."""
        return (self.model_copy(update={"either": ()}), *self.either) if self.either else (self,)


def quoted(name: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def to_sql(constraint: Constraint, field: FieldSpec) -> tuple[str, list[Any]]:
    """A query for the positions that meet a constraint, and its parameters. Values travel as parameters only.

    Of a category with `!=`, those that do not: the caller takes them from those where the field is known, which is
    ten times faster than SQL's NOT IN.
    """
    if field.is_category:
        wanted = words_of(constraint.value)
        marks = ",".join("?" * len(wanted))
        sql = f"SELECT item FROM item_values WHERE field = ? AND value IN ({marks})"  # noqa: S608
        return sql, [field.name, *wanted]
    column, value = quoted(field.name), constraint.value
    if field.type == "date":
        column, value = f"substr({column}, 1, {len(str(value))})", str(value)
    sql = f"SELECT position FROM items WHERE {column} {constraint.op} ?"  # noqa: S608
    return sql, [int(value) if isinstance(value, bool) else value]


def by_words(constraints: Iterable[Constraint]) -> list[list[Constraint]]:
    """Those that came from the same words together, in the order of the first; without words, what says the same."""
    groups: dict[object, list[Constraint]] = {}
    for constraint in constraints:
        groups.setdefault(constraint.words or constraint.key, []).append(constraint)
    return list(groups.values())


def words_of(value: Value) -> tuple[str, ...]:
    """The category values that a constraint names."""
    return value if isinstance(value, tuple) else (str(value),)


def describe(constraint: Constraint) -> str:
    """A constraint on one line, for traces."""
    said = [f"{one.field} {one.op} {say_values(one.value)}" for one in constraint.options]
    return f"{constraint.strength} {' or '.join(said)}"


def say_values(value: Value) -> str:
    """`12.5`, or `Red or Blue`."""
    return f"{value:.12g}" if isinstance(value, float) else " or ".join(words_of(value))


def satisfies(values: Mapping[str, Any], constraint: Constraint, field: FieldSpec) -> bool | None:
    """Whether an item's values meet a constraint; None where the catalogue does not know.

    Of a title or a description, `=` is that it has these words and `!=` that it has not: the title by itself, the
    description with all that is said of the item. What is not there has no words.
    """
    if field.is_told and constraint.op in ("=", "!="):
        return any(mentions(text, str(constraint.value)) for text in _texts(values, field)) == (constraint.op == "=")
    value = values.get(field.name)
    if value is None or value == []:
        return None
    if field.is_category:
        has = value if isinstance(value, list) else [value]
        return any(word in has for word in words_of(constraint.value)) == (constraint.op == "=")
    wanted = constraint.value
    if field.type == "date":
        wanted = str(wanted)
        value = value[: len(wanted)]
    return _COMPARE[constraint.op](value, wanted)


def _texts(values: Mapping[str, Any], field: FieldSpec) -> Iterator[str]:
    told = [values.get(field.name, "")] if field.role == "title" else values.values()
    for value in told:
        yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
