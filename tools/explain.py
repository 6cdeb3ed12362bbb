"""explain_item: why an item is where it is, why it is not shown, and what would change that.

The score by preference is a sum, so its explanation is exact: each contribution belongs to one liked item, one wish
or one source, and together they are the score. The what-if follows D. Slack et al., "Explaining machine learning
models with interactive natural language conversations using TalkToModel", Nature Machine Intelligence 2023: one
thing at a time is taken back, and the ranking made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tools.constraints import Constraint, by_words
from tools.contract import Candidates, ToolResult, Wishes
from tools.data.catalogue import Item
from tools.filter import allowed, broken_by
from tools.grounding import Match
from tools.models.contract import AVERSION, History
from tools.rank import WEIGHTS, by_preference, met, range_of, soft_wishes, taste
from tools.shelf import Shelf
from tools.titled import TitledTool

SHOWN = 5
"""An item is on the slate if no more than this many, itself among them, are ranked as high."""
LEAST, MOST_TOLD = 0.005, 12
"""Contributions nearer to 0, or beyond so many, are left out of the trace; the explanation has them all."""
Kind = Literal["liked", "disliked", "wish", "text", "log", "popular", "base"]
Cause = int | Constraint | None


@dataclass(frozen=True)
class Contribution:
    """What one thing adds to an item's score, or takes from it."""

    kind: Kind
    """`base` is what every candidate has, whatever it is."""
    part: str
    """The part of the ranking that it goes through: taste, facets, prefers, text, log, popular."""
    cause: Cause
    """The item's position for `liked` and `disliked`, the constraint for `wish`, else None."""
    amount: float


@dataclass(frozen=True)
class Change:
    """One thing taken back, and the item's place then (1 is the best)."""

    cause: int | Constraint
    place: int


@dataclass(frozen=True)
class Explanation:
    """Everything that puts an item where it is."""

    item: Item
    score: float
    place: int
    """Among the candidates and itself; 1 is the best."""
    contributions: tuple[Contribution, ...]
    """The greatest first; they add up to the score."""
    barriers: tuple[Constraint, ...]
    """The musts and house rules that it breaks."""
    is_known: bool
    """Already seen, rejected or named by the user, so not to be recommended."""
    is_off_topic: bool
    """Not about what was searched for."""
    changes: tuple[Change, ...]
    """What would put it on the slate, or take it off where it is on it."""

    @property
    def is_allowed(self) -> bool:
        """Whether nothing keeps it from being recommended."""
        return not (self.barriers or self.is_known or self.is_off_topic)


