"""The tools that a plan may call, by name."""

from __future__ import annotations

from typing import Any

from tools.compare import CompareItems
from tools.contract import Tool
from tools.diversify import Diversify
from tools.explain import ExplainItem
from tools.filter import FilterItems
from tools.lookup import LookupItem
from tools.rank import RankItems
from tools.search import SearchItems
from tools.similar import SimilarItems


def standard_tools() -> dict[str, Tool[Any]]:
    """All tools, in the order in which a plan usually calls them."""
    tools: list[Tool[Any]] = [
        FilterItems(),
        SearchItems(),
        SimilarItems(),
        RankItems(),
        Diversify(),
        LookupItem(),
        CompareItems(),
        ExplainItem(),
    ]
    return {tool.name: tool for tool in tools}
