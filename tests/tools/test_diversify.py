"""diversify: less of the same, the mix of what was liked, or a fair share for each group; never another item."""

from __future__ import annotations

import numpy as np
import pytest
from contracts import ToolContract

from tools.contract import Candidates, Wishes
from tools.diversify import POOL, SLATE, TOLERANCE, Diversify, DiversifyArguments
from tools.errors import BadInputError
from tools.shelf import Shelf


class TestDiversifyContract(ToolContract):
    tool = Diversify()
    calls = (
        DiversifyArguments(),
        DiversifyArguments(aim="calibration"),
        DiversifyArguments(aim="exposure", group="designer"),
    )


def war_first(shelf: Shelf) -> Candidates:
    """Ranked: a dozen war games, then the others, each a little worse than the one before."""
    war = np.arange(0, 36, 3)
    order = np.concatenate([war, np.setdiff1d(np.arange(shelf.catalogue.size), war)])
    return Candidates(order, np.linspace(1, 0, len(order), dtype=np.float32))


def top(shelf: Shelf, arguments: DiversifyArguments, wishes: Wishes = Wishes()) -> Candidates:  # noqa: B008
    return Diversify().run(arguments, shelf, wishes, war_first(shelf)).candidates


def exposures(is_in: np.ndarray, order: list[int]) -> np.ndarray:
    """What each group gets of a list: the sum of 1 / log2(place + 1) over its items, shape (groups,)."""
    discounts = 1 / np.log2(np.arange(len(order)) + 2)
    return np.asarray((is_in[list(order)] * discounts[:, None]).sum(axis=0))


def alike(shelf: Shelf, positions: np.ndarray) -> float:
    """The mean likeness of two of them."""
    matrix = shelf.facets.likeness(positions)
    return float(matrix[np.triu_indices(len(positions), 1)].mean())


def test_mmr_keeps_the_best_and_makes_the_rest_less_alike(shelf: Shelf) -> None:
    before, after = war_first(shelf), top(shelf, DiversifyArguments())
    assert after.positions[0] == before.positions[0]
    assert alike(shelf, after.positions[:SLATE]) < alike(shelf, before.positions[:SLATE]) - 0.1


def test_calibration_brings_the_shares_of_what_was_liked(shelf: Shelf) -> None:
    wishes = Wishes(liked=(0, 3, 6, 1, 4, 7))  # half war, half party
    after = top(shelf, DiversifyArguments(aim="calibration"), wishes).positions[:SLATE]
    assert sum(p % 3 == 1 for p in war_first(shelf).positions[:SLATE]) == 0
    assert 3 <= sum(p % 3 == 1 for p in after) <= 6


def test_calibration_of_nothing_liked_changes_nothing(shelf: Shelf) -> None:
    after = top(shelf, DiversifyArguments(aim="calibration"))
    np.testing.assert_array_equal(after.positions, war_first(shelf).positions)


def test_exposure_raises_the_poorest_group_at_a_bounded_price(shelf: Shelf) -> None:
    before = war_first(shelf)
    after = top(shelf, DiversifyArguments(aim="exposure", group="designer"))
    is_by = np.arange(shelf.catalogue.size)[:, None] % 4 == np.arange(4)  # the designers, in turn
    poorest = [exposures(is_by, ranked.positions[:SLATE].tolist()).min() for ranked in (before, after)]
    assert poorest[1] > poorest[0]
    pool_range = before.scores[0] - before.scores[POOL - 1]
    assert after.scores[:SLATE].min() >= before.scores[SLATE - 1] - TOLERANCE * pool_range - 1e-6


def test_what_is_beyond_the_pool_stays(shelf: Shelf) -> None:
    before = war_first(shelf)
    for aim in ("mmr", "calibration", "exposure"):
        after = top(shelf, DiversifyArguments.model_validate({"aim": aim}), Wishes(liked=(1,)))
        np.testing.assert_array_equal(after.positions[POOL:], before.positions[POOL:])
        assert sorted(after.positions) == sorted(before.positions)
        np.testing.assert_allclose(after.scores, before.scores[np.argsort(before.positions)][after.positions])


def test_a_group_is_a_field_of_categories(shelf: Shelf) -> None:
    with pytest.raises(BadInputError, match="price") as refused:
        top(shelf, DiversifyArguments(aim="exposure", group="price"))
    assert refused.value.way_out
