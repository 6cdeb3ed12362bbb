"""Fusing what two indexes found, and what stands out of a query's own cosines."""

from __future__ import annotations

import numpy as np
import pytest

from tools.index.hybrid import RRF_DAMPING, Found, fuse, fuse_ranks, standing_out

YARDSTICK = np.linspace(0, 0.2, 50).astype(np.float32)


def found(scores: dict[int, float]) -> Found:
    order = sorted(scores, key=lambda position: -scores[position])
    return np.array(order, dtype=np.int64), np.array([scores[p] for p in order], dtype=np.float32)


def test_what_both_found_comes_before_what_one_found() -> None:
    fused = fuse(20, found({3: 0.5, 1: 0.45, 0: 0.3}), YARDSTICK, found({5: 8.0, 1: 7.0}))
    assert int(fused.argmax()) == 1
    assert fused[3] > fused[0] == fused[2], "what is not found is at most as near as the last that is"
    assert fused[5] > fused[2]


def test_a_lead_counts_by_how_far_it_is_ahead() -> None:
    """By rank alone the two would be equal."""
    near, shared = found({0: 0.30, 1: 0.29}), found({1: 20.0, 0: 2.0})
    fused = fuse(20, near, YARDSTICK, shared)
    assert fused[1] > fused[0] + 1
    ranks = fuse_ranks(20, [near[0], shared[0]])
    assert ranks[0] == pytest.approx(ranks[1])
    assert ranks[0] == pytest.approx(1 / (RRF_DAMPING + 1) + 1 / (RRF_DAMPING + 2))


def test_where_one_found_nothing_the_other_decides() -> None:
    nothing = found({})
    assert int(fuse(9, found({4: 0.6, 2: 0.4}), YARDSTICK, nothing).argmax()) == 4
    assert int(fuse(9, nothing, YARDSTICK, found({7: 3.0, 8: 1.0})).argmax()) == 7
    assert np.ptp(fuse(9, nothing, YARDSTICK, nothing)) == 0


def test_a_query_that_is_near_to_everything_has_to_come_nearer() -> None:
    """The same cosine stands out for a precise query and not for a vague one."""
    rng = np.random.default_rng(0)
    precise, vague = rng.normal(0.05, 0.05, 500).astype(np.float32), rng.normal(0.4, 0.05, 500).astype(np.float32)
    cosine = np.array([0.45], dtype=np.float32)
    assert standing_out(cosine, precise)[0] > 6
    assert standing_out(cosine, vague)[0] < 2


def test_a_third_of_the_catalogue_may_be_about_the_query() -> None:
    cosines = np.concatenate([np.full(40, 0.6), np.linspace(0, 0.1, 80)]).astype(np.float32)
    assert (standing_out(cosines, cosines) >= 2.5).sum() == 40


def test_where_all_are_alike_nothing_stands_out() -> None:
    same = np.full(10, 0.3, dtype=np.float32)
    assert standing_out(same, same).tolist() == [0] * 10
