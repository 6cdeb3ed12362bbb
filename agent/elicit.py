"""Ask or recommend: whether a question is worth a turn, and which one narrows most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from agent.hidden import has_a_wish
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.shelf import Shelf

SURE_ENOUGH = 0.6
"""From this chance on that something shown meets the unsaid wishes too, nothing is asked."""
LEAST_GAIN = 0.2
"""In bits: a question that is expected to narrow less is not asked."""
MOST_BITS = 3.0
"""More than this no answer narrows: people name one or two values."""


class Question(BaseModel):
    """What a reply asks: for a wish about a field, whether some of its values are all right, which of the slate is."""

    kind: Literal["field", "confirm", "which"]
    field: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Narrowing:
    """How much a question about a field is expected to narrow the candidates."""

    field: FieldSpec
    bits: float
    """The entropy of the field's values over the candidates, weighted by how likely there is an answer."""


def narrowings(shelf: Shelf, items: Sequence[Item], spoken: Collection[str]) -> list[Narrowing]:
    """What can be asked of these candidates, the most narrowing first; never what was spoken of."""
    found = [
        Narrowing(field, has_a_wish(field, shelf.catalogue) * min(MOST_BITS, entropy(field, items)))
        for field in shelf.catalogue.schema.askable
        if field.name not in spoken
    ]
    return sorted((one for one in found if one.bits >= LEAST_GAIN), key=lambda one: -one.bits)


def entropy(field: FieldSpec, items: Sequence[Item]) -> float:
    """Of a field's values over some items, in bits. A bound halves numbers at best, so theirs is at most 1.

    Where items have several values, it is what naming one of them narrows, on average: a value that all items share
    narrows nothing, and one that always comes with another no more than that other.
    """
    if field.is_ordered:
        known = [value for item in items if (value := item.values.get(field.name)) is not None]
        middle = sorted(known)[len(known) // 2] if known else None
        parts = [sum(value < middle for value in known), sum(value > middle for value in known)]
        return max(_bits([part, len(known) - part]) for part in parts)
    if field.is_category:
        having = [words for item in items if (words := item.words(field.name))]
        counts = Counter(word for words in having for word in words)
        named = counts.total()
        return sum(count / named * math.log2(len(having) / count) for count in counts.values())
    return _bits(Counter(item.values.get(field.name) for item in items).values())


def _bits(counts: Collection[int]) -> float:
    total = sum(counts)
    return -sum(count / total * math.log2(count / total) for count in counts if count)
