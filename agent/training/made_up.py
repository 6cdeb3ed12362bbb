"""A made-up catalogue as an opened one: with items, so that titles and values are found in messages."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from agent.reading.heard import Before
from agent.training.compose import Made
from agent.training.material import Domain, MadeUpField
from tools.data.catalogue import Catalogue
from tools.data.items import ItemRow
from tools.data.store import write_catalogue
from tools.data.values import Value
from tools.grounding import Titles


def opened(domain: Domain, folder: Path, rng: random.Random) -> tuple[Catalogue, Titles]:
    """Each title as an item, with values at random; every value of every field is some item's. The catalogue's file
    lies in the folder, which is made; close it before that goes.
    """
    most = max(len(domain.titles), *(len(field.values) for field in domain.fields))
    titles = [*domain.titles, *(f"Untitled {number}" for number in range(most - len(domain.titles)))]
    title = domain.schema.title.name
    rows = [
        ItemRow(
            f"i{row}",
            {title: titles[row], **{f.name: _value(f, row, rng) for f in domain.fields if f.type != "text"}},
        )
        for row in range(most)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "catalogue.db"
    write_catalogue(path, domain.schema, rows, {})
    catalogue = Catalogue(path)
    return catalogue, Titles(catalogue, np.zeros(most, dtype=np.float32))


def before(made: Made, catalogue: Catalogue, titles: Titles) -> Before:
    """What a message can point at: what was shown and asked before it."""
    slate = [catalogue.item(match.position) for title in made.shown if (match := titles.find(title))]
    asked = next((f for f in catalogue.schema.askable if made.asked in {*f.words, f.name.replace("_", " ")}), None)
    return Before(slate=slate, unjudged=len(slate), question="field" if made.asked else "", asked=asked)


def _value(field: MadeUpField, row: int, rng: random.Random) -> Value:
    if field.values:
        first = field.values[row % len(field.values)]
        return sorted({first, rng.choice(field.values)}) if field.type == "categories" else first
    if field.type == "flag":
        return rng.random() < 0.5
    steps = round((field.high - field.low) / field.step)
    number = field.low + field.step * rng.randint(0, steps)
    return str(int(number)) if field.type == "date" else float(round(number, 2))
