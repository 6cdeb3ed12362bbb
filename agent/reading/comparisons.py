"""Wishes measured by an item: `shorter than that one`, `not older than X`, `cheaper than the first`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.reading.adjectives import side_of
from agent.reading.lexicon import is_negated, negation_start
from agent.reading.references import Reference
from agent.reading.spans import Found, phrases
from agent.reading.titles import Named
from tools.constraints import Constraint, Op
from tools.data.catalogue import Catalogue, Item

_THAN = re.compile(r"\s+than\s+(?:the\s+)?", re.IGNORECASE)
_POINTS = re.compile(r"(?:that|this|it)(?:\s+one)?\b", re.IGNORECASE)
_LESS = re.compile(r"\bless\s+$", re.IGNORECASE)
_OPS: dict[tuple[str, bool], Op] = {("<", False): "<", (">", False): ">", ("<", True): ">=", (">", True): "<="}


@dataclass(frozen=True)
class Standard:
    """What a message compares with."""

    item: Item
    end: int
    named: Named | None = None
    reference: Reference | None = None


@dataclass(frozen=True)
class Pointers:
    """Everything that `than` can be followed by."""

    named: Sequence[Named]
    references: Sequence[Reference]
    slate: Sequence[Item]
    focus: Item | None
    catalogue: Catalogue

    def at(self, message: str, start: int) -> Standard | None:
        """The item that the words from `start` on mean, if they mean one."""
        for name in self.named:
            if start <= name.end and name.start <= start + len("the "):
                return Standard(self.catalogue.item(name.position), name.end, named=name)
        for reference in self.references:
            if reference.start <= start < reference.end and reference.row < len(self.slate):
                return Standard(self.slate[reference.row], reference.end, reference=reference)
        pointer = _POINTS.match(message, start)
        first = self.focus or (self.slate[0] if self.slate else None)
        return Standard(first, pointer.end()) if pointer and first else None


def read_comparisons(message: str, pointers: Pointers) -> tuple[list[Found], list[Standard]]:
    """Bounds at the values of items, and the items that are only named for that. None where a value is unknown."""
    found: list[Found] = []
    standards: list[Standard] = []
    for phrase, start, end in sorted(phrases(message), key=lambda phrase: (phrase[1], -phrase[2])):
        than = _THAN.match(message, end)
        standard = pointers.at(message, than.end()) if than else None
        if standard is None or any(f.start < end and start < f.end for f in found):
            continue
        for field in pointers.catalogue.schema.askable:
            side, value = side_of(field, phrase), standard.item.values.get(field.name)
            if side:
                standards.append(standard)
                if value is not None:
                    begin = negation_start(message, start) if is_negated(message, start) else start
                    op = _OPS[_turned(side, _LESS.search(message[:start]) is not None), begin < start]
                    wish = Constraint(field=field.name, op=op, value=value, words=message[begin : standard.end])
                    found.append(Found(start, end, (wish,)))
                break
    return found, standards


def _turned(side: str, turns: bool) -> str:
    return ("<" if side == ">" else ">") if turns else side
