"""Short texts kept in Chroma and found by meaning: made once, whole or not at all, and never changed."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import chromadb
from chromadb.api.client import Client
from chromadb.errors import ChromaError, NotFoundError

from tools.index.chroma import Opened, client_of, writing
from tools.index.embed import Vectors
from tools.index.hnsw import HNSW
from tools.index.place import Place

_DATABASE = "chroma.sqlite3"


@dataclass(frozen=True)
class Note:
    """A text that is found by its meaning, and what is kept with it."""

    text: str
    body: str
    kind: str = ""
    group: str = ""


class NearestTexts(Opened):
    """Reads a collection of notes."""

    what = "The index of texts"

    def nearest(self, vector: Vectors, limit: int) -> list[Note]:
        """The notes whose texts are nearest to a vector of shape (dimensions,), best first.

        Raises:
            UnavailableError: Chroma can't be opened or does not answer.
        """
        with self._answering() as collection:
            found = collection.query(query_embeddings=vector[None], n_results=limit, include=["documents", "metadatas"])
        texts, kept = (found["documents"] or [[]])[0], (found["metadatas"] or [[]])[0]
        return [
            Note(text, str(meta["body"]), str(meta["kind"]), str(meta["group"]))
            for text, meta in zip(texts, kept, strict=True)
        ]


def has_texts(place: Place) -> bool:
    """Whether the collection was made.

    Raises:
        OSError: the disk is full.
        UnavailableError: the server does not answer.
    """
    if not place.url:
        return (place.folder / _DATABASE).exists()
    with writing(place, NearestTexts.what), suppress(NotFoundError):
        client_of(place).get_collection(place.collection, embedding_function=None)
        return True
    return False


def build_texts(place: Place, notes: Sequence[Note], vectors: Vectors) -> None:
    """Make the collection under another name and rename it; one that is there by then stays as it is.

    Args:
        vectors: of the notes' texts, shape (notes, dimensions).

    Raises:
        OSError: the disk is full.
        UnavailableError: Chroma can't write for another reason.
    """
    half = uuid.uuid4().hex[:8]
    with writing(place, NearestTexts.what):
        if place.url:
            _build_at_server(place, half, notes, vectors)
        else:
            _build_in_folder(place, half, notes, vectors)


def _build_at_server(place: Place, half: str, notes: Sequence[Note], vectors: Vectors) -> None:
    client = client_of(place)
    name = f"{place.collection}.{half}"
    collection = _filled(client, name, notes, vectors)
    try:
        collection.modify(name=place.collection)
    except ChromaError:
        client.delete_collection(name)
        if not has_texts(place):  # else another process was quicker
            raise


def _build_in_folder(place: Place, half: str, notes: Sequence[Note], vectors: Vectors) -> None:
    making = replace(place, folder=place.folder.with_name(f".{place.folder.name}.{half}"))
    try:
        client = client_of(making)
        try:
            _filled(client, place.collection, notes, vectors)
        finally:
            if isinstance(client, Client):
                client.close()  # or its files stay open under the name that they lose
        try:
            making.folder.replace(place.folder)
        except OSError:
            if not has_texts(place):  # else another process was quicker
                raise
    finally:
        shutil.rmtree(making.folder, ignore_errors=True)


def _filled(client: chromadb.api.ClientAPI, name: str, notes: Sequence[Note], vectors: Vectors) -> chromadb.Collection:
    collection = client.create_collection(name, embedding_function=None, configuration=HNSW.configuration)
    collection.add(
        ids=[str(row) for row in range(len(notes))],
        embeddings=vectors,
        documents=[note.text for note in notes],
        metadatas=[{"body": note.body, "kind": note.kind, "group": note.group} for note in notes],
    )
    return collection
