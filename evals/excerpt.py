"""A part of a catalogue as files that can be ingested: its most used items, who used them, and its schema."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.data.catalogue import Catalogue, Item
from tools.data.ingest import Sources
from tools.data.schema import FieldSpec, Schema, dump_schema
from tools.data.training import load_training
from tools.data.versions import Version
from tools.models.contract import TrainingData

LIKED, DISLIKED = 5, 1
"""How likes and dislikes are written as ratings."""


@dataclass(frozen=True)
class Excerpt:
    """Some items, the most used first, and who used them."""

    schema: Schema
    items: Sequence[Item]
    training: TrainingData

    @property
    def description(self) -> str:
        """The field that sellers write in."""
        field = self.schema.with_role("description")
        assert field is not None, "it is added where there is none"
        return field.name


def excerpt(version: Version, size: int, people: int) -> Excerpt:
    """The most used items of a catalogue (where nothing says who used what, the first ones), and so many people.

    A field in the role `description` is added where there is none, empty in every item.
    """
    catalogue, training = Catalogue(version.database), load_training(version.models)
    try:
        used = np.bincount(training.item, minlength=catalogue.size)
        items = catalogue.items(np.argsort(-used, kind="stable")[:size])
    finally:
        catalogue.close()
    drawn = np.random.default_rng(0).permutation(training.users)[:people]
    training = training.where(np.isin(training.user, drawn))
    fields = [field.model_copy(update={"column": None, "separator": None}) for field in catalogue.schema.fields]
    if not catalogue.schema.with_role("description"):
        taken = {field.name for field in fields}
        name = next(name for name in ("description", "about", "sellers_text") if name not in taken)
        fields.append(FieldSpec(name=name, type="text", role="description"))
    return Excerpt(catalogue.schema.model_copy(update={"fields": fields}), items, training)


def write_excerpt(part: Excerpt, folder: Path, edits: Mapping[str, Mapping[str, Any]]) -> Sources:
    """Items as JSONL, events as CSV, the schema as YAML.

    Args:
        edits: by item id, the values that are written instead of an item's own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sources = Sources(folder / "items.jsonl", folder / "events.csv", folder / "schema.yaml")
    assert sources.interactions is not None
    assert sources.schema is not None
    with sources.items.open("w", encoding="utf-8") as stream:
        for item in part.items:
            row = {part.schema.id_column: item.id, part.description: "", **item.values, **edits.get(item.id, {})}
            stream.write(json.dumps(row) + "\n")
    ids = {item.position: item.id for item in part.items}
    data = part.training
    with sources.interactions.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "item", "rating", "timestamp"])
        for user, item, liked, time in zip(data.user, data.item, data.liked, data.time, strict=True):
            if int(item) in ids:
                writer.writerow([int(user), ids[int(item)], LIKED if liked else DISLIKED, int(time)])
    sources.schema.write_text(dump_schema(part.schema), encoding="utf-8")
    return sources
