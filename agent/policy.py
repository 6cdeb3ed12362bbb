"""House rules in data: what must never be shown, what has to be asked first, and what has to be said with it.

They are enforced by code after ranking, whatever the plan says: `house` becomes demands that the filter and the
critic check, `unconfirmed` holds an item back until the person has said yes, `disclosures` are said with the item.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from agent.user import User
from agent.wording import say_list
from tools.constraints import ORDERED_OPS, Constraint, Op, Value, satisfies
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec, Schema
from tools.errors import BadInputError
from tools.yaml_file import read_yaml

FILE_NAME = "policies.yaml"
"""Beside the catalogue's schema file, unless the setting `policies` names another."""


class _FieldRule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str


class Confirmation(_FieldRule):
    """Items with one of these values are held back until the person has said that it is all right."""

    values: tuple[str, ...] = Field(min_length=1)


class Disclosure(_FieldRule):
    """What is said with each item that has this value."""

    value: bool | str = True
    say: str = Field(min_length=1)


class Rule(_FieldRule):
    """What every shown item has to satisfy; an item whose value is unknown does not."""

    op: Op
    value: Value
    say: str = ""
    """How a reply puts it, for example `suitable for a clinic`."""


class Availability(_FieldRule):
    """Items must have at least one of the values that the user has access to, where those are known."""

    say: str = "available to you"


class Policies(BaseModel):
    """All house rules of a catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exclude_seen: bool = True
    """Never recommend what the user has already seen."""
    one_at_a_time: bool = False
    """One item a reply, instead of a slate."""
    availability: Availability | None = None
    confirm: tuple[Confirmation, ...] = ()
    disclose: tuple[Disclosure, ...] = ()
    rules: tuple[Rule, ...] = ()

    def house(self, user: User) -> tuple[Constraint, ...]:
        """What these rules demand of every item that this user is shown."""
        demands = [Constraint(field=r.field, op=r.op, value=r.value, words=r.say) for r in self.rules]
        if self.availability and user.available:
            words = f"{self.availability.say} ({say_list(user.available)})"
            demands.append(Constraint(field=self.availability.field, op="=", value=user.available, words=words))
        return tuple(demands)

    def unconfirmed(self, item: Item, confirmed: Collection[str]) -> Iterator[Confirmation]:
        """What has to be confirmed before this item may be shown, each with the values that the item has."""
        for rule in self.confirm:
            has = set(item.words(rule.field))
            left = tuple(v for v in rule.values if v in has and confirmation(rule.field, v) not in confirmed)
            if left:
                yield rule.model_copy(update={"values": left})

    def disclosures(self, item: Item, schema: Schema) -> Iterator[str]:
        """What has to be said with this item."""
        for rule in self.disclose:
            field = schema.field(rule.field)
            if field and satisfies(item.values, Constraint(field=rule.field, op="=", value=rule.value), field):
                yield rule.say


def confirmation(field: str, value: str) -> str:
    """How a thread remembers that a value is all right."""
    return f"{field}={value}"


def standard_policies(schema: Schema) -> Policies:
    """Without a file: what is paid for is disclosed, and what the user can't get is not shown."""
    sponsored, availability = schema.with_role("sponsored"), schema.with_role("availability")
    is_flag = sponsored is not None and sponsored.type == "flag"
    return Policies(
        availability=Availability(field=availability.name) if availability and availability.is_category else None,
        disclose=(Disclosure(field=sponsored.name, say="promoted"),) if sponsored and is_flag else (),
    )


def load_policies(path: Path | None, beside: Path, schema: Schema) -> Policies:
    """The policies of the file; without one, those in the folder beside the schema, else the standard ones.

    Raises:
        BadInputError: no such file, not YAML, or a rule that this catalogue can't keep; names it.
    """
    found = path or (beside / FILE_NAME if (beside / FILE_NAME).exists() else None)
    if found is None:
        return standard_policies(schema)
    way_out = "Unset TASTEMAKER_POLICIES to use the catalogue's own, or the standard ones."
    policies = read_yaml(found, Policies, "policy file", way_out)
    check_policies(policies, schema, str(found))
    return policies


def check_policies(policies: Policies, schema: Schema, source: str) -> None:
    """See that a catalogue can keep these rules.

    Raises:
        BadInputError: a rule that it can't keep; names it and the source.
    """
    rules = [*policies.confirm, *policies.disclose, *policies.rules]
    for rule in [*rules, *([policies.availability] if policies.availability else [])]:
        _check(rule, schema, source)


def _check(rule: _FieldRule, schema: Schema, source: str) -> None:
    field = schema.field(rule.field)
    if field is None:
        names = say_list([spec.name for spec in schema.fields])
        raise BadInputError(f"{source}: there is no field {rule.field!r} in the catalogue.", f"Its fields are {names}.")
    if not _fits(rule, field):
        raise BadInputError(
            f"{source}: the rule for {rule.field} does not go with a field of type {field.type}.",
            "Correct the rule, or the field's type in the schema file.",
        )


def _fits(rule: _FieldRule, field: FieldSpec) -> bool:
    if isinstance(rule, Confirmation | Availability):
        return field.is_category
    if isinstance(rule, Rule) and rule.op in ORDERED_OPS:
        return field.is_ordered
    return isinstance(getattr(rule, "value", None), bool) == (field.type == "flag")
