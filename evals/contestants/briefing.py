"""What an agent elsewhere is told besides the conversation: what ours reads from its settings, in words."""

from __future__ import annotations

from collections.abc import Iterator

from agent.user import User
from agent.wording import say_list, say_title
from evals.world import World
from tools.constraints import Constraint, say_values
from tools.data.schema import Schema


def briefing(world: World, user: User) -> str:
    """The house rules and what is known of a person. Of a task's wishes nothing: those are the person's to say."""
    schema = world.catalogue.schema
    most = 1 if world.policies.one_at_a_time else world.settings.slate_size
    count = f"one {schema.item}" if most == 1 else f"at most {most} {schema.items}, the best first"
    year = ", its year in brackets behind it" if schema.with_role("year") else ""
    lines = [
        f"You recommend {schema.items} from your catalogue to a person.",
        f"Recommend {count} in a reply. Name each by its title{year}.",
        *_rules(world),
        *_known(world, user),
        f"If no {schema.item} fits, say that nothing fits.",
    ]
    return "\n".join(lines)


def _rules(world: World) -> Iterator[str]:
    rules, schema = world.policies, world.catalogue.schema
    for rule in rules.rules:
        demand = Constraint(field=rule.field, op=rule.op, value=rule.value)
        yield f"Only recommend what is {rule.say or _said(demand, schema)}."
    for confirm in rules.confirm:
        values = say_list(confirm.values)
        yield f"Ask if it is all right before you recommend what has the {_label(confirm.field, schema)} {values}."
    for disclosure in rules.disclose:
        what = Constraint(field=disclosure.field, op="=", value=disclosure.value)
        yield f"With each {schema.item} that is {_said(what, schema)}, say: {disclosure.say}"


def _known(world: World, user: User) -> Iterator[str]:
    catalogue, rules = world.catalogue, world.policies
    if rules.exclude_seen and user.seen:
        seen = catalogue.items(catalogue.positions_of(user.seen))
        yield f"The person knows these already: {'; '.join(say_title(catalogue.schema, item) for item in seen)}."
    if rules.availability and user.available:
        label = _label(rules.availability.field, catalogue.schema)
        yield f"The person can only get what has one of these as {label}: {say_list(user.available)}."


def _said(demand: Constraint, schema: Schema) -> str:
    if isinstance(demand.value, bool):
        return f"{'' if demand.value == (demand.op == '=') else 'not '}{_label(demand.field, schema)}"
    return f"{_label(demand.field, schema)} {demand.op} {say_values(demand.value)}"


def _label(name: str, schema: Schema) -> str:
    field = schema.field(name)
    return field.label if field else name
