"""The dense index: item vectors in an embedded Chroma collection, one per catalogue version, never changed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import chromadb
import numpy as np
from chromadb.api.collection_configuration import CreateCollectionConfiguration
from chromadb.config import Settings
from chromadb.errors import ChromaError

from tools.data.catalogue import Positions
from tools.errors import UnavailableError
from tools.index.embed import Vectors

COLLECTION = "items"
BATCH = 2000
CONFIGURATION: CreateCollectionConfiguration = {
    "hnsw": {"space": "cosine", "ef_construction": 100, "max_neighbors": 16, "ef_search": 200}
}


def _client(folder: Path) -> chromadb.api.ClientAPI:
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def build_dense(folder: Path, vectors: Vectors, on_done: Callable[[int], None] | None = None) -> None:
    """Write vectors of shape (items, dimensions) as a new collection; row i is the item at position i.

    Raises:
        OSError: the disk is full.
        UnavailableError: Chroma can't write for another reason.
    """
    try:
        collection = _client(folder).create_collection(COLLECTION, embedding_function=None, configuration=CONFIGURATION)
        for start in range(0, len(vectors), BATCH):
            part = vectors[start : start + BATCH]
            collection.add(ids=[str(start + i) for i in range(len(part))], embeddings=part)
            if on_done:
                on_done(start + len(part))
    except ChromaError as error:
        if "full" in str(error) or "No space left" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error
        raise UnavailableError(f"The dense index can't be written ({error}).", "Ingest again.") from error


class DenseIndex:
    """Nearest items to a vector."""

    def __init__(self, folder: Path) -> None:
        try:
            self._collection = _client(folder).get_collection(COLLECTION, embedding_function=None)
        except (ChromaError, ValueError) as error:
            raise UnavailableError(f"The dense index can't be opened ({error}).", "Ingest again.") from error

    def nearest(self, vector: Vectors, limit: int) -> tuple[Positions, Vectors]:
        """Positions and cosine similarities of the items nearest to a vector of shape (dimensions,), best first.

        Raises:
            UnavailableError: Chroma does not answer.
        """
        try:
            found = self._collection.query(query_embeddings=vector[None], n_results=limit, include=["distances"])
        except (ChromaError, RuntimeError, OSError) as error:
            raise UnavailableError(f"The dense index does not answer ({error}).") from error
        distances = (found["distances"] or [[]])[0]
        positions = np.array([int(i) for i in found["ids"][0]], dtype=np.int64)
        return positions, 1 - np.asarray(distances, dtype=np.float32)

    def similarity(self, vector: Vectors, positions: Positions) -> Vectors:
        """Exact cosine similarities of the items at some positions, in that order.

        Raises:
            UnavailableError: Chroma does not answer, or has lost one of them.
        """
        if not len(positions):
            return np.empty(0, dtype=np.float32)
        try:
            found = self._collection.get(ids=[str(p) for p in positions], include=["embeddings"])
        except (ChromaError, RuntimeError, OSError) as error:
            raise UnavailableError(f"The dense index does not answer ({error}).") from error
        rows = {int(key): row for row, key in enumerate(found["ids"])}
        matrix = np.asarray(found["embeddings"], dtype=np.float32)
        lost = [position for position in positions if int(position) not in rows]
        if lost:
            raise UnavailableError(f"The dense index lacks {len(lost)} items.", "Ingest again.")
        order = [rows[int(position)] for position in positions]
        return np.asarray(matrix[order] @ vector, dtype=np.float32)
