"""Tasks of your own, on the catalogue in service: a YAML list or JSONL, each in the words of `evals.tasks.task`.

- id: short-wargame
  wishes:
    - {field: kinds, op: "=", value: Wargame}                     # volunteered, where nothing else is said
    - {field: minutes, op: "<=", value: 60, reveal: on_ask}
    - {field: price, op: "<=", value: 40, reveal: hidden}
  remarks: [prefers wooden pieces]
  user: {seen: [g1, g2]}
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process

from agent.policy import Policies
from agent.user import User
from agent.wording import say_list
from evals.tasks.places import Row, read_rows
from evals.tasks.task import Reveal, Task, Wish
from tools.constraints import ORDERED_OPS, Constraint, Op, Value, describe
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec, Schema

EQUAL_OPS: tuple[Op, ...] = ("=", "!=")
_MEANT: dict[str, Op] = {
    "==": "=",
    "is": "=",
    "in": "=",
    "contains": "=",
    "contains_any": "=",
    "<>": "!=",
    "not": "!=",
    "not_in": "!=",
    "not_contains": "!=",
    "=>": ">=",
    "=<": "<=",
    "at_least": ">=",
    "at_most": "<=",
}
"""Operators of other formats, and ours."""
_MOST_NAMES, _LIKENESS = 3, 65
_KINDS = {"number": "a number", "flag": "true or false", "date": "a date: 2001, 2001-02 or 2001-02-28, in quotes"}


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    field: str
    op: str
    value: Value
    reveal: Reveal = "volunteer"


class _User(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen: tuple[str, ...] = ()
    available: tuple[str, ...] = ()


class _Task(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)
    wishes: tuple[_Wish, ...] = Field(min_length=1)
    remarks: tuple[str, ...] = ()
    user: _User = _User()
    is_impossible: bool = False


def read_own_tasks(path: Path, catalogue: Catalogue, policies: Policies) -> list[Task]:
    """The tasks of a file, each of which can be passed.

    Raises:
        BadInputError: it can't be read, a task is not of this form or not about this catalogue, stands there twice,
            or has no right end: no item meets it, or one does though it is said to be impossible. Names the line.
    """
    tasks: dict[str, Task] = {}
    for row in read_rows(path, "task"):
        task = _task(row, catalogue, policies)
        if task.id in tasks:
            raise row.wrong(("id",), f"there is a task {task.id!r} already")
        _check_end(row, task, catalogue, policies)
        tasks[task.id] = task
    return list(tasks.values())


def _task(row: Row, catalogue: Catalogue, policies: Policies) -> Task:
    body = _parsed(row)
    return Task(
        id=body.id,
        wishes=tuple(_wish(row, number, wish, catalogue) for number, wish in enumerate(body.wishes)),
        remarks=body.remarks,
        user=_user(row, body.user, catalogue, policies),
        is_impossible=body.is_impossible,
    )


def _parsed(row: Row) -> _Task:
    try:
        return _Task.model_validate(row.body)
    except ValidationError as error:
        first = error.errors()[0]
        place: tuple[str | int, ...] = first["loc"]
        if "value" in place:
            place = place[: place.index("value") + 1]  # behind it stand the types that were tried
            raise row.wrong(place, "it takes a number, a word, a list of words, true or false") from error
        if first["type"] == "extra_forbidden":
            fields = {1: _Task.model_fields, 2: _User.model_fields}.get(len(place), _Wish.model_fields)
            way_out = _nearest(str(place[-1]), fields, "It")
            raise row.wrong(place[:-1], f"there is nothing called {place[-1]!r} here", way_out) from error
        raise row.wrong(place, first["msg"][0].lower() + first["msg"][1:]) from error


def _wish(row: Row, number: int, wish: _Wish, catalogue: Catalogue) -> Wish:
    place = ("wishes", number)
    field = _field(row, (*place, "field"), wish.field, catalogue.schema)
    op = _op(row, (*place, "op"), wish.op, field)
    value = _value(row, (*place, "value"), wish.value, field, catalogue)
    return Wish(constraint=Constraint(field=field.name, op=op, value=value), reveal=wish.reveal)


def _field(row: Row, place: tuple[str | int, ...], name: str, schema: Schema) -> FieldSpec:
    wishable = [field.name for field in schema.fields if field.type != "text"]
    field = schema.field(name)
    if field is None:
        raise row.wrong(place, f"the catalogue has no field {name!r}", _nearest(name, wishable, "Its fields"))
    if field.type == "text":
        raise row.wrong(
            place, f"{name!r} is free text, which no wish can be held against", _listed("Wish for", wishable)
        )
    return field


def _op(row: Row, place: tuple[str | int, ...], op: str, field: FieldSpec) -> Op:
    ops: tuple[Op, ...] = ("=",) if field.type == "flag" else EQUAL_OPS
    ops = (*ops, *ORDERED_OPS) if field.is_ordered else ops
    found = next((one for one in ops if one == op), None)
    if found is None:
        meant = _MEANT.get(op.lower().replace(" ", "_"))
        nearest = f"The nearest is {meant}; it" if meant in ops else "It"
        raise row.wrong(
            place, f"{field.name}, a {field.type}, has no operator {op!r}", f"{nearest} takes {' '.join(ops)}."
        )
    return found


def _value(row: Row, place: tuple[str | int, ...], value: Value, field: FieldSpec, catalogue: Catalogue) -> Value:
    if field.is_category:
        words = value if isinstance(value, tuple) else (_plain(value),)
        for word in words:
            _check_value(row, place, word, field, catalogue)
        return words if isinstance(value, tuple) else words[0]
    if field.type == "date" and not isinstance(value, bool | tuple):
        return _plain(value)
    is_right = isinstance(value, bool) if field.type == "flag" else isinstance(value, float | int) and value is not True
    if not is_right or (field.type == "number" and isinstance(value, bool)):
        raise row.wrong(place, f"{field.name} is {_KINDS[field.type]}, not {value!r}")
    return value


def _plain(value: Value) -> str:
    """As it was written: `1990`, not `1990.0`."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _check_value(row: Row, place: tuple[str | int, ...], word: str, field: FieldSpec, catalogue: Catalogue) -> None:
    known = [value for value, _ in catalogue.vocabulary(field.name)]
    if word not in known:
        way_out = _nearest(word, known, "Its values")
        raise row.wrong(place, f"no {catalogue.schema.item} has the {field.name} {word!r}", way_out)


