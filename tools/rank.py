"""rank_items: put the candidates in order for this person."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.constraints import Constraint
from tools.contract import Arguments, Candidates, Scores, Tool, ToolResult, Wishes
from tools.models.contract import History
from tools.shelf import Shelf

WEIGHTS = {"taste": 1.0, "facets": 0.8, "text": 1.0, "popular": 0.3, "prefers": 1.5}
"""How much each part, scaled to 0..1, counts by preference."""


class RankArguments(Arguments):
    """What decides the order."""

    by: Literal["preference", "popularity"] = "preference"


class RankItems(Tool[RankArguments]):
    """Order the items: by preference (what was liked and wished for in this chat) or by popularity."""

    name = "rank_items"
    arguments = RankArguments
    cost_ms = 4.0

    def run(self, arguments: RankArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Reorder the candidates, best first; ties go to the more popular, then to the earlier position."""
        parts = {**candidates.parts, "popular": shelf.popular[candidates.positions]}
        weights = {"popular": 1.0}
        if arguments.by == "preference":
            parts |= self._personal(shelf, wishes, candidates)
            weights = WEIGHTS
        scores = sum(
            (np.float32(weights[name]) * part for name, part in parts.items() if name in weights),
            np.zeros(len(candidates), dtype=np.float32),
        )
        order = np.lexsort((candidates.positions, -parts["popular"], -scores))
        ranked = Candidates(candidates.positions, scores, parts).take(order)
        return ToolResult(ranked, {"ranked": len(ranked), "by": sorted(parts)})

    def _personal(self, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> dict[str, Scores]:
        parts: dict[str, Scores] = {}
        if "text" in candidates.parts:
            parts["text"] = _spread_out(candidates.parts["text"])
        if wishes.liked or wishes.disliked:
            parts["taste"] = _spread_out(_taste(shelf, wishes)[candidates.positions])
            parts["facets"] = shelf.facets.score(wishes.liked, wishes.disliked)[candidates.positions]
        soft = [c for c in wishes.constraints if c.strength != "must"]
        if soft:
            parts["prefers"] = np.mean([_met(shelf, c, candidates) for c in soft], axis=0, dtype=np.float32)
        return parts


def _taste(shelf: Shelf, wishes: Wishes) -> Scores:
    """Likeness by who liked what: the neighbourhoods of the items that were named.

    Not the blend, which is fitted to find what people used besides: often that is what everybody uses, and who names
    what they liked asks for more of its kind.
    """
    return shelf.blend.members["itemknn"].score(History(wishes.liked, wishes.disliked))


def _spread_out(scores: Scores) -> Scores:
    """Scores on a scale from 0 (the least) to 1 (the greatest): cosines of a search lie close together."""
    low, high = float(scores.min(initial=np.inf)), float(scores.max(initial=-np.inf))
    return (scores - np.float32(low)) / np.float32(high - low) if high > low else np.ones_like(scores)


def _met(shelf: Shelf, constraint: Constraint, candidates: Candidates) -> Scores:
    """1 where a wish is met, -1 where what should be avoided is there, else 0."""
    met = np.zeros(shelf.catalogue.size, dtype=np.float32)
    met[shelf.catalogue.filter([constraint])] = -1 if constraint.strength == "avoid" else 1
    return met[candidates.positions]
