"""search_items: find items by free text, by its words and by its meaning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from tools.contract import Arguments, Candidates, Scores, Tool, ToolResult, Wishes
from tools.data.catalogue import Positions
from tools.errors import UnavailableError
from tools.index.dense import DenseIndex
from tools.index.embed import Vectors
from tools.index.hybrid import fuse, standing_out
from tools.index.lexical import WIDER, QueryWord, having, match_all, read_query, search_lexical
from tools.shelf import Shelf

Mask = npt.NDArray[np.bool_]

LONGEST_QUERY = 120
"""Characters."""
NEAREST = 1000
"""How many items each index is asked for."""
SMALL = 400
"""Up to this many candidates, each is compared with the query: exact, and as fast."""
STANDS_OUT = 2.5
"""An item is about the query if its cosine lies this many robust standard deviations above the query's median."""
LEAST, LEAST_BEST = 0.25, 0.33
"""And at least here; and if nothing reaches the second, nothing is about the query."""
STRANGE_BEST = 0.6
"""The same for gibberish, which is near to nothing in particular and somewhat near to many things."""
SHATTERED = 3.0
"""A query is gibberish if no item's text has a word of it and its words break into this many pieces each."""


class SearchArguments(Arguments):
    """What to look for."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY)


class SearchItems(Tool[SearchArguments]):
    """Keep only the items whose text is about the query; for what no field says, such as a theme or a place."""

    name = "search_items"
    arguments = SearchArguments
    cost_ms = 20.0

    def run(self, arguments: SearchArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Narrow the candidates to those relevant to the query. Without the dense index, by BM25 alone."""
        words = read_query(shelf.catalogue, arguments.query)
        try:
            (scores, kept), how = self._hybrid(words, shelf, candidates), "hybrid"
        except UnavailableError as error:
            (scores, kept), how = self._lexical(words, shelf, candidates), f"lexical ({error.what})"
        here = candidates.positions
        left = candidates.with_part("text", scores[here]).take(kept[here])
        corrected = [word.text for word in words if word.text != word.typed]
        summary = {"before": len(candidates), "after": len(left), "by": how}
        return ToolResult(left, summary | ({"read_as": corrected} if corrected else {}))

    def _hybrid(self, words: list[QueryWord], shelf: Shelf, candidates: Candidates) -> tuple[Scores, Mask]:
        """The score of each item, and whether it stands out by meaning or has every telling word."""
        if shelf.embedder is None or shelf.dense is None or shelf.sample is None:
            raise UnavailableError("The dense index is off.")
        query = " ".join(word.text for word in words)
        kept = np.zeros(shelf.catalogue.size, dtype=bool)
        if not query:
            return kept.astype(np.float32), kept
        vector = shelf.embedder.embed([query])[0]
        is_known = any(word.count for word in words) or shelf.embedder.pieces_a_word(query) < SHATTERED
        least_best, yardstick = LEAST_BEST if is_known else STRANGE_BEST, shelf.sample @ vector
        among = _narrowed(candidates, shelf)
        if len(candidates) <= SMALL:
            near, cosines = candidates.positions, shelf.dense.similarity(vector, candidates.positions)
            order = np.argsort(-cosines, kind="stable")
            near, cosines = near[order], cosines[order]
        else:
            near, cosines = _nearest(shelf.dense, vector, yardstick, least_best, among, shelf.catalogue.size)
        kept[near[_stand_out(cosines, yardstick, least_best)]] = True
        kept[match_all(shelf.catalogue, words, NEAREST, among)] = True
        for number in (word for word in words if word.text.isdigit() and word.count):
            kept &= having(shelf.catalogue, number)  # nothing means nearly the same as a number
        shared = search_lexical(shelf.catalogue, words, NEAREST, among)
        return fuse(shelf.catalogue.size, (near, cosines), yardstick, shared), kept

    def _lexical(self, words: list[QueryWord], shelf: Shelf, candidates: Candidates) -> tuple[Scores, Mask]:
        positions, scores = search_lexical(shelf.catalogue, words, NEAREST, _narrowed(candidates, shelf))
        everywhere = np.zeros(shelf.catalogue.size, dtype=np.float32)
        everywhere[positions] = scores / max(float(scores.max(initial=0)), 1e-9)
        return everywhere, everywhere > 0


def _narrowed(candidates: Candidates, shelf: Shelf) -> Positions | None:
    """The candidates where something was left out of them; None where they are all items."""
    return candidates.positions if len(candidates) < shelf.catalogue.size else None


def _nearest(
    dense: DenseIndex, vector: Vectors, yardstick: Scores, least_best: float, among: Positions | None, size: int
) -> tuple[Positions, Scores]:
    """The nearest of all items. Where a filter left few of them and more would stand out, more are asked for."""
    limit = min(NEAREST, size)
    while True:
        near, cosines = dense.nearest(vector, limit)
        is_more = len(_stand_out(cosines, yardstick, least_best)) == len(near) < size
        if not is_more or among is None or np.isin(near, among).sum() >= NEAREST:
            return near, cosines
        limit = min(size, WIDER * limit)


def _stand_out(cosines: Scores, yardstick: Scores, least_best: float) -> Positions:
    """Rows of the cosines, greatest first, that are about the query."""
    if not len(cosines) or float(max(cosines[0], yardstick.max(initial=-1))) < least_best:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero((cosines >= LEAST) & (standing_out(cosines, yardstick) >= STANDS_OUT))
