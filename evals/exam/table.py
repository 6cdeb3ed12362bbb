"""An exam's results as a table: each set, each planner, with 95% bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evals.exam.questions import SETS, Question
from evals.measures import Measure, estimate
from evals.outcome import Outcome

MEASURES = (
    Measure("valid", "valid"),
    Measure("intent", "intent", per="intent of"),
    Measure("slot F1", "slot right", per="slot both", times=2.0),
    Measure("value F1", "value right", per="value both", times=2.0),
    Measure("title F1", "title right", per="title both", times=2.0),
    Measure("exact", "exact", per="exact of"),
)
_SERIES = (Measure("ms p50", "ms", quantile=0.5, digits=0), Measure("tokens p50", "tokens", quantile=0.5, digits=0))


def exam_table(questions: Sequence[Question], results: Mapping[str, Sequence[Outcome]], seed: int) -> Iterator[str]:
    """Lines of Markdown."""
    for name, said in SETS.items():
        count = sum(question.set == name for question in questions)
        if not count:
            continue
        measures = [*MEASURES, *_SERIES]
        yield f"\n{name}: {said} ({count} messages, seed {seed})\n"
        yield f"| planner | {' | '.join(measure.name for measure in measures)} |"
        yield f"|---|{'---|' * len(measures)}"
        for planner, outcomes in results.items():
            groups: dict[str, list[Outcome]] = {}
            for question, outcome in zip(questions, outcomes, strict=True):
                if question.set == name:
                    groups.setdefault(question.group, []).append(outcome)
            yield f"| {planner} | {' | '.join(_cell(measure, groups, seed) for measure in measures)} |"


def _cell(measure: Measure, groups: Mapping[str, Sequence[Outcome]], seed: int) -> str:
    found = estimate(measure, groups, seed)
    if found.value != found.value:
        return ""
    value, low, high = (f"{number:.{measure.digits}f}" for number in (found.value, found.low, found.high))
    return value if measure.quantile is not None else f"{value} ({low} to {high})"
