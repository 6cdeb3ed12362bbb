"""Reading a message in tests, and saying in short what was read."""

from __future__ import annotations

from collections.abc import Sequence

from agent.reading.heard import Before, Reading
from agent.reading.message import read_message
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.shelf import Shelf

Short = tuple[str, str, object]


def hear(message: str, shelf: Shelf, shown: Sequence[Item] = ()) -> Reading:
    """The reading of a message."""
    return read_message(message, shelf.catalogue, shelf.titles, Before(shown))


def musts(reading: Reading) -> list[Short]:
    """(field, op, value) of the hard constraints, in the order of the message."""
    return [short(c) for c in reading.constraints if c.strength == "must"]


def wishes(reading: Reading, strength: str) -> list[Short]:
    """(field, op, value) of the soft ones."""
    return [short(c) for c in reading.constraints if c.strength == strength]


def short(constraint: Constraint) -> Short:
    return constraint.field, constraint.op, constraint.value


def names(shelf: Shelf, positions: Sequence[int]) -> list[str]:
    """Titles of positions."""
    return [shelf.titles.title(position) for position in positions]


def want(field: str, op: str, value: object, strength: str = "must") -> Constraint:
    """A constraint, in short."""
    return Constraint.model_validate({"field": field, "op": op, "value": value, "strength": strength})
