"""Runs suites as inspect-ai tasks: concurrency, logs that survive a kill, a viewer (`inspect view`) come from there.

One task is one suite with one contestant. What was finished before a kill is read from the logs and not held again.
"""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as Row
from inspect_ai.log import EvalLog, EvalSample, list_eval_logs, read_eval_log, read_eval_log_sample_summaries
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from agent.settings import Settings
from evals.contestants.contract import Contestant, Entry
from evals.hosting import Host
from evals.outcome import Outcome
from evals.runlog import Header, Held, Line, Run
from evals.suite import Sample, Suite
from evals.world import Lab, World
from tools.progress import OnStep, silent

ANSWERS_DEPEND_ON = {"seed", "slate_size", "max_questions", "planning", "demonstrations", "turn_steps", "turn_tokens"}
_KEY, _LOGS = "outcome", "inspect"


@dataclass(frozen=True)
class Order:
    """What is to be run."""

    suites: Sequence[Suite[Any]]
    entries: Sequence[Entry]
    is_quick: bool = False
    at_once: int = 16
    """So many samples of a suite are held at the same time: what keeps the planner's server busy."""
    model: str = ""


def run_suites(order: Order, lab: Lab, folder: Path, on_step: OnStep = silent) -> Run:
    """Hold every suite with every contestant; a folder that holds a part of this run is gone on with.

    Args:
        folder: where logs and the run's own file are kept.

    Raises:
        KeyboardInterrupt: what is finished is kept.
    """
    began = time.monotonic()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    missing = {suite.name: why for suite in order.suites if (why := suite.missing(lab))}
    held = [suite for suite in order.suites if suite.name not in missing]
    catalogues: dict[str, str] = {}
    lines: list[Line] = []
    with ExitStack() as stack:
        host = stack.enter_context(Host())
        count = _Count(on_step, _finished(folder / _LOGS))
        tasks, asked = dict[int | None, list[Task]](), dict[str, Sample[Any]]()
        contestants: dict[str, str] = {}
        for suite in held:
            world = stack.enter_context(suite.world(lab))
            catalogues[suite.name] = f"{world.settings.catalogue} {world.catalogue.version}"
            samples = suite.samples(world, lab.seed, order.is_quick)
            asked |= {f"{suite.name} {sample.id}": sample for sample in samples}
            for entry in suite.entries(order.entries):
                contestants[entry.name] = entry.said
                contestant = host.enter(entry.open(world))
                task = _task(suite, samples, contestant, world, host, lab.seed, count)
                task.version = _mark(suite, samples, entry)
                tasks.setdefault(suite.at_once, []).append(task)
        count.total = sum(len(task.dataset) for together in tasks.values() for task in together)
        for at_once, together in tasks.items():
            logs = _hold(together, folder / _LOGS, at_once, order.at_once)
            lines += [line for log in logs for line in _lines(log, asked)]
    header = Header(
        started=started,
        seconds=round(time.monotonic() - began, 1),
        commit=_commit(),
        seed=lab.seed,
        is_quick=order.is_quick,
        model=order.model,
        user_model=lab.user_model.name if lab.user_model else "",
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        settings=_digest(lab.settings),
        catalogues=catalogues,
        suites={suite.name: Held(said=suite.said, measures=list(suite.measures)) for suite in held},
        contestants=contestants,
        missing=missing,
    )
    return Run(header=header, lines=sorted(lines, key=lambda line: (line.suite, line.contestant, line.id)))


def _hold(tasks: Sequence[Task], folder: Path, at_once: int | None, most: int) -> list[EvalLog]:
    """The logs of tasks: side by side, or apart from others, one task after the other, so many samples at once."""
    _, logs = eval_set(
        list(tasks),
        log_dir=str(folder / (f"{at_once}-at-once" if at_once else "side-by-side")),
        model="none/none",
        display="none",
        max_samples=at_once or most,
        max_tasks=1 if at_once else 2,
        retry_attempts=0,
        retry_immediate=False,
        log_dir_allow_dirty=True,
        log_buffer=4,
        ctl_server=False,
    )
    return logs


@dataclass
class _Count:
    """How many samples are finished, those of an earlier try among them."""

    on_step: OnStep
    finished: int
    total: int = 1

    def one_more(self, doing: str) -> None:
        self.finished += 1
        self.on_step(doing, min(1.0, self.finished / self.total))


def _task(
    suite: Suite[Any],
    samples: Sequence[Sample[Any]],
    contestant: Contestant,
    world: World,
    host: Host,
    seed: int,
    count: _Count,
) -> Task:
    name = f"{suite.name}_{contestant.name}"
    bodies = {sample.id: sample for sample in samples}

    @solver(name=f"hold_{name}")
    def hold() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001
            sample = bodies[str(state.sample_id)]
            outcome = await host.run(suite.hold(sample, contestant, world, seed))
            state.metadata[_KEY] = outcome.model_dump(mode="json")
            count.one_more(f"{suite.name}, {contestant.name}")
            return state

        return solve

    rows = [Row(id=sample.id, input=sample.said, metadata={"group": sample.group}) for sample in samples]
    return Task(
        name=name,
        dataset=MemoryDataset(rows, name=suite.name),
        solver=hold(),
        scorer=_measured(),
        fail_on_error=False,
        metadata={"suite": suite.name, "contestant": contestant.name},
    )


def _mark(suite: Suite[Any], samples: Sequence[Sample[Any]], entry: Entry) -> str:
    """What a log has to be about to be gone on with: other tasks, another scorer or another agent begin anew."""
    about = [suite.said, entry.said, *(f"{sample.id}: {sample.said}" for sample in samples)]
    return sha256("\n".join(about).encode()).hexdigest()


@scorer(metrics=[])
def _measured() -> Scorer:
    """What `hold` measured, for inspect's viewer; our own intervals are made from the log."""

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
        outcome = Outcome.model_validate(state.metadata[_KEY])
        said = "\n\n".join(f"**{one.message}**\n\n{one.reply}{one.error}" for one in outcome.exchanges)
        return Score(value=dict(outcome.values), explanation=said)

    return score


def _lines(log: EvalLog, asked: Mapping[str, Sample[Any]]) -> Iterator[Line]:
    whole = log if log.samples else read_eval_log(log.location)
    about = whole.eval.metadata or {}
    suite, contestant = str(about["suite"]), str(about["contestant"])
    for row in whole.samples or []:
        sample = asked[f"{suite} {row.id}"]
        yield Line(
            suite=suite,
            contestant=contestant,
            id=sample.id,
            group=sample.group,
            said=sample.said,
            outcome=_outcome(row),
        )


def _outcome(row: EvalSample) -> Outcome:
    if _KEY in row.metadata:
        return Outcome.model_validate(row.metadata[_KEY])
    why = row.error.message if row.error else "it was cut short"
    return Outcome(not_scored=f"a fault of the suite: {why}")


def _finished(folder: Path) -> int:
    """How many samples the logs of an earlier try hold."""
    if not folder.exists():
        return 0
    return sum(len(read_eval_log_sample_summaries(log)) for log in list_eval_logs(str(folder)))


def _commit() -> str:
    try:
        said = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return said.stdout.strip()


def _digest(settings: Settings) -> str:
    return sha256(settings.model_dump_json(include=ANSWERS_DEPEND_ON).encode()).hexdigest()[:12]
