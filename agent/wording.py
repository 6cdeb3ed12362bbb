"""How values are said: one place for the words of a field, so that a reply reads the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.data.catalogue import Item
from tools.data.schema import FieldSpec, Schema
from tools.relax import Relaxation

LISTED = 3
"""How many values of a list are said; the rest is `and others`."""


def say_list(words: Sequence[str], most: int | None = None) -> str:
    """`A`, `A and B`, `A, B and C`.

    >>> say_list(["A", "B", "C"])
    'A, B and C'
    >>> say_list(["A", "B", "C"], most=2)
    'A, B and others'
    """
    shown = list(words if most is None else words[:most])
    if len(shown) < len(words):
        return f"{', '.join(shown)} and others"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def say_value(field: FieldSpec, value: Any) -> str:
    """A field's value as it stands in a sentence: `1994`, `91 minutes`, `Comedy and Horror`, `Metacritic score 82`."""
    if field.is_category:
        return say_list(value, LISTED) if isinstance(value, list) else str(value)
    if field.type == "flag":
        return field.label if value else f"not {field.label}"
    if field.type == "number":
        number = f"{value:.12g}" if field.role == "year" else f"{value:,.12g}"
        if field.role == "year":
            return number
        if field.role in ("duration", "popularity") and field.unit:
            return f"{number} {field.unit}"
        return f"{field.label} {number}{' ' + field.unit if field.unit else ''}"
    return str(value)


def say_title(schema: Schema, item: Item) -> str:
    """An item's title, with its year where one is known."""
    year = schema.with_role("year")
    known = item.values.get(year.name) if year else None
    title = str(item.values[schema.title.name])
    if known is None:
        return title
    return f"{title} ({known[:4] if isinstance(known, str) else f'{known:.0f}'})"


def say_relaxation(relaxation: Relaxation, schema: Schema) -> str:
    """`without “under 20 minutes” there are 3 games (the nearest: 25 minutes)`."""
    said = f"without “{relaxation.words}” there {say_count(relaxation.count, schema)}"
    if relaxation.field is None or not relaxation.instead:
        return said
    values = say_list([say_value(relaxation.field, value) for value in relaxation.instead])
    return f"{said} ({'instead' if relaxation.field.is_category else 'the nearest'}: {values})"


def say_count(count: int, schema: Schema) -> str:
    """`is 1 film`, `are 12 films`."""
    return f"is 1 {schema.item}" if count == 1 else f"are {count:,} {schema.items}"
