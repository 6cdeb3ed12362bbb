"""The dialogue suite, after tau-Rec (arXiv 2606.10156): simulated users with tasks talk to the agent.

A trial passes if the right thing was taken (or the agent rightly abstained) and every policy was kept on the way.
To abstain is to say that nothing fits: a reply that neither shows nor asks anything for another reason is none.
pass^k is the chance that k trials of a task all pass: C(c, k) / C(n, k) of c passes in n trials, over tasks.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from agent.policy import Policies, Rule
from agent.trace import Answered, Decided, Text
from agent.turn import Agent
from evals.metrics import margin_of
from evals.tasks.task import Task
from evals.users.phrases import YES
from evals.users.rule_user import Ending, RuleUser
from tools.constraints import describe
from tools.data.catalogue import Item
from tools.data.schema import Schema
from tools.progress import OnStep, silent

MOST_TURNS = 20
_COMPARES = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass
class Spoken:
    """One turn as it was heard."""

    message: str
    reply: str
    shown: list[Item]


@dataclass
class Trial:
    """One conversation about one task, and how it came out."""

    task: Task
    seed: int
    turns: list[Spoken] = field(default_factory=list)
    ending: Ending = "gave up"
    broken_policies: list[str] = field(default_factory=list)
    outside_ms: list[float] = field(default_factory=list)
    questions: int = 0

    @property
    def is_right(self) -> bool:
        """Whether what was to be found was taken, or rightly nothing."""
        return self.ending == ("abstained" if self.task.is_impossible else "accepted")

    @property
    def passes(self) -> bool:
        """Whether it came out right by the house rules."""
        return self.is_right and not self.broken_policies

    @property
    def shown(self) -> int:
        """How many items were recommended."""
        return sum(len(turn.shown) for turn in self.turns)


async def hold(
    agent: Agent, tasks: Sequence[Task], trials: int, seed: int, on_step: OnStep = silent
) -> AsyncIterator[Trial]:
    """Each task so many times, each time with other phrasings."""
    for number, task in enumerate(tasks):
        for repeat in range(trials):
            yield await converse(agent, task, seed * 10_000 + repeat)
            on_step(task.id, (number * trials + repeat + 1) / (len(tasks) * trials))


async def converse(agent: Agent, task: Task, seed: int) -> Trial:
    """One conversation, to its end or `MOST_TURNS`."""
    catalogue, policies = agent.parts.shelf.catalogue, agent.parts.policies
    person, trial = RuleUser(task, catalogue, policies, seed), Trial(task, seed)
    message = person.first()
    for _ in range(MOST_TURNS):
        events = [event async for event in agent.turn(f"{task.id}-{seed}", message, task.user)]
        reply = "".join(event.text for event in events if isinstance(event, Text))
        done = events[-1]
        assert isinstance(done, Answered)
        shown = catalogue.items(catalogue.positions_of(done.slate))
        trial.turns.append(Spoken(message, reply, shown))
        trial.outside_ms.append(done.outside_ms)
        trial.questions += sum(isinstance(event, Decided) and event.question is not None for event in events)
        said = person.reply(reply, shown)
        if said.ending:
            is_honest = any(isinstance(event, Decided) and event.action == "abstain" for event in events)
            trial.ending = said.ending if said.ending == "accepted" or is_honest else "gave up"
            break
        message = said.message
    trial.broken_policies = list(broken_policies(trial.turns, task, policies, catalogue.schema))
    return trial


def broken_policies(turns: Sequence[Spoken], task: Task, policies: Policies, schema: Schema) -> Iterator[str]:
    """The house rules that a conversation broke, read off its text and its items by other code than the agent's."""
    for number, turn in enumerate(turns):
        if policies.one_at_a_time and len(turn.shown) > 1:
            yield "several at once"
        for item in turn.shown:
            if policies.exclude_seen and item.id in task.user.seen:
                yield f"{item.id} was seen already"
            rule = policies.availability
            if rule and task.user.available and not set(item.words(rule.field)) & set(task.user.available):
                yield f"{item.id} is not available"
            for demand in policies.rules:
                if not _keeps(item, demand, schema):
                    yield f"{item.id} breaks the rule {demand.say or f'{demand.field} {demand.op} {demand.value}'}"
            for confirm in policies.confirm:
                for value in sorted(set(item.words(confirm.field)) & set(confirm.values)):
                    if not _is_confirmed(value, turns[: number + 1]):
                        yield f"{item.id} was shown before {value} was confirmed"
        for disclosure in policies.disclose:
            due = [item.id for item in turn.shown if item.values.get(disclosure.field) == disclosure.value]
            if turn.reply.count(disclosure.say) < len(due):
                yield f"{' and '.join(due)} was shown without its disclosure"


