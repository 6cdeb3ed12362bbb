"""BM25 over the items' text, however the query is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import tiny_catalogue, tiny_schema

from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec
from tools.index.lexical import match_all, read_query, search_lexical

ROWS = [
    {"about": "A lighthouse keeper and the sea."},
    {"about": "Lighthouses, lighthouses, and more lighthouses."},
    {"about": "The café by the river, in Malmö."},
    {"about": "O'Brien's last straw; don't look."},
    {"about": "Straße und Meer.", "kinds": ["Sea story", "Travel"]},
    {},
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    schema = tiny_schema(
        FieldSpec(name="about", type="text", role="description"), FieldSpec(name="kinds", type="categories")
    )
    with tiny_catalogue(tmp_path_factory.mktemp("lexical"), schema, ROWS) as opened:
        yield opened


def found(catalogue: Catalogue, query: str) -> set[int]:
    return set(search_lexical(catalogue, read_query(catalogue, query), 10)[0].tolist())


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("lighthouse", {0, 1}),
        ("LIGHTHOUSES", {0, 1}),
        ("sea", {0, 4}),
        ("cafe", {2}),
        ("CAFÉ", {2}),
        (unicodedata.normalize("NFD", "café"), {2}),
        ("malmo", {2}),
        ("O'Brien", {3}),
        ("o’brien", {3}),
        ("don't", {3}),
        ("straße", {4}),
        ("travel & rivers", {2, 4}),
        ("item 5", {0, 1, 2, 3, 4, 5}),
        ("", set()),
        ("?!", set()),
        ("& - '", set()),
        ("helicopter", set()),
    ],
)
def test_words_are_found_however_they_are_written(catalogue: Catalogue, query: str, positions: set[int]) -> None:
    assert found(catalogue, query) == positions


def test_the_best_come_first(catalogue: Catalogue) -> None:
    positions, scores = search_lexical(catalogue, read_query(catalogue, "lighthouses by the sea"), 10)
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert (scores > 0).all()
    assert len(positions) == len(scores)
    assert search_lexical(catalogue, read_query(catalogue, "more lighthouses"), 10)[0][0] == 1


@pytest.mark.parametrize(("typed", "read"), [("lighthuse", {0, 1}), ("helicoptre", set()), ("see", set())])
def test_typing_errors_are_read_as_the_likest_word_that_is_there(
    catalogue: Catalogue, typed: str, read: set[int]
) -> None:
    assert found(catalogue, typed) == read


def test_every_telling_word_has_to_be_there(catalogue: Catalogue) -> None:
    def both(query: str) -> set[int]:
        return set(match_all(catalogue, read_query(catalogue, query), 10).tolist())

    assert both("sea story") == {4}
    assert both("story river") == set()
    assert both("story helicopter") == set(), "a word that nothing has can't be left out"
    assert both("item") == set(), "all have it, so it tells nothing"
    assert both("") == set()


def test_no_more_than_asked_for(catalogue: Catalogue) -> None:
    assert len(search_lexical(catalogue, read_query(catalogue, "item"), 2)[0]) == 2


@pytest.mark.parametrize("query", ["sea*", '"sea', "NOT sea", "sea AND", "body:sea", "(sea", "sea^2", "sea\x00"])
def test_the_query_language_of_the_index_is_not_spoken(catalogue: Catalogue, query: str) -> None:
    assert found(catalogue, query) >= {0, 4}


def test_operators_are_words(catalogue: Catalogue) -> None:
    assert found(catalogue, "lighthouse NOT sea") == {0, 1, 4}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_query_breaks_it(catalogue: Catalogue, query: str) -> None:
    search_lexical(catalogue, read_query(catalogue, query), 10)


def test_what_is_not_a_candidate_takes_no_place(catalogue: Catalogue) -> None:
    words, some = read_query(catalogue, "item"), np.array([3, 4])
    assert set(search_lexical(catalogue, words, 2, some)[0].tolist()) == {3, 4}
    words = read_query(catalogue, "sea")
    assert match_all(catalogue, words, 1, np.array([4])).tolist() == [4]
    assert match_all(catalogue, words, 1, np.array([2])).tolist() == []