def _user(row: Row, user: _User, catalogue: Catalogue, policies: Policies) -> User:
    for number, item_id in enumerate(user.seen):
        if not catalogue.positions_of([item_id]):
            raise row.wrong(("user", "seen", number), f"the catalogue has no {catalogue.schema.item} {item_id!r}")
    if user.available:
        name = policies.availability.field if policies.availability else ""
        field = catalogue.schema.field(name)
        if field is None:
            way_out = "Add `availability` to policies.yaml, or leave it out."
            raise row.wrong(("user", "available"), "no house rule is about what is available", way_out)
        for number, word in enumerate(user.available):
            _check_value(row, ("user", "available", number), word, field, catalogue)
    return User(seen=user.seen, available=user.available)


def _check_end(row: Row, task: Task, catalogue: Catalogue, policies: Policies) -> None:
    """See that what the task says of its end is so: some items meet its wishes and the house rules, or none does."""
    met = catalogue.filter([*(wish.constraint for wish in task.wishes), *policies.house(task.user)])
    seen = set(catalogue.positions_of(task.user.seen)) if policies.exclude_seen else set[int]()
    right = [int(position) for position in met if int(position) not in seen]
    if right and task.is_impossible:
        item = catalogue.item(right[0])
        raise row.wrong(("is_impossible",), f"{len(right):,} {catalogue.schema.items} meet this, {item.id} among them")
    if not right and not task.is_impossible:
        wishes = say_list([describe(wish.constraint).removeprefix("must ") for wish in task.wishes])
        way_out = "If that is meant, say `is_impossible: true`."
        raise row.wrong(("wishes",), f"no {catalogue.schema.item} that may be shown meets {wishes}", way_out)


def _nearest(name: str, known: Iterable[str], what: str) -> str:
    """`The nearest is kinds.`; where nothing is near, some of what there is."""
    names = list(known)
    near: list[Any] = process.extract(
        name.lower(), names, processor=str.lower, limit=_MOST_NAMES, score_cutoff=_LIKENESS
    )
    if near:
        return f"The nearest {'is' if len(near) == 1 else 'are'} {say_list([one for one, _, _ in near])}."
    return _listed(f"{what} {'takes' if what == 'It' else 'are'}", names)


def _listed(start: str, names: list[str]) -> str:
    return f"{start} {say_list(names, 12)}."
