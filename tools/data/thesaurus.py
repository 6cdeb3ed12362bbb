"""What people call common things: given to an inferred schema, where it is written down to be edited."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from tools.data.schema import FieldSpec, Schema
from tools.text import normalise
from tools.yaml_file import read_yaml

LEAST_ON_LADDER = 2
"""So many of a field's values must stand in a known order, and most of them, for it to be that field's."""


class Thesaurus(BaseModel):
    """The file `thesaurus.yaml`."""

    things: list[list[str]]
    values: dict[str, list[str]]
    ladders: list[list[str] | dict[str, int]]
    """With ages, where the values are certificates."""


@lru_cache(maxsize=1)
def thesaurus() -> Thesaurus:
    """The file, read once."""
    return read_yaml(Path(__file__).with_suffix(".yaml"), Thesaurus, "thesaurus", "Install Tastemaker again.")


def teach_values(field: FieldSpec, values: Collection[str]) -> None:
    """Give a category field what people call its values, and their order where it is a known one."""
    known = {normalise(word): others for word, others in thesaurus().values.items()}
    own = {normalise(value) for value in values}
    for value in values:
        for word in known.get(normalise(value), ()):
            if normalise(word) not in own:
                field.synonyms.setdefault(word, value)
        if value.endswith("+"):
            field.synonyms.setdefault(f"{value[:-1]} plus", value)
    if field.role == "availability":
        field.synonyms = {**_short_names(values), **field.synonyms}
    for ladder in thesaurus().ladders:
        ordered = [step for step in ladder if step in values]
        if len(ordered) >= max(LEAST_ON_LADDER, len(values) // 2) and len(ordered) > len(field.order):
            field.order = ordered
            field.ages = {step: ladder[step] for step in ordered} if isinstance(ladder, dict) else {}


_GENERIC = frozenset({"video", "channel", "plus", "tv", "store", "shop", "the", "now", "online", "service"})


def _short_names(values: Collection[str]) -> dict[str, str]:
    """Parts of a service's name that no other has: `Prime`, `Amazon Prime` and `Prime Video` for Amazon Prime Video."""
    owners: dict[str, set[str]] = {}
    for value in values:
        words = normalise(value).split()
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                part = words[start:end]
                if len(part) < len(words) and not {*part} <= _GENERIC:
                    owners.setdefault(" ".join(part), set()).add(value)
    own = {normalise(value) for value in values}
    return {part: next(iter(held)) for part, held in owners.items() if len(held) == 1 and part not in own}


def teach_nouns(schema: Schema, stem: str) -> None:
    """Give a schema the nouns for its items: those of the file's name, else all that items may be called."""
    words = set(normalise(stem.replace("_", " ")).split())
    named = next((nouns for nouns in thesaurus().things if words & {*nouns}), None)
    if schema.item == "item" and named:
        schema.item, schema.items = named[:2]
    own = next((nouns for nouns in thesaurus().things if schema.item in nouns), None)
    nouns = own or ([noun for group in thesaurus().things for noun in group] if schema.item == "item" else [])
    schema.item_words = [noun for noun in nouns if noun not in (schema.item, schema.items)]
