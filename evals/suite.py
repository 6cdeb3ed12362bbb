"""What a suite is: samples made from a seed, each held as a conversation and scored by code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from evals.contestants.contract import Contestant, Entry
from evals.measures import Measure
from evals.outcome import Outcome
from evals.world import Lab, World

Body = TypeVar("Body")


@dataclass(frozen=True)
class Sample(Generic[Body]):
    """One thing to score. The same seed makes the same samples, so a run that was killed goes on where it was."""

    id: str
    group: str
    """Samples of one group are not independent: trials of a task, turns of a dialogue."""
    said: str
    """In a line, what is asked."""
    body: Body


class Suite(ABC, Generic[Body]):
    """A protocol of evaluation."""

    name: ClassVar[str]
    said: ClassVar[str]
    """In one line, what it measures."""
    measures: ClassVar[tuple[Measure, ...]]
    """The first one is the headline."""
    at_once: ClassVar[int | None] = None
    """So many of its samples are held at the same time, and of no other suite's, whatever the run says; None: as the
    run says."""

    def missing(self, lab: Lab) -> str:
        """Why it can't be held on this machine, and the way out; empty if it can."""
        return ""

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """What it is held in: by default the catalogue in service."""
        return lab.in_service()

    def entries(self, chosen: Sequence[Entry]) -> Sequence[Entry]:
        """Who takes part: the contestants that were chosen, unless a suite brings its own or opens them its own way."""
        return chosen

    @abstractmethod
    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Body]]:
        """What is asked; of a quick run, a part of it."""

    @abstractmethod
    async def hold(self, sample: Sample[Body], contestant: Contestant, world: World, seed: int) -> Outcome:
        """Ask it of a contestant, and score the answers. Other samples are held at the same time."""
