"""The dense index: item vectors in a Chroma collection, one per catalogue version, never changed once it is built.

Embedded, the collection has a folder of its own; at a server it has a name of its own. Either way the version that
is in service says which is read, so a new one is built beside the old one and takes its place at once.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.collection_configuration import CreateCollectionConfiguration
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError

from tools.data.catalogue import Positions
from tools.errors import UnavailableError
from tools.index.embed import Vectors
from tools.index.place import Place

BATCH = 2000
AUDITED, NEIGHBOURS = 1000, 10
"""How many items are looked for after a build, and among how many nearest each has to be itself."""
FULL = 100_000
"""In a larger index only what the sample misses is written again: to look for every item takes as long as the build."""
TWIN = 1e-6
"""Vectors this close are the same: of more twins than NEIGHBOURS, not each can be among the nearest."""
RETRY_S = 5.0
"""After a failure to open the index nobody waits for it again for so long."""
CONFIGURATION: CreateCollectionConfiguration = {
    "hnsw": {"space": "cosine", "ef_construction": 100, "max_neighbors": 16, "ef_search": 200}
}
_FAULTS = (ChromaError, httpx.HTTPError, RuntimeError, OSError, ValueError)
"""What Chroma raises where it does not work; at a server, also what its HTTP client does."""


def _client(place: Place) -> chromadb.api.ClientAPI:
    settings = Settings(anonymized_telemetry=False)
    if not place.url:
        return chromadb.PersistentClient(str(place.folder), settings=settings)
    parts = urlsplit(place.url)
    ssl = parts.scheme == "https"
    return chromadb.HttpClient(
        parts.hostname or "localhost", parts.port or (443 if ssl else 8000), ssl=ssl, settings=settings
    )


def build_dense(place: Place, vectors: Vectors, on_done: Callable[[int], None] | None = None) -> int:
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
        collection = _client(place).create_collection(
            place.collection, embedding_function=None, configuration=CONFIGURATION
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
    """Remove the collection, if it is there."""
    with suppress(NotFoundError), _written(place):
        _client(place).delete_collection(place.collection)


@contextmanager
def _written(place: Place) -> Iterator[None]:
    try:
        yield
    except NotFoundError:
        raise
    except _FAULTS as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        if "full" in str(error) or "No space left" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place)) from error
        way_out = "Start `chroma run`, or unset TASTEMAKER_CHROMA_URL." if place.url else "Ingest again."
        raise UnavailableError(f"The dense index at {place} can't be written ({error}).", way_out) from error


class DenseIndex:
    """Nearest items to a vector. Opens at the first use, and again after a server was away."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._opened: chromadb.Collection | None = None
        self._failed: tuple[float, UnavailableError] | None = None
        self._lock = Lock()

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

    @contextmanager
    def _answering(self) -> Iterator[chromadb.Collection]:
        collection = self._collection
        try:
            yield collection
        except _FAULTS as error:
            if self._place.url:
                self._opened = None  # the server may come back with other collections
            raise UnavailableError(f"The dense index does not answer ({error}).") from error

    @property
    def _collection(self) -> chromadb.Collection:
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> chromadb.Collection:
        if self._failed and time.monotonic() < self._failed[0] + RETRY_S:
            raise self._failed[1]
        try:
            return _client(self._place).get_collection(self._place.collection, embedding_function=None)
        except _FAULTS as error:
            way_out = "Is the server up? If it is, ingest again." if self._place.url else "Ingest again."
            failure = UnavailableError(f"The dense index at {self._place} can't be opened ({error}).", way_out)
            self._failed = time.monotonic(), failure
            raise failure from error
