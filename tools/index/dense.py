"""The dense index: item vectors in a Chroma collection, one per catalogue version, never changed once it is built.

Embedded, the collection has a folder of its own; at a server it has a name of its own. Either way the version that
is in service says which is read, so a new one is built beside the old one and takes its place at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

import chromadb
import numpy as np
from chromadb.errors import NotFoundError

from tools.data.catalogue import Positions
from tools.errors import UnavailableError
from tools.index.chroma import Opened, client_of, writing
from tools.index.embed import Vectors
from tools.index.hnsw import HNSW, Hnsw
from tools.index.place import Place

BATCH = 2000
AUDITED, NEIGHBOURS = 1000, 10
"""How many items are looked for after a build, and among how many nearest each has to be itself."""
FULL = 100_000
"""In a larger index only what the sample misses is written again: to look for every item takes as long as the build."""
TWIN = 1e-6
"""Vectors this close are the same: of more twins than NEIGHBOURS, not each can be among the nearest."""


def build_dense(place: Place, vectors: Vectors, on_done: Callable[[int], None] | None = None, hnsw: Hnsw = HNSW) -> int:
    """Write vectors of shape (items, dimensions) as a new collection; row i is the item at position i.

    Afterwards AUDITED items are looked for by their own vectors. If one is not found, as happens where the graph of
    neighbours falls apart, all are (up to FULL), and those that are not are written again.

    Returns:
        How many items can't be found even so; in a larger index, as many as the sample lets expect.

    Raises:
        OSError: the disk is full.
        UnavailableError: Chroma can't write for another reason.
    """
    with _written(place):
        collection = client_of(place).create_collection(
            place.collection, embedding_function=None, configuration=hnsw.configuration
        )
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        with _written(place):
            collection.add(ids=[str(start + i) for i in range(len(part))], embeddings=part)
        if on_done:
            on_done(start + len(part))
    with _written(place):
        return _mend(collection, vectors)


def _mend(collection: chromadb.Collection, vectors: Vectors) -> int:
    """Write again what is not reached; how many items are not reached even so."""
    rows = np.sort(np.random.default_rng(0).permutation(len(vectors))[:AUDITED])
    lost = unreachable(collection, vectors, rows)
    if len(lost) and len(vectors) <= FULL:
        rows = np.arange(len(vectors))
        lost = unreachable(collection, vectors, rows)
    if not len(lost):
        return 0
    collection.update(ids=[str(row) for row in lost], embeddings=vectors[lost])
    share = len(lost) / len(rows) if len(vectors) > FULL else 0.0
    return len(unreachable(collection, vectors, lost)) + round(share * (len(vectors) - len(rows)))


def unreachable(collection: chromadb.Collection, vectors: Vectors, rows: Positions) -> Positions:
    """Which of these items are not among the nearest to their own vectors."""
    lost = []
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        found = collection.query(query_embeddings=vectors[some], n_results=NEIGHBOURS, include=["distances"])
        for row, ids, distances in zip(some, found["ids"], found["distances"] or [], strict=True):
            if str(row) not in ids and (not distances or distances[-1] > TWIN):
                lost.append(row)
    return np.array(lost, dtype=np.int64)


def drop_dense(place: Place) -> None:
    """Remove the collection, if it is there, and what was kept for the same version beside it (see `Place.beside`)."""
    with suppress(NotFoundError), _written(place):
        client = client_of(place)
        names = [collection.name for collection in client.list_collections()]
        for name in names:
            if name == place.collection or name.startswith(f"{place.collection}."):
                client.delete_collection(name)


def _written(place: Place) -> AbstractContextManager[None]:
    return writing(place, DenseIndex.what)


class DenseIndex(Opened):
    """Nearest items to a vector."""

    what = "The dense index"

    def nearest(self, vector: Vectors, limit: int) -> tuple[Positions, Vectors]:
        """Positions and cosine similarities of the items nearest to a vector of shape (dimensions,), best first.

        Raises:
            UnavailableError: Chroma can't be opened or does not answer.
        """
        with self._answering() as collection:
            found = collection.query(query_embeddings=vector[None], n_results=limit, include=["distances"])
        distances = (found["distances"] or [[]])[0]
        positions = np.array([int(i) for i in found["ids"][0]], dtype=np.int64)
        return positions, 1 - np.asarray(distances, dtype=np.float32)

    def similarity(self, vector: Vectors, positions: Positions) -> Vectors:
        """Exact cosine similarities of the items at some positions, in that order.

        Raises:
            UnavailableError: Chroma can't be opened, does not answer, or has lost one of them.
        """
        if not len(positions):
            return np.empty(0, dtype=np.float32)
        with self._answering() as collection:
            found = collection.get(ids=[str(p) for p in positions], include=["embeddings"])
        rows = {int(key): row for row, key in enumerate(found["ids"])}
        matrix = np.asarray(found["embeddings"], dtype=np.float32)
        lost = [position for position in positions if int(position) not in rows]
        if lost:
            raise UnavailableError(f"The dense index lacks {len(lost)} items.", "Ingest again.")
        order = [rows[int(position)] for position in positions]
        return np.asarray(matrix[order] @ vector, dtype=np.float32)