class ExplainItem(TitledTool):
    """Say why an item is recommended or why it is not, and which single wish taken back would change that."""

    name = "explain_item"
    cost_ms = 60.0

    def about(self, match: Match, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Leave the bus as it is; the finding is an `Explanation`, among the candidates that pass the musts."""
        explained = explain(shelf, wishes, candidates, match.position)
        told = [[c.kind, round(c.amount, 3)] for c in explained.contributions if abs(c.amount) >= LEAST]
        summary = {
            "found": match.position,
            "place": explained.place,
            "allowed": explained.is_allowed,
            "score": round(explained.score, 4),
            "contributions": told[:MOST_TOLD],
            "changes": len(explained.changes),
        }
        return ToolResult(candidates, summary, explained)


def explain(shelf: Shelf, wishes: Wishes, candidates: Candidates, position: int, shown: int = SHOWN) -> Explanation:
    """Why an item is where it is among these candidates.

    Args:
        candidates: before or after the hard filter; a search's scores are taken into account.
        shown: how many items the slate has.
    """
    item = shelf.catalogue.item(position)
    ranked, row = _ranked(shelf, wishes, candidates, position)
    is_shown = _is_shown(shelf, wishes, candidates, item, row < shown)
    return Explanation(
        item=item,
        score=float(ranked.scores[row]),
        place=row + 1,
        contributions=tuple(sorted(_contributions(shelf, wishes, ranked, row), key=lambda c: -c.amount)),
        barriers=broken_by(item, wishes.demands, shelf),
        is_known=position in wishes.excluded,
        is_off_topic=position not in candidates.positions,
        changes=tuple(_changes(shelf, wishes, candidates, item, shown, is_shown)),
    )


def _ranked(shelf: Shelf, wishes: Wishes, candidates: Candidates, position: int) -> tuple[Candidates, int]:
    """The candidates that pass, and the item whether it does or not, as rank_items has them; and the item's row."""
    passed = allowed(shelf, wishes)[candidates.positions] | (candidates.positions == position)
    left = candidates.take(passed)
    if position not in left.positions:
        parts = {name: np.append(part, part.min(initial=0)) for name, part in left.parts.items()}
        left = Candidates(np.append(left.positions, position), np.append(left.scores, np.float32(0)), parts)
    ranked = by_preference(shelf, wishes, left)
    return ranked, int(np.flatnonzero(ranked.positions == position)[0])


def _contributions(shelf: Shelf, wishes: Wishes, ranked: Candidates, row: int) -> Iterator[Contribution]:
    position = int(ranked.positions[row])
    yield Contribution("popular", "popular", None, WEIGHTS["popular"] * float(ranked.parts["popular"][row]))
    for kind in ("text", "log"):
        if kind in ranked.parts:
            yield Contribution(kind, kind, None, WEIGHTS[kind] * float(ranked.parts[kind][row]))
    if wishes.liked or wishes.disliked:
        yield from _of_taste(shelf, wishes, ranked, position)
        yield from _of_facets(shelf, wishes, position)
    soft = soft_wishes(wishes)
    one = ranked.take(np.array([row]))
    for wish in soft:
        amount = WEIGHTS["prefers"] * float(met(shelf, wish, one)[0]) / len(soft)
        yield Contribution("wish", "prefers", wish, amount)


def _of_taste(shelf: Shelf, wishes: Wishes, ranked: Candidates, position: int) -> Iterator[Contribution]:
    """The share of each item that was named; the base is what scaling to 0..1 adds to all."""
    history, weight = History(wishes.liked, wishes.disliked), WEIGHTS["taste"]
    model = taste(shelf, history)
    low, high = range_of(model.score(history)[ranked.positions])
    if high <= low:  # all alike: each counts as 1
        yield Contribution("base", "taste", None, weight)
        return
    known = history.of(model.size)
    for other in known.liked:
        yield Contribution("liked", "taste", other, weight * model.likeness(other, position) / (high - low))
    for other in known.disliked:
        amount = -AVERSION * weight * model.likeness(other, position) / (high - low)
        yield Contribution("disliked", "taste", other, amount)
    yield Contribution("base", "taste", None, -weight * low / (high - low))


def _of_facets(shelf: Shelf, wishes: Wishes, position: int) -> Iterator[Contribution]:
    kinds: tuple[tuple[Kind, int, tuple[int, ...]], ...] = (
        ("liked", 1, wishes.liked),
        ("disliked", -1, wishes.disliked),
    )
    for kind, sign, others in kinds:
        alike = shelf.facets.likeness(np.array([position, *others], dtype=np.int64))[0, 1:]
        for other, one in zip(others, alike.tolist(), strict=True):
            yield Contribution(kind, "facets", other, sign * WEIGHTS["facets"] * one / len(others))


def _is_shown(shelf: Shelf, wishes: Wishes, candidates: Candidates, item: Item, is_high: bool) -> bool:
    """Whether an item is on the slate, given that it is ranked high enough or not."""
    is_free = item.position in candidates.positions and item.position not in wishes.excluded
    return is_high and is_free and not broken_by(item, wishes.demands, shelf)


def _changes(
    shelf: Shelf, wishes: Wishes, candidates: Candidates, item: Item, shown: int, is_shown: bool
) -> Iterator[Change]:
    """Whatever alone would put the item on the slate, or take it off."""
    for cause, fewer in _without_one(wishes):
        if cause == item.position:
            continue
        _, row = _ranked(shelf, fewer, candidates, item.position)
        if _is_shown(shelf, fewer, candidates, item, row < shown) != is_shown:
            yield Change(cause, row + 1)


def _without_one(wishes: Wishes) -> Iterator[tuple[int | Constraint, Wishes]]:
    """The wishes without one of them; constraints that came from the same words go together."""
    for group in by_words(wishes.constraints):
        yield group[0], replace(wishes, constraints=tuple(c for c in wishes.constraints if c not in group))
    for position in wishes.liked:
        yield position, replace(wishes, liked=tuple(p for p in wishes.liked if p != position))
    for position in wishes.disliked:
        yield position, replace(wishes, disliked=tuple(p for p in wishes.disliked if p != position))
