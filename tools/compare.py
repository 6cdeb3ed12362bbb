"""compare_items: some items side by side, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from pydantic import Field

from tools.contract import LONGEST_TITLE, Arguments, Candidates, Tool, ToolResult, Wishes
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.rank import preference_parts, weighted
from tools.shelf import Shelf
from tools.similar import likeness
from tools.titled import unknown_title

MOST = 5


class CompareArguments(Arguments):
    """Which items, by their titles."""

    titles: tuple[str, ...] = Field(min_length=2, max_length=MOST)


@dataclass(frozen=True)
class Difference:
    """One field of the compared items."""

    field: FieldSpec
    values: tuple[Any, ...]
    """In the order of the items; None where the catalogue does not know it."""
    shared: tuple[str, ...]
    """Of a category field, the values that all have."""
    order: tuple[int, ...]
    """Of a number or a date, the items from the greatest to the least; empty where one is unknown or all are equal."""

    @property
    def is_same(self) -> bool:
        """Whether all are known and equal."""
        return None not in self.values and all(one == other for one, other in pairwise(self.values))


@dataclass(frozen=True)
class Comparison:
    """Items side by side."""

    items: tuple[Item, ...]
    differences: tuple[Difference, ...]
    """Each field that is known of at least one, in the schema's order."""
    likeness: float
    """How much the second is like the first, 0 to 1; of more than two, the least among neighbours."""
    fit: tuple[float, ...]
    """The score of each by what was liked and wished for, among themselves."""


class CompareItems(Tool[CompareArguments]):
    """Put two to five items that are named side by side: what they share, where they differ, which fits better."""

    name = "compare_items"
    arguments = CompareArguments
    cost_ms = 8.0

    def run(self, arguments: CompareArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Leave the bus as it is; the finding is a `Comparison`, or there is none where a title is unknown."""
        matches = [shelf.titles.find(title[:LONGEST_TITLE]) for title in arguments.titles]
        unknown = [title for title, match in zip(arguments.titles, matches, strict=True) if not match]
        if unknown:
            return ToolResult(candidates, unknown_title(shelf, unknown[0]))
        found = [match.position for match in matches if match]
        compared = compare(shelf, wishes, list(dict.fromkeys(found)))
        summary = {
            "found": found,
            "same": [d.field.name for d in compared.differences if d.is_same][:10],
            "likeness": round(compared.likeness, 3),
            "fit": [round(score, 3) for score in compared.fit],
        }
        return ToolResult(candidates, summary, compared)


def compare(shelf: Shelf, wishes: Wishes, positions: Sequence[int]) -> Comparison:
    """The items at these positions side by side."""
    items = tuple(shelf.catalogue.items(positions))
    fields = [f for f in shelf.catalogue.schema.fields if f.role != "title" and any(f.name in i.values for i in items)]
    among = Candidates.everything(shelf.catalogue.size).take(np.array(positions, dtype=np.int64))
    return Comparison(
        items=items,
        differences=tuple(_difference(field, items) for field in fields),
        likeness=min((float(likeness(shelf, [one])[other]) for one, other in pairwise(positions)), default=1.0),
        fit=tuple(weighted(preference_parts(shelf, wishes, among)).tolist()),
    )


def _difference(field: FieldSpec, items: Sequence[Item]) -> Difference:
    values: tuple[Any, ...] = tuple(item.values.get(field.name) for item in items)
    shared: tuple[str, ...] = ()
    if field.is_category:
        first, *rest = (item.words(field.name) for item in items)
        shared = tuple(word for word in first if all(word in other for other in rest))
    order: tuple[int, ...] = ()
    if field.is_ordered and None not in values and len(set(values)) > 1:
        order = tuple(sorted(range(len(items)), key=values.__getitem__, reverse=True))
    return Difference(field, values, shared, order)
