"""What everything kept in Chroma shares: how it is reached, what goes wrong, and that a server may come back."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import ClassVar
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError

from tools.errors import UnavailableError
from tools.index.place import Place

RETRY_S = 5.0
"""After a failure to open a collection nobody waits for it again for so long."""
FAULTS = (ChromaError, httpx.HTTPError, RuntimeError, OSError, ValueError)
"""What Chroma raises where it does not work; at a server, also what its HTTP client does."""


def client_of(place: Place) -> chromadb.api.ClientAPI:
    """A client of the folder or of the server."""
    settings = Settings(anonymized_telemetry=False)
    if not place.url:
        return chromadb.PersistentClient(str(place.folder), settings=settings)
    parts = urlsplit(place.url)
    ssl = parts.scheme == "https"
    return chromadb.HttpClient(
        parts.hostname or "localhost", parts.port or (443 if ssl else 8000), ssl=ssl, settings=settings
    )


@contextmanager
def writing(place: Place, what: str) -> Iterator[None]:
    """Says in one way what goes wrong while `what` is written.

    Raises:
        OSError: the disk is full.
        UnavailableError: Chroma can't write for another reason.
    """
    try:
        yield
    except NotFoundError:
        raise
    except FAULTS as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        if "full" in str(error) or "No space left" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place)) from error
        way_out = "Start `chroma run`, or unset TASTEMAKER_CHROMA_URL." if place.url else "Ingest again."
        raise UnavailableError(f"{what} at {place} can't be written ({error}).", way_out) from error


class Opened:
    """A collection that is read. Opens at the first use, and again after a server was away."""

    what: ClassVar[str]
    """What it holds, as an error says it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._opened: chromadb.Collection | None = None
        self._failed: tuple[float, UnavailableError] | None = None
        self._lock = Lock()

    @contextmanager
    def _answering(self) -> Iterator[chromadb.Collection]:
        collection = self._collection
        try:
            yield collection
        except FAULTS as error:
            if self._place.url:
                self._opened = None  # the server may come back with other collections
            raise UnavailableError(f"{self.what} does not answer ({error}).") from error

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
            return client_of(self._place).get_collection(self._place.collection, embedding_function=None)
        except FAULTS as error:
            way_out = "Is the server up? If it is, ingest again." if self._place.url else "Ingest again."
            failure = UnavailableError(f"{self.what} at {self._place} can't be opened ({error}).", way_out)
            self._failed = time.monotonic(), failure
            raise failure from error
