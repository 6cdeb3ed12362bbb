"""What the nodes of the graph work with: handed to each turn as LangGraph's runtime context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.budget import Budget
from agent.chooser import Chooser
from agent.keeper import Keeper
from agent.memory import ProfileStore
from agent.planner import Plans
from agent.policy import Policies
from agent.settings import Settings
from agent.writer import Writer
from tools.contract import Tool
from tools.shelf import Shelf


@dataclass(frozen=True)
class Parts:
    """A ready agent's parts. Without a planner, every plan is the fallback plan."""

    settings: Settings
    shelf: Shelf
    tools: dict[str, Tool[Any]]
    policies: Policies
    keeper: Keeper
    budget: Budget
    """Made anew for each turn."""
    planner: Plans | None = None
    chooser: Chooser | None = None
    """In the planner's place where tools are chosen step by step."""

    writer: Writer | None = None
    """None where replies are worded by the template."""

    @property
    def profiles(self) -> ProfileStore | None:
        """None where nothing is kept of anybody."""
        return self.keeper.profiles