def _keeps(item: Item, rule: Rule, schema: Schema) -> bool:
    """Whether an item has a value that a house rule allows; where its value is unknown, it has none."""
    field, has = schema.field(rule.field), item.values.get(rule.field)
    if field is None or has is None or has == []:
        return False
    wanted = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    if field.is_category:
        return bool({*item.words(rule.field)} & {*wanted}) == (rule.op == "=")
    if field.type == "date":
        wanted = tuple(str(value) for value in wanted)
        has = has[: len(wanted[0])]  # `2001` of a date is its year
    return bool(_COMPARES[rule.op](has, wanted[0]))


def _is_confirmed(value: str, turns: Sequence[Spoken]) -> bool:
    """Whether one of these turns asked about a value, and the next message said yes."""
    names = re.compile(rf"(?<![\w-]){re.escape(value)}(?![\w-])[^.!?\n]*\?")
    return any(names.search(asked.reply) and after.message in YES for asked, after in pairwise(turns))


def transcript(trial: Trial) -> Iterator[str]:
    """A conversation in Markdown, to be read."""
    verdict = "passed" if trial.passes else "failed"
    yield f"\n## {trial.task.id}, seed {trial.seed}: {trial.ending}, {verdict}\n"
    for wish in trial.task.wishes:
        yield f"- {wish.reveal}: {describe(wish.constraint)}"
    for broken in trial.broken_policies:
        yield f"- broken: {broken}"
    for turn in trial.turns:
        yield f"\n**User:** {turn.message}\n"
        yield turn.reply


def pass_hat(passes: int, trials: int, k: int) -> float:
    """pass^k of one task: C(passes, k) / C(trials, k).

    >>> pass_hat(4, 4, 4), pass_hat(3, 4, 1), pass_hat(3, 4, 4)
    (1.0, 0.75, 0.0)
    """
    return math.comb(passes, k) / math.comb(trials, k)


def report(trials: Sequence[Trial], ks: Sequence[int] = (1, 2, 4)) -> Iterator[str]:
    """The suite's table, and each task that did not always pass."""
    by_task: dict[str, list[Trial]] = {}
    for trial in trials:
        by_task.setdefault(trial.task.id, []).append(trial)
    yield f"{len(by_task)} tasks, {len(trials)} conversations"
    for k in ks:
        if all(len(group) >= k for group in by_task.values()):
            values = np.array([pass_hat(sum(t.passes for t in group), len(group), k) for group in by_task.values()])
            yield f"pass^{k}            {values.mean():.3f} ± {margin_of(values):.3f}"
    yield f"right at the end  {np.mean([t.is_right for t in trials]):.3f}"
    yield f"policies kept     {np.mean([not t.broken_policies for t in trials]):.3f}"
    yield f"turns             {np.mean([len(t.turns) for t in trials]):.1f}"
    yield f"questions         {np.mean([t.questions for t in trials]):.1f}"
    yield f"recommended       {np.mean([t.shown for t in trials]):.1f}"
    yield f"outside the LLM   {np.median([ms for t in trials for ms in t.outside_ms]):.1f} ms p50"
    for name, group in by_task.items():
        failed = [t for t in group if not t.passes]
        if failed:
            why = sorted(
                {f"{t.ending}{'' if t.is_right else ' wrongly'}: {'; '.join(t.broken_policies)}" for t in failed}
            )
            yield f"  {name}: {len(failed)} of {len(group)} failed ({' | '.join(why)})"
