"""search_items: find items by free text."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from tools.contract import Arguments, Candidates, Scores, Tool, ToolResult, Wishes
from tools.data.catalogue import Positions
from tools.errors import UnavailableError
from tools.index.lexical import search_lexical
from tools.shelf import Shelf

NEAREST = 1000
"""How many items the index is asked for before the candidates narrow them."""
SMALL = 400
"""Up to this many candidates, each is compared with the query: exact, and as fast."""
CUT_OFF = 0.25
"""Cosine below which an item has nothing to do with the query."""
STRANGE_CUT_OFF = 0.6
"""The same for gibberish, which is near to nothing in particular and somewhat near to many things."""
SHATTERED = 3.0
"""A query is gibberish if no item's text has a word of it and its words break into this many pieces each."""


class SearchArguments(Arguments):
    """What to look for."""

    query: str = Field(min_length=1, max_length=120)


class SearchItems(Tool[SearchArguments]):
    """Keep only the items whose text is about the query; for what no field says, such as a theme or a place."""

    name = "search_items"
    arguments = SearchArguments
    cost_ms = 20.0

    def run(self, arguments: SearchArguments, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Narrow the candidates to those relevant to the query. Without the dense index, by BM25 alone."""
        try:
            scores, how = self._dense(arguments.query, shelf, candidates), "dense"
        except UnavailableError as error:
            scores, how = self._lexical(arguments.query, shelf, candidates), f"lexical ({error.what})"
        left = candidates.with_part("text", scores).take(scores > 0)
        return ToolResult(left, {"before": len(candidates), "after": len(left), "by": how})

    def _dense(self, query: str, shelf: Shelf, candidates: Candidates) -> Scores:
        embedder, dense = shelf.embedder, shelf.dense
        if embedder is None or dense is None:
            raise UnavailableError("The dense index is off.")
        vector = embedder.embed([query])[0]
        is_known = len(search_lexical(shelf.catalogue, query, 1)[0]) or embedder.pieces_a_word(query) < SHATTERED
        cut_off = CUT_OFF if is_known else STRANGE_CUT_OFF
        if len(candidates) <= SMALL:
            scores = dense.similarity(vector, candidates.positions)
        else:
            scores = _spread(shelf, candidates, *dense.nearest(vector, min(NEAREST, shelf.catalogue.size)))
        return np.where(scores >= cut_off, scores, np.float32(0))

    def _lexical(self, query: str, shelf: Shelf, candidates: Candidates) -> Scores:
        positions, scores = search_lexical(shelf.catalogue, query, NEAREST)
        return _spread(shelf, candidates, positions, scores / max(float(scores.max(initial=0)), 1e-9))


def _spread(shelf: Shelf, candidates: Candidates, positions: Positions, scores: Scores) -> Scores:
    """Scores of some items, aligned with the candidates; 0 for the rest."""
    everywhere = np.zeros(shelf.catalogue.size, dtype=np.float32)
    everywhere[positions] = scores
    return everywhere[candidates.positions]
