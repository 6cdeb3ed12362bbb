"""A suite of your own tasks, held like the dialogue suite on the catalogue in service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from evals.contestants.contract import Contestant
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.suites.dialogue import QUICK_TRIALS, TRIALS, TauRec, Trial, converse, trials
from evals.tasks.own import read_own_tasks
from evals.world import World
from tools.errors import BadInputError


class OwnTasks(Suite[Trial]):
    """The tasks of one file. What is measured is what tau-Rec's tasks measure.

    Raises:
        BadInputError: there is no such file; what is wrong in it is said as soon as its samples are made.
    """

    name = "tasks"
    measures: ClassVar = TauRec.measures

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise BadInputError(f"There is no file of tasks {path}.")
        self._path = path
        mark = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        self.said = f"simulated users with the tasks of {path.name} ({mark})"  # type: ignore[misc]

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Trial]]:
        """Each task several times, each time with other phrasings."""
        tasks = read_own_tasks(self._path, world.catalogue, world.policies)
        return trials(tasks, seed, QUICK_TRIALS if is_quick else TRIALS)

    async def hold(self, sample: Sample[Trial], contestant: Contestant, world: World, seed: int) -> Outcome:
        """One conversation."""
        return await converse(sample.body, contestant, world)
