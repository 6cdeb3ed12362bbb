"""Runs suites as inspect-ai tasks: concurrency and a viewer (`inspect view`) come from there, durability from us.

One task is one suite with one contestant. Each sample is in the journal as soon as it is scored; what an earlier try
finished is not held again.
"""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from agent.settings import Settings
from evals.contestants.contract import Contestant, Entry
from evals.hosting import Host
from evals.inspected import Job, run_jobs
from evals.journal import Journal, Manifest, open_journal
from evals.opening import Opened, opened
from evals.outcome import Outcome
from evals.runlog import Header, Held, Line, Run
from evals.suite import Sample, Suite
from evals.world import Lab, World
from tools.errors import UnavailableError
from tools.progress import OnStep, silent

BY_MODEL, QUICK_BY_MODEL = 28, 3
"""Who waits for a model is asked so many samples of a suite by default, spread over it, and in a quick run."""
ANSWERS_DEPEND_ON = {
    "seed",
    "slate_size",
    "max_questions",
    "planning",
    "demonstrations",
    "turn_steps",
    "turn_tokens",
    "writer",
    "writer_model",
}


@dataclass(frozen=True)
class Order:
    """What is to be run."""

    suites: Sequence[Suite[Any]]
    entries: Sequence[Entry]
    is_quick: bool = False
    at_once: int = 6
    """So many samples of a suite are held at the same time: what keeps the planner's server busy."""
    model: str = ""
    by_model: int = 0
    """Who waits for a model is asked at most so many samples of a suite, spread over it; 0: all."""


def run_suites(order: Order, lab: Lab, folder: Path, on_step: OnStep = silent, already: Opened | None = None) -> Run:
    """Hold every suite with every contestant; a folder that holds a part of this run is gone on with.

    Args:
        folder: where the run is kept.
        already: the suites of the order, where they are open.

    Raises:
        KeyboardInterrupt: what is finished is kept.
        BadInputError: the folder holds another run.
        UnavailableError: another process is at it.
        OSError: the disk is full; what is finished is kept.
    """
    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(folder))
        ready = already or stack.enter_context(
            opened(order.suites, lab, order.is_quick, lambda said, _: on_step(f"opening: {said}", 0.0))
        )
        manifest = _manifest(order, lab, ready.worlds)
        journal.begin(manifest, _commit(), _machine())
        host = stack.enter_context(Host())
        contestants: dict[str, str] = {}
        work = _Work(journal, host, lab.seed, on_step)
        for suite in ready.suites:
            world, samples = ready.worlds[suite.name], ready.samples[suite.name]
            for entry in suite.entries(order.entries):
                contestants[entry.name] = entry.said
                most = order.by_model if entry.waits else 0
                work.take(suite, world, entry, _spread(samples, most) if most else samples)
        work.tell("going on" if work.finished else "starting")
        try:
            run_jobs(work.jobs, folder / "inspect", order.at_once)
        except UnavailableError as error:
            raise journal.failure or error from None
        lines = [*work.finished, *work.faults]
    first, last = journal.tries[0], journal.tries[-1]
    seconds = last.seconds_before + (datetime.now(UTC) - datetime.fromisoformat(last.started)).total_seconds()
    header = Header(
        started=first.started,
        seconds=round(seconds, 1),
        tries=len(journal.tries),
        commit=" then ".join(dict.fromkeys(one.commit for one in journal.tries)),
        seed=lab.seed,
        is_quick=order.is_quick,
        model=order.model,
        user_model=lab.user_model.name if lab.user_model else "",
        machine=" then ".join(dict.fromkeys(one.machine for one in journal.tries)),
        settings=manifest.settings,
        catalogues=manifest.catalogues,
        suites={suite.name: Held(said=suite.said, measures=list(suite.measures)) for suite in ready.suites},
        contestants=contestants,
        missing=dict(ready.missing),
    )
    return Run(header=header, lines=sorted(lines, key=lambda line: (line.suite, line.contestant, line.id)))


