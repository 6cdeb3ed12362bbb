"""What a report tells of a suite: each contestant's measures, the headline by slice, costs, what was not scored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evals.measures import Estimate, Measure, estimate
from evals.outcome import Exchange
from evals.runlog import Header, Line, Run, grouped


@dataclass(frozen=True)
class Cost:
    """What a contestant's turns cost; NaN where nothing was timed, as of the floors."""

    turns: int
    errors: int
    ms_median: float
    ms_p95: float
    llm_calls: float
    """A turn, like the two below."""
    prompt_tokens: float
    completion_tokens: float
    llm_share: float
    """Of the time, how much was the model's (0..1)."""


@dataclass(frozen=True)
class Row:
    """A contestant's measures, in the order of the suite's, over `samples` scored samples."""

    contestant: str
    samples: int
    estimates: tuple[Estimate, ...]
    cost: Cost


Cells = tuple[tuple[Estimate, int], ...]
"""The headline of each contestant over some samples, and how many of those it has."""


@dataclass(frozen=True)
class Slice:
    """The headline over the samples that have a value of a slice."""

    name: str
    value: str
    cells: Cells


@dataclass(frozen=True)
class NotScored:
    """Samples that count nowhere, and why."""

    contestant: str
    why: str
    samples: int


@dataclass(frozen=True)
class Summary:
    """A suite of a run. Measures that nobody has a value of are left out."""

    name: str
    said: str
    measures: tuple[Measure, ...]
    contestants: tuple[str, ...]
    rows: tuple[Row, ...]
    common: Cells
    """The headline over the samples that every contestant with a score has one for; empty where those are all."""
    slices: tuple[Slice, ...]
    not_scored: tuple[NotScored, ...]

    @property
    def headline(self) -> Cells:
        """The first measure, over all samples."""
        return tuple((row.estimates[0], row.samples) for row in self.rows)


def summaries(run: Run) -> Iterator[Summary]:
    """Each suite that was held."""
    for name in run.header.suites:
        yield _summary(run, name)


def at_a_glance(found: Sequence[Summary]) -> dict[tuple[str, ...], list[Summary]]:
    """Suites with the same contestants, by those: what goes into one table of headlines. None for a single suite."""
    tables: dict[tuple[str, ...], list[Summary]] = {}
    for summary in found if len(found) > 1 else ():
        if summary.measures:
            tables.setdefault(summary.contestants, []).append(summary)
    return tables


def facts(head: Header) -> dict[str, str]:
    """What was run, so that it can be run again."""
    tries = f", in {head.tries} tries" if head.tries > 1 else ""
    return {
        "commit": head.commit,
        "seed": f"{head.seed}",
        "extent": "quick: a part of each suite" if head.is_quick else "whole suites",
        "model": head.model or "none",
        **({"users played by": head.user_model} if head.user_model else {}),
        "machine": head.machine,
        "settings": head.settings,
        "started": head.started,
        "seconds": f"{head.seconds:,.0f}{tries}",
        **{f"catalogue of {suite}": version for suite, version in head.catalogues.items()},
    }


def _summary(run: Run, name: str) -> Summary:
    held, seed = run.header.suites[name], run.header.seed
    lines = {contestant: run.of(name, contestant) for contestant in run.contestants(name)}
    scored = {contestant: [line for line in rows if not line.outcome.not_scored] for contestant, rows in lines.items()}
    rows = [
        Row(
            contestant,
            len(mine),
            tuple(estimate(measure, grouped(mine), seed) for measure in held.measures),
            cost([exchange for line in mine for exchange in line.outcome.exchanges]),
        )
        for contestant, mine in scored.items()
    ]
    kept = [i for i in range(len(held.measures)) if any(not math.isnan(row.estimates[i].value) for row in rows)]
    return Summary(
        name=name,
        said=held.said,
        measures=tuple(held.measures[i] for i in kept),
        contestants=tuple(lines),
        rows=tuple(Row(r.contestant, r.samples, tuple(r.estimates[i] for i in kept), r.cost) for r in rows),
        common=_common(list(scored.values()), held.measures[kept[0]], seed) if kept else (),
        slices=tuple(_slices(list(scored.values()), held.measures[0], seed)),
        not_scored=tuple(_not_scored(lines.values())),
    )


def _common(scored: Sequence[Sequence[Line]], headline: Measure, seed: int) -> Cells:
    asked = [{line.id for line in rows} for rows in scored if rows]
    of_all = set[str]().union(*asked).intersection(*asked)
    if not any(ids - of_all for ids in asked):
        return ()
    return _cells([[line for line in rows if line.id in of_all] for rows in scored], headline, seed)


def _cells(parts: Sequence[Sequence[Line]], headline: Measure, seed: int) -> Cells:
    return tuple((estimate(headline, grouped(part), seed), len(part)) for part in parts)


def _slices(scored: Sequence[Sequence[Line]], headline: Measure, seed: int) -> Iterator[Slice]:
    found = {pair for rows in scored for line in rows for pair in line.outcome.slices.items()}
    for name, value in sorted(found):
        parts = [[line for line in rows if line.outcome.slices.get(name) == value] for rows in scored]
        yield Slice(name, value, _cells(parts, headline, seed))


def _not_scored(lines: Iterable[Sequence[Line]]) -> Iterator[NotScored]:
    counts = Counter(
        (line.contestant, line.outcome.not_scored) for rows in lines for line in rows if line.outcome.not_scored
    )
    for (contestant, why), count in sorted(counts.items()):
        yield NotScored(contestant, why, count)


def cost(exchanges: Sequence[Exchange]) -> Cost:
    """What these turns cost, on average where nothing else is said."""
    if not exchanges:
        return Cost(0, 0, *([math.nan] * 6))
    timed = np.array([one.total_ms for one in exchanges if one.total_ms > 0])
    llm_ms = sum(one.llm_ms for one in exchanges)
    return Cost(
        turns=len(exchanges),
        errors=sum(bool(one.error) for one in exchanges),
        ms_median=float(np.median(timed)) if len(timed) else math.nan,
        ms_p95=float(np.percentile(timed, 95)) if len(timed) else math.nan,
        llm_calls=float(np.mean([one.llm_calls for one in exchanges])),
        prompt_tokens=float(np.mean([one.prompt_tokens for one in exchanges])),
        completion_tokens=float(np.mean([one.completion_tokens for one in exchanges])),
        llm_share=float(llm_ms / timed.sum()) if len(timed) else math.nan,
    )
