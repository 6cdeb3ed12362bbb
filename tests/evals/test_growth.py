"""The bench of growth: real indexes at two small sizes, each in a process of its own."""

from __future__ import annotations

import numpy as np
import pytest

from evals.bench.growth import generated_vectors, measure_growth, table_of_growth
from tools.errors import BadInputError
from tools.index.hnsw import Hnsw


def test_each_size_is_built_asked_and_held_against_exact_search() -> None:
    heard: list[float] = []
    small, large = measure_growth([300, 1500], on_step=lambda _, share: heard.append(share))
    assert (small.items, large.items) == (300, 1500)
    assert small.lost == large.lost == 0
    assert min(small.recall, large.recall) >= 0.98
    assert large.disk_mb > small.disk_mb > 0
    assert min(large.build_s, large.p50_ms, large.wide_p50_ms, large.exact_p50_ms, large.build_mb) > 0
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    lines = list(table_of_growth([small, large]))
    assert len(lines) == 4
    assert "1,500" in lines[3]


def test_a_graph_that_looks_at_less_finds_less() -> None:
    blind, sharp = measure_growth([1500], graphs=[Hnsw(neighbours=2, build=2, search=2), Hnsw.read("16/100/200")])
    assert [blind.hnsw, sharp.hnsw] == ["2/2/2", "16/100/200"]
    assert blind.recall < sharp.recall


@pytest.mark.parametrize("text", ["", "16/100", "a/b/c", "1/100/200", "16/100/0"])
def test_a_graph_that_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadInputError, match="such as 16/100/200"):
        Hnsw.read(text)


def test_generated_vectors_are_seeded_unit_and_of_one_kind() -> None:
    one, again, other = generated_vectors(200, 1), generated_vectors(200, 1), generated_vectors(200, 2)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-5)
    nearest = (one @ other.T).max(axis=1)
    assert nearest.mean() > 0.3, "both around the same centres"
