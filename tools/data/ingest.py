"""From a user's files to a catalogue in service: read, infer, store, embed, fit, swap."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tools.data.infer import infer_with_notes
from tools.data.interactions import Interactions, read_interactions
from tools.data.items import IngestReport, ItemRow, typed_items
from tools.data.read import read_table
from tools.data.schema import Schema, dump_schema, load_schema
from tools.data.store import embedding_text, kinds_of, write_catalogue
from tools.data.training import fit_catalogue, save_training, training_data
from tools.data.versions import CatalogueHome, Version
from tools.index.dense import build_dense
from tools.index.embed import Embedder, Vectors
from tools.models.popular import Popular
from tools.progress import OnStep, silent, within

_BEGINS = {"reading": 0.0, "storing": 0.05, "embedding": 0.1, "indexing": 0.8, "fitting": 0.92, "done": 1.0}
"""At which share of the whole each phase begins; embedding is most of the work."""


@dataclass(frozen=True)
class Sources:
    """The user's files."""

    items: Path
    interactions: Path | None = None
    schema: Path | None = None
    whole_texts: bool = False
    """Whether long texts are embedded whole: better search by meaning, for minutes more at 10,000 items."""
    attributions: list[dict[str, str]] = field(default_factory=list)
    """Whose data this is, to be shown with it."""


@dataclass(frozen=True)
class Ingested:
    """What an ingest did."""

    schema: Schema
    schema_file: Path
    items: int
    report: IngestReport
    interactions: Interactions | None
    notes: list[str]
    """What was uncertain about the inferred schema, and what else did not go well."""
    seconds: float


def ingest(sources: Sources, home: CatalogueHome, on_step: OnStep = silent) -> Ingested:
    """Build a catalogue from files and put it in service. Until it is whole, the previous one stays.

    Raises:
        BadInputError: a file can't be used; nothing has changed.
    """
    began = time.monotonic()
    on_step("reading", _BEGINS["reading"])
    table = read_table(sources.items)
    schema, notes = (load_schema(sources.schema), []) if sources.schema else infer_with_notes(table)
    rows, report = typed_items(table, schema)
    interactions = read_interactions(sources.interactions, [row.id for row in rows]) if sources.interactions else None
    with home.building(dump_schema(schema)) as version:
        on_step("storing", _BEGINS["storing"])
        write_catalogue(version.database, schema, rows, _meta(sources, interactions))
        vectors, lost = _index(version, schema, rows, sources.whole_texts, on_step)
        _fit(version, schema, rows, interactions, vectors, on_step)
    on_step("done", _BEGINS["done"])
    notes += [f"{lost} items can't be found by meaning: the dense index does not reach them"] if lost else []
    return Ingested(schema, home.schema_file, len(rows), report, interactions, notes, time.monotonic() - began)


def _meta(sources: Sources, interactions: Interactions | None) -> dict[str, Any]:
    return {
        "source": sources.items.name,
        "interactions": 0 if interactions is None else len(interactions.user),
        "users": 0 if interactions is None else len(interactions.users),
        "attributions": sources.attributions,
    }


def _index(
    version: Version, schema: Schema, rows: list[ItemRow], whole_texts: bool, on_step: OnStep
) -> tuple[Vectors, int]:
    """The items' vectors, and how many of them the dense index does not reach."""

    def counted(phase: str, until: str) -> Callable[[int], None]:
        begin, end = _BEGINS[phase], _BEGINS[until]
        return lambda done: on_step(phase, begin + (end - begin) * done / len(rows))

    on_step("embedding", _BEGINS["embedding"])
    kinds = kinds_of(schema, rows)
    texts = [embedding_text(schema, row, kinds) for row in rows]
    vectors = Embedder().embed(texts, counted("embedding", "indexing"), whole=whole_texts)
    lost = build_dense(version.dense, vectors, counted("indexing", "fitting"))
    return vectors, lost


def _fit(
    version: Version,
    schema: Schema,
    rows: list[ItemRow],
    interactions: Interactions | None,
    vectors: Vectors,
    on_step: OnStep,
) -> None:
    on_step("fitting", _BEGINS["fitting"])
    save_training(version.models, training_data(interactions, len(rows), vectors))
    if interactions is None:
        Popular.of_counts(_popularity_field(schema, rows)).save(version.models)
    fit_catalogue(version.models, on_step=within(on_step, _BEGINS["fitting"], 1.0))


def _popularity_field(schema: Schema, rows: list[ItemRow]) -> Any:
    field = schema.with_role("popularity")
    return np.array([row.values.get(field.name, np.nan) if field else np.nan for row in rows], dtype=np.float64)
