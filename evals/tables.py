"""A run as Markdown tables: each suite's measures with their intervals, and slices of the headline."""

from __future__ import annotations

import math
from collections.abc import Iterator

from evals.failures import failed_answers
from evals.measures import Difference, Estimate, Measure, compare, estimate
from evals.runlog import Run


def run_tables(run: Run) -> Iterator[str]:
    """The whole report, line by line."""
    head = run.header
    model = f", planner {head.model}" if head.model else ""
    model += f", users {head.user_model}" if head.user_model else ""
    yield f"commit {head.commit}, seed {head.seed}{', quick' if head.is_quick else ''}{model}, {head.seconds:,.0f} s"
    for name in head.suites:
        yield from suite_table(run, name)
    for name, why in head.missing.items():
        yield f"\n### {name}\n\nnot held: {why}"


def suite_table(run: Run, name: str) -> Iterator[str]:
    """One suite: a row a contestant, a column a measure."""
    suite = run.header.suites[name]
    yield f"\n### {name}: {suite.said}\n"
    rows = [
        (contestant, [estimate(m, run.groups(name, contestant), run.header.seed) for m in suite.measures])
        for contestant in run.contestants(name)
    ]
    kept = [i for i in range(len(suite.measures)) if any(not math.isnan(found[i].value) for _, found in rows)]
    yield "| contestant | samples | " + " | ".join(suite.measures[i].name for i in kept) + " |"
    yield "|---|---:|" + "---:|" * len(kept)
    for contestant, found in rows:
        cells = [said(found[i], suite.measures[i]) for i in kept]
        count = sum(len(group) for group in run.groups(name, contestant).values())
        yield f"| {contestant} | {count:,} | " + " | ".join(cells) + " |"
    for why, count in _not_scored(run, name).items():
        yield f"\n{count} not scored: {why}"
    for line in failed_answers(run, name):
        yield f"\n{line}"


def comparison(later: Run, earlier: Run) -> Iterator[str]:
    """Each measure of the suites and contestants that both runs have, paired by group."""
    yield "| suite | contestant | measure | before | after | difference (95%) | p |"
    yield "|---|---|---|---:|---:|---|---:|"
    for name in later.header.suites:
        if name not in earlier.header.suites:
            continue
        for contestant in later.contestants(name):
            if contestant not in earlier.contestants(name):
                continue
            ours, theirs = later.groups(name, contestant), earlier.groups(name, contestant)
            for measure in later.header.suites[name].measures:
                found = compare(measure, ours, theirs, later.header.seed)
                if found.groups:
                    before, after = (estimate(measure, run).value for run in (theirs, ours))
                    yield (
                        f"| {name} | {contestant} | {measure.name} | {before:.{measure.digits}f} "
                        f"| {after:.{measure.digits}f} | {_difference(found, measure)} | {found.p:.3f} |"
                    )


def said(found: Estimate, measure: Measure) -> str:
    """`0.512 (0.480 to 0.540)`; a dash where nothing was scored."""
    if math.isnan(found.value):
        return "-"
    d = measure.digits
    return f"{found.value:.{d}f} ({found.low:.{d}f} to {found.high:.{d}f})"


def _difference(found: Difference, measure: Measure) -> str:
    d = measure.digits
    return f"{found.value:+.{d}f} ({found.low:+.{d}f} to {found.high:+.{d}f})"


def _not_scored(run: Run, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in run.lines:
        if line.suite == name and line.outcome.not_scored:
            key = f"{line.contestant}: {line.outcome.not_scored}"
            counts[key] = counts.get(key, 0) + 1
    return counts
