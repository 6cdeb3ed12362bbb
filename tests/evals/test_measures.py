"""Quantiles over outcomes: of all turns, with groups resampled whole."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evals.measures import Measure, compare, estimate
from evals.outcome import Outcome

P50, P95 = (Measure(f"p{round(100 * share)}", "ms", quantile=share) for share in (0.5, 0.95))


def talks(*series: list[float]) -> dict[str, list[Outcome]]:
    return {str(number): [Outcome(series={"ms": values})] for number, values in enumerate(series)}


@pytest.mark.parametrize("count", [1, 2, 5, 20, 101])
def test_a_quantile_is_that_of_all_turns(count: int) -> None:
    values = list(np.random.default_rng(count).permutation(count).astype(float))
    groups = talks(values[: count // 2], values[count // 2 :])
    for measure in (P50, P95):
        assert measure.quantile is not None
        wanted = np.quantile(values, measure.quantile, method="inverted_cdf")
        assert estimate(measure, groups).value == wanted


def test_its_interval_is_of_whole_conversations() -> None:
    same = estimate(P50, talks([1.0, 2.0, 3.0]))
    assert (same.value, same.low, same.high) == (2.0, 2.0, 2.0), "one conversation says nothing of others"
    unlike = estimate(P50, talks(*([float(n)] * 10 for n in range(21))))
    assert unlike.low < unlike.value == 10.0 < unlike.high
    assert unlike == estimate(P50, talks(*([float(n)] * 10 for n in range(21)))), "the same seed, the same interval"


def test_conversations_without_times_are_not_scored() -> None:
    assert estimate(P95, talks([], [4.0])).groups == 1
    assert math.isnan(estimate(P95, {"a": [Outcome(values={"ms": 3.0})]}).value)


def test_what_is_slower_throughout_is_seen_and_what_is_the_same_is_not() -> None:
    rng = np.random.default_rng(0)
    before = [[float(x) for x in rng.uniform(10, 20, 6)] for _ in range(20)]
    slower = talks(*([x + 5 for x in values] for values in before))
    found = compare(P50, slower, talks(*before))
    assert found.value == pytest.approx(5.0, abs=1.0)
    assert found.low > 0
    assert found.p < 0.05
    same = compare(P50, talks(*before), talks(*before))
    assert (same.value, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)


def test_ratios_are_paired_as_quantiles_are() -> None:
    share = Measure("share", "right", per="of")
    before = {str(n): [Outcome(values={"right": float(n % 2), "of": 1.0})] for n in range(30)}
    after = {name: [Outcome(values={"right": 1.0, "of": 1.0})] for name in before}
    found = compare(share, after, before)
    assert found.value == pytest.approx(0.5)
    assert found.low > 0.2
    assert found.p < 0.01


@pytest.mark.parametrize(("value", "low", "high"), [(0.0, 0.0, 0.168), (1.0, 0.832, 1.0)])
def test_none_or_all_of_twenty_is_no_certainty(value: float, low: float, high: float) -> None:
    groups = {str(number): [Outcome(values={"passed": value})] for number in range(20)}
    found = estimate(Measure("passed", "passed"), groups)
    assert (found.value, round(found.low, 3), round(found.high, 3)) == (value, low, high)


def test_a_constant_that_is_no_share_has_no_such_interval() -> None:
    groups = {str(number): [Outcome(values={"turns": 1.0, "of": 2.0})] for number in range(20)}
    found = estimate(Measure("turns", "turns", per="of"), groups)
    assert (found.low, found.high) == (0.5, 0.5)
