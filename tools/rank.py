"""rank_items: put the candidates in order for this person."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from tools.constraints import Constraint
from tools.contract import Arguments, Candidates, Scores, Tool, ToolResult, Wishes
from tools.data.catalogue import Positions
from tools.data.schema import FieldSpec
from tools.errors import UnavailableError
from tools.models.content import Content
from tools.models.contract import History
from tools.models.itemknn import ItemKnn
from tools.shelf import Shelf
from tools.similar import likeness

WEIGHTS = {"taste": 1.0, "facets": 0.8, "text": 1.0, "log": 1.0, "popular": 0.3, "prefers": 1.5}
"""How much each part, scaled to 0..1, counts by preference. The log's was chosen by the last items of real histories,
with 0, 1 or 3 likes named: less finds fewer of them, more drowns what is said now.
"""
Order = Literal[
    "preference",
    "popularity",
    "similarity",
    "recency",
    "blend",
    "usermixture",
    "ease",
    "itemknn",
    "als",
    "content",
    "sequential",
]


_BY_VALUE = re.compile(r"(highest|lowest) ([a-z][a-z0-9_]*)")


class RankArguments(Arguments):
    """What decides the order: one of four views, the recommender of that name alone, or a field: `lowest price`."""

    by: Order | Annotated[str, Field(pattern=f"^{_BY_VALUE.pattern}$")] = "preference"


class RankItems(Tool[RankArguments]):
    """Order the items: by preference (what was liked and wished for in this chat), popularity or recency."""

    name = "rank_items"
    arguments = RankArguments
    cost_ms = 4.0

    def run(self, arguments: RankArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Reorder the candidates, best first; ties go to the more popular, then to the earlier position.

        Raises:
            UnavailableError: the catalogue has no such recommender, or no dates to order by.
        """
        by_value = _BY_VALUE.fullmatch(arguments.by)
        if arguments.by == "preference" or by_value:
            ranked = by_preference(shelf, wishes, candidates)
            if by_value:
                ranked = _by_value(shelf, ranked, by_value[2], by_value[1] == "highest")
        else:
            here = candidates.positions
            scores = _by(arguments.by, shelf, wishes)[here]
            parts = {**candidates.parts, "popular": shelf.popular[here], arguments.by: scores}
            ranked = _in_order(here, scores, parts)
        return ToolResult(ranked, {"ranked": len(ranked), "by": sorted(ranked.parts)})


def by_preference(shelf: Shelf, wishes: Wishes, candidates: Candidates) -> Candidates:
    """The candidates by what was liked and wished for, best first, with their parts."""
    parts = preference_parts(shelf, wishes, candidates)
    return _in_order(candidates.positions, weighted(parts), parts)


def _in_order(positions: Positions, scores: Scores, parts: dict[str, Scores]) -> Candidates:
    order = np.lexsort((positions, -parts["popular"], -scores))
    return Candidates(positions, scores, parts).take(order)


def preference_parts(shelf: Shelf, wishes: Wishes, candidates: Candidates) -> dict[str, Scores]:
    """What speaks for each candidate, part by part, each about 0 to 1 (-1 to 1 where something is unwanted)."""
    parts = {**candidates.parts, "popular": shelf.popular[candidates.positions]}
    if "text" in parts:
        parts["text"] = scaled(parts["text"], *range_of(parts["text"]))
    if wishes.liked or wishes.disliked:
        history = History(wishes.liked, wishes.disliked)
        raw = taste(shelf, history).score(history)[candidates.positions]
        parts["taste"] = scaled(raw, *range_of(raw))
        parts["facets"] = shelf.facets.score(wishes.liked, wishes.disliked)[candidates.positions]
    if wishes.log:
        raw = shelf.blend.score(History(wishes.log, is_log=True))[candidates.positions]
        parts["log"] = scaled(raw, *range_of(raw))
    if soft := soft_wishes(wishes):
        parts["prefers"] = np.mean([met(shelf, c, candidates) for c in soft], axis=0, dtype=np.float32)
    return parts


def weighted(parts: dict[str, Scores]) -> Scores:
    """The score by preference: the weighted sum of the parts."""
    length = len(parts["popular"])
    return sum(
        (np.float32(WEIGHTS[name]) * part for name, part in parts.items() if name in WEIGHTS),
        np.zeros(length, dtype=np.float32),
    )