def _spread(samples: Sequence[Sample[Any]], most: int) -> list[Sample[Any]]:
    """About so many: whole groups, evenly over all of them, so that each task keeps all its trials."""
    groups = list(dict.fromkeys(sample.group for sample in samples))
    count = max(1, len(groups) * most // len(samples)) if len(samples) > most else len(groups)
    chosen = {groups[row * len(groups) // count] for row in range(count)}
    return [sample for sample in samples if sample.group in chosen]


@dataclass
class _Work:
    """What is to be held, and what came of it."""

    journal: Journal
    host: Host
    seed: int
    on_step: OnStep
    jobs: list[Job] = field(default_factory=list)
    finished: list[Line] = field(default_factory=list)
    faults: list[Line] = field(default_factory=list)
    """Samples that a suite could not hold. They are not in the journal: the next try holds them again."""
    total: int = 0

    def take(self, suite: Suite[Any], world: World, entry: Entry, samples: Sequence[Sample[Any]]) -> None:
        """A job of what earlier tries have not finished; without any, the contestant need not be opened."""
        mine = (suite.name, entry.name)
        kept = {line.id: line for line in self.journal.lines if (line.suite, line.contestant) == mine}
        done = [line for sample in samples if (line := kept.get(sample.id)) and _is_of(line, sample)]
        finished = {line.id for line in done}
        left = [sample for sample in samples if sample.id not in finished]
        self.total += len(samples)
        self.finished += done
        if left:
            contestant = self.host.enter(entry.open(world))
            free = asyncio.Semaphore(len(left) if entry.waits else os.cpu_count() or 1)

            async def hold(sample: Sample[Any]) -> Outcome:
                async with free:
                    return await self._hold(suite, sample, contestant, world)

            self.jobs.append(Job(suite.name, entry.name, left, hold, suite.at_once))

    async def _hold(self, suite: Suite[Any], sample: Sample[Any], contestant: Contestant, world: World) -> Outcome:
        if self.journal.failure:
            raise self.journal.failure
        try:
            outcome = await self.host.run(suite.hold(sample, contestant, world, self.seed))
        except Exception as error:  # noqa: BLE001, a suite's fault costs the sample, not the run
            said = f"a fault of the suite: {type(error).__name__}: {error}"
            outcome = Outcome(not_scored=said, notes=traceback.format_exception(error))
            self.faults.append(_line(suite, contestant, sample, outcome))
        else:
            line = _line(suite, contestant, sample, outcome)
            self.journal.add(line)
            self.finished.append(line)
        self.tell(f"{suite.name}, {contestant.name}")
        return outcome

    def tell(self, doing: str) -> None:
        """Say how far it is; what an earlier try finished counts."""
        done = len(self.finished) + len(self.faults)
        self.on_step(f"{doing}: {done:,} of {self.total:,} samples", done / max(1, self.total))


def _line(suite: Suite[Any], contestant: Contestant, sample: Sample[Any], outcome: Outcome) -> Line:
    return Line(
        suite=suite.name,
        contestant=contestant.name,
        id=sample.id,
        group=sample.group,
        said=sample.said,
        outcome=outcome,
    )


def _is_of(line: Line, sample: Sample[Any]) -> bool:
    """Whether it is this sample, and not one that an older suite called so."""
    return (line.group, line.said) == (sample.group, sample.said)


def _manifest(order: Order, lab: Lab, worlds: Mapping[str, World]) -> Manifest:
    return Manifest(
        suites=[f"{suite.name}: {suite.said}" for suite in order.suites],
        contestants=[f"{entry.name}: {entry.said}" for entry in order.entries],
        seed=lab.seed,
        is_quick=order.is_quick,
        model=order.model,
        user_model=lab.user_model.name if lab.user_model else "",
        settings=_digest(lab.settings),
        catalogues={name: f"{world.settings.catalogue} {world.catalogue.version}" for name, world in worlds.items()},
    )


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


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
