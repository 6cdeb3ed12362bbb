"""Tools about one item that is named: its title is grounded here, once for all of them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from tools.contract import Candidates, TitleArguments, Tool, ToolResult, Wishes
from tools.grounding import Match
from tools.shelf import Shelf


class TitledTool(Tool[TitleArguments]):
    """A tool whose only argument is a title."""

    arguments = TitleArguments

    def run(self, arguments: TitleArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """What `about` gives; where no item has the title, the candidates as they are, and the nearest titles."""
        match = shelf.titles.find(arguments.title)
        if not match:
            return ToolResult(candidates, unknown_title(shelf, arguments.title))
        return self.about(match, shelf, wishes, candidates)

    @abstractmethod
    def about(self, match: Match, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Do the work for the item that was meant."""


def unknown_title(shelf: Shelf, title: str) -> dict[str, Any]:
    """The summary where no item has such a title: the nearest that there are."""
    return {"found": None, "nearest": shelf.titles.nearest(title)}
