"""What growth costs: the dense index at several sizes, each built, opened and asked in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from evals.bench.timing import timed
from tools.index.dense import DenseIndex, build_dense
from tools.index.embed import Vectors
from tools.index.hnsw import HNSW, Hnsw
from tools.index.place import Place
from tools.progress import OnStep, silent
from tools.search import NEAREST

DIMENSIONS, LATENT = 384, 48
"""Vectors as texts have them: 384 numbers that a few dozen hidden ones decide."""
QUERIES, TOP = 200, 10
_CHUNK = 50_000
T = TypeVar("T")


@dataclass(frozen=True)
class Growth:
    """One size and one graph of neighbours."""

    items: int
    hnsw: str
    build_s: float
    lost: int
    """Items that can't be found after the build."""
    recall: float
    """Of the TOP nearest by exact search, the share that the index finds."""
    p50_ms: float
    wide_p50_ms: float
    """When NEAREST are asked for, as search_items does."""
    exact_p50_ms: float
    """One matrix-vector product over all vectors in memory, and its TOP best."""
    build_mb: float
    """The building process at its largest, the vectors given to it included."""
    open_mb: float
    """What a process that opens the index and asks it grows by."""
    disk_mb: float


def generated_vectors(count: int, seed: int, map_seed: int = 0) -> Vectors:
    """Unit vectors of shape (count, DIMENSIONS) around a few hundred centres, from LATENT hidden numbers each."""
    shared, rng = np.random.default_rng(map_seed), np.random.default_rng((map_seed, seed))
    centres = shared.normal(size=(300, LATENT)).astype(np.float32)
    widen = shared.normal(size=(LATENT, DIMENSIONS)).astype(np.float32) / np.float32(np.sqrt(LATENT))
    vectors = np.empty((count, DIMENSIONS), dtype=np.float32)
    for begin in range(0, count, _CHUNK):
        some = min(_CHUNK, count - begin)
        hidden = centres[rng.integers(len(centres), size=some)] + rng.normal(size=(some, LATENT)).astype(np.float32)
        rows = np.tanh(hidden @ widen) + rng.normal(0, 0.1, (some, DIMENSIONS)).astype(np.float32)
        vectors[begin : begin + some] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors


def measure_growth(
    sizes: Sequence[int], seed: int = 0, on_step: OnStep = silent, graphs: Sequence[Hnsw] = (HNSW,)
) -> Iterator[Growth]:
    """One size after the other, each with every graph; the work grows a little faster than the sizes do."""
    total, done = sum(sizes) * len(graphs), 0
    for size, hnsw in product(sizes, graphs):
        on_step(f"{size:,} items", done / total)
        with tempfile.TemporaryDirectory() as scratch:
            place = Place(Path(scratch))
            build_s, lost, build_mb = _alone(_build, place, size, seed, hnsw)
            asked = _alone(_ask, place, size, seed)
            disk = sum(file.stat().st_size for file in place.folder.rglob("*") if file.is_file()) / 2**20
        done += size
        on_step(f"{size:,} items", done / total)
        yield Growth(size, str(hnsw), build_s, lost, *asked[:-1], build_mb, asked[-1], disk)


def table_of_growth(rows: Sequence[Growth]) -> Iterator[str]:
    """A Markdown table."""
    yield "| items | HNSW | build s | not reached | recall@10 | p50 ms | p50 ms, 1,000 wanted | exact p50 ms | build MB | open MB | disk MB |"  # noqa: E501
    yield "|---:|" + "---:|" * 10
    for row in rows:
        yield (
            f"| {row.items:,} | {row.hnsw} | {row.build_s:.1f} | {row.lost} | {row.recall:.3f} | {row.p50_ms:.2f} "
            f"| {row.wide_p50_ms:.2f} | {row.exact_p50_ms:.2f} | {row.build_mb:,.0f} | {row.open_mb:,.0f} "
            f"| {row.disk_mb:,.0f} |"
        )


def _alone(work: Callable[..., T], *arguments: object) -> T:
    """In a fresh process, so that memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _build(place: Place, size: int, seed: int, hnsw: Hnsw) -> tuple[float, int, float]:
    vectors = generated_vectors(size, seed)
    began = time.perf_counter()
    lost = build_dense(place, vectors, hnsw=hnsw)
    return time.perf_counter() - began, lost, _largest_mb()


def _ask(place: Place, size: int, seed: int) -> tuple[float, float, float, float, float]:
    """Recall, the three medians, and the growth in memory; the exact search comes last, since it needs the vectors."""
    queries = generated_vectors(QUERIES, seed + 1)
    before, dense = _largest_mb(), DenseIndex(place)
    dense.nearest(queries[0], TOP)
    found, narrow = timed(lambda query: dense.nearest(query, TOP)[0], queries)
    _, wide = timed(lambda query: dense.nearest(query, min(NEAREST, size))[0], queries)
    open_mb = _largest_mb() - before
    vectors = generated_vectors(size, seed)
    with threadpool_limits(1, "blas"):  # as the agent does
        exact, plain = timed(lambda query: _exact(vectors, query), queries)
    hits = [len(set(one.tolist()) & set(other.tolist())) / TOP for one, other in zip(found, exact, strict=True)]
    return float(np.mean(hits)), narrow, wide, plain, open_mb


def _exact(vectors: Vectors, query: Vectors) -> Vectors:
    cosines = vectors @ query
    return np.argpartition(-cosines, TOP - 1)[:TOP]  # type: ignore[return-value]


def _largest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
