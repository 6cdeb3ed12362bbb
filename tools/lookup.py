"""lookup_item: the facts of one item."""

from __future__ import annotations

from tools.contract import Candidates, TitleArguments, Tool, ToolResult, Wishes
from tools.shelf import Shelf


class LookupItem(Tool[TitleArguments]):
    """Find one item by its title, to answer a question about it."""

    name = "lookup_item"
    arguments = TitleArguments
    cost_ms = 2.0

    def run(self, arguments: TitleArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Leave the bus as it is; the summary holds the item's position, or the nearest titles."""
        match = shelf.titles.find(arguments.title)
        if match:
            return ToolResult(candidates, {"found": match.position, "how": match.how})
        return ToolResult(candidates, unknown_title(shelf, arguments.title))


def unknown_title(shelf: Shelf, title: str) -> dict[str, object]:
    """The summary where no item has such a title: the nearest that there are."""
    return {"found": None, "nearest": shelf.titles.nearest(title)}
