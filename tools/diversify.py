"""diversify: reorder the best candidates so that the slate is not five times the same.

Three aims, each a greedy choice place by place, among the POOL best:

- `mmr`: relevance less the likeness to what is chosen (J. Carbonell and J. Goldstein, "The use of MMR", SIGIR 1998);
- `calibration`: categories in the shares that the liked items have (H. Steck, "Calibrated recommendations", 2018);
- `exposure`: max-min fairness between groups of items, the concern of C. Xu et al., "FairDual", ICLR 2025: each
  place goes to the group that has had least, if it has an item that is nearly as relevant as the best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from tools.contract import Arguments, Candidates, Scores, Tool, ToolResult, Wishes
from tools.data.catalogue import Item
from tools.errors import BadInputError
from tools.rank import range_of, scaled
from tools.shelf import Shelf

POOL, SLATE = 50, 10
"""Of how many of the best the first SLATE places are chosen; the rest stay in their order behind them."""
RELEVANCE = {"mmr": 0.7, "calibration": 0.3}
"""How much of a choice is the score; the rest is the aim. A divergence is small where the list is nearly right."""
TOLERANCE = 0.2
"""Exposure gives up at most this much of the range of scores at any place."""
SMOOTHING = 0.01
"""Steck's alpha: how much of the wished distribution is mixed into the list's, so that none is 0."""
Matrix = npt.NDArray[np.float32]


class DiversifyArguments(Arguments):
    """What the list should be: varied, in the proportions of what was liked, or fair to groups of items."""

    aim: Literal["mmr", "calibration", "exposure"] = "mmr"
    group: str = ""
    """The category field that says what is of a kind; by default every such field with a few values."""


class Diversify(Tool[DiversifyArguments]):
    """Reorder the ranked items: less of the same (mmr), the mix of what was liked (calibration), or fair (exposure)."""

    name = "diversify"
    arguments = DiversifyArguments
    cost_ms = 6.0

    def run(self, arguments: DiversifyArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """The same candidates with the same scores, the first places chosen anew.

        Raises:
            BadInputError: the group is no field of categories.
        """
        pool = candidates.take(np.arange(min(POOL, len(candidates))))
        fields = _fields(shelf, arguments.group)
        relevance = scaled(pool.scores, *range_of(pool.scores))
        count = min(SLATE, len(pool))
        if arguments.aim == "mmr":
            chosen = _mmr(relevance, shelf.facets.likeness(pool.positions), count)
        elif arguments.aim == "calibration":
            liked_kinds, kinds = _kinds(shelf, fields, wishes.liked, pool.positions.tolist())
            wished = _distribution(liked_kinds)
            chosen = _calibrated(relevance, kinds, wished, count) if wished.any() else list(range(count))
        else:
            (kinds,) = _kinds(shelf, fields, pool.positions.tolist())
            chosen = _fair(relevance, kinds > 0, count)
        order = np.append(np.array(chosen, dtype=np.int64), np.delete(np.arange(len(candidates)), chosen))
        moved = sum(place != row for place, row in enumerate(chosen))
        return ToolResult(candidates.take(order), {"aim": arguments.aim, "moved": moved})


def _fields(shelf: Shelf, group: str) -> Sequence[str]:
    """The field of that name; without a name, all that say what an item is like."""
    if not group:
        return shelf.facets.fields
    field = shelf.catalogue.schema.field(group)
    if not (field and field.is_category):
        raise BadInputError(f"{group!r} is no field of categories in this catalogue.", "Leave it out, or name one.")
    return [group]


def _kinds(shelf: Shelf, names: Sequence[str], *several: Sequence[int]) -> list[Matrix]:
    """For each list of items, their categories in equal parts that add up to 1, shape (n, categories)."""
    items = [shelf.catalogue.items(positions) for positions in several]
    numbers: dict[tuple[str, str], int] = {}
    for item in chain(*items):
        for name in names:
            for word in item.words(name):
                numbers.setdefault((name, word), len(numbers))
    return [_parts(part, names, numbers) for part in items]


def _parts(items: Sequence[Item], names: Sequence[str], numbers: dict[tuple[str, str], int]) -> Matrix:
    has = np.zeros((len(items), len(numbers)), dtype=np.float32)
    for row, item in enumerate(items):
        has[row, [numbers[name, word] for name in names for word in item.words(name)]] = 1
    return np.asarray(has / np.maximum(has.sum(axis=1, keepdims=True), 1), dtype=np.float32)


def _greedy(weight: float, relevance: Scores, count: int, gain: Callable[[list[int], list[int]], Scores]) -> list[int]:
    """Rows, one after the other, of the greatest weighted sum of relevance and gain; ties go to the earlier."""
    chosen: list[int] = []
    while len(chosen) < count:
        left = [row for row in range(len(relevance)) if row not in chosen]
        value = weight * relevance[left] + (1 - weight) * gain(chosen, left)
        chosen.append(left[int(np.argmax(value))])
    return chosen


def _mmr(relevance: Scores, alike: Matrix, count: int) -> list[int]:
    def gain(chosen: list[int], left: list[int]) -> Scores:
        return np.asarray(-alike[np.ix_(left, chosen)].max(axis=1, initial=0.0))

    return _greedy(RELEVANCE["mmr"], relevance, count, gain)


def _calibrated(relevance: Scores, kinds: Matrix, wished: Scores, count: int) -> list[int]:
    def gain(chosen: list[int], left: list[int]) -> Scores:
        """Minus the Kullback-Leibler divergence of the list's categories from the wished ones."""
        totals = kinds[chosen].sum(axis=0) + kinds[left]
        lists = totals / np.maximum(totals.sum(axis=1, keepdims=True), 1e-9)
        mixed = (1 - SMOOTHING) * lists + SMOOTHING * wished
        is_wished = wished > 0
        ratio = np.log(wished[is_wished] / mixed[:, is_wished])
        return np.asarray(-(wished[is_wished] * ratio).sum(axis=1), dtype=np.float32)

    return _greedy(RELEVANCE["calibration"], relevance, count, gain)


def _fair(relevance: Scores, is_in: npt.NDArray[np.bool_], count: int) -> list[int]:
    """Exposure of a place is 1 / log2(place + 1), as in DCG; an item in several groups serves each."""
    exposure = np.zeros(is_in.shape[1])
    chosen: list[int] = []
    for place in range(count):
        left = np.array([row for row in range(len(relevance)) if row not in chosen])
        near = left[relevance[left] >= relevance[left].max() - TOLERANCE]
        poorest = [exposure[is_in[row]].min(initial=np.inf) for row in near]
        row = int(near[np.lexsort((near, -relevance[near], poorest))[0]])
        exposure[is_in[row]] += 1 / np.log2(place + 2)
        chosen.append(row)
    return chosen


def _distribution(kinds: Matrix) -> Scores:
    """The share of each category over some items, an item's own categories in equal parts."""
    return np.asarray(kinds.sum(axis=0) / max(1e-9, float(kinds.sum())), dtype=np.float32)
