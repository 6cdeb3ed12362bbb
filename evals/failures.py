"""Answers that never came, contestant by contestant: scored like any other, and never passed over in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evals.runlog import Run


def failed_answers(run: Run, suite: str) -> Iterator[str]:
    """`3 of 41 answers of shop failed: no answer within 60 s (2); it answered 500 twice (1)`; none where all came."""
    for contestant in run.header.contestants:
        mine = [line.outcome for line in run.lines if (line.suite, line.contestant) == (suite, contestant)]
        errors = [exchange.error for outcome in mine for exchange in outcome.exchanges]
        reasons = Counter(error for error in errors if error)
        if reasons:
            said = "; ".join(f"{why} ({count:,})" for why, count in reasons.most_common())
            yield f"{reasons.total():,} of {len(errors):,} answers of {contestant} failed: {said}"
