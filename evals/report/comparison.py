"""Two runs held against each other: each measure of what both have, paired by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evals.measures import Difference, Measure, compare, estimate
from evals.runlog import Run

LEVEL = 0.05
"""The share of false discoveries among those that are marked."""


@dataclass(frozen=True)
class Compared:
    """One measure of one contestant in one suite, after less before, over the groups that both runs scored."""

    suite: str
    contestant: str
    measure: Measure
    before: float
    after: float
    difference: Difference
    is_clear: bool = False
    """Whether it stands among so many comparisons (Benjamini and Hochberg)."""

    @property
    def said_before(self) -> str:
        """Rounded as the measure is."""
        return f"{self.before:.{self.measure.digits}f}"

    @property
    def said_after(self) -> str:
        """Likewise."""
        return f"{self.after:.{self.measure.digits}f}"

    @property
    def verdict(self) -> str:
        """`better` or `worse` where the difference is clear; `differs` where neither is."""
        if not self.is_clear:
            return ""
        is_more = self.difference.value > 0
        return {"more": ("worse", "better"), "less": ("better", "worse"), "": ("differs",) * 2}[self.measure.better][
            is_more
        ]


@dataclass(frozen=True)
class Comparison:
    """All that two runs have in common, and what to beware of."""

    rows: tuple[Compared, ...]
    warnings: tuple[str, ...]

    @property
    def caution(self) -> str:
        """What so many comparisons do to p."""
        count = len(self.rows)
        return (
            f"{count:,} comparisons: without any difference about {count * LEVEL:.1f} of them have p < {LEVEL}. Those "
            f"marked in the last column stand at a false discovery rate of {LEVEL:.0%} (Benjamini and Hochberg, 1995)."
        )


def compare_runs(later: Run, earlier: Run) -> Comparison:
    """Each measure of the suites and contestants that both runs have. Same runs, same numbers."""
    rows = discoveries(list(_rows(later, earlier)))
    return Comparison(tuple(rows), (*_run_warnings(later, earlier), *_group_warnings(later, earlier)))


def discoveries(rows: Sequence[Compared]) -> list[Compared]:
    """Mark those that stand: the k smallest p, for the largest k whose p is at most k / n of the level.

    Source: Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", JRSS B 57 (1995).
    """
    ordered = sorted(row.difference.p for row in rows)
    limits = [p for k, p in enumerate(ordered, start=1) if p <= LEVEL * k / len(ordered)]
    return [replace(row, is_clear=bool(limits) and row.difference.p <= limits[-1]) for row in rows]


def _rows(later: Run, earlier: Run) -> Iterator[Compared]:
    for suite, contestant in _common(later, earlier):
        after, before = (run.groups(suite, contestant) for run in (later, earlier))
        for measure in later.header.suites[suite].measures:
            both = [name for name in after if all(measure.counts(run.get(name, ())) for run in (after, before))]
            now, was = ({name: run[name] for name in both} for run in (after, before))
            found = compare(measure, now, was, later.header.seed)
            if found.groups:
                before_value, after_value = (estimate(measure, run).value for run in (was, now))
                yield Compared(suite, contestant, measure, before_value, after_value, found)


def _common(later: Run, earlier: Run) -> Iterator[tuple[str, str]]:
    for suite in later.header.suites:
        for contestant in later.contestants(suite):
            if suite in earlier.header.suites and contestant in earlier.contestants(suite):
                yield suite, contestant


def _run_warnings(later: Run, earlier: Run) -> Iterator[str]:
    ours, theirs = later.header, earlier.header
    if ours.seed != theirs.seed:
        yield (
            f"the seeds differ ({theirs.seed} before, {ours.seed} after): other samples were drawn, so the numbers "
            "are not comparable."
        )
    if ours.is_quick != theirs.is_quick:
        yield "one run is quick and the other is not: only the groups that both have are compared."
    for suite in sorted(ours.catalogues.keys() & theirs.catalogues.keys()):
        before, after = theirs.catalogues[suite], ours.catalogues[suite]
        if before != after:
            yield f"the catalogues of {suite} differ ({before} before, {after} after): the numbers are not comparable."
    if ours.settings != theirs.settings:
        yield f"the settings that answers depend on differ ({theirs.settings} before, {ours.settings} after)."
    if ours.model != theirs.model:
        yield f"the planner's models differ ({theirs.model or 'none'} before, {ours.model or 'none'} after)."
    if ours.user_model != theirs.user_model:
        yield (
            f"the models that play the users differ ({theirs.user_model or 'none'} before, "
            f"{ours.user_model or 'none'} after): the numbers are not comparable."
        )
    for what, a, b in (("suites", theirs.suites, ours.suites), ("contestants", theirs.contestants, ours.contestants)):
        if only := sorted(a.keys() ^ b.keys()):
            yield f"only one of the runs has the {what} {', '.join(only)}."


def _group_warnings(later: Run, earlier: Run) -> Iterator[str]:
    for suite, contestant in _common(later, earlier):
        after, before = (run.groups(suite, contestant).keys() for run in (later, earlier))
        if after != before:
            yield (
                f"{suite}, {contestant}: {len(after & before):,} groups are in both runs and compared, "
                f"{len(before - after):,} only before, {len(after - before):,} only after."
            )
