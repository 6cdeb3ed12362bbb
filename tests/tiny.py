"""Catalogue files made on the spot: a few rows, a few fields, neither indexes nor recommenders."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.data.catalogue import Catalogue
from tools.data.items import ItemRow
from tools.data.schema import FieldSpec, Schema
from tools.data.store import write_catalogue

TITLE = FieldSpec(name="title", type="text", role="title")


def tiny_schema(*fields: FieldSpec, **more: Any) -> Schema:
    """A schema with a title and these fields."""
    return Schema(id_column="id", fields=[TITLE, *fields], **more)


def tiny_items(rows: Sequence[Mapping[str, Any]]) -> list[ItemRow]:
    """Items `i0`, `i1`, .. in this order; those without a title are called `Item 0`, `Item 1`, .."""
    return [ItemRow(f"i{n}", {"title": f"Item {n}", **row}) for n, row in enumerate(rows)]


@contextmanager
def tiny_catalogue(folder: Path, schema: Schema, rows: Sequence[Mapping[str, Any]]) -> Iterator[Catalogue]:
    """An open catalogue of these rows; what is absent from a row is unknown."""
    path = folder / f"{uuid.uuid4().hex}.db"
    write_catalogue(path, schema, tiny_items(rows), {})
    catalogue = Catalogue(path)
    try:
        yield catalogue
    finally:
        catalogue.close()
