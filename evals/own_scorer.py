"""A scorer of your own: a Python file that scores what a suite's conversations did, beside the suite's measures.

It defines `MEASURES`, a list of `evals.measures.Measure`, and

    def score(sample: Sample, exchanges: list[Exchange], world: World) -> dict[str, float]

which returns the values that the measures are made of. A value that it leaves out is not scored for that sample.
Complete example: `examples/scorer.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import math
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from evals.contestants.contract import Contestant, Entry
from evals.measures import Measure
from evals.outcome import Exchange, Outcome
from evals.suite import Sample, Suite
from evals.world import Lab, World
from tools.errors import BadInputError

Score = Callable[[Sample[Any], list[Exchange], World], dict[str, float]]
_FORM = "It takes `MEASURES`, a list of evals.measures.Measure, and `score(sample, exchanges, world)`."


@dataclass(frozen=True)
class OwnScorer:
    """A loaded file."""

    path: Path
    said: str
    """The file's name, and the first digits of its SHA-256."""
    measures: tuple[Measure, ...]
    score: Score

    def values(self, sample: Sample[Any], outcome: Outcome, world: World) -> dict[str, float]:
        """What it says of a conversation.

        Raises:
            BadInputError: it failed, or what it returned are not values of its own; names the line.
        """
        try:
            found = self.score(sample, outcome.exchanges, world)
        except Exception as error:
            raise BadInputError(_said(error, self.path, self.path.name)) from error
        if not isinstance(found, dict):
            raise BadInputError(f"{self.path.name}: score() returned {type(found).__name__}, not a dict")
        for name, value in found.items():
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise BadInputError(f"{self.path.name}: score() returned {value!r} for {name!r}, not a number")
            if name in outcome.values:
                raise BadInputError(f"{self.path.name}: the suite has a value {name!r} of its own")
        return {str(name): float(value) for name, value in found.items()}


class Scored(Suite[Any]):
    """A suite whose conversations a scorer of one's own scores too."""

    def __init__(self, suite: Suite[Any], scorer: OwnScorer) -> None:
        self._suite, self._scorer = suite, scorer
        self.name = suite.name  # type: ignore[misc]
        self.said = f"{suite.said}; scored by {scorer.said} too"  # type: ignore[misc]
        self.measures = (*suite.measures, *scorer.measures)  # type: ignore[misc]
        self.at_once = suite.at_once  # type: ignore[misc]
        both = {measure.name for measure in suite.measures} & {measure.name for measure in scorer.measures}
        if both:
            raise BadInputError(f"{scorer.path}: the suite {suite.name} has a measure {min(both)!r} of its own.")

    def missing(self, lab: Lab) -> str:
        """As the suite says."""
        return self._suite.missing(lab)

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """The suite's."""
        return self._suite.world(lab)

    def entries(self, chosen: Sequence[Entry]) -> Sequence[Entry]:
        """As the suite opens them."""
        return self._suite.entries(chosen)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Any]]:
        """The suite's."""
        return self._suite.samples(world, seed, is_quick)

    async def hold(self, sample: Sample[Any], contestant: Contestant, world: World, seed: int) -> Outcome:
        """The suite's outcome with the scorer's values; where the scorer fails, the sample is not scored."""
        outcome = await self._suite.hold(sample, contestant, world, seed)
        if outcome.not_scored:
            return outcome
        try:
            own = await asyncio.to_thread(self._scorer.values, sample, outcome, world)
        except BadInputError as error:
            return outcome.model_copy(update={"not_scored": error.what})
        return outcome.model_copy(update={"values": outcome.values | own})


def load_scorer(path: Path) -> OwnScorer:
    """Load a scorer's file. It is run: take none that you have not read.

    Raises:
        BadInputError: no such file, it fails while it is loaded, or it lacks something; names the line.
    """
    if not path.is_file():
        raise BadInputError(f"There is no scorer {path}.")
    module = _module(path)
    score, measures = getattr(module, "score", None), getattr(module, "MEASURES", None)
    if not callable(score):
        raise BadInputError(f"{path} defines no function `score`.", _FORM)
    if not isinstance(measures, list | tuple) or not measures or not all(isinstance(m, Measure) for m in measures):
        raise BadInputError(f"{path} defines no `MEASURES`.", _FORM)
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    return OwnScorer(path, f"{path.name} ({mark})", tuple(measures), score)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"own_scorer_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise BadInputError(f"{path} is not a Python file.", "Its name ends in .py.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise BadInputError(f"{path}, line {error.lineno}: {error.msg}.") from error
    except Exception as error:
        raise BadInputError(f"{_said(error, path, str(path))}.") from error
    return module


def _said(error: Exception, path: Path, name: str) -> str:
    """`scorer.py, line 12: KeyError: 'a'`."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
    return f"{name}{f', line {lines[-1]}' if lines else ''}: {type(error).__name__}: {error}"
