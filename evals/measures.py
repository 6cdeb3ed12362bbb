"""Measures over many outcomes, with bootstrap intervals, and the paired comparison of two runs.

Samples of one group (trials of a task, turns of a dialogue) are not independent, so groups are what is resampled
(B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 8). Every measure is a ratio of two sums
over groups, which makes a resample one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evals.outcome import Outcome

RESAMPLES = 2_000
Sums = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """The mean of a value, the ratio of two values' sums, or pass^k of a value that is 0 or 1."""

    name: str
    over: str
    """The value that is summed."""
    per: str = ""
    """The value whose sum it is divided by; without it, the number of samples that have `over`."""
    k: int = 0
    """Not 0: pass^k = C(passes, k) / C(trials, k), the chance that k trials of a group all pass, over groups."""
    times: float = 1.0
    better: Literal["more", "less", ""] = "more"
    digits: int = 3

    def sums(self, groups: Mapping[str, Sequence[Outcome]]) -> tuple[list[str], Sums, Sums]:
        """The groups that can be scored, what is summed of each, and what that is divided by; shape (groups,) both."""
        names, tops, bottoms = [], [], []
        for name, outcomes in groups.items():
            had = [o.values for o in outcomes if self.over in o.values and (not self.per or self.per in o.values)]
            if len(had) < max(1, self.k):
                continue
            top = sum(values[self.over] for values in had)
            bottom = sum(values[self.per] for values in had) if self.per else float(len(had))
            if self.k:
                top, bottom = pass_hat(round(top), len(had), self.k), 1.0
            names.append(name)
            tops.append(self.times * top)
            bottoms.append(bottom)
        return names, np.array(tops, dtype=np.float64), np.array(bottoms, dtype=np.float64)


@dataclass(frozen=True)
class Estimate:
    """A measure's value with its 95% interval; NaN where nothing was scored."""

    value: float
    low: float
    high: float
    groups: int


@dataclass(frozen=True)
class Difference:
    """A later run less an earlier one, over the groups that both have."""

    value: float
    low: float
    high: float
    p: float
    """Two-sided, of a paired permutation test: how often runs whose groups are swapped at random differ as much."""
    groups: int


def pass_hat(passes: int, trials: int, k: int) -> float:
    """pass^k of one task: C(passes, k) / C(trials, k).

    >>> pass_hat(4, 4, 4), pass_hat(3, 4, 1), pass_hat(3, 4, 4)
    (1.0, 0.75, 0.0)
    """
    return math.comb(passes, k) / math.comb(trials, k)


def estimate(measure: Measure, groups: Mapping[str, Sequence[Outcome]], seed: int = 0) -> Estimate:
    """The measure over these groups. Same outcomes and seed, same interval."""
    names, tops, bottoms = measure.sums(groups)
    if not names or not bottoms.sum():
        return Estimate(math.nan, math.nan, math.nan, 0)
    drawn = _resamples(len(names), seed)
    low, high = np.nanpercentile(_ratio(drawn @ tops, drawn @ bottoms), [2.5, 97.5])
    return Estimate(float(tops.sum() / bottoms.sum()), float(low), float(high), len(names))


def compare(
    measure: Measure, later: Mapping[str, Sequence[Outcome]], earlier: Mapping[str, Sequence[Outcome]], seed: int = 0
) -> Difference:
    """How the later run differs, paired by group."""
    common = [name for name in later if name in earlier]
    ours, theirs = (measure.sums({name: run[name] for name in common}) for run in (later, earlier))
    both = sorted(set(ours[0]) & set(theirs[0]))
    if not both:
        return Difference(math.nan, math.nan, math.nan, math.nan, 0)
    (a_top, a_bottom), (b_top, b_bottom) = (
        tuple(sums[[names.index(name) for name in both]] for sums in (tops, bottoms))
        for names, tops, bottoms in (ours, theirs)
    )
    found = _ratio(a_top.sum(), a_bottom.sum()) - _ratio(b_top.sum(), b_bottom.sum())
    drawn = _resamples(len(both), seed)
    low, high = np.nanpercentile(
        _ratio(drawn @ a_top, drawn @ a_bottom) - _ratio(drawn @ b_top, drawn @ b_bottom), [2.5, 97.5]
    )
    swap = np.random.default_rng(seed).integers(0, 2, size=(RESAMPLES, len(both))).astype(bool)

    def swapped(one: Sums, other: Sums) -> Sums:
        return np.asarray(np.where(swap, other, one).sum(axis=1))

    by_chance = _ratio(swapped(a_top, b_top), swapped(a_bottom, b_bottom)) - _ratio(
        swapped(b_top, a_top), swapped(b_bottom, a_bottom)
    )
    p = (1 + np.sum(np.abs(by_chance) >= abs(found) - 1e-12)) / (1 + RESAMPLES)
    return Difference(float(found), float(low), float(high), float(p), len(both))


def _resamples(groups: int, seed: int) -> Sums:
    """How often each group is drawn, shape (RESAMPLES, groups)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(groups, np.full(groups, 1 / groups), size=RESAMPLES).astype(np.float64)


def _ratio(top: Sums | float, bottom: Sums | float) -> Sums:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(top, bottom))
