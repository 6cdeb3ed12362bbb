"""What is believed of a trained model's wishes, beside what the words say of the same fields.

Chosen offline on the answers of an exam's seed 0 (`tastemaker planner eval`) and by what scripted dialogues lost. Where
the model and the words speak of one field and the same values, the model is right more often about sides and strengths;
it tells a value that is one of several, whether a flag is meant or its opposite, even where no known word names it, and
what a number measures that the words could not place. In refusals, in years and in guesses at other values the words
were right more often, and what the model leaves out was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.plan import Plan
from agent.reading.heard import Reading
from agent.vocabulary import spoken
from tools.constraints import ORDERED_OPS, Constraint, say_values, words_of
from tools.data.schema import FieldSpec, Schema
from tools.text import normalise

_EXACT = frozenset({"exactly", "exact", "precisely", "just"})


def believed(plan: Plan, reading: Reading, schema: Schema) -> Iterator[tuple[Constraint, bool]]:
    """The wishes of a message, each with whether it is as the model has it rather than as the words do."""
    settled: set[int] = set()
    is_whole = {c.field for c in reading.constraints} <= {c.field for c in plan.constraints}
    for read in reading.constraints:
        field = schema.field(read.field)
        if field is None or read.either:
            yield read, False
            continue
        same = _of_the_same(read, plan.constraints, settled)
        if same is not None:
            settled.add(same)
            mended = _mended(read, plan.constraints[same], field, reading, is_whole)
            yield mended, mended != read
            continue
        wider = next((one for one in plan.constraints if _is_wider(one, read, reading)), None)
        yield (spoken(wider), True) if wider else (read, False)
    named = {constraint.field for constraint in reading.constraints}
    types = {field.name: field.type for field in schema.fields if field.name not in named}
    left = reading.query.split()
    for one in plan.constraints:
        type_ = types.get(one.field)
        if type_ == "flag" or (type_ == "number" and number_said(one) in left):
            yield spoken(one), True


def number_said(constraint: Constraint) -> str:
    """The number of a wish as a message has it; empty where it has none."""
    value = constraint.value
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _of_the_same(read: Constraint, proposed: Sequence[Constraint], settled: set[int]) -> int | None:
    """The row of the model's wish about the same field and values, one that says the same first. A flag has but one."""
    rows = [
        row
        for row, one in enumerate(proposed)
        if row not in settled
        and one.field == read.field
        and (_values(one) == _values(read) or isinstance(read.value, bool))
    ]
    return min(rows, key=lambda row: proposed[row].key[:2] != read.key[:2], default=None)


def _is_wider(one: Constraint, read: Constraint, reading: Reading) -> bool:
    """Whether the model takes a value that is wished for as one of several alternatives, of which the words found no
    other, though they say some of it: two that they did find may both be wanted.
    """
    if one.field != read.field or not isinstance(one.value, tuple) or one.op != read.op:
        return False
    is_only = [other for other in reading.constraints if other.field == read.field] == [read]
    more = {*one.value} - {*words_of(read.value)}
    is_said = all(reading.words & {*normalise(value).split()} for value in more)
    return is_only and is_said and {*words_of(read.value)} < {*one.value}


def _mended(read: Constraint, one: Constraint, field: FieldSpec, reading: Reading, is_whole: bool) -> Constraint:
    """The wish as the words have it, with the model's strength, and with its side where they only name a number; years
    are left as they are said, and nothing that is wanted becomes unwanted.

    Args:
        is_whole: whether the plan has all wishes; one that lost a wish may have its hedge beside another's number.
    """
    if field.type == "flag":
        return one.model_copy(update={"words": read.words if one.value == read.value else say_values(one.value)})
    if field.is_category:
        return read if one.is_refusal != read.is_refusal else _as_one(read, one)
    if field.is_temporal:
        return read
    is_bare = read.op == "=" and read.strength == "must" and not reading.words & _EXACT
    if is_bare and one.op in ORDERED_OPS and one.strength == "must":
        return _as_one(read, one)
    is_heard = one.op == read.op and (is_whole or one.strength == "must")
    return read.model_copy(update={"strength": one.strength}) if is_heard else read


def _as_one(read: Constraint, one: Constraint) -> Constraint:
    return read.model_copy(update={"op": one.op, "strength": one.strength})


def _values(constraint: Constraint) -> object:
    value = constraint.value
    return frozenset(words_of(value)) if isinstance(value, str | tuple) else value
