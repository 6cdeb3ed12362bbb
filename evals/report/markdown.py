"""A run, or the comparison of two, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from evals.failures import failed_answers
from evals.measures import Difference, Estimate, Measure
from evals.report.comparison import Comparison
from evals.report.summary import Cells, Cost, Summary, at_a_glance, facts, summaries
from evals.runlog import Run


def run_report(run: Run) -> Iterator[str]:
    """The whole report, line by line."""
    yield "# Evaluation"
    yield ""
    for name, value in facts(run.header).items():
        yield f"- {name}: {_plain(value)}"
    found = list(summaries(run))
    for contestants, some in at_a_glance(found).items():
        yield f"\n## Headlines of {', '.join(contestants)}\n"
        head = ("suite", "headline", *contestants)
        yield from _table(head, [_headline(summary, summary.headline) for summary in some], words=2)
        if parts := [summary for summary in some if summary.common]:
            yield "\nThe same over the samples that all of them were asked:\n"
            yield from _table(head, [_headline(summary, summary.common) for summary in parts], words=2)
    for summary in found:
        yield f"\n## {summary.name}: {summary.said}\n"
        yield from _measures(summary)
        yield from _slices(summary)
        yield from _costs(summary)
        for line in failed_answers(run, summary.name):
            yield f"\n{_plain(line)}"
        for one in summary.not_scored:
            yield f"\n{one.samples:,} of {one.contestant} not scored, which is not 0: {_plain(one.why)}"
    for name, why in run.header.missing.items():
        yield f"\n## {name}\n\nnot held: {_plain(why)}"


def comparison_report(found: Comparison) -> Iterator[str]:
    """Differences, each with its interval, and what to beware of."""
    for warning in found.warnings:
        yield f"Beware: {_plain(warning)}\n"
    yield from _table(
        ("suite", "contestant", "measure", "groups", "before", "after", "difference (95%)", "p", ""),
        [
            (
                row.suite,
                row.contestant,
                row.measure.name,
                f"{row.difference.groups:,}",
                row.said_before,
                row.said_after,
                difference_said(row.difference, row.measure),
                f"{row.difference.p:.3f}",
                row.verdict,
            )
            for row in found.rows
        ],
        words=3,
    )
    yield f"\n{found.caution}"


def said(found: Estimate, measure: Measure) -> str:
    """`0.512 (0.480 to 0.540)`; a dash where nothing was scored; one group alone has no interval."""
    if math.isnan(found.value):
        return "-"
    d = measure.digits
    interval = f"{found.low:.{d}f} to {found.high:.{d}f}" if found.groups > 1 else "one group"
    return f"{found.value:.{d}f} ({interval})"


def difference_said(found: Difference, measure: Measure) -> str:
    """`+0.100 (+0.020 to +0.180)`."""
    d = measure.digits
    value, low, high = (round(one, d) + 0.0 for one in (found.value, found.low, found.high))  # +0: there is no -0
    interval = f"{low:+.{d}f} to {high:+.{d}f}" if found.groups > 1 else "one group"
    return f"{value:+.{d}f} ({interval})"


def cost_said(cost: Cost) -> tuple[str, ...]:
    """The cells of `COSTS`; a dash where nothing was timed."""
    return (
        f"{cost.turns:,}",
        f"{cost.errors:,}",
        _number(cost.ms_median, ",.0f"),
        _number(cost.ms_p95, ",.0f"),
        _number(cost.llm_share, ".0%"),
        _number(cost.llm_calls, ".2f"),
        _number(cost.prompt_tokens, ",.0f"),
        _number(cost.completion_tokens, ",.0f"),
    )


COSTS = ("turns", "errors", "ms, median", "ms, 95%", "in the model", "LLM calls", "prompt tokens", "tokens written")
"""The columns of a table of costs; from the third on, a turn."""


def _headline(summary: Summary, cells: Cells) -> tuple[str, ...]:
    measure = summary.measures[0]
    return (summary.name, measure.name, *_counted(cells, measure))


def _counted(cells: Cells, headline: Measure) -> Iterator[str]:
    return (f"{said(found, headline)}, n={samples:,}" for found, samples in cells)


def _measures(summary: Summary) -> Iterator[str]:
    yield from _table(
        ("contestant", "samples", *(measure.name for measure in summary.measures)),
        [(row.contestant, f"{row.samples:,}", *map(said, row.estimates, summary.measures)) for row in summary.rows],
    )


def _slices(summary: Summary) -> Iterator[str]:
    if not summary.slices or not summary.measures:
        return
    headline = summary.measures[0]
    yield f"\n{headline.name} by slice, n samples:\n"
    yield from _table(
        ("slice", "value", *summary.contestants),
        [(one.name, one.value, *_counted(one.cells, headline)) for one in summary.slices],
        words=2,
    )


def _costs(summary: Summary) -> Iterator[str]:
    if not any(row.cost.turns for row in summary.rows):
        return
    yield "\nCost, a turn:\n"
    yield from _table(("contestant", *COSTS), [(row.contestant, *cost_said(row.cost)) for row in summary.rows])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> Iterator[str]:
    """A table; all but its first columns are numbers."""
    yield f"| {' | '.join(map(_cell, head))} |"
    yield "|" + "---|" * words + "---:|" * (len(head) - words)
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _number(value: float, form: str) -> str:
    return "-" if math.isnan(value) else format(value, form)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """On one line, and no HTML."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
