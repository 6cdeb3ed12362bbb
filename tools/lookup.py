"""lookup_item: the facts of one item."""

from __future__ import annotations

from tools.contract import Candidates, ToolResult, Wishes
from tools.grounding import Match
from tools.shelf import Shelf
from tools.titled import TitledTool


class LookupItem(TitledTool):
    """Find one item by its title, to answer a question about it."""

    name = "lookup_item"
    cost_ms = 2.0

    def about(self, match: Match, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Leave the bus as it is; the summary holds the item's position."""
        return ToolResult(candidates, {"found": match.position, "how": match.how})
