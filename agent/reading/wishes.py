"""The wishes of a message, and of what kind they are: demanded, preferred, allowed, needless."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.reading.adjectives import read_adjectives, read_order, side_of
from agent.reading.ages import GROWN_UP, Age, fit_for, fit_for_children, rated, read_ages
from agent.reading.comparisons import Pointers, Standard, read_comparisons
from agent.reading.either import both_taken, one_of_two
from agent.reading.flags import read_flags
from agent.reading.heard import Before
from agent.reading.lexicon import (
    ALLOWS,
    IS_GIFT,
    IS_NO,
    LIKED,
    NEEDLESS,
    OTHERS_TASTE,
    PERMITS,
    REMARKED,
    ROLE_WORDS,
    SAID_OF,
    clause_before,
)
from agent.reading.mentions import Mentions
from agent.reading.numbers import read_numbers
from agent.reading.refusals import read_refusals
from agent.reading.shared import read_shared
from agent.reading.spans import Found, Taken
from agent.reading.titles import Named
from agent.reading.values import coded, read_values
from tools.constraints import ORDERED_OPS, Constraint
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec, Schema
from tools.text import words_with_spans


@dataclass(frozen=True)
class Wished:
    """What a message wishes for."""

    found: Sequence[Found]
    """All of it, in the order of the message."""
    constraints: tuple[Constraint, ...]
    permitted: tuple[Constraint, ...]
    needless: tuple[Constraint, ...]
    order: str
    """`lowest price`, or empty."""
    ordered_by: str
    """The field of that order."""
    sources: tuple[int, ...]
    """The items that are only named for a value that they have."""
    standards: Sequence[Standard]
    """The items that something is compared with."""
    only_named: Sequence[Named]
    """The titles that are there for nothing else."""
    both: tuple[str, ...]
    """The words of wishes of which one would be enough, and which are all taken."""
    ages: Sequence[Age]
    """Of people that it is for."""
    is_of_unknown_age: bool
    """Whether it is for a child, and no field says what is fit for one."""

    @property
    def measured(self) -> set[int]:
        """The items that nothing is said of but a value."""
        return {*self.sources, *(standard.item.position for standard in self.standards)}

    @property
    def fields(self) -> set[str]:
        """The fields that something is wished of."""
        return {*(c.field for c in self.constraints), *([self.ordered_by] if self.ordered_by else [])}


def read_wishes(message: str, catalogue: Catalogue, before: Before, said: Mentions) -> Wished:
    """What a message wishes for; the words that say it are taken from then on."""
    slate, focus, taken = before.slate, before.focus, said.taken
    shared, sources, only_named = read_shared(
        message, catalogue, said.named, [*said.rows, *([focus] if focus else []), *slate]
    )
    pointers = Pointers(said.named, said.references, slate, focus, catalogue)
    compared, standards = read_comparisons(message, pointers)
    found = _claimed([*shared, *compared], Taken(message))
    orders = read_order(message, catalogue)
    for start, end in [*((f.start, f.end) for f in found), *((start, end) for start, end, _, _ in orders)]:
        taken.take(start, end)
    measured = {*sources, *(standard.item.position for standard in standards)}
    liked = catalogue.items([n.position for n in said.named if n.kind == "liked" and n.position not in measured])
    ages = read_ages(message, catalogue.schema)
    found += _read_fields(message, catalogue, replace(before, slate=said.rows or liked or slate), ages, taken)
    rejected = [(n.start, n.end) for n in said.named if n.kind in ("rejected", "disliked")]
    found = one_of_two(message, [*found, *read_refusals(message, catalogue, taken, rejected)], catalogue.schema)
    found = _without_taunts(_not_replaced(sorted(found, key=lambda f: f.start), said.back.replaced_until))
    allowed = [f for f in found if _is_allowed(message, f, catalogue.schema) and not _answers(f, before.asked)]
    remarks = [f for f in found if before.asked is None and _is_remark(message, f, said)]
    needless = [f for f in found if NEEDLESS.search(clause_before(message, f.start)) or _is_flag_allowed(message, f)]
    return Wished(
        found=found,
        constraints=_of_several_people(message, [f for f in found if f not in (*allowed, *needless, *remarks)]),
        permitted=tuple(c for f in allowed for c in f.constraints if _wants_value(c)),
        needless=tuple(c for f in needless for c in f.constraints),
        order=orders[0][2] if orders else "",
        ordered_by=orders[0][3].name if orders else "",
        sources=tuple(dict.fromkeys(sources)),
        standards=standards,
        only_named=only_named,
        both=both_taken(message, found, catalogue.schema),
        ages=ages,
        is_of_unknown_age=rated(catalogue.schema) is None and any(age.years < GROWN_UP for age in ages),
    )


def _is_allowed(message: str, found: Found, schema: Schema) -> bool:
    """`horror is fine`, `I don't mind horror`, `older ones are fine`."""
    says_so = PERMITS.match(message[found.end :]) or ALLOWS.search(clause_before(message, found.start))
    return bool(says_so) and (
        _only_compares(message[found.start : found.end], schema) or all(_wants_value(c) for c in found.constraints)
    )


def _only_compares(text: str, schema: Schema) -> bool:
    """Whether it is an adjective alone: `older`, but not `under two hours`."""
    words = [word for word, _, _ in words_with_spans(text)]
    return bool(words) and any(side_of(field, words[-1]) for field in schema.askable)


def _is_remark(message: str, found: Found, said: Mentions) -> bool:
    """`it is really funny`, `that's not a comedy`, `the music was great`, `Heat was good`: said, and not wished for."""
    before, after = clause_before(message, found.start), message[found.end :]
    if IS_NO.search(before):
        return True
    is_past = before.lower().split()[-1:] == ["the"] and re.match(r"\s+(?:was|were)\b", after) is not None
    if (REMARKED.search(before) or is_past) and all(_wants_value(c) for c in found.constraints):
        return True
    ends = [*(name.end for name in said.named), *(end for _, end, _ in said.unknown)]
    return any(SAID_OF.fullmatch(message, end, found.start) for end in ends)


def _answers(found: Found, asked: FieldSpec | None) -> bool:
    """Whether it is about what was asked: `horror is fine` is then what is wanted."""
    return asked is not None and all(c.field == asked.name for c in found.constraints)


def _is_flag_allowed(message: str, found: Found) -> bool:
    """`I don't mind if it's sponsored`, `sponsored or not`."""
    is_flag = all(isinstance(c.value, bool) for c in found.constraints)
    before, after = clause_before(message, found.start), message[found.end :]
    return is_flag and bool(ALLOWS.search(before) or PERMITS.match(after) or re.match(r"\s+or not\b", after, re.I))


def _without_taunts(found: Sequence[Found]) -> list[Found]:
    """`no dramas, I've had enough drama`: what is refused is not asked for in the same breath."""
    refused = {(c.field, c.value) for f in found for c in f.constraints if c.op == "!="}
    return [f for f in found if not any(c.op == "=" and (c.field, c.value) in refused for c in f.constraints)]


def _not_replaced(found: Sequence[Found], until: int) -> list[Found]:
    """Without what a correction within the message replaces: `a comedy. No, wait, a drama`."""
    later = {c.field for f in found if f.start >= until for c in f.constraints}
    return [f for f in found if f.start >= until or not {c.field for c in f.constraints} & later]


def _wants_value(constraint: Constraint) -> bool:
    return constraint.op == "=" and isinstance(constraint.value, str | tuple)


def _of_several_people(message: str, found: Sequence[Found]) -> tuple[Constraint, ...]:
    """The constraints; where several people's tastes are told, what each likes is preferred and not demanded."""
    shared = OTHERS_TASTE.search(message) is not None and not IS_GIFT.search(message)
    return tuple(
        c.model_copy(update={"strength": "prefer"})
        if shared and _wants_value(c) and LIKED.search(clause_before(message, f.start))
        else c
        for f in found
        for c in f.constraints
    )


