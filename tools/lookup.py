"""lookup_item: the facts of one item."""

from __future__ import annotations

from pydantic import Field

from tools.contract import Arguments, Candidates, Tool, ToolResult, Wishes
from tools.shelf import Shelf


class LookupArguments(Arguments):
    """Which item: its title, with the year if several share it."""

    title: str = Field(min_length=1, max_length=200)


class LookupItem(Tool[LookupArguments]):
    """Find one item by its title, to answer a question about it."""

    name = "lookup_item"
    arguments = LookupArguments
    cost_ms = 2.0

    def run(self, arguments: LookupArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Leave the bus as it is; the summary holds the item's position, or the nearest titles."""
        match = shelf.titles.find(arguments.title)
        if match:
            return ToolResult(candidates, {"found": match.position, "how": match.how})
        return ToolResult(candidates, {"found": None, "nearest": shelf.titles.nearest(arguments.title)})
