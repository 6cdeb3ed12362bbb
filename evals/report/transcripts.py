"""Which conversations a report shows, and how: failures first, so many of each, the rest stays in the run's file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from evals.measures import Measure
from evals.outcome import Exchange, Outcome
from evals.runlog import Line, Run

Status = Literal["failed", "partly", "passed", "not scored"]
Tell = Callable[[Sequence[Mapping[str, Any]]], Iterable[str]]
"""A turn's trace as lines for people."""
ORDER: tuple[Status, ...] = ("failed", "not scored", "partly", "passed")
_MOST_LINES, _MOST_LETTERS = 120, 600
_CUT = " … (cut short; the whole is in the run's file)"


@dataclass(frozen=True)
class Turn:
    """An exchange, and its trace in words."""

    exchange: Exchange
    message: str
    reply: str
    trace: tuple[str, ...]


@dataclass(frozen=True)
class Transcript:
    """A conversation as it is shown."""

    line: Line
    status: Status
    values: tuple[tuple[str, str], ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Transcripts:
    """Those of one contestant in one suite; `left_out` more are not shown."""

    suite: str
    contestant: str
    shown: tuple[Transcript, ...]
    left_out: int


def transcripts(run: Run, most: int, tell: Tell) -> Iterator[Transcripts]:
    """At most so many conversations a suite and contestant."""
    for suite, held in run.header.suites.items():
        for contestant in run.header.contestants:
            lines = run.of(suite, contestant)
            ranked = sorted(lines, key=lambda line: ORDER.index(status(line.outcome, held.measures[0])))
            shown = tuple(_transcript(line, held.measures[0], tell) for line in ranked[:most])
            yield Transcripts(suite, contestant, shown, len(lines) - len(shown))


def status(outcome: Outcome, headline: Measure) -> Status:
    """By the headline's own value: 0 is a failure and 1 or more a success, or the other way where less is better."""
    if outcome.not_scored or headline.over not in outcome.values:
        return "not scored"
    value = outcome.values[headline.over]
    if headline.better == "less":
        return "failed" if value > 0 else "passed"
    if 0 < value < 1:
        return "partly"
    return "passed" if value >= 1 else "failed"


def _transcript(line: Line, headline: Measure, tell: Tell) -> Transcript:
    values = tuple((name, f"{value:g}") for name, value in line.outcome.values.items())
    turns = tuple(
        Turn(one, _short(one.message, 4000), _short(one.reply, 4000), tuple(_trace(one, tell)))
        for one in line.outcome.exchanges
    )
    return Transcript(line, status(line.outcome, headline), values, turns)


def _trace(exchange: Exchange, tell: Tell) -> Iterator[str]:
    lines = iter(tell(exchange.events)) if exchange.events else iter(())
    for text in islice(lines, _MOST_LINES):
        yield _short(text, _MOST_LETTERS)
    if next(lines, None) is not None:
        yield _CUT.strip()


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + _CUT