def _read_fields(message: str, catalogue: Catalogue, before: Before, ages: Sequence[Age], taken: Taken) -> list[Found]:
    """Constraints on fields; where two readings claim the same words, the first keeps them."""
    schema = catalogue.schema
    newest = [catalogue.spread(f.name)[-1] for f in schema.fields if f.is_temporal and catalogue.spread(f.name)]
    spreads = {field.name: catalogue.spread(field.name) for field in schema.askable if field.is_ordered}
    of_age = fit_for(ages, message, schema) if ages else fit_for_children(message, catalogue)
    found = [*of_age]
    for start, end in [*((a.start, a.end) for a in ages), *((f.start, f.end) for f in found)]:
        taken.take(start, end)
    codes = coded(message, catalogue, before.asked)
    numbers = read_numbers(message, schema, max(newest, default=2000.0), before.asked, spreads)
    found += _claimed([number for number in numbers if codes.is_free(number.start, number.end)], taken)
    found += _claimed(read_values(message, catalogue, taken, before.asked), taken)
    found += _claimed(read_flags(message, catalogue), taken)
    bounded = {c.field for f in found for c in f.constraints if c.op in ORDERED_OPS}
    vague = read_adjectives(message, catalogue, before.slate)  # `short, under 90 minutes` says how short
    field = rated(schema)
    said = {c.field for f in found if f not in of_age for c in f.constraints}
    if field and field.name in said:  # `PG-13 at most, for my 12-year-old`
        found = [f for f in found if f not in of_age]
    return found + _claimed([f for f in vague if not {c.field for c in f.constraints} & bounded], taken)


def _claimed(found: Sequence[Found], taken: Taken) -> list[Found]:
    """Those whose words are free; they are taken from now on."""
    free = [f for f in found if taken.is_free(f.start, f.end)]
    for f in free:
        taken.take(f.start, f.end)
    return free


def words_said_of(fields: set[str], schema: Schema) -> set[str]:
    """Words that name items, or the fields whose wishes were understood: `price under 20` is not about a price."""
    specs = [spec for spec in schema.fields if spec.name in fields]
    names = [name for spec in specs for name in (*spec.names, spec.unit or "", *ROLE_WORDS.get(spec.role or "", []))]
    nouns = {word for name in [*names, *schema.nouns] for word, _, _ in words_with_spans(name)}
    return nouns | {f"{noun}s" for noun in nouns}