def taste(shelf: Shelf, history: History) -> ItemKnn | Content:
    """Likeness by who liked what; where nobody used the items that were named, by what their texts say.

    Not the blend, which is fitted to find what people used besides: often that is what everybody uses, and who names
    what they liked asks for more of its kind.
    """
    by_people = neighbours(shelf)
    content = shelf.blend.members["content"]
    assert isinstance(content, Content)
    return by_people if by_people.score(history).any() else content


def neighbours(shelf: Shelf) -> ItemKnn:
    """The neighbourhoods of items by who liked them."""
    model = shelf.blend.members["itemknn"]
    assert isinstance(model, ItemKnn)
    return model


def soft_wishes(wishes: Wishes) -> list[Constraint]:
    """What is preferred or to be avoided, rather than demanded."""
    return [c for c in wishes.constraints if c.strength != "must"]


def range_of(scores: Scores) -> tuple[float, float]:
    """The least and the greatest; 0 and 0 where there are none, or where they are all alike."""
    low, high = float(scores.min(initial=np.inf)), float(scores.max(initial=-np.inf))
    return (low, high) if high > low else (0.0, 0.0)


def scaled(scores: Scores, low: float, high: float) -> Scores:
    """Scores on a scale from 0 (the least) to 1 (the greatest), all 1 without a range: cosines lie close together."""
    return (scores - np.float32(low)) / np.float32(high - low) if high > low else np.ones_like(scores)


def met(shelf: Shelf, constraint: Constraint, candidates: Candidates) -> Scores:
    """1 where a wish is met, -1 where what should be avoided is there, else 0."""
    worth = np.float32(-1 if constraint.strength == "avoid" else 1)
    return worth * shelf.catalogue.meeting(constraint)[candidates.positions]


def _by_value(shelf: Shelf, ranked: Candidates, name: str, highest: bool) -> Candidates:
    """Ranked candidates by a field's values; those of one value stay in their order, the unknown come last."""
    field = shelf.catalogue.schema.field(name)
    if field is None or not field.is_ordered:
        raise UnavailableError(f"No field {name!r} has values to order by.", "Rank by preference.")
    known = _damped(shelf, field) if field.role == "quality" else dict(shelf.catalogue.values_of(name))
    places = {value: place for place, value in enumerate(sorted(set(known.values()), reverse=highest))}
    keys = [places.get(known.get(position), len(places)) for position in ranked.positions.tolist()]
    order = np.argsort(keys, kind="stable")
    return ranked.take(order).with_part(name, -np.array(keys, dtype=np.float32)[order])


def _damped(shelf: Shelf, field: FieldSpec) -> dict[int, float]:
    """Ratings drawn towards their mean where few people gave them: (mean m + rating n) / (m + n).

    n is how many there are (the field in the role of popularity), m what three quarters of the items stay under; the
    formula of IMDb's top 250. Without counts, the ratings themselves.
    """
    ratings = dict(shelf.catalogue.values_of(field.name))
    counted = shelf.catalogue.schema.with_role("popularity")
    counts = dict(shelf.catalogue.values_of(counted.name)) if counted else {}
    if not ratings or not counts:
        return ratings
    mean, usual = float(np.mean(list(ratings.values()))), float(np.quantile(list(counts.values()), 0.75))
    return {
        position: (mean * usual + rating * counts.get(position, 0)) / max(usual + counts.get(position, 0), 1e-9)
        for position, rating in ratings.items()
    }


def _by(by: str, shelf: Shelf, wishes: Wishes) -> Scores:
    """Scores of all items from one view."""
    if by == "popularity":
        return shelf.popular
    if by == "similarity":
        return likeness(shelf, wishes.liked)
    if by == "recency":
        return _recency(shelf)
    model: Any = shelf.blend if by == "blend" else shelf.blend.members.get(by)
    if model is None:
        raise UnavailableError(f"This catalogue has no recommender {by!r}.", "Run `tastemaker fit --all`.")
    scores: Scores = model.score(History((*wishes.log, *wishes.liked), wishes.disliked, is_log=bool(wishes.log)))
    return scores


def _recency(shelf: Shelf) -> Scores:
    """The later, the greater; what has no date comes last."""
    field = next((f for f in shelf.catalogue.schema.fields if f.is_temporal), None)
    if field is None:
        raise UnavailableError("This catalogue does not say how old its items are.", "Rank by preference.")
    known = sorted(shelf.catalogue.values_of(field.name), key=lambda pair: pair[1])
    ranks = {value: place for place, value in enumerate(dict.fromkeys(value for _, value in known), start=1)}
    scores = np.zeros(shelf.catalogue.size, dtype=np.float32)
    for position, value in known:
        scores[position] = ranks[value] / len(ranks)
    return scores
