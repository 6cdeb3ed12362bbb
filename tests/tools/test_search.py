"""search_items: what is about the query, nothing where nothing is, and words alone where the dense index is down."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contracts import ToolContract
from worlds import games

import tools.search
from tools.contract import Candidates, ToolResult, Wishes
from tools.data.versions import CatalogueHome, Version
from tools.index.dense import DenseIndex
from tools.search import SearchArguments, SearchItems
from tools.shelf import Shelf, open_shelf


class TestSearchContract(ToolContract):
    tool = SearchItems()
    calls = (SearchArguments(query="orchards"), SearchArguments(query='!?" OR 1'))


def search(shelf: Shelf, query: str, candidates: Candidates | None = None) -> ToolResult:
    everything = Candidates.everything(shelf.catalogue.size)
    return SearchItems().run(SearchArguments(query=query), shelf, Wishes(), candidates or everything)


def tastes(result: ToolResult) -> set[int]:
    """Which tastes were found: 0 war, 1 party, 2 farm."""
    return {int(position) % 3 for position in result.candidates.positions}


def best(result: ToolResult, count: int) -> ToolResult:
    """Only the most relevant."""
    order = np.argsort(-result.candidates.parts["text"], kind="stable")[:count]
    return ToolResult(result.candidates.take(order), result.summary)


@pytest.fixture
def copy(world_home: Path, tmp_path: Path) -> Version:
    """The version in service, to be broken."""
    folder = tmp_path / "version"
    shutil.copytree(CatalogueHome(world_home, "games").current().folder, folder)
    return Version(folder)


@pytest.fixture
def broken(shelf: Shelf, copy: Version) -> Shelf:
    """The shelf with a dense index that opened, and then went away."""
    dense = DenseIndex(copy.dense)
    dense._collection._client.delete_collection(dense._collection.name)
    return replace(shelf, dense=dense)


@pytest.fixture
def without(copy: Version) -> Iterator[Shelf]:
    """A shelf opened where the dense index is gone."""
    shutil.rmtree(copy.dense.folder)
    opened = open_shelf(copy)
    yield opened
    opened.close()


def test_finds_what_the_text_is_about_in_other_words(shelf: Shelf) -> None:
    found = best(search(shelf, "growing fruit trees"), 5)
    orchards = {n for n, game in enumerate(games()) if str(game["title"]).startswith("Orchard")}
    assert set(found.candidates.positions.tolist()) <= orchards
    assert len(found.candidates) == 5
    assert found.summary["by"] == "hybrid"


@pytest.mark.parametrize("query", ["quantum chromodynamics", "mortgage interest rates", "zzzz qqqq", "?!"])
def test_about_nothing_returns_nothing(shelf: Shelf, query: str) -> None:
    for some in (shelf, replace(shelf, dense=None)):
        result = search(some, query)
        assert len(result.candidates) == 0
        assert result.summary["after"] == 0


def test_few_candidates_and_many_are_scored_alike(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = search(shelf, "siege of a castle")
    monkeypatch.setattr(tools.search, "SMALL", 0)
    approximate = search(shelf, "siege of a castle")
    assert exact.candidates.positions.tolist() == approximate.candidates.positions.tolist()
    np.testing.assert_allclose(exact.candidates.parts["text"], approximate.candidates.parts["text"], atol=1e-5)


def test_only_among_the_candidates_in_their_order(shelf: Shelf) -> None:
    some = Candidates.everything(120).take(np.array([43, 2, 13, 0]))
    assert search(shelf, "karaoke", some).candidates.positions.tolist() == [43, 13]


def test_what_an_earlier_tool_said_is_kept(shelf: Shelf) -> None:
    scored = Candidates.everything(120).with_part("ease", np.arange(120, dtype=np.float32))
    left = search(shelf, "karaoke", scored).candidates
    assert left.parts["ease"].tolist() == left.positions.tolist()


def test_without_the_dense_index_words_are_searched(shelf: Shelf) -> None:
    result = search(replace(shelf, embedder=None, dense=None), "karaoke")
    singing = {n for n, game in enumerate(games()) if "Karaoke" in str(game["title"])}
    assert set(result.candidates.positions.tolist()) == singing
    assert result.summary["by"] == "lexical (The dense index is off.)"


@pytest.mark.parametrize("small", [0, 400], ids=["many candidates", "few candidates"])
def test_a_dense_index_that_does_not_answer_is_done_without(
    broken: Shelf, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools.search, "SMALL", small)
    result = search(broken, "karaoke nights")
    assert tastes(result) == {1}
    assert result.summary["by"].startswith("lexical (The dense index does not answer")


def test_a_dense_index_that_has_lost_items_is_done_without(shelf: Shelf, copy: Version) -> None:
    dense = DenseIndex(copy.dense)
    dense._collection.delete(ids=["4", "7"])
    result = search(replace(shelf, dense=dense), "karaoke")
    assert tastes(result) == {1}
    assert result.summary["by"] == "lexical (The dense index lacks 2 items.)"


def test_a_catalogue_opens_without_its_dense_index_and_says_so(without: Shelf) -> None:
    assert "dense index at" in without.degraded[0]
    assert "can't be opened" in without.degraded[0]
    result = search(without, "vineyards")
    assert tastes(result) == {2}
    assert result.summary["by"].startswith("lexical")


def test_the_best_match_by_words_scores_one(shelf: Shelf) -> None:
    scores = search(replace(shelf, dense=None), "vineyard of coral").candidates.parts["text"]
    assert scores.max() == pytest.approx(1.0)
    assert scores.min() > 0


def test_typing_errors_are_mended_and_said(shelf: Shelf) -> None:
    result = search(shelf, "karaokke")
    assert "karaok" in result.summary["read_as"]
    assert tastes(result) == {1}
    assert "read_as" not in search(shelf, "karaoke").summary


def test_names_are_found_by_their_words_though_no_meaning_is_near(shelf: Shelf) -> None:
    found = search(shelf, "Quill").candidates.positions.tolist()
    by_quill = {n for n, game in enumerate(games()) if game["designer"] == "Ada Quill"}
    assert by_quill <= set(found)


def test_a_vague_query_does_not_return_the_catalogue(shelf: Shelf) -> None:
    """Every item here is a game for some players; a query that all are near to narrows nothing."""
    assert len(search(shelf, "a game").candidates) < 60


@pytest.mark.parametrize("query", ["karaoke", "siege of a castle"])
@pytest.mark.parametrize("is_dense", [True, False], ids=["hybrid", "words alone"])
def test_what_a_filter_leaves_is_found_however_many_others_fit_as_well(
    shelf: Shelf, query: str, is_dense: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = shelf if is_dense else replace(shelf, dense=None)
    monkeypatch.setattr(tools.search, "SMALL", 0)
    everything = search(some, query).candidates
    last = everything.take(np.argsort(everything.parts["text"], kind="stable")[:2])  # the least relevant
    assert len(everything) > 4
    monkeypatch.setattr(tools.search, "NEAREST", 2)
    found = search(some, query, Candidates.everything(120).take(np.sort(last.positions)))
    assert found.candidates.positions.tolist() == np.sort(last.positions).tolist()
