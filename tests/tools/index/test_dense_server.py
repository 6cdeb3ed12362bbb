"""The dense index at a real Chroma server: by URL like in a folder, and again after the server was away."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import chromadb
import numpy as np
import pytest
from worlds import write_world

import tools.index.chroma
from tools.data.ingest import Sources, ingest
from tools.data.versions import CatalogueHome
from tools.errors import UnavailableError
from tools.index.dense import DenseIndex, build_dense, drop_dense
from tools.index.place import Place
from tools.index.texts import NearestTexts, Note, build_texts, has_texts
from tools.shelf import open_shelf

CHROMA = str(Path(sys.executable).parent / "chroma")


class Server:
    """`chroma run` over one folder; may be stopped and started again on its port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [CHROMA, "run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("chroma run did not come up")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def collections(self) -> set[str]:
        client = chromadb.HttpClient("127.0.0.1", self.port)
        return {collection.name for collection in client.list_collections()}


def _build_and_fail(home: CatalogueHome) -> None:
    with home.building("schema") as version:
        build_dense(version.dense, np.ones((2, 3), dtype=np.float32))
        raise ZeroDivisionError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "chroma")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def vectors() -> np.ndarray:
    raw = np.random.default_rng(0).normal(size=(300, 384))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


def test_a_server_finds_what_a_folder_finds(server: Server, vectors: np.ndarray, tmp_path: Path) -> None:
    here, there = Place(tmp_path / "here"), Place(tmp_path, "games-1", server.url)
    for place in (here, there):
        assert build_dense(place, vectors) == 0
    one, other = DenseIndex(here).nearest(vectors[4], 300), DenseIndex(there).nearest(vectors[4], 300)
    np.testing.assert_array_equal(one[0][:10], other[0][:10])
    np.testing.assert_allclose(one[1][:10], other[1][:10], atol=1e-5)
    np.testing.assert_allclose(
        DenseIndex(there).similarity(vectors[4], np.array([7, 2])), vectors[[7, 2]] @ vectors[4], atol=1e-5
    )
    drop_dense(there)
    drop_dense(there)
    assert server.collections() == set()


def test_after_the_server_was_away_search_by_meaning_comes_back(
    server: Server, vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, "games-1", server.url)
    build_dense(place, vectors)
    dense = DenseIndex(place)
    assert dense.nearest(vectors[4], 1)[0].tolist() == [4]
    server.stop()
    with pytest.raises(UnavailableError, match="does not answer"):
        dense.nearest(vectors[4], 1)
    with pytest.raises(UnavailableError, match=r"can't be opened .+ Is the server up\?"):
        dense.nearest(vectors[4], 1)
    server.start()
    monkeypatch.setattr(tools.index.chroma, "RETRY_S", 0.0)
    assert dense.nearest(vectors[4], 1)[0].tolist() == [4]


def test_a_catalogue_lives_at_the_server_each_version_under_its_own_name(server: Server, tmp_path: Path) -> None:
    home = CatalogueHome(tmp_path / "home", "games", server.url)
    items, plays = write_world(tmp_path)
    names = []
    for _ in range(3):
        ingest(Sources(items, plays), home)
        names.append(home.current().dense.collection)
    assert server.collections() == set(names[1:]), "the one before stays for those who still read it"
    assert not (home.current().folder / "chroma").exists()
    shelf = open_shelf(home.current())
    assert shelf.degraded == ()
    shelf.close()
    with pytest.raises(ZeroDivisionError):
        _build_and_fail(home)
    assert server.collections() == set(names[1:]), "a build that fails leaves nothing"


def test_a_server_that_is_not_there_is_said_with_the_way_out(tmp_path: Path) -> None:
    place = Place(tmp_path, "games-1", "http://127.0.0.1:9")
    with pytest.raises(UnavailableError, match=r"http://127.0.0.1:9 .+ Start `chroma run`, or unset TASTEMAKER_CHROMA"):
        build_dense(place, np.ones((2, 3), dtype=np.float32))


def test_texts_are_kept_beside_a_version_and_go_with_it(server: Server, tmp_path: Path) -> None:
    version = Place(tmp_path, "games-1", server.url)
    place, notes = version.beside("texts"), [Note(f"text {row}", "body") for row in range(3)]
    assert not has_texts(place)
    for _ in range(2):  # the second comes too late, and leaves nothing of its own
        build_texts(place, notes, np.eye(3, dtype=np.float32))
    assert server.collections() == {"games-1.texts"}
    assert has_texts(place)
    assert NearestTexts(place).nearest(np.eye(3, dtype=np.float32)[1], 1) == [notes[1]]
    drop_dense(Place(tmp_path, "games-11", server.url))
    assert server.collections() == {"games-1.texts"}
    drop_dense(version)
    assert server.collections() == set()
