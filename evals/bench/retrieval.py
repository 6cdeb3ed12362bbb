"""Retrieval side by side: words alone, meaning alone, fused by rank, fused by score; and what the cut-off keeps."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.bench.bars import Bar, plot_bars
from evals.bench.timing import timed
from evals.metrics import margin_of
from evals.retrieval_sets import NONSENSE, Query, RetrievalSets
from tools.contract import Candidates, Wishes
from tools.data.catalogue import Positions
from tools.data.ingest import Sources, ingest
from tools.data.versions import CatalogueHome
from tools.index.hybrid import Found, fuse, fuse_ranks
from tools.index.lexical import read_query, search_lexical
from tools.models.contract import best
from tools.progress import OnStep, silent, within
from tools.search import LONGEST_QUERY, NEAREST, SearchArguments, SearchItems
from tools.shelf import Shelf, open_shelf

DEPTH = 100
"""A right item below this rank counts as not found."""


@dataclass(frozen=True)
class RetrievalRow:
    """One way of ranking over one set of queries."""

    way: str
    queries: str
    mrr: float
    margin: float
    """Half of the 95% interval."""
    recall_10: float
    ranks: tuple[float, ...]
    """1 / rank for each query, so that two ways can be compared pair by pair."""


@dataclass(frozen=True)
class CutOff:
    """What search_items lets through."""

    queries: str
    kept: float
    """The share of the right items that it keeps."""
    returned: float
    """The median of how many items it returns."""
    p50_ms: float


def measure_retrieval(
    sets: RetrievalSets, whole_texts: bool = False, on_step: OnStep = silent
) -> tuple[list[RetrievalRow], list[CutOff]]:
    """Ingest the items as anybody's, then ask every query in every way."""
    with tempfile.TemporaryDirectory() as scratch:
        items = Path(scratch) / "items.jsonl"
        items.write_text("".join(json.dumps(item) + "\n" for item in sets.items), encoding="utf-8")
        home = CatalogueHome(Path(scratch), "retrieval")
        ingest(Sources(items, whole_texts=whole_texts), home, within(on_step, 0.0, 0.7))
        shelf = open_shelf(home.current())
        rows: list[RetrievalRow] = []
        cuts: list[CutOff] = []
        for number, (name, queries) in enumerate(sets.queries.items()):
            on_step(f"asking by {name}", 0.7 + 0.3 * number / len(sets.queries))
            rows += _ranked(shelf, name, queries)
            cuts.append(_cut(shelf, name, [query.text for query in queries], [query.right for query in queries]))
        cuts.append(_cut(shelf, "nonsense", NONSENSE, []))
        shelf.close()
    return rows, cuts


def _ranked(shelf: Shelf, name: str, queries: Sequence[Query]) -> Iterator[RetrievalRow]:
    found: dict[str, list[float]] = {}
    for query in queries:
        (right,) = shelf.catalogue.positions_of([query.right])
        for way, ranked in _lists(shelf, query.text[:LONGEST_QUERY]).items():
            places = np.flatnonzero(ranked[:DEPTH] == right)
            found.setdefault(way, []).append(1 / (1 + int(places[0])) if len(places) else 0.0)
    for way, values in found.items():
        array = np.array(values)
        yield RetrievalRow(
            way, name, float(array.mean()), margin_of(array), float((array >= 0.1).mean()), tuple(values)
        )


def _lists(shelf: Shelf, query: str) -> dict[str, Positions]:
    assert shelf.embedder is not None
    assert shelf.dense is not None
    assert shelf.sample is not None
    size, words = shelf.catalogue.size, read_query(shelf.catalogue, query)
    shared: Found = search_lexical(shelf.catalogue, words, NEAREST)
    vector = shelf.embedder.embed([query])[0]
    near: Found = shelf.dense.nearest(vector, min(NEAREST, size))
    return {
        "words (BM25)": shared[0],
        "meaning (dense)": near[0],
        "fused by rank (RRF)": best(fuse_ranks(size, [near[0], shared[0]]), DEPTH)[0],
        "fused by score (ours)": best(fuse(size, near, shelf.sample @ vector, shared), DEPTH)[0],
    }


def _cut(shelf: Shelf, name: str, texts: Sequence[str], right: Sequence[str]) -> CutOff:
    tool, everything = SearchItems(), Candidates.everything(shelf.catalogue.size)

    def search(text: str) -> Positions:
        arguments = SearchArguments(query=text[:LONGEST_QUERY])
        return tool.run(arguments, shelf, Wishes(), everything).candidates.positions

    found, p50_ms = timed(search, texts)
    kept = [item in some for item, some in zip(shelf.catalogue.positions_of(right), found, strict=bool(right))]
    share = float(np.mean(kept)) if kept else float("nan")
    return CutOff(name, share, float(np.median([len(some) for some in found])), p50_ms)


def retrieval_table(rows: Sequence[RetrievalRow], cuts: Sequence[CutOff]) -> Iterator[str]:
    """Markdown: MRR of each way, and beside the better of words and meaning; then what the cut-off does."""
    yield "| queries | ranked by | MRR | recall@10 | beside the better of words and meaning |"
    yield "|---|---|---|---|---|"
    for name in dict.fromkeys(row.queries for row in rows):
        here = [row for row in rows if row.queries == name]
        base = max(here[:2], key=lambda row: row.mrr)
        for row in here:
            gain = _gain(row.ranks, base.ranks) if row not in here[:2] else ""
            mrr = f"{row.mrr:.3f} ± {row.margin:.3f}"
            yield f"| {name} ({len(row.ranks)}) | {row.way} | {mrr} | {row.recall_10:.3f} | {gain} |"
    yield ""
    yield "| queries | right item kept | items returned, median | search_items p50 ms |"
    yield "|---|---|---|---|"
    for cut in cuts:
        kept = "-" if cut.kept != cut.kept else f"{cut.kept:.2f}"
        yield f"| {cut.queries} | {kept} | {cut.returned:.0f} | {cut.p50_ms:.1f} |"


def _gain(ours: Sequence[float], base: Sequence[float]) -> str:
    """The ratio of the means, with its 95% interval by bootstrap over the queries."""
    a, b = np.array(ours), np.array(base)
    rows = np.random.default_rng(0).integers(len(a), size=(2000, len(a)))
    ratios = a[rows].mean(axis=1) / np.maximum(b[rows].mean(axis=1), 1e-9)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return f"{a.mean() / b.mean() - 1:+.0%} ({low - 1:+.0%} to {high - 1:+.0%})"


def plot_retrieval(rows: Sequence[RetrievalRow], path: Path) -> None:
    """MRR with its interval, a panel a set of queries."""
    panels = {
        f"queries by {name}": [
            Bar(row.way, row.mrr, row.margin, "ours" in row.way) for row in reversed(rows) if row.queries == name
        ]
        for name in dict.fromkeys(row.queries for row in rows)
    }
    plot_bars(panels, "MRR", path, size=(5, 3))
