"""filter_items: keep what satisfies every must."""

from __future__ import annotations

import numpy as np

from tools.contract import Arguments, Candidates, Tool, ToolResult, Wishes
from tools.shelf import Shelf


class FilterItems(Tool[Arguments]):
    """Keep only the items that satisfy every hard constraint and were not already seen or rejected."""

    name = "filter_items"
    cost_ms = 8.0

    def run(self, arguments: Arguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Narrow the candidates; an item whose value is unknown does not satisfy a constraint on it."""
        keep = np.zeros(shelf.catalogue.size, dtype=bool)
        keep[shelf.catalogue.filter(wishes.musts)] = True
        keep[list(wishes.excluded)] = False
        left = candidates.take(keep[candidates.positions])
        return ToolResult(left, {"before": len(candidates), "after": len(left)})
