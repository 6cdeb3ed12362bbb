"""What training messages are made of: made-up catalogues, and banks of phrases for any of them.

Nobody's data is in it: both are written for this purpose, and both are plain YAML that a team can add its own to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field

from tools.data.schema import FieldSpec, FieldType, Role, Schema

WishOp = Literal["=", "!=", "<", "<=", ">", ">=", "between", "any"]
_DATA = files("agent.training") / "data"
_SPREAD = 21


class MadeUpField(BaseModel):
    """A field of a made-up catalogue: a `FieldSpec`, its values, and what people say for them."""

    model_config = ConfigDict(extra="forbid")

    name: str
    type: FieldType
    role: Role | None = None
    unit: str | None = None
    words: list[str] = Field(default_factory=list)
    more: list[str] = Field(default_factory=list)
    less: list[str] = Field(default_factory=list)
    synonyms: dict[str, str] = Field(default_factory=dict)
    order: list[str] = Field(default_factory=list)
    values: list[str] = Field(default_factory=list)
    """Of categories, the most frequent first."""
    idioms: dict[str, str] = Field(default_factory=dict)
    """Longer, vaguer ways to ask for a value -> the value."""
    yes: list[str] = Field(default_factory=list)
    no: list[str] = Field(default_factory=list)
    """Of flags: how people ask for it, or for its absence."""
    low: float = 0
    high: float = 0
    step: float = 1
    """Of numbers and dates (years)."""

    def spec(self) -> FieldSpec:
        """As a catalogue's schema has it."""
        kept = self.model_dump(include=set(FieldSpec.model_fields) & set(MadeUpField.model_fields))
        return FieldSpec(**kept)


class Domain(BaseModel):
    """A made-up catalogue: no items, only what a planner is shown and what people talk of."""

    model_config = ConfigDict(extra="forbid")

    item: str
    items: str
    item_words: list[str] = Field(default_factory=list)
    fields: list[MadeUpField]
    titles: list[str]

    @cached_property
    def schema(self) -> Schema:  # type: ignore[override]
        """As of a catalogue."""
        return Schema(
            id_column="id",
            item=self.item,
            items=self.items,
            item_words=self.item_words,
            fields=[field.spec() for field in self.fields],
        )

    def made_up(self, name: str) -> MadeUpField:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)

    def vocabulary(self, field: str, most: int | None = None) -> list[tuple[str, int]]:
        """A category field's values; the counts fall from value to value."""
        values = self.made_up(field).values[:most]
        return [(value, len(values) - row) for row, value in enumerate(values)]

    def vocabulary_size(self, field: str) -> int:
        """How many values a category field has."""
        return len(self.made_up(field).values)

    def spread(self, field: str) -> list[float]:
        """The quantiles of a number's values, as a catalogue keeps them."""
        one = self.made_up(field)
        return [] if one.high <= one.low else np.linspace(one.low, one.high, _SPREAD).round(1).tolist()


PLACES = ("before", "after", "alone", "answer")
"""Where a wish may stand; each has its phrases."""


class Wish(BaseModel):
    """Ways to put a wish about fields of one kind. Placeholders: {value} {n} {n2} {unit} {label} {name} {decade}."""

    model_config = ConfigDict(extra="forbid")

    type: FieldType
    op: WishOp
    role: Role | None = None
    units: list[str] = Field(default_factory=list)
    """Only of numbers in one of these units; of any where there are none."""
    strength: Literal["must", "prefer", "avoid"] = "must"
    before: list[str] = Field(default_factory=list)
    """Before the noun: `a short {item}`."""
    after: list[str] = Field(default_factory=list)
    """After it: `a {item} under 90 minutes`."""
    alone: list[str] = Field(default_factory=list)
    """A sentence of its own."""
    answer: list[str] = Field(default_factory=list)
    """An elliptic answer to the question about the field."""

    def has(self, place: str) -> bool:
        """Whether its phrases leave a place open, such as `{decade}`; all of them do, or none."""
        return any(place in phrase for form in PLACES for phrase in getattr(self, form))


@dataclass(frozen=True)
class Bank:
    """All phrases."""

    wishes: list[Wish]
    plain: list[Wish]
    """Those in the words that most people use."""
    phrases: Mapping[str, list[str]]
    """Other phrases by what they are for: `frames`, `liked`, `lookup`, `chat`, ..."""


def load_domains() -> dict[str, Domain]:
    """The made-up catalogues, by name."""
    return {name: Domain.model_validate(body) for name, body in _read(_DATA / "domains")}


def load_held_out_domains() -> dict[str, Domain]:
    """Made-up catalogues that are never trained on: with them a planner is evaluated."""
    return {name: Domain.model_validate(body) for name, body in _read(_DATA / "held_out")}


def load_bank() -> Bank:
    """The phrases of all files; a list under `wishes` or `plain` holds wishes, every other list phrases."""
    wishes: dict[str, list[Wish]] = {"wishes": [], "plain": []}
    phrases: dict[str, list[str]] = {}
    for _, body in _read(_DATA / "bank"):
        for kind, entries in body.items():
            if kind in wishes:
                wishes[kind] += [Wish.model_validate(entry) for entry in entries]
            else:
                phrases.setdefault(kind, []).extend(entries)
    return Bank(**wishes, phrases=phrases)


def _read(folder: Traversable) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            yield path.name.removesuffix(".yaml"), yaml.safe_load(path.read_text(encoding="utf-8"))
