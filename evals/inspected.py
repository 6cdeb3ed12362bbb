"""Jobs held as inspect-ai tasks. Its logs are for its viewer, `inspect view`; nothing is read back from them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.outcome import Outcome
from evals.suite import Sample
from tools.errors import UnavailableError

_TASKS_AT_ONCE = 2


@dataclass(frozen=True)
class Job:
    """One suite with one contestant."""

    suite: str
    contestant: str
    samples: Sequence[Sample[Any]]
    hold: Callable[[Sample[Any]], Awaitable[Outcome]]
    """A sample's outcome; whatever it raises ends the run."""
    at_once: int | None = None
    """So many samples at the same time, and no other job's; None: as the run says."""


def run_jobs(jobs: Sequence[Job], logs: Path, at_once: int) -> None:
    """Hold the samples of each job, so many of it at the same time.

    Raises:
        KeyboardInterrupt: on Ctrl-C.
        UnavailableError: inspect-ai could not hold them all; says what it says.
    """
    if not jobs:
        return
    _import_inspect()
    together = [job for job in jobs if job.at_once is None]
    for some in ([together] if together else []) + [[job] for job in jobs if job.at_once]:
        _run(some, logs, some[0].at_once or at_once)


def _run(jobs: Sequence[Job], logs: Path, at_once: int) -> None:
    from inspect_ai import eval as run_tasks

    found = run_tasks(
        [_task(job) for job in jobs],
        model="none/none",
        log_dir=str(logs),
        display="none",
        max_samples=at_once,
        max_tasks=_TASKS_AT_ONCE,
        fail_on_error=True,
        log_realtime=False,
        log_buffer=100,
        score_display=False,
        ctl_server=False,
    )
    if len(found) < len(jobs) or any(log.status == "cancelled" for log in found):
        raise KeyboardInterrupt  # which inspect-ai keeps to itself
    for log in found:
        if log.status != "success":
            why = log.error.message if log.error else log.status
            raise UnavailableError(f"{log.eval.task} was not held: {why}.", "The same command goes on.")


def _import_inspect() -> None:
    """Import inspect-ai as if there were no `anthropic`, which vLLM brings along: it would load it for the first
    sample, though no model of its is asked, and that alone takes 2 s.
    """
    if "inspect_ai" in sys.modules or "anthropic" in sys.modules:
        return
    sys.modules["anthropic"] = None  # type: ignore[assignment]  # so it is not found
    try:
        importlib.import_module("inspect_ai")
    finally:
        del sys.modules["anthropic"]


def _task(job: Job) -> Any:
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.dataset import Sample as Row
    from inspect_ai.scorer import Score, Scorer, Target, scorer
    from inspect_ai.solver import Generate, Solver, TaskState, solver

    name = f"{job.suite}_{job.contestant}"
    bodies = {sample.id: sample for sample in job.samples}
    outcomes: dict[str, Outcome] = {}

    @solver(name=f"hold_{name}")
    def hold() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001
            key = str(state.sample_id)
            outcomes[key] = await job.hold(bodies[key])
            return state

        return solve

    @scorer(metrics=[], name="measured")
    def measured() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
            outcome = outcomes.pop(str(state.sample_id))
            return Score(value=dict(outcome.values), explanation=_told(outcome))

        return score

    rows = [Row(id=sample.id, input=sample.said, metadata={"group": sample.group}) for sample in job.samples]
    return Task(name=name, dataset=MemoryDataset(rows, name=job.suite), solver=hold(), scorer=measured())


def _told(outcome: Outcome) -> str:
    talk = [f"**{one.message}**\n\n{one.reply}{one.error}" for one in outcome.exchanges]
    return "\n\n".join([*talk, *outcome.notes, outcome.not_scored])
