"""A made-up catalogue of the training material as an opened one: with items, so that titles and values are found."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from agent.training.material import Domain, MadeUpField
from tools.data.catalogue import Catalogue
from tools.data.items import ItemRow
from tools.data.store import write_catalogue
from tools.data.training import training_data
from tools.data.values import Value
from tools.grounding import Titles
from tools.models.facets import Facets
from tools.models.fit import fit_blend
from tools.shelf import Shelf


def shelf_of(domain: Domain, folder: Path, rng: random.Random) -> Shelf:
    """Each title as an item, with values at random; every value of every field is some item's. No dense index."""
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
    path = folder / "catalogue.db"
    write_catalogue(path, domain.schema, rows, {})
    catalogue = Catalogue(path)
    people = np.zeros(most, dtype=np.int64)
    blend = fit_blend(training_data(None, most, None))
    return Shelf(
        catalogue, Titles(catalogue, people.astype(np.float32)), blend, Facets(catalogue), people, None, None, None
    )


def _value(field: MadeUpField, row: int, rng: random.Random) -> Value:
    if field.values:
        first = field.values[row % len(field.values)]
        return sorted({first, rng.choice(field.values)}) if field.type == "categories" else first
    if field.type == "flag":
        return rng.random() < 0.5
    steps = round((field.high - field.low) / field.step)
    number = field.low + field.step * rng.randint(0, steps)
    return str(int(number)) if field.type == "date" else float(round(number, 2))
