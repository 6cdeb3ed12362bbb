"""Lessons: one prompt with the fields of a made-up catalogue, and many messages with their plans after it.

The fields are drawn, put in another order and named otherwise from lesson to lesson, so that a planner learns to read
them in its prompt. Several messages share one prompt, as the turns of a chat: that makes most tokens plans and
messages rather than fields.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.plan import Plan
from agent.prompt import fields_prompt, state_prompt
from agent.training.compose import Composer, Made
from agent.training.made_up import before, opened
from agent.training.material import Bank, Domain, MadeUpField
from agent.wire import plan_to_wire
from agent.worked import worked_plan
from tools.text import normalise

FEWEST_FIELDS = 3
MESSAGES = 8
"""In a lesson."""
HELD_OUT_SHARE = 0.1
"""Of the phrases: never in training, always in the evaluation on held-out phrasings."""
_RENAMED = 0.35
_OWN = 0.5
"""How often a lesson is about a catalogue of one's own, where there is one."""
_MIXED = 0.5
"""How often a catalogue borrows fields of others, so that none is known by its company."""
_FEWER_VALUES, _FEWEST_VALUES = 0.6, 4


@dataclass(frozen=True)
class Lesson:
    """Fields, and messages over them, each with its state as the planner is asked, and its plan as it is written."""

    domain: Domain
    turns: tuple[tuple[str, str], ...]

    @property
    def system(self) -> str:
        """The prompt that all of its messages share."""
        return fields_prompt(self.domain)


def is_held_out(phrase: str) -> bool:
    """Whether a phrase is kept for evaluation, by its own hash: the same in every run.

    >>> is_held_out("under {n} {unit}") == is_held_out("under {n} {unit}")
    True
    """
    return hashlib.sha256(phrase.encode()).digest()[0] < 256 * HELD_OUT_SHARE


def lessons(
    domains: Mapping[str, Domain],
    bank: Bank,
    seed: int,
    turns: int = MESSAGES,
    allow_held_out: bool = False,
    own: Domain | None = None,
) -> Iterator[Lesson]:
    """Lessons without end, the same for the same material and seed.

    Args:
        own: a catalogue that half of them are about.
    """
    rng, made_up = random.Random(f"lessons {seed}"), [domain for _, domain in sorted(domains.items())]  # noqa: S311
    while True:
        if own and rng.random() < _OWN:
            domain = varied(own, rng)
        else:
            whole = rng.choice(made_up)
            is_mixed = rng.random() < _MIXED
            domain = varied(whole, rng, [other for other in made_up if other is not whole] if is_mixed else ())
        composer = Composer(domain, bank, rng, is_held_out, allow_held_out)
        made = [composer.make() for _ in range(turns)]
        with tempfile.TemporaryDirectory() as folder:
            catalogue, titles = opened(domain, Path(folder), rng)
            drafts = [worked_plan(one.message, catalogue, titles, before(one, catalogue, titles)) for one in made]
            catalogue.close()
        asked = [asked_with(one, draft) for one, draft in zip(made, drafts, strict=True)]
        yield Lesson(domain, tuple(zip(asked, (plan_to_wire(one.plan) for one in made), strict=True)))


def digest(domains: Mapping[str, Domain], bank: Bank, own: Domain | None = None) -> str:
    """What tells this material from any other."""
    whole = [*sorted(domains.items()), ("", own)]
    told = [f"{name} {domain.model_dump_json() if domain else ''}" for name, domain in whole]
    told += [wish.model_dump_json() for wish in (*bank.wishes, *bank.plain)] + [repr(sorted(bank.phrases.items()))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def asked_with(made: Made, draft: Plan | None) -> str:
    """The message with its state, as the planner is asked."""
    return state_prompt(made.message, made.known, made.shown, made.asked, draft)


def varied(domain: Domain, rng: random.Random, lenders: Sequence[Domain] = ()) -> Domain:
    """The domain with some of its fields, in another order, some under another of their names, or with fewer values.

    Args:
        lenders: domains whose fields take the place of some.
    """
    title = [field for field in domain.fields if field.role == "title"]
    others = [field for field in domain.fields if field.role != "title"]
    count = rng.randint(min(FEWEST_FIELDS, len(others)), len(others))
    chosen = rng.sample(others, count)
    if lenders:
        chosen = chosen[: -(-count // 2)]
        lent = [field for lender in lenders for field in lender.fields if field.type != "text"]
        for field in rng.sample(lent, len(lent)):
            if len(chosen) == count:
                break
            if not any(_are_alike(field, other) for other in (*title, *chosen)):
                chosen.append(field)
        rng.shuffle(chosen)
    chosen = [_renamed(field, rng) if rng.random() < _RENAMED else field for field in chosen]
    chosen = [_with_fewer_values(field, rng) if rng.random() < _FEWER_VALUES else field for field in chosen]
    return Domain.model_validate({**domain.model_dump(), "fields": [*title, *_distinct(chosen)]})


def _are_alike(one: MadeUpField, other: MadeUpField) -> bool:
    """Whether words may mean either of them."""
    names, values = (
        ({normalise(name) for name in (field.name, *field.words)} for field in (one, other)),
        ({normalise(value) for value in (*field.values, *field.synonyms)} for field in (one, other)),
    )
    return (
        not set.isdisjoint(*names)
        or not set.isdisjoint(*values)
        or (one.role is not None and one.role == other.role)
        or (one.unit is not None and one.unit == other.unit)
    )


def _renamed(field: MadeUpField, rng: random.Random) -> MadeUpField:
    names = [normalise(word).replace(" ", "_") for word in field.words]
    fitting = [name for name in names if name.isascii() and name.replace("_", "").isalpha() and name not in ("id", "")]
    return field.model_copy(update={"name": rng.choice(fitting)}) if fitting else field


def _with_fewer_values(field: MadeUpField, rng: random.Random) -> MadeUpField:
    """Without some of its values, so that which there are is not learnt by heart."""
    if len(field.values) <= _FEWEST_VALUES:
        return field
    kept = {*rng.sample(field.values, rng.randint(_FEWEST_VALUES, len(field.values)))}
    others = {name: {word: value for word, value in getattr(field, name).items() if value in kept}
              for name in ("synonyms", "idioms")}  # fmt: skip
    values, order = ([value for value in some if value in kept] for some in (field.values, field.order))
    return field.model_copy(update={"values": values, "order": order, **others})


def _distinct(fields: Sequence[MadeUpField]) -> list[MadeUpField]:
    return list({field.name: field for field in fields}.values())
