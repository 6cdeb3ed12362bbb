"""Peers in a process of their own. The real libraries run where `bench recommenders --peers` has installed them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from recommenders import tastes
from scipy.sparse import csr_matrix

from agent.settings import load_settings
from evals.bench.peers.environment import peers_python
from evals.bench.peers.held import held_bytes
from evals.bench.peers.peer import NAMES, Peer, peers
from tools.errors import UnavailableError
from tools.models.contract import History

STUB = """
import json, sys
for line in sys.stdin:
    order = json.loads(line)
    if "fit" in order:
        print(json.dumps({"bytes": 3 * 2**20}))
    elif order["ask"] == [13]:
        print(json.dumps({"error": "KeyError: 13"}))
    elif order["ask"] == [14]:
        sys.exit(3)
    else:
        print(json.dumps({"found": [5, 6], "ms": 250.0}))
    sys.stdout.flush()
"""


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[Peer]:
    """A worker that answers by rote: the faults can't be had from the libraries at will."""
    script = tmp_path / "stub.py"
    script.write_text(STUB)
    peer = Peer("lenskit-als", Path(sys.executable))
    peer._command[1] = str(script)
    peer.fit(tastes())
    yield peer
    peer.close()


def test_the_librarys_own_time_counts_not_the_way_there(stub: Peer) -> None:
    assert stub.ask(History((1, 2)), None).tolist() == [5, 6]
    assert stub.last_s == 0.25
    assert stub.megabytes() == 3


def test_the_memory_of_a_model_is_that_of_its_arrays_each_counted_once() -> None:
    class Model:
        __slots__ = ("matrix",)

        def __init__(self) -> None:
            self.matrix = csr_matrix(np.eye(10, dtype=np.float32))

    vectors = np.zeros((100, 8), dtype=np.float32)
    holder = {"a": [vectors, Model()], "again": vectors, "module": torch.nn.Linear(4, 2)}
    parts = csr_matrix(np.eye(10, dtype=np.float32))
    sparse = parts.data.nbytes + parts.indices.nbytes + parts.indptr.nbytes
    assert held_bytes(holder) == 100 * 8 * 4 + sparse + (4 * 2 + 2) * 4


@pytest.mark.parametrize(("item", "said"), [(13, "KeyError: 13"), (14, "it ended")])
def test_a_peer_that_fails_is_named_with_the_way_out(stub: Peer, item: int, said: str) -> None:
    with pytest.raises(UnavailableError, match=rf"LensKit ALS failed: {said} Leave --peers out\."):
        stub.ask(History((item,)), None)


def test_nothing_is_asked_that_it_does_not_know_how_to_answer(stub: Peer) -> None:
    assert not len(stub.ask(History(), None))
    assert not len(stub.ask(History((1,)), np.array([3])))


def test_the_sequential_one_comes_only_when_asked_for() -> None:
    assert {p.name for p in peers(Path("python"), True)} - {p.name for p in peers(Path("python"), False)} == {
        "RecTools SASRec"
    }


@pytest.mark.parametrize("key", [key for key in NAMES if key != "rectools-sasrec"])
def test_the_real_libraries_recommend_what_is_new(key: str) -> None:
    home = load_settings().home
    if not (home / "peers" / "complete").exists():
        pytest.skip("the peers are not installed: run `tastemaker bench recommenders --peers`")
    peer = Peer(key, peers_python(home))
    try:
        peer.fit(tastes())
        found = peer.ask(History((0, 3, 10_000)), None)
        assert len(set(found.tolist()) - {0, 3}) == len(found) >= 5
        if not key.endswith("als"):  # 64 factors of 45 people are noise
            assert (found[:5] % 3 == 0).sum() >= 4
    finally:
        peer.close()
