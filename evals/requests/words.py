"""What of a catalogue can be spoken of without doubt: values that name one thing, usual numbers, well-known titles."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.requests.label import Slot, slots_of
from evals.users.phrases import phrase, with_article
from tools.constraints import Constraint, Op, Strength
from tools.data.catalogue import PLAIN_WORDS, Catalogue
from tools.data.schema import FieldSpec
from tools.shelf import Shelf
from tools.text import normalise, normalise_title, stem_phrase

COMMON_KINDS, COMMON_NAMES, WELL_KNOWN = 16, 60, 200
LONGEST_TITLE = 40
THEMES = ("friendship", "revenge", "betrayal", "winter", "loneliness", "forgiveness", "harvest", "jealousy", "exile")
_LEAD = re.compile(r"(?: by| in|starring|featuring)$")
_LEADS = {"creator": "by", "language": "in", "audience": "rated", "availability": "on"}


@dataclass(frozen=True)
class Wish:
    """A wish in words, and the slots that it means."""

    said: str
    slots: frozenset[Slot]
    field: FieldSpec
    value: object = None


class Words:
    """The catalogue's words, drawn from at random."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self.schema = shelf, shelf.catalogue.schema
        catalogue, askable = shelf.catalogue, self.schema.askable
        sizes = {f.name: catalogue.vocabulary_size(f.name) for f in askable if f.is_category}
        self.kinds = self._values([f for f in askable if 1 < sizes.get(f.name, 0) <= PLAIN_WORDS], COMMON_KINDS)
        self.names = self._values([f for f in askable if sizes.get(f.name, 0) > PLAIN_WORDS], COMMON_NAMES)
        self.names += [one for one in self.kinds if one[0].role == "creator"]
        self.kinds = [one for one in self.kinds if one not in self.names]
        self.numbers = [f for f in askable if f.type == "number" and not f.is_temporal and _usual(catalogue, f)]
        self.times = [f for f in askable if f.is_temporal and catalogue.spread(f.name)][:1]
        self.flags = [f for f in askable if f.type == "flag"]
        self.titles = list(self._well_known())
        self.themes = [word for word in THEMES if self._is_free(word)]
        self.ends = {
            word: f"{end} {field.name}"
            for field in askable
            if field.is_ordered and catalogue.spread(field.name)
            for end, words in (("highest", field.more), ("lowest", field.less))
            for word in words
            if word.endswith("est") and " " not in word
        }

    def kind(self, rng: random.Random, strength: Strength = "must", negated: bool = False) -> Wish:
        """A wish for items with a common value, or with none of it."""
        return self._of_kind(*rng.choice(self._plain_kinds), rng, strength, negated)

    def other(self, wish: Wish, rng: random.Random, negated: bool = False) -> Wish:
        """A wish for another common value of the same field, or for none of it."""
        others = [one for one in self._plain_kinds if one[0] == wish.field and one[1] != wish.value]
        return self._of_kind(*rng.choice(others), rng, negated=negated)

    @property
    def _plain_kinds(self) -> list[tuple[FieldSpec, str]]:
        """Of the field whose values are said without its name; of any field where there is none such."""
        return [(field, value) for field, value in self.kinds if not _lead(field)] or self.kinds

    def _of_kind(
        self, field: FieldSpec, value: str, rng: random.Random, strength: Strength = "must", negated: bool = False
    ) -> Wish:
        lead, item = _lead(field), self.schema.item
        word = value.lower() if rng.random() < 0.5 and not lead else value
        if negated:
            said = f"nothing {lead} {word}" if lead else rng.choice([f"no {word}", f"nothing with {word}"])
        else:
            said = f"a {item} {lead} {word}" if lead else rng.choice([f"a {word} {item}", f"a {item} with {word}"])
        slots = self.slots(field, "!=" if negated else "=", value, strength)
        return Wish(with_article(said), slots, field, value)

    def in_a_sentence(self, wish: Wish, rng: random.Random) -> str:
        """A wish for a kind, as a simulated user would say it alone."""
        constraint = Constraint(field=wish.field.name, op="=", value=str(wish.value))
        return phrase([constraint], wish.field, self.schema, rng)

    def name(self, rng: random.Random, negated: bool = False) -> Wish:
        """A wish for a person: `by Ada Quill`; or against one."""
        field, value = rng.choice(self.names)
        lead = _lead(field) or f"with the {field.label}"
        return Wish(f"{lead} {value}", self.slots(field, "!=" if negated else "=", value), field, value)

    def bound(self, rng: random.Random, field: FieldSpec | None = None, strength: Strength = "must") -> Wish:
        """A wish for a number up to, from, under or over a usual one: `under 60 minutes`, `with a price over 20`."""
        field = field or rng.choice(self.numbers)
        op: Op = rng.choice(("<=", ">=", "<", ">"))
        value = rng.choice(_usual(self._shelf.catalogue, field))
        wish = Constraint(field=field.name, op=op, value=value, strength=strength)
        said = _bounded(field, op, value) or phrase([wish], field, self.schema, rng)
        said = with_article(f"{_with(field, said)}{said}")
        return Wish(said, self.slots(field, op, value, strength), field, value)

    def between(self, rng: random.Random) -> Wish:
        """A wish for a number within a range."""
        field = rng.choice([f for f in self.numbers if len(_usual(self._shelf.catalogue, f)) > 1])
        low, high = sorted(rng.sample(_usual(self._shelf.catalogue, field), 2))
        label = "" if _is_measured(field) else f"with a {field.label} "
        said = f"{label}between {low:g} and {high:g} {field.unit or ''}".strip()
        return Wish(with_article(said), self.slots(field, ">=", low) | self.slots(field, "<=", high), field)

    def farther(self, wish: Wish, rng: random.Random) -> Wish:
        """The same bound at another number."""
        (slot,) = wish.slots
        steps = _step(self._shelf.catalogue.spread(wish.field.name)) * rng.choice((1, 2))
        value = float(str(slot.value)) + steps
        said = f"{value:g} {wish.field.unit or ''}".strip()
        return Wish(said, self.slots(wish.field, slot.op, value), wish.field, value)

    def time(self, rng: random.Random) -> Wish:
        """A wish for a year, or for those before, after, or since."""
        field, year = self.times[0], self._year(rng)
        word, op = rng.choice((("from", "="), ("before", "<"), ("after", ">"), ("since", ">=")))
        return Wish(f"{word} {year}", self.slots(field, op, self._dated(year)), field, year)

    def decade(self, rng: random.Random) -> Wish:
        """A wish for a decade."""
        field, begin = self.times[0], self._year(rng) // 10 * 10
        said = f"from the {begin % 100:02d}s" if 1930 <= begin < 2000 else f"from the {begin}s"
        first, last = self._dated(begin), self._dated(begin + 9)
        return Wish(said, self.slots(field, ">=", first) | self.slots(field, "<=", last), field, begin)

    def flag(self, rng: random.Random) -> Wish:
        """A wish for what is, or is not, so."""
        field, value = rng.choice(self.flags), rng.random() < 0.6
        return Wish(f"{'' if value else 'not '}{field.label}", self.slots(field, "=", value), field, value)

    def title(self, rng: random.Random) -> tuple[str, str]:
        """A well-known title as people write it, and its item's id."""
        title, item = rng.choice(self.titles)
        is_quoted = len(title.split()) < 2 or rng.random() < 0.5
        return (f'"{title}"' if is_quoted else title), item

    def slots(self, field: FieldSpec, op: str, value: object, strength: Strength = "must") -> frozenset[Slot]:
        """The slot of one wish."""
        wish = Constraint.model_validate({"field": field.name, "op": op, "value": value, "strength": strength})
        return slots_of([wish], self.schema)

    def _values(self, fields: Sequence[FieldSpec], most: int) -> list[tuple[FieldSpec, str]]:
        """The commonest values that nothing else is called by."""
        catalogue = self._shelf.catalogue
        found = [(f, v) for f in fields for v, _ in catalogue.vocabulary(f.name, most)]
        return [
            (f, v)
            for f, v in found
            if {(word.field, word.value) for word in catalogue.words([stem_phrase(normalise(v))])} == {(f.name, v)}
            and (" " in v or not catalogue.titled([normalise_title(v)]) or _is_kind(catalogue, f))
        ]

    def _well_known(self) -> Iterator[tuple[str, str]]:
        """Titles that one popular item has, and that are no word for a value."""
        catalogue, titles = self._shelf.catalogue, self._shelf.titles
        for position in (-self._shelf.popular).argsort(kind="stable")[:WELL_KNOWN]:
            title = titles.title(int(position))
            norm = normalise_title(title)
            is_only_one = len({p for _, p in catalogue.titled([norm])}) == 1
            is_word = bool(catalogue.words([stem_phrase(normalise(title))]))
            if is_only_one and not is_word and '"' not in title and len(title) <= LONGEST_TITLE:
                yield title, catalogue.item(int(position)).id

    def _is_free(self, word: str) -> bool:
        catalogue = self._shelf.catalogue
        taken = catalogue.value_words | self.schema.spoken
        return word not in taken and not catalogue.titled([normalise_title(word)])

    def _year(self, rng: random.Random) -> int:
        spread = self._shelf.catalogue.spread(self.times[0].name)
        return int(rng.uniform(spread[1], spread[9]))

    def _dated(self, year: int) -> object:
        return str(year) if self.times[0].type == "date" else year


