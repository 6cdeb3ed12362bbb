"""similar_items: more of the kind of one item, by who used both and by what their texts say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.contract import Candidates, Scores, ToolResult, Wishes
from tools.grounding import Match
from tools.models.contract import History
from tools.shelf import Shelf
from tools.titled import TitledTool

MOST = 200
"""How many items, at most, are like one."""
TRUST = 10.0
"""Co-interaction counts by n / (n + TRUST), with n the people who used the item: a few people are an accident."""
CONTENT = 0.5
"""How much the text counts beside the people, who without it take what came out together for what is alike."""


class SimilarItems(TitledTool):
    """Keep only the items most like one that is named: liked by the same people, or of the same content."""

    name = "similar_items"
    cost_ms = 3.0

    def about(self, match: Match, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """At most MOST candidates, the most alike first, never the item itself."""
        alike = likeness(shelf, [match.position])[candidates.positions]
        alike[candidates.positions == match.position] = 0.0
        order = np.lexsort((candidates.positions, -alike))[:MOST]
        left = candidates.with_part("similar", alike).take(order[alike[order] > 0])
        return ToolResult(left, {"found": match.position, "before": len(candidates), "after": len(left)})


def likeness(shelf: Shelf, positions: Sequence[int]) -> Scores:
    """How much like these items each item is on the mean, 0 to 1, shape (items,)."""
    total = np.zeros(shelf.catalogue.size, dtype=np.float32)
    for position in positions:
        trust = np.float32(shelf.people[position] / (shelf.people[position] + TRUST))
        both = trust * _share(shelf, "itemknn", position) + np.float32(CONTENT) * _share(shelf, "content", position)
        total += both / (trust + np.float32(CONTENT))
    return total / np.float32(max(1, len(positions)))


def _share(shelf: Shelf, model: str, position: int) -> Scores:
    """A model's likeness to an item, that of the nearest other item being 1."""
    scores = np.maximum(shelf.blend.members[model].score(History((position,))), 0)
    scores[position] = 0.0
    top = np.float32(scores.max(initial=0.0))
    return np.asarray(scores / top if top > 0 else scores, dtype=np.float32)
