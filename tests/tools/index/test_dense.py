"""The dense index held against exact search, and what it says when it is not there."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import chromadb
import chromadb.errors
import numpy as np
import numpy.typing as npt
import pytest

import tools.index.dense
from tools.errors import UnavailableError
from tools.index.dense import DenseIndex, build_dense, unreachable
from tools.index.place import Place

SIZE, CLUSTERS, DIMENSIONS = 2000, 40, 384
Matrix = npt.NDArray[np.float32]


def unit(rows: npt.NDArray[Any]) -> Matrix:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def vectors() -> Matrix:
    """Clustered, as texts are."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLUSTERS, DIMENSIONS))
    return unit(centres[rng.integers(CLUSTERS, size=SIZE)] + 0.6 * rng.normal(size=(SIZE, DIMENSIONS)))


@pytest.fixture(scope="module")
def queries(vectors: Matrix) -> Matrix:
    rng = np.random.default_rng(1)
    return unit(vectors[rng.integers(SIZE, size=100)] + 0.03 * rng.normal(size=(100, DIMENSIONS)))


@pytest.fixture(scope="module")
def place(vectors: Matrix, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("dense"))
    build_dense(place, vectors)
    return place


@pytest.fixture(scope="module")
def dense(place: Place) -> DenseIndex:
    return DenseIndex(place)


def test_the_nearest_are_the_nearest(dense: DenseIndex, vectors: Matrix, queries: Matrix) -> None:
    hits = 0
    for query in queries:
        found, _ = dense.nearest(query, 10)
        hits += len(set(found.tolist()) & set(np.argsort(-(vectors @ query))[:10].tolist()))
    assert hits / (10 * len(queries)) >= 0.98


def test_nearness_is_the_cosine_best_first(dense: DenseIndex, vectors: Matrix, queries: Matrix) -> None:
    positions, scores = dense.nearest(queries[0], 50)
    np.testing.assert_allclose(scores, vectors[positions] @ queries[0], atol=1e-5)
    assert (np.diff(scores) <= 1e-6).all()
    assert len(positions) == len(set(positions.tolist())) == 50


def test_everything_can_be_asked_for(dense: DenseIndex, queries: Matrix) -> None:
    for limit in (SIZE, SIZE + 1000):
        positions, _ = dense.nearest(queries[0], limit)
        assert sorted(positions.tolist()) == list(range(SIZE))


def test_similarity_is_exact_and_in_the_order_asked(dense: DenseIndex, vectors: Matrix, queries: Matrix) -> None:
    positions = np.array([1999, 0, 7, 500])
    np.testing.assert_allclose(dense.similarity(queries[0], positions), vectors[positions] @ queries[0], atol=1e-6)
    assert dense.similarity(queries[0], np.array([], dtype=np.int64)).shape == (0,)


def test_an_item_that_it_has_lost_is_said(dense: DenseIndex, queries: Matrix) -> None:
    with pytest.raises(UnavailableError, match="lacks 1 items"):
        dense.similarity(queries[0], np.array([3, SIZE]))


def test_progress_ends_with_all(tmp_path: Path, vectors: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.index.dense, "BATCH", 20)
    heard: list[int] = []
    build_dense(Place(tmp_path), vectors[:50], heard.append)
    assert heard == [20, 40, 50]
    assert sorted(DenseIndex(Place(tmp_path)).nearest(vectors[0], 50)[0].tolist()) == list(range(50))


def _make(folder: Path, kind: str) -> Path:
    if kind == "a folder that is not there":
        return folder / "nothing"
    place = folder / "chroma"
    if kind == "a file":
        place.write_text("x")
    else:
        place.mkdir()
        (place / "chroma.sqlite3").write_bytes(b"" if kind == "an empty database" else b"garbage" * 1000)
    return place


@pytest.mark.parametrize("kind", ["a folder that is not there", "a file", "an empty database", "a corrupt database"])
def test_what_is_no_index_is_refused_with_the_way_out(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UnavailableError, match=r"The dense index at .+ can't be opened .+ Ingest again\."):
        DenseIndex(Place(_make(tmp_path, kind))).nearest(np.ones(3, dtype=np.float32), 1)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("error returned from database: (code: 13) database or disk is full", OSError),
        ("No space left on device (os error 28)", OSError),
        ("something else", UnavailableError),
    ],
)
def test_a_full_disk_is_told_from_other_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: type[Exception]
) -> None:
    def fail(_place: Place) -> None:
        raise chromadb.errors.InternalError(said)

    monkeypatch.setattr(tools.index.dense, "client_of", fail)
    with pytest.raises(expected) as caught:
        build_dense(Place(tmp_path), np.zeros((1, 3), dtype=np.float32))
    if isinstance(caught.value, OSError):
        assert caught.value.errno == errno.ENOSPC


def test_the_audit_finds_what_the_index_does_not_reach(vectors: Matrix, tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert build_dense(place, vectors[:200]) == 0
    collection = DenseIndex(place)._collection
    collection.delete(ids=["5", "17"])
    assert unreachable(collection, vectors[:200], np.arange(200)).tolist() == [5, 17]


def test_what_is_not_reached_is_written_again(vectors: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph falls apart too rarely to wait for it: two items are added far from where they belong."""
    place, added = Place(tmp_path), chromadb.Collection.add

    def misplace(self: chromadb.Collection, ids: list[str], embeddings: Matrix) -> None:
        wrong = embeddings.copy()
        wrong[[3, 9]] *= -1
        added(self, ids=ids, embeddings=wrong)

    monkeypatch.setattr(chromadb.Collection, "add", misplace)
    assert build_dense(place, vectors[:200]) == 0
    dense = DenseIndex(place)
    for row in (3, 9):
        assert dense.nearest(vectors[row], 1)[0].tolist() == [row]


def test_twins_do_not_count_as_lost(tmp_path: Path) -> None:
    same = np.tile(unit(np.ones((1, 8))), (50, 1))
    assert build_dense(Place(tmp_path), same) == 0
