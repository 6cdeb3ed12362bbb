"""What a message asks for, as its author labelled it: intent, wishes as slots, titles, and the tools that do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.plan import Intent, Step
from tools.constraints import Constraint, words_of
from tools.data.schema import FieldSpec, Schema
from tools.text import normalise

Pair = tuple[str, object]
_INCLUSIVE = {"<": "<=", ">": ">="}
_YEAR = 4


@dataclass(frozen=True)
class Slot:
    """One wish as it is compared: whoever wrote it, the same wish is the same slot."""

    field: str
    op: str
    value: object
    """A number, a flag, a date's text, or a frozenset of normalised words: any of them will do."""
    strength: str = "must"

    @property
    def pairs(self) -> frozenset[Pair]:
        """(field, value), a pair for each word."""
        values = self.value if isinstance(self.value, frozenset) else (self.value,)
        return frozenset((self.field, value) for value in values)


@dataclass(frozen=True)
class Label:
    """What is right. A part that its source does not label is None, and is not scored."""

    intents: frozenset[Intent] = frozenset()
    """Each of these is right; empty where none is labelled."""
    slots: frozenset[Slot] | None = None
    """The wishes of this message."""
    pairs: frozenset[Pair] | None = None
    """Where only fields and values are labelled: those, without operator and strength."""
    fields: frozenset[str] | None = None
    """The fields that were labelled at all; what is said of others is neither right nor wrong. None: all of them."""
    lists: frozenset[tuple[str, str]] | None = None
    """(list, item id): what is put in `liked`, `disliked`, `seen` and `rejected`. `#2`: the second that was shown."""
    titles: frozenset[str] | None = None
    """Where only the named items are labelled: their ids."""
    tolerated: frozenset[object] = frozenset()
    """Pairs and item ids that are neither right nor wrong."""
    tools: tuple[Step, ...] | None = None
    """In order. An empty argument stands for any."""
    optional: frozenset[str] = frozenset()
    """Tools that may be called besides."""
    known: frozenset[Slot] | None = None
    """All wishes that hold after the message, those of earlier ones too."""
    is_loose: bool = False
    """Whether strengths are not labelled, and a strict bound is the bound itself."""

    @property
    def rows(self) -> list[int]:
        """Which of the shown items it needs, from 0."""
        return [int(item[1:]) - 1 for _, item in self.lists or () if item.startswith("#")]

    def over(self, shown: Sequence[str]) -> Label:
        """The same label after these items were shown: references are resolved to their ids. Where only named items
        are labelled, a verdict on all that was shown is neither right nor wrong.
        """
        if self.titles is not None:
            return replace(self, tolerated=self.tolerated | (frozenset(shown) - self.titles))
        if not self.rows:
            return self
        lists = {(name, shown[int(i[1:]) - 1] if i.startswith("#") else i) for name, i in self.lists or ()}
        return replace(self, lists=frozenset(lists))


@dataclass(frozen=True)
class Request:
    """One conversation: its messages, each with its label."""

    kind: str
    turns: tuple[tuple[str, Label], ...]


def slots_of(constraints: Iterable[Constraint], schema: Schema, is_loose: bool = False) -> frozenset[Slot]:
    """Constraints as slots, a refusal of several words as one of each; of fields that are not there, none.

    Args:
        is_loose: without strengths, with `<` as `<=`, and a year of a date as its bounds.
    """
    fields = ((constraint, schema.field(constraint.field)) for constraint in constraints)
    slots = [one for constraint, field in fields if field for one in _each(_slot(constraint, field))]
    return frozenset(loose for slot in slots for loose in (_loosened(slot, schema) if is_loose else (slot,)))


def _slot(constraint: Constraint, field: FieldSpec) -> Slot:
    value: object = constraint.value
    if field.is_category:
        value = frozenset(normalise(word) for word in words_of(constraint.value))
    elif field.type == "number":
        value = _number(value)
    op = "!=" if constraint.strength == "avoid" else constraint.op  # `avoid =` and `avoid !=` say the same
    return Slot(field.name, op, value, constraint.strength)


def _each(slot: Slot) -> Iterator[Slot]:
    if slot.op == "!=" and isinstance(slot.value, frozenset):
        yield from (replace(slot, value=frozenset({word})) for word in sorted(slot.value))
    else:
        yield slot


def _number(value: object) -> object:
    try:
        return float(str(value))
    except ValueError:
        return value  # a server that ignores the plan's schema may write anything


def _loosened(slot: Slot, schema: Schema) -> Iterator[Slot]:
    field = schema.field(slot.field)
    value = str(slot.value)[:_YEAR] if field and field.type == "date" else slot.value
    if field and field.type == "date" and slot.op == "=":
        yield from (Slot(slot.field, op, value) for op in (">=", "<="))
    else:
        yield Slot(slot.field, _INCLUSIVE.get(slot.op, slot.op), value)
