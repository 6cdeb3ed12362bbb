"""How simulated people put a wish, in the schema's own words and in the forms of their style."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from agent.wording import say_list
from evals.users.forms import PLAIN, Forms
from tools.constraints import Constraint, say_values, words_of
from tools.data.schema import FieldSpec, Schema

_FIRST_PERSON = {"prefers": "I prefer", "likes": "I like", "wants": "I want", "loves": "I love", "hates": "I hate"}
_HOURS = {
    "30": ("half an hour", "30 minutes"),
    "60": ("an hour", "one hour", "1 hour"),
    "90": ("an hour and a half", "1.5 hours"),
    "120": ("two hours", "2 hours", "2h"),
    "150": ("two and a half hours", "2.5 hours"),
    "180": ("three hours", "3 hours"),
}
IN_HOURS = 0.4
"""How often a round number of minutes is said in hours, in the forms that allow it."""


def opening(schema: Schema, rng: random.Random, forms: Forms = PLAIN) -> str:
    """A first sentence that says nothing yet."""
    return with_article(rng.choice(forms.openings).format(item=schema.item))


def phrase(
    wishes: Sequence[Constraint], field: FieldSpec, schema: Schema, rng: random.Random, forms: Forms = PLAIN
) -> str:
    """A wish about a field in words, without a full stop; of two bounds, the range."""
    first, op = wishes[0], _op(wishes, field)
    values = {"label": field.label, "unit": field.unit or "", "item": schema.item}
    chosen = rng.choice(forms.of_wish("temporal" if field.is_temporal else field.role or "", op))
    if field.is_category:
        values["v"] = _any_of(words_of(first.value))
    elif len(wishes) > 1:
        low, high = sorted(wishes, key=lambda bound: bound.op, reverse=True)
        values |= {"low": say_values(low.value), "high": say_values(high.value)}
    else:
        values["n"] = say_values(first.value)
        values["amount"] = _amount(first, field, rng) if "{amount}" in chosen else ""
    return with_article(" ".join(chosen.format(**values).split()))


def remark(text: str) -> str:
    """A remark about a person as they say it: `prefers dark endings` becomes `I prefer dark endings.`"""
    verb, _, rest = text.partition(" ")
    return f"{_FIRST_PERSON[verb]} {rest}." if verb in _FIRST_PERSON else f"I'm {text}."


def sentence(parts: Sequence[str], rng: random.Random) -> str:
    """Wishes as one sentence, or one after the other."""
    text = say_list(list(parts)) if rng.random() < 0.5 else ", ".join(parts)
    return f"{with_capital(text)}."


def with_capital(text: str) -> str:
    """The first letter in upper case."""
    return text[:1].upper() + text[1:]


def with_article(text: str) -> str:
    """`a item` as `an item`."""
    return re.sub(r"\b([Aa]) (?=[aeiouAEIOU])(?!(?:[Uu]ni|[Ee]u|[Oo]ne\b))", r"\1n ", text)


def _op(wishes: Sequence[Constraint], field: FieldSpec) -> str:
    """The operator as `Forms.wishes` has it."""
    first = wishes[0]
    if field.is_category:
        return "not in" if first.op == "!=" else "in"
    if field.type == "flag":
        return "is" if first.value == (first.op == "=") else "is not"
    if len(wishes) == 1:
        return first.op
    low, high = sorted(float(str(bound.value)[:4]) for bound in wishes)
    return "decade" if field.is_temporal and low % 10 == 0 and high == low + 9 else "range"


def _amount(bound: Constraint, field: FieldSpec, rng: random.Random) -> str:
    """A number with its unit; round minutes perhaps in hours."""
    said = _HOURS.get(say_values(bound.value)) if field.unit == "minutes" else None
    if said and rng.random() < IN_HOURS:
        return rng.choice(said)
    return f"{say_values(bound.value)} {field.unit or ''}".strip()


def _any_of(values: Sequence[str]) -> str:
    return " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
