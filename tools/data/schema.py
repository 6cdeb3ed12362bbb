"""The catalogue's schema: what each field is, what it is for, and what people call it.

Nothing in the code knows what the items are. What it knows about them is read from here: the type says how
values are stored and compared, the role says what a field is used for, the words say how people talk of it.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.text import fold, normalise, stem_phrase
from tools.yaml_file import read_yaml

FieldType = Literal["text", "category", "categories", "number", "date", "flag"]
Role = Literal[
    "title",
    "description",
    "popularity",
    "quality",
    "year",
    "duration",
    "price",
    "creator",
    "performer",
    "language",
    "audience",
    "availability",
    "sponsored",
    "link",
]

_ROLE_TYPES: dict[Role, tuple[FieldType, ...]] = {
    "title": ("text", "category"),
    "popularity": ("number",),
    "quality": ("number",),
    "year": ("number", "date"),
    "duration": ("number",),
    "price": ("number",),
}
"""The roles that only make sense for certain types."""
SMALL_VOCABULARY = 100
"""Fields with more values than this name people or places rather than kinds; none is taught what people call it."""
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
RESERVED = frozenset({"id", "position"})


class FieldSpec(BaseModel):
    """One field of the catalogue."""

    model_config = ConfigDict(extra="forbid")

    name: str
    """Lower-case name, letters, digits and `_`; also the column in SQLite."""
    type: FieldType
    role: Role | None = None
    column: str | None = None
    """The column in the user's file; the field's name where absent."""
    separator: str | None = None
    """For `categories` read from text: what stands between two values, for example `|`."""
    unit: str | None = None
    """For numbers: the word behind the value in a sentence, for example `minutes`."""
    words: list[str] = Field(default_factory=list)
    """Other words that people use for the field."""
    more: list[str] = Field(default_factory=list)
    """For numbers and dates: adjectives that ask for a larger value, for example `longer`."""
    less: list[str] = Field(default_factory=list)
    """For numbers and dates: adjectives that ask for a smaller value, for example `shorter`."""
    synonyms: dict[str, str] = Field(default_factory=dict)
    """For categories: a word people use -> the value in the catalogue."""
    related: dict[str, str] = Field(default_factory=dict)
    """For categories: a word that speaks for a value and means less: `heist` -> `Crime`.

    Who refuses it does not refuse the value."""
    order: list[str] = Field(default_factory=list)
    """For categories whose values have one: the values from the least to the most, for `up to PG-13`."""
    ages: dict[str, int] = Field(default_factory=dict)
    """For certificates: the age from which each value is fit, for `my 8-year-old is watching`."""
    askable: bool = True
    """Whether a plan may constrain this field."""

    @model_validator(mode="after")
    def _consistent(self) -> FieldSpec:
        if not FIELD_NAME.fullmatch(self.name) or self.name in RESERVED:
            raise ValueError(f"{self.name!r} can't be a field's name: lower-case letters, digits and _")
        if self.separator is not None and self.type != "categories":
            raise ValueError(f"{self.name}: a separator goes with type categories")
        types = _ROLE_TYPES.get(self.role, (self.type,)) if self.role else (self.type,)
        if self.type not in types:
            raise ValueError(f"{self.name}: the role {self.role} goes with type {' or '.join(types)}, not {self.type}")
        return self

    @property
    def is_category(self) -> bool:
        """Whether values are words from a vocabulary."""
        return self.type in ("category", "categories")

    @property
    def is_told(self) -> bool:
        """Whether it is text whose words are looked for, rather than the whole of it."""
        return self.type == "text" and self.role in ("title", "description")

    @property
    def is_ordered(self) -> bool:
        """Whether values can be compared with >= and <=."""
        return self.type in ("number", "date")

    @property
    def is_temporal(self) -> bool:
        """Whether values are points in time: a date, or a number in the role of a year."""
        return self.type == "date" or self.role == "year"

    def is_related(self, words: str) -> bool:
        """Whether words only speak for a value of it, and are not its name."""
        return stem_phrase(normalise(words)) in {stem_phrase(normalise(word)) for word in self.related}

    @property
    def label(self) -> str:
        """The name as read aloud."""
        return self.words[0] if self.words else self.name.replace("_", " ")

    @property
    def names(self) -> list[str]:
        """All that people call the field, its label among them."""
        return list(dict.fromkeys([self.name.replace("_", " "), *self.words]))


class Schema(BaseModel):
    """All fields of a catalogue, in display order."""

    model_config = ConfigDict(extra="forbid")

    id_column: str
    """The column of the user's file that identifies an item."""
    item: str = "item"
    """What one item is called, singular: film, book, recipe."""
    items: str = "items"
    """What several are called."""
    item_words: list[str] = Field(default_factory=list)
    """Other words for an item: they say nothing about which one is wanted."""
    aliases: list[str] = Field(default_factory=list)
    """Fields whose values also name the item: other titles, translations."""
    fields: list[FieldSpec]

    @model_validator(mode="after")
    def _consistent(self) -> Schema:
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"field {twice[0]!r} stands twice")
        if sum(field.role == "title" for field in self.fields) != 1:
            raise ValueError("exactly one field must have the role title")
        return self

    @property
    def nouns(self) -> list[str]:
        """All that an item, and several, are called."""
        return [self.item, self.items, *self.item_words]

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The words that people use of the items, and of the fields: their names, units and adjectives."""
        phrases = self.nouns
        for field in self.fields:
            if field.askable:
                phrases += [field.label, field.unit or "", *field.words, *field.more, *field.less]
        return frozenset(word for phrase in phrases for word in fold(phrase).split())

    def field(self, name: str) -> FieldSpec | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def with_role(self, role: Role) -> FieldSpec | None:
        """The first field in that role, or None."""
        return next((field for field in self.fields if field.role == role), None)

    @property
    def title(self) -> FieldSpec:
        """The field that names an item."""
        return next(field for field in self.fields if field.role == "title")

    @property
    def askable(self) -> list[FieldSpec]:
        """The fields that a plan may constrain: neither free text nor switched off."""
        return [field for field in self.fields if field.askable and field.type != "text"]


def dump_schema(schema: Schema) -> str:
    """The schema as YAML, defaults left out, so that it stays one small file to edit."""
    body = schema.model_dump(exclude_defaults=True)
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110)


def load_schema(path: Path) -> Schema:
    """Read a schema file.

    Raises:
        BadInputError: not YAML, or a field is wrong; names the place.
    """
    return read_yaml(path, Schema, "schema file", "Leave --schema out to have one inferred.")