def _is_kind(catalogue: Catalogue, field: FieldSpec) -> bool:
    return catalogue.vocabulary_size(field.name) <= PLAIN_WORDS


def _lead(field: FieldSpec) -> str:
    """What stands before a value of a field in a sentence: `by`, `made in`, `starring`; empty where nothing need."""
    if field.role in _LEADS:
        return _LEADS[field.role]
    return next((word for word in field.words if _LEAD.search(word)), "")


def _usual(catalogue: Catalogue, field: FieldSpec) -> list[float]:
    """Round numbers that divide the items: the inner deciles; none of a field that is mostly below 1."""
    spread = catalogue.spread(field.name)
    if not spread or spread[2] < 1:
        return []
    return sorted({round(value / _step(spread)) * _step(spread) for value in spread[2:9]})


def _step(spread: Sequence[float]) -> float:
    """In what steps people speak of a scale: fives, ones, or halves."""
    return 5.0 if spread[9] > 50 else 1.0 if spread[9] > 10 else 0.5


def _is_measured(field: FieldSpec) -> bool:
    """Whether a number is said with its unit alone: `90 minutes`."""
    return field.role == "duration" and bool(field.unit)


def _bounded(field: FieldSpec, op: Op, value: float) -> str:
    words = {"<": "under", ">": "over"}
    return f"{words[op]} {value:g} {field.unit}" if _is_measured(field) and op in words else ""


def _with(field: FieldSpec, said: str) -> str:
    return "" if _is_measured(field) else "with " if said.startswith("a ") else "with a "
