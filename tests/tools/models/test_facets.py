"""Facets against cosines worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
from tiny import tiny_catalogue, tiny_schema

from tools.data.schema import SMALL_VOCABULARY, FieldSpec
from tools.models.facets import Facets
from tools.shelf import Shelf

KINDS = FieldSpec(name="kinds", type="categories")
ROWS = [{"kinds": ["a", "b"]}, {"kinds": ["a"]}, {"kinds": ["b", "c"]}, {"kinds": ["c"]}, {}]


@pytest.fixture(scope="module")
def facets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facets]:
    with tiny_catalogue(tmp_path_factory.mktemp("facets"), tiny_schema(KINDS), ROWS) as catalogue:
        yield Facets(catalogue)


def test_likeness_is_the_cosine_of_what_is_shared(facets: Facets) -> None:
    weight = log(5 / 2) + 0.1  # each of a, b and c is had by 2 of 5
    length = sqrt(2) * weight
    half = weight * weight / (length * length)
    assert facets.score([0]) == pytest.approx([1, weight / length, half, 0, 0], abs=1e-6)


def test_several_liked_are_averaged_and_the_disliked_taken_off(facets: Facets) -> None:
    one, other, disliked = facets.score([0]), facets.score([3]), facets.score([2])
    np.testing.assert_allclose(facets.score([0, 3], [2]), (one + other) / 2 - disliked, atol=1e-6)
    assert not facets.score([]).any()


def test_what_is_rare_weighs_more(tmp_path: Path) -> None:
    rows = [{"kinds": ["common", "rare"]}, {"kinds": ["rare"]}, *[{"kinds": ["common"]}] * 8]
    with tiny_catalogue(tmp_path, tiny_schema(KINDS), rows) as catalogue:
        scores = Facets(catalogue).score([0])
        assert scores[1] > scores[2] > 0


def test_an_item_of_which_nothing_is_known_is_like_nothing(facets: Facets) -> None:
    assert facets.score([0])[4] == 0
    assert not facets.score([4]).any()


def test_names_of_people_and_places_are_no_facets(tmp_path: Path) -> None:
    schema = tiny_schema(
        KINDS,
        FieldSpec(name="cast", type="categories"),
        FieldSpec(name="by", type="categories", role="creator"),
        FieldSpec(name="off", type="categories", askable=False),
    )
    rows = [{"kinds": ["a"], "cast": [f"n{n}"], "by": ["x"], "off": ["y"]} for n in range(SMALL_VOCABULARY + 1)]
    with tiny_catalogue(tmp_path, schema, rows) as catalogue:
        assert Facets(catalogue).fields == ["kinds"]


def test_a_catalogue_without_categories_has_no_likeness(tmp_path: Path) -> None:
    with tiny_catalogue(tmp_path, tiny_schema(), [{}, {}]) as catalogue:
        facets = Facets(catalogue)
        assert facets.fields == []
        assert facets.score([0], [1]).tolist() == [0, 0]


def test_items_nobody_knows_are_like_those_of_their_taste(shelf: Shelf) -> None:
    scores = shelf.facets.score([1])  # a party game
    cold = range(108, 120)
    assert {n for n in cold if scores[n] > 0.5} == {n for n in cold if n % 3 == 1}
