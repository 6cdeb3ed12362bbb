"""Whether the check would notice: true replies made false in one place, and sentences that are true by construction.

Where a reply is changed is found by looking for the raw values of an item's record in the lines that hold its title,
apart from the check's own reading of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.wording import say_list, say_title
from evals.factcheck.records import Records, plain
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec

How = Literal["title made up", "title swapped", "number", "value", "negated"]
_TRIES = 20
MADE_UP = ("Quorvane", "Zebulith", "Marrowick", "Tintagor", "Vexilum", "Brindlemoor", "Ostrakind", "Pellucido")


@dataclass(frozen=True)
class Mutant:
    """A reply that was true, and is false in one place."""

    how: How
    reply: str


def made_up_title(records: Records, rng: random.Random) -> str:
    """A title that no item has."""
    while True:
        title = f"The {rng.choice(MADE_UP)} {rng.choice(MADE_UP)}"
        if plain(title) not in records.titles:
            return title


def mutants(reply: str, items: Sequence[Item], records: Records, rng: random.Random) -> Iterator[Mutant]:
    """One of each kind that the reply has a place for.

    Args:
        items: those that the reply states something of.
    """
    lines = reply.split("\n")
    places: dict[How, list[tuple[int, str]]] = {}
    for number, line in enumerate(lines):
        spoken = [item for item in items if say_title(records.schema, item) in line]
        if spoken and not line.rstrip().endswith("?"):
            first = min(spoken, key=lambda item: line.index(say_title(records.schema, item)))
            for how, text in _of_line(line, first, items, records, rng):
                places.setdefault(how, []).append((number, text))
    for how, found in places.items():
        number, text = rng.choice(found)
        yield Mutant(how, "\n".join([*lines[:number], text, *lines[number + 1 :]]))


def _of_line(
    line: str, item: Item, items: Sequence[Item], records: Records, rng: random.Random
) -> Iterator[tuple[How, str]]:
    title = say_title(records.schema, item)
    begin = line.index(title)
    rest = line[begin + len(title) :]
    year = records.year_of(item)
    made_up = made_up_title(records, rng) + (f" ({year})" if year else "")
    yield "title made up", line.replace(title, made_up, 1)
    for start, end, field, value in _values(rest, item, records):
        at = begin + len(title)
        if stranger := _absent(field, items, records, rng):
            yield "value", line[: at + start] + stranger + line[at + end :]
        yield "negated", f"{line[: at + start]}not {line[at + start :]}"
        swapped = next((o for o in _shuffled(items, rng) if not records.has(o, plain(value))), None)
        if swapped is not None:
            yield "title swapped", line.replace(title, say_title(records.schema, swapped), 1)
    for start, end, number in _numbers(rest, item, records):
        changed = rest[:start] + f"{number + rng.randint(3, 40):g}" + rest[end:]
        yield "number", line[: begin + len(title)] + changed


def _values(text: str, item: Item, records: Records) -> Iterator[tuple[int, int, FieldSpec, str]]:
    for field in (f for f in records.schema.fields if f.name in records.counts):
        for value in item.words(field.name):
            for match in re.finditer(rf"(?<![\w“]){re.escape(value)}(?![\w”])", _unquoted(text)):
                yield *match.span(), field, value


def _numbers(text: str, item: Item, records: Records) -> Iterator[tuple[int, int, float]]:
    """Those with a field's unit behind or its name in front of them."""
    for field in (f for f in records.schema.fields if f.type == "number" and f.name in item.values):
        value = float(item.values[field.name])
        said = rf"(?<![\w.,]){re.escape(f'{value:,.12g}')}(?![\w.])"
        forms = [rf"{re.escape(field.label)} (?P<n>{said})"]
        forms += [rf"(?P<n>{said}) {re.escape(field.unit)}"] if field.unit else []
        for match in (m for form in forms for m in re.finditer(form, _unquoted(text))):
            yield *match.span("n"), value


def _absent(field: FieldSpec, items: Sequence[Item], records: Records, rng: random.Random) -> str:
    """A value of a field that none of these items has; empty where none is found."""
    drawn = rng.choices(records.listed[field.name], k=_TRIES)
    return next((value for value in drawn if not any(records.has(item, plain(value)) for item in items)), "")


def _unquoted(text: str) -> str:
    return re.sub(r"[“\"][^“”\"]*[”\"]", lambda match: "\0" * len(match.group()), text)


def _shuffled(items: Sequence[Item], rng: random.Random) -> list[Item]:
    return rng.sample(list(items), len(items))


def truths(items: Sequence[Item], records: Records, rng: random.Random) -> Iterator[str]:
    """Sentences about items, in other words than the agent's."""
    schema = records.schema
    for item in items:
        title = say_title(schema, item)
        kinds = [(f, v) for f in schema.fields if f.name in records.counts for v in item.words(f.name)]
        numbers = [f for f in schema.fields if f.type == "number" and f.role != "year" and f.name in item.values]
        forms = [f"You might enjoy {title}."]
        if numbers:
            field = rng.choice(numbers)
            said = f"{item.values[field.name]:,.12g}{' ' + field.unit if field.unit else ''}"
            forms.append(f"{title} has {said} for {field.label}, which I like.")
            forms.append(f"It is {title} that I would try: the {field.label} is {said}.")
        if kinds:
            field, value = rng.choice(kinds)
            forms.append(f"For {field.label}, {title} has {value}.")
            forms.append(f"I'd go for {title}, with {say_list(item.words(field.name))} for {field.label}.")
            if absent := _absent(field, [item], records, rng):
                forms.append(f"Note that {title} is not {absent}.")
        yield rng.choice(forms)
