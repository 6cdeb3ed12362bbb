"""filter_items: keep what satisfies every must."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tools.constraints import Constraint, describe, satisfies
from tools.contract import Arguments, Candidates, Tool, ToolResult, Wishes
from tools.data.catalogue import Item
from tools.data.schema import Schema
from tools.shelf import Shelf


class FilterItems(Tool[Arguments]):
    """Keep only the items that satisfy every hard constraint and were not already seen or rejected."""

    name = "filter_items"
    cost_ms = 8.0

    def run(self, arguments: Arguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Narrow the candidates; an item whose value is unknown does not satisfy a constraint on it."""
        left = candidates.take(allowed(shelf, wishes)[candidates.positions])
        summary = {"before": len(candidates), "after": len(left)}
        kept = [(rule, int(shelf.catalogue.meeting(rule)[candidates.positions].sum())) for rule in wishes.house]
        house = [f"{describe(rule)}: {len(candidates) - count} left out" for rule, count in kept]
        return ToolResult(left, summary | ({"house": house} if house else {}))


def allowed(shelf: Shelf, wishes: Wishes) -> npt.NDArray[np.bool_]:
    """Which items may be recommended at all, shape (items,)."""
    keep = np.ones(shelf.catalogue.size, dtype=bool)
    for constraint in wishes.demands:
        keep &= shelf.catalogue.meeting(constraint)
    keep[list(wishes.excluded)] = False
    return keep


def broken_by(item: Item, musts: Sequence[Constraint], shelf: Shelf) -> tuple[Constraint, ...]:
    """The musts that an item does not satisfy, found by other code than the filter's SQL."""
    return tuple(constraint for constraint in musts if not option_met(item, constraint, shelf.catalogue.schema))


def option_met(item: Item, constraint: Constraint, schema: Schema) -> Constraint | None:
    """The first of the wishes of which one is enough that an item meets; None if it meets none."""
    for one in constraint.options:
        field = schema.field(one.field)
        if field is not None and satisfies(item.values, one, field):
            return one
    return None
