"""A run as one JSONL file: a header, then a line a sample. Written whole, read by reports and comparisons."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.measures import Measure
from evals.outcome import Outcome
from tools.atomic import write_atomically
from tools.errors import BadInputError

FORMAT = 2
RUN = "run.jsonl"
Groups = dict[str, list[Outcome]]
M = TypeVar("M", bound=BaseModel)


class Held(BaseModel):
    """A suite as it was held: what it says of itself, and its measures, the headline first."""

    model_config = ConfigDict(extra="forbid")

    said: str
    measures: list[Measure]


class Header(BaseModel):
    """What was run, so that it can be run again."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["run"] = "run"
    format: int = FORMAT
    started: str
    """ISO 8601, UTC."""
    seconds: float = 0.0
    """Of all tries together."""
    tries: int = 1
    """More than 1: it was broken off and gone on with."""
    commit: str
    """Several, `then` between them, where the code changed between tries."""
    seed: int
    is_quick: bool
    model: str
    """The planner's, as the server names it; empty where none was asked."""
    user_model: str = ""
    """The model's that played the simulated users of those suites that can have one; empty where rules did."""
    machine: str
    settings: str
    """SHA-256 of the settings that answers depend on, its first 12 digits."""
    catalogues: dict[str, str] = Field(default_factory=dict)
    """The catalogue of each suite and the version that was open."""
    suites: dict[str, Held]
    contestants: dict[str, str]
    """Each with what it is."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Suites that could not be held, and why."""


class Line(BaseModel):
    """One sample as one contestant had it."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["sample"] = "sample"
    suite: str
    contestant: str
    id: str
    group: str
    said: str
    outcome: Outcome


class Run(BaseModel):
    """A whole run."""

    header: Header
    lines: list[Line]

    def contestants(self, suite: str) -> list[str]:
        """Who took part in a suite, in the order in which they were named."""
        here = {line.contestant for line in self.lines if line.suite == suite}
        return [name for name in self.header.contestants if name in here]

    def of(self, suite: str, contestant: str) -> list[Line]:
        """The lines of one contestant in one suite."""
        return [line for line in self.lines if (line.suite, line.contestant) == (suite, contestant)]

    def groups(self, suite: str, contestant: str, **slices: str) -> Groups:
        """The scored outcomes of one contestant in one suite, by group."""
        return grouped(
            line
            for line in self.of(suite, contestant)
            if all(line.outcome.slices.get(name) == value for name, value in slices.items())
        )


def grouped(lines: Iterable[Line]) -> Groups:
    """The scored outcomes, by group."""
    found: Groups = {}
    for line in lines:
        if not line.outcome.not_scored:
            found.setdefault(line.group, []).append(line.outcome)
    return found


def write_run(path: Path, run: Run) -> None:
    """Write the file atomically."""
    rows = [run.header.model_dump_json(), *(line.model_dump_json() for line in run.lines)]
    write_atomically(path, "\n".join(rows) + "\n")


def read_run(path: Path) -> Run:
    """Read a run's file.

    Raises:
        BadInputError: no such file, or a line is not what it should be; names the line and the field.
    """
    try:
        rows = list(_rows(path))
        if not rows:
            raise BadInputError(f"{path} is empty.", "Run it again: `tastemaker eval run`.")
        _check_format(path, rows[0][1])
        return Run(
            header=_parsed(Header, path, *rows[0]),
            lines=[_parsed(Line, path, number, body) for number, body in rows[1:]],
        )
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} can't be read ({error}).") from error


def _parsed(kind: type[M], path: Path, number: int, body: Any) -> M:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInputError(f"{path}, line {number}: {where}: {first['msg']}.", "Run it again.") from error


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    for number, row in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not row:
            continue
        try:
            yield number, json.loads(row)
        except json.JSONDecodeError as error:
            raise BadInputError(f"{path}, line {number}: {error.msg}.", "Run it again.") from error


def _check_format(path: Path, body: Any) -> None:
    found = body.get("format") if isinstance(body, dict) else None
    if found != FORMAT:
        raise BadInputError(
            f"{path} is not a run's log of this version (format {found}, {FORMAT} is read).",
            "Run it again: `tastemaker eval run`.",
        )
