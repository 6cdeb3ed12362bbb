"""The house rules that a conversation broke, read off its text and its items by other code than the agent's."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.policy import Policies, Rule
from evals.tasks.task import Task
from evals.users.forms import AGREEMENTS
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.data.schema import Schema

_COMPARES = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Turn:
    """One turn as it was heard."""

    message: str
    reply: str
    shown: Sequence[Item]


def broken_policies(turns: Sequence[Turn], task: Task, policies: Policies, schema: Schema) -> Iterator[str]:
    """Each breach in words."""
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
                if not keeps(item, demand, schema):
                    yield f"{item.id} breaks the rule {demand.say or f'{demand.field} {demand.op} {demand.value}'}"
            for confirm in policies.confirm:
                for value in sorted(set(item.words(confirm.field)) & set(confirm.values)):
                    if not _is_confirmed(value, turns[: number + 1]):
                        yield f"{item.id} was shown before {value} was confirmed"
        for disclosure in policies.disclose:
            due = [item.id for item in turn.shown if item.values.get(disclosure.field) == disclosure.value]
            if turn.reply.count(disclosure.say) < len(due):
                yield f"{' and '.join(due)} was shown without its disclosure"


def keeps(item: Item, rule: Rule | Constraint, schema: Schema) -> bool:
    """Whether an item has a value that a house rule or a wish allows; where its value is unknown, it has none."""
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


def _is_confirmed(value: str, turns: Sequence[Turn]) -> bool:
    """Whether one of these turns asked about a value, and the next message said yes."""
    names = re.compile(rf"(?<![\w-]){re.escape(value)}(?![\w-])[^.!?\n]*\?")
    return any(names.search(asked.reply) and after.message in AGREEMENTS for asked, after in pairwise(turns))
