"""The dialogue suite, after tau-Rec (arXiv 2606.10156): simulated users with tasks talk to the agent.

A trial passes if the right thing was taken (or the agent rightly abstained) and every policy was kept on the way.
To abstain is to say that nothing fits: a reply that neither shows nor asks anything for another reason is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from evals.contestants.contract import Contestant
from evals.house_rules import Turn, broken_policies
from evals.measures import Measure
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.tasks.draw import draw_tasks, matching, popularity
from evals.tasks.task import Task
from evals.tasks.tau_rec import POLICIES, read_tasks
from evals.users.rule_user import RuleUser
from evals.world import Lab, World
from tools.constraints import describe
from tools.data.ingest import Sources

MOST_TURNS = 20
TRIALS, QUICK_TRIALS = 4, 1
TASKS, QUICK_TASKS = 40, 24
MEASURES = (
    Measure("pass^1", "passes", k=1),
    Measure("pass^2", "passes", k=2),
    Measure("pass^4", "passes", k=4),
    Measure("right at the end", "right"),
    Measure("policies kept", "policies kept"),
    Measure("turns", "turns", better="less", digits=1),
    Measure("questions", "questions", better="", digits=1),
)
_COMPLEX = 5
"""A task with so many wishes is called complex."""


@dataclass(frozen=True)
class Trial:
    """A task, and what its user's phrasings are drawn from."""

    task: Task
    seed: int


class Dialogue(Suite[Trial]):
    """Tasks drawn from the catalogue in service, whatever its items are."""

    name = "dialogue"
    said = "simulated users with tasks drawn from the catalogue: 2 to 5 wishes, some said late or never, or in vain"
    measures: ClassVar = MEASURES

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Trial]]:
        """Each task several times, each time with other phrasings; of a quick run, the first tasks once."""
        tasks = draw_tasks(world, seed, TASKS)
        return trials(tasks[:QUICK_TASKS], seed, QUICK_TRIALS) if is_quick else trials(tasks, seed, TRIALS)

    async def hold(self, sample: Sample[Trial], contestant: Contestant, world: World, seed: int) -> Outcome:
        """One conversation, to its end or `MOST_TURNS`."""
        outcome = await converse(sample.body, contestant, world)
        return outcome.model_copy(update={"slices": _slices(sample.body.task, world)})


class TauRec(Suite[Trial]):
    """tau-Rec's own tasks and catalogue."""

    name = "tau-rec"
    said = "simulated users with tau-Rec's tasks: constraints volunteered, told when asked, or hidden; policies kept"
    measures: ClassVar = MEASURES

    def __init__(self) -> None:
        self._folder = Path()

    def missing(self, lab: Lab) -> str:
        """The tasks are not part of this project."""
        folder = lab.data / "tau-rec"
        return "" if (folder / "tasks").is_dir() else f"{folder} holds no tau-Rec tasks; name it with --data."

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """Its catalogue ingested like any user's, its policy as settings."""
        self._folder = lab.data / "tau-rec"
        return lab.catalogue(self.name, Sources(self._folder / "catalog.json"), POLICIES)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Trial]]:
        """Each task several times, each time with other phrasings."""
        return trials(read_tasks(self._folder), seed, QUICK_TRIALS if is_quick else TRIALS)

    async def hold(self, sample: Sample[Trial], contestant: Contestant, world: World, seed: int) -> Outcome:
        """One conversation, to its end or `MOST_TURNS`."""
        return await converse(sample.body, contestant, world)


def trials(tasks: Sequence[Task], seed: int, count: int) -> list[Sample[Trial]]:
    """Samples of tasks, each so many times."""
    return [
        Sample(f"{task.id}-{number}", task.id, _said(task), Trial(task, seed * 10_000 + number))
        for task in tasks
        for number in range(count)
    ]


def _said(task: Task) -> str:
    wishes = "; ".join(f"{wish.reveal}: {describe(wish.constraint)}" for wish in task.wishes)
    return f"{wishes}{' (nothing meets this)' if task.is_impossible else ''}"


def _slices(task: Task, world: World) -> dict[str, str]:
    reveals = {wish.reveal for wish in task.wishes}
    late = "some hidden" if "hidden" in reveals else "some on ask" if "on_ask" in reveals else "all at once"
    slips = "change of mind" if task.first_said else "typos" if task.persona.typos else "none"
    found = matching(task.constraints, task.user, world)
    return {
        "wishes": str(len({wish.constraint.field for wish in task.wishes})),
        "reveal": late,
        "answer": "none" if task.is_impossible else "some",
        "persona": task.persona.style,
        "slips": slips,
        **({"popularity": popularity(found, world)} if len(found) else {}),
    }


async def converse(trial: Trial, contestant: Contestant, world: World) -> Outcome:
    """A simulated user with a task talks to a contestant; scored by the task and the house rules."""
    task, catalogue = trial.task, world.catalogue
    person = RuleUser(task, catalogue, world.policies, trial.seed)
    talk = Talk(contestant, world, task.user)
    turns, ending, questions, message = list[Turn](), "gave up", 0, person.first()
    for _ in range(MOST_TURNS):
        heard = await talk.say(message)
        turns.append(Turn(message, heard.reply, talk.items(heard)))
        questions += bool(person.question(heard.reply, turns[-1].shown))
        said = person.reply(heard.reply, turns[-1].shown)
        if said.ending == "abstained" and not (heard.abstained or heard.error) and (message := person.nudge()):
            continue
        if said.ending or heard.error:
            is_honest = said.ending == "accepted" or heard.abstained
            ending = said.ending if is_honest and not heard.error else "gave up"
            break
        message = said.message
    broken = list(broken_policies(turns, task, world.policies, catalogue.schema))
    is_right = ending == ("abstained" if task.is_impossible else "accepted")
    return Outcome(
        values={
            "passes": float(is_right and not broken),
            "right": float(is_right),
            "policies kept": float(not broken),
            "turns": float(len(talk.exchanges)),
            "questions": float(questions),
        },
        slices={
            "wishes": f"{_COMPLEX} or more" if len(task.wishes) >= _COMPLEX else f"fewer than {_COMPLEX}",
            "reveal": "with hidden" if any(wish.reveal == "hidden" for wish in task.wishes) else "none hidden",
            "answer": "none" if task.is_impossible else "some",
        },
        exchanges=talk.exchanges,
        notes=[f"ending: {ending}", *(f"broken: {one}" for one in broken)],
    )
