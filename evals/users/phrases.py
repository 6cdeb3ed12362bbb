"""How simulated people put a wish: many phrasings for each kind of field, from the schema's own words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from agent.wording import say_list
from tools.constraints import Constraint, say_values, words_of
from tools.data.schema import FieldSpec, Schema

OPENINGS = (
    "Hi! Can you recommend a {item}?",
    "I'm looking for a {item} for tonight.",
    "Hello, I need a {item}.",
    "Hey, any good {item} for me?",
    "I could use a suggestion for a {item}.",
)
ANY = (
    "No preference.",
    "I don't really mind.",
    "Doesn't matter to me.",
    "No, anything is fine.",
    "Not picky about that.",
)
YES = ("Yes, that's fine.", "Sure.", "Yes, no problem.", "That's okay with me.", "Yeah, go ahead.")
NO = ("No, please not.", "I'd rather not.", "No.")
REJECTIONS = (
    "No, not that one.",
    "Hmm, that's not for me.",
    "Nope, something else please.",
    "I don't feel like that one. What else do you have?",
    "Not quite what I'm looking for.",
    "That doesn't appeal to me, sorry.",
    "No thanks, another one?",
)
SEEN = ("I've already seen it.", "Seen that one already.")
TAKEN = (
    "Perfect, I'll take it.",
    "Great, that works for me.",
    "Sounds good, let's go with that.",
    "Yes, I'll watch it!",
)
ONLY_ONE = ("Please pick just one for me.", "One at a time, please.")
_VALUE = {
    "audience": ("rated {v}", "it should be rated {v}", "the {label} should be {v}", "{label} {v}, please"),
    "availability": ("on {v}", "it has to be on {v}", "available on {v}", "I can only use {v}"),
    "": ("something with {v}", "{v}, please", "I'm in the mood for {v}", "a {v} {item}", "I'd like {v}"),
}
_NOT = ("no {v}", "not {v}", "anything but {v}", "I don't want {v}", "without {v}")
_BOUND = {
    ("duration", ">="): ("at least {n} {unit}", "{n} {unit} or longer", "no shorter than {n} {unit}", "{n}+ {unit}"),
    ("duration", "<="): ("at most {n} {unit}", "no longer than {n} {unit}", "{n} {unit} max", "up to {n} {unit}"),
    ("quality", ">="): (
        "a {label} of at least {n}",
        "{label} {n} or higher",
        "a {label} of {n} or better",
    ),
    ("", ">="): ("{label} at least {n}", "{label} of {n} or more", "{label} no less than {n}"),
    ("", "<="): ("{label} at most {n}", "{label} of {n} or less", "{label} up to {n}"),
    ("", ">"): ("{label} over {n}", "{label} above {n}", "{label} more than {n}"),
    ("", "<"): ("{label} under {n}", "{label} below {n}", "{label} less than {n}"),
    ("", "!="): ("{label} not {n}", "any {label} but {n}"),
}
_FIRST_PERSON = {"prefers": "I prefer", "likes": "I like", "wants": "I want", "loves": "I love", "hates": "I hate"}


def opening(schema: Schema, rng: random.Random) -> str:
    """A first sentence that says nothing yet."""
    return with_article(rng.choice(OPENINGS).format(item=schema.item))


def phrase(constraint: Constraint, field: FieldSpec, schema: Schema, rng: random.Random) -> str:
    """A wish in words, without a full stop."""
    values = {"label": field.label, "unit": field.unit or "", "item": schema.item}
    if field.is_category:
        said = _any_of(words_of(constraint.value))
        forms = _NOT if constraint.op == "!=" else _VALUE.get(field.role or "", _VALUE[""])
        return with_article(rng.choice(forms).format(v=said, **values))
    if field.type == "flag":
        return field.label if constraint.value else f"not {field.label}"
    key = (field.role or "", constraint.op)
    forms = _BOUND.get(key) or _BOUND.get(("", constraint.op), ("{label} {n}",))
    return " ".join(rng.choice(forms).format(n=say_values(constraint.value), **values).split())


def remark(text: str) -> str:
    """A remark about a person as they say it: `prefers dark endings` becomes `I prefer dark endings.`"""
    verb, _, rest = text.partition(" ")
    return f"{_FIRST_PERSON[verb]} {rest}." if verb in _FIRST_PERSON else f"I'm {text}."


def sentence(parts: Sequence[str], rng: random.Random) -> str:
    """Wishes as one sentence, or one after the other."""
    text = say_list(list(parts)) if rng.random() < 0.5 else ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def with_article(text: str) -> str:
    """`a item` as `an item`."""
    return re.sub(r"\b([Aa]) (?=[aeiouAEIOU])", r"\1n ", text)


def _any_of(values: Sequence[str]) -> str:
    return " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
