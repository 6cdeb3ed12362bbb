"""What a run needs before anybody is asked: each suite's catalogue and its samples. It can be made while vLLM loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from evals.suite import Sample, Suite
from evals.world import Lab, World
from tools.progress import OnStep, silent


@dataclass(frozen=True)
class Opened:
    """The suites that can be held here, ready to be held."""

    suites: Sequence[Suite[Any]]
    missing: Mapping[str, str]
    """Why the others can't be."""
    worlds: Mapping[str, World]
    samples: Mapping[str, Sequence[Sample[Any]]]


@contextmanager
def opened(
    suites: Sequence[Suite[Any]], lab: Lab, is_quick: bool = False, on_step: OnStep = silent
) -> Iterator[Opened]:
    """Open each suite's catalogue and draw its samples; the first time, some make a catalogue of their own."""
    missing = {suite.name: why for suite in suites if (why := suite.missing(lab))}
    held = [suite for suite in suites if suite.name not in missing]
    worlds: dict[str, World] = {}
    samples: dict[str, Sequence[Sample[Any]]] = {}
    with ExitStack() as stack:
        for number, suite in enumerate(held):
            on_step(f"the catalogue of {suite.name}, {number + 1} of {len(held)}", number / len(held))
            worlds[suite.name] = stack.enter_context(suite.world(lab))
            samples[suite.name] = suite.samples(worlds[suite.name], lab.seed, is_quick)
        yield Opened(held, missing, worlds, samples)
