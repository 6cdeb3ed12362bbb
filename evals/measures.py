"""Measures over many outcomes, with bootstrap intervals, and the paired comparison of two runs.

Samples of one group (trials of a task, turns of a dialogue) are not independent, so groups are what is resampled
(B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 8). A measure is a statistic of how often
each group counts: for the run itself once, in a resample as often as it was drawn. Ratios of two sums over groups make
all resamples one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evals.outcome import Outcome

RESAMPLES = 2_000
Sums = npt.NDArray[np.float64]
Statistic = Callable[[Sums], Sums]
"""Of how often each group counts, shape (resamples, groups): the measure, shape (resamples,)."""


@dataclass(frozen=True)
class Measure:
    """The mean of a value, the ratio of two values' sums, pass^k of a value that is 0 or 1, or a quantile."""

    name: str
    over: str
    """The value that is summed; of a quantile, the series that it is taken of."""
    per: str = ""
    """The value whose sum it is divided by; without it, the number of samples that have `over`."""
    k: int = 0
    """Not 0: pass^k = C(passes, k) / C(trials, k), the chance that k trials of a group all pass, over groups."""
    quantile: float | None = None
    """Between 0 and 1: the least element of all groups' series that so large a part of them does not exceed."""
    times: float = 1.0
    better: Literal["more", "less", ""] = "more"
    digits: int = 3

    def counts(self, group: Sequence[Outcome]) -> bool:
        """Whether a group can be scored."""
        if self.quantile is not None:
            return any(outcome.series.get(self.over) for outcome in group)
        return len(self._values(group)) >= max(1, self.k)

    def statistic(self, groups: Sequence[Sequence[Outcome]]) -> Statistic:
        """The measure over groups that all count, of how often each of them does."""
        if self.quantile is not None:
            series = [[x for outcome in group for x in outcome.series.get(self.over, ())] for group in groups]
            return _quantile(series, self.quantile, self.times)
        sums = [self._sums(group) for group in groups]
        tops, bottoms = (np.array(column, dtype=np.float64) for column in zip(*sums, strict=True))
        return lambda weights: _ratio(weights @ tops, weights @ bottoms)

    def is_share(self, groups: Sequence[Sequence[Outcome]]) -> bool:
        """Whether it is a share of samples, each of which counts or does not."""
        if self.per or self.quantile is not None or self.times != 1:
            return False
        return len({values[self.over] for group in groups for values in self._values(group)} | {0.0, 1.0}) == 2

    def _values(self, group: Sequence[Outcome]) -> list[dict[str, float]]:
        return [o.values for o in group if self.over in o.values and (not self.per or self.per in o.values)]

    def _sums(self, group: Sequence[Outcome]) -> tuple[float, float]:
        """What is summed of a group, and what that is divided by."""
        had = self._values(group)
        top = sum(values[self.over] for values in had)
        bottom = sum(values[self.per] for values in had) if self.per else float(len(had))
        if self.k:
            top, bottom = pass_hat(round(top), len(had), self.k), 1.0
        return self.times * top, bottom


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
    scored = [group for group in groups.values() if measure.counts(group)]
    if not scored:
        return Estimate(math.nan, math.nan, math.nan, 0)
    statistic = measure.statistic(scored)
    found = float(statistic(np.ones((1, len(scored))))[0])
    if math.isnan(found):
        return Estimate(math.nan, math.nan, math.nan, 0)
    low, high = np.nanpercentile(statistic(_resamples(len(scored), seed)), [2.5, 97.5])
    if low == high and found in (0.0, 1.0) and measure.is_share(scored):
        low, high = _never_or_always(found, len(scored))
    return Estimate(found, float(low), float(high), len(scored))


def _never_or_always(found: float, groups: int) -> tuple[float, float]:
    """The interval of C. J. Clopper and E. S. Pearson (Biometrika 1934) where all groups agree, which no resample can
    tell from certainty: of none in 80, at most 1 in 22.

    >>> [round(bound, 3) for bound in (*_never_or_always(0.0, 80), *_never_or_always(1.0, 20))]
    [0.0, 0.045, 0.832, 1.0]
    """
    rest = 0.025 ** (1 / groups)
    return (rest, 1.0) if found == 1 else (0.0, 1 - rest)


def compare(
    measure: Measure, later: Mapping[str, Sequence[Outcome]], earlier: Mapping[str, Sequence[Outcome]], seed: int = 0
) -> Difference:
    """How the later run differs, paired by group."""
    both = sorted(n for n in later if n in earlier and measure.counts(later[n]) and measure.counts(earlier[n]))
    if not both:
        return Difference(math.nan, math.nan, math.nan, math.nan, 0)
    statistic = measure.statistic([*(later[name] for name in both), *(earlier[name] for name in both)])

    def difference(runs: Sums) -> Sums:
        return statistic(runs[:, 0]) - statistic(runs[:, 1])

    found = float(difference(_two_runs(np.ones((1, len(both))), np.zeros((1, len(both)))))[0])
    if math.isnan(found):
        return Difference(math.nan, math.nan, math.nan, math.nan, 0)
    drawn = _resamples(len(both), seed)
    low, high = np.nanpercentile(difference(_two_runs(drawn, np.zeros_like(drawn))), [2.5, 97.5])
    swap = np.random.default_rng(seed).integers(0, 2, size=(RESAMPLES, len(both))).astype(np.float64)
    by_chance = difference(_two_runs(1 - swap, swap))
    p = (1 + np.sum(np.abs(by_chance) >= abs(found) - 1e-9)) / (1 + RESAMPLES)
    return Difference(found, float(low), float(high), float(p), len(both))


def _two_runs(own: Sums, others: Sums) -> Sums:
    """How often the groups of the later and the earlier run count in two runs made of them.

    Args:
        own: how often each group counts in the run that it is of, shape (resamples, groups).
        others: how often in the other one.

    Returns:
        shape (resamples, 2 runs, 2 groups).
    """
    return np.stack([np.concatenate([own, others], axis=1), np.concatenate([others, own], axis=1)], axis=1)


def _quantile(series: Sequence[Sequence[float]], share: float, times: float) -> Statistic:
    """The inverse of the empirical distribution function, the values of a group counting as often as it does."""
    values = np.array([x for group in series for x in group], dtype=np.float64)
    of_group = np.repeat(np.arange(len(series)), [len(group) for group in series])
    order = np.argsort(values, kind="stable")
    values, of_group = times * values[order], of_group[order]

    def statistic(weights: Sums) -> Sums:
        reached = np.cumsum(weights[:, of_group], axis=1)
        wanted = share * reached[:, -1:]
        return np.asarray(values[np.argmax(reached >= wanted - 1e-9, axis=1)])

    return statistic


def _resamples(groups: int, seed: int) -> Sums:
    """How often each group is drawn, shape (RESAMPLES, groups)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(groups, np.full(groups, 1 / groups), size=RESAMPLES).astype(np.float64)


def _ratio(top: Sums | float, bottom: Sums | float) -> Sums:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(top, bottom))
