"""Worked plans over this very catalogue: messages made from its schema, each with the plan that its words support."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.plan import MAX_CONSTRAINTS, TITLE_LENGTH, Plan
from agent.reading.heard import Before
from agent.reading.message import read_message
from agent.repair import plan_by_words
from tools.constraints import words_of
from tools.data.catalogue import PLAIN_WORDS, Catalogue
from tools.data.schema import FieldSpec
from tools.grounding import Titles
from tools.shelf import Shelf

ROUNDS = 12
"""How often each way of speaking is tried, each time with other values."""
POPULAR_TITLES = 60
COMMON_VALUES, COMMON_NAMES = 16, 10
_LEADS = ("", "", "", "I want ", "show me ", "looking for ", "can you recommend ", "please find me ")
_THEMES = ("the sea", "winter", "friendship", "revenge", "a journey", "growing old", "a secret", "the harvest")
_SLATE = 5


@dataclass(frozen=True)
class Worked:
    """A message, its plan, and the way of speaking that it was made in."""

    message: str
    plan: Plan
    group: str


def worked_plan(message: str, catalogue: Catalogue, titles: Titles, before: Before | None = None) -> Plan:
    """The plan that the deterministic reading gives."""
    reading = read_message(message, catalogue, titles, before or Before())
    return plan_by_words(reading, catalogue, titles)


def worked_bank(shelf: Shelf, seed: int) -> list[Worked]:
    """A few hundred worked plans, the same for the same catalogue and seed."""
    rng = random.Random(seed)  # noqa: S311
    speaker = _Speaker(shelf, rng)
    popular = [int(position) for position in (-shelf.popular).argsort(kind="stable")[:_SLATE]]
    shown = Before(slate=shelf.catalogue.items(popular))
    bank: dict[str, Worked] = {}
    for group, way in speaker.ways():
        for _ in range(ROUNDS):
            speaker.said.clear()
            message = way()
            if message not in bank:
                earlier = shown if group.startswith("of the slate") else None
                plan = worked_plan(message, shelf.catalogue, shelf.titles, earlier)
                if _is_telling(plan, group, speaker.said):
                    bank[message] = Worked(message, plan, group)
    return list(bank.values())


def _is_telling(plan: Plan, group: str, said: Sequence[str]) -> bool:
    """Whether a plan is worth showing: it fits the schema, and each value and title was understood as it was meant."""
    if len(plan.constraints) > MAX_CONSTRAINTS or (plan.query and "text" not in group):
        return False
    values = [c.value for c in plan.constraints]
    if any(isinstance(v, tuple) or (isinstance(v, float) and not v.is_integer()) for v in values):
        return False  # the schema has one value a wish, and whole numbers
    categories = [c for c in plan.constraints if isinstance(c.value, str | tuple) and c.op in ("=", "!=")]
    understood = [value for c in categories for value in words_of(c.value)]
    understood += [*plan.liked, *plan.disliked, *(step.argument for step in plan.steps if step.tool == "lookup_item")]
    if set(said) != set(understood):
        return False
    if plan.intent != "recommend":
        return not plan.constraints
    ranking = next((step.argument for step in plan.steps if step.tool == "rank_items"), "")
    return group != "chat" and bool(plan.constraints or plan.liked or plan.disliked or " " in ranking)


class _Speaker:
    """Says wishes in a catalogue's own words; `said` holds the values and titles that it used."""

    def __init__(self, shelf: Shelf, rng: random.Random) -> None:
        self._rng, self._catalogue, self._schema = rng, shelf.catalogue, shelf.catalogue.schema
        self.said: list[str] = []
        top = (-shelf.popular).argsort(kind="stable")[:POPULAR_TITLES]
        titles = [shelf.titles.title(int(position)) for position in top]
        self._titles = [title for title in titles if len(title) < TITLE_LENGTH and '"' not in title]
        askable = self._schema.askable
        self._kinds = self._values(lambda field: 1 < self._size(field) <= PLAIN_WORDS, COMMON_VALUES)
        self._names = self._values(lambda field: self._size(field) > PLAIN_WORDS, COMMON_NAMES)
        self._numbers = [f for f in askable if f.type == "number" and not f.is_temporal and self._spread(f)]
        self._dates = [f for f in askable if f.is_temporal and self._spread(f)]
        self._flags = [f for f in askable if f.type == "flag"]
        adjectives = [word for f in askable if f.is_ordered for word in (*f.more, *f.less)]
        self._superlatives = [word for word in adjectives if word.endswith("est")]

    def ways(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Each way of speaking that the catalogue allows, by name."""
        one = self._schema.item
        if self._kinds:
            yield "kind", lambda: f"{self._lead()}a {self._kind()} {one}"
            yield "two kinds", lambda: f"{self._lead()}{self._kind()} and {self._kind()}"
            yield "either kind", lambda: f"{self._kind()} or {self._kind()}"
            yield "kind, not kind", lambda: f"{self._lead()}{self._kind()}, but no {self._kind()}"
            yield "no kind", lambda: f"no {self._kind()} please"
            yield "but kind", lambda: f"anything but {self._kind()}"
            yield "soft kind", lambda: f"preferably {self._kind()}"
            yield "varied kind", lambda: f"a varied selection of {self._kind()} {self._schema.items}"
            yield "text", lambda: f"a {self._kind()} {one} about {self._pick(_THEMES)}"
        if self._names:
            yield "name", lambda: f"something by {self._value(self._names)}"
            yield "not name", lambda: f"nothing by {self._value(self._names)}"
        if self._numbers:
            yield "limit", lambda: f"{self._lead()}something {self._limit()}"
            yield "range", lambda: f"{self._lead()}something {self._range()}"
        if self._numbers and self._kinds:
            yield "kind and limit", lambda: f"{self._lead()}a {self._kind()} {one} {self._limit()}"
        if self._dates:
            yield "year", lambda: f"{self._lead()}a {one} {self._time()}"
            yield "decade", lambda: f"{self._lead()}something {self._decade()}"
        if self._dates and self._kinds:
            yield "kind and year", lambda: f"{self._lead()}a {self._kind()} {one} {self._time()}"
        if self._flags:
            yield "flag", lambda: f"{self._lead()}something {self._pick([f.label for f in self._flags])}"
        if self._superlatives:
            yield "order", lambda: f"the {self._pick(self._superlatives)} {self._kind() if self._kinds else ''} {one}"
        if self._titles:
            yield from self._about_titles()
        yield "chat", lambda: self._pick(("hello", "hi there", "thanks a lot", "good morning", "thank you!", "bye"))

    def _about_titles(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "liked", lambda: f'I {self._pick(("loved", "liked", "enjoyed"))} "{self._title()}"'
        yield "more like", lambda: f'{self._lead()}something like "{self._title()}"'
        yield "two liked", lambda: f'I loved "{self._title()}" and "{self._title()}"'
        yield "disliked", lambda: f'I {self._pick(("hated", "did not like"))} "{self._title()}"'
        yield "one of each", lambda: f'I liked "{self._title()}" but hated "{self._title()}"'
        yield "facts", lambda: f'tell me about "{self._title()}"'
        yield "asked", lambda: f'what is the {self._pick(self._schema.askable).label} of "{self._title()}"?'
        yield "of the slate: why", lambda: f"why the {self._pick(('first', 'second', 'third', 'last'))} one?"
        if self._numbers:
            yield "liked and limit", lambda: f'I loved "{self._title()}", something like that {self._limit()}'
        if self._kinds:
            yield "liked and kind", lambda: f'like "{self._title()}", but {self._kind()}'
        if self._dates:
            yield "liked and year", lambda: f'something like "{self._title()}" {self._time()}'

    def _pick(self, choices: Any) -> Any:
        return self._rng.choice(choices)

    def _value(self, choices: Sequence[str]) -> str:
        self.said.append(self._rng.choice(choices))
        return self.said[-1]

    def _lead(self) -> str:
        return str(self._pick(_LEADS))

    def _kind(self) -> str:
        return self._value(self._kinds)

    def _title(self) -> str:
        return self._value(self._titles)

    def _values(self, is_meant: Callable[[FieldSpec], bool], most: int) -> list[str]:
        """The commonest values of the category fields that are meant."""
        fields = [field for field in self._schema.askable if field.is_category and is_meant(field)]
        return [value for field in fields for value, _ in self._catalogue.vocabulary(field.name, most)]

    def _size(self, field: FieldSpec) -> int:
        return self._catalogue.vocabulary_size(field.name)

    def _spread(self, field: FieldSpec) -> list[float]:
        """The deciles; none for a field that is mostly below 1, of which no whole number tells anything."""
        spread = self._catalogue.spread(field.name)
        return spread if spread and spread[2] >= 1 else []

    def _said(self, field: FieldSpec, number: float) -> str:
        return f"{number:.0f} {field.unit}" if field.unit else f"{number:.0f}"

    def _limit(self) -> str:
        field = self._pick(self._numbers)
        value = self._said(field, self._pick(self._spread(field)[2:9]))
        side = self._pick(("under", "at most", "over", "at least"))
        return f"{side} {value}" if field.unit else f"with a {field.label} {side} {value}"

    def _range(self) -> str:
        field = self._pick(self._numbers)
        low, high = self._spread(field)[3], self._spread(field)[8]
        behind = "" if field.unit else f" {field.label}"
        return f"between {self._said(field, low).split()[0]} and {self._said(field, high)}{behind}"

    def _year(self) -> int:
        spread = self._spread(self._pick(self._dates))
        return int(self._rng.uniform(spread[1], spread[9]))

    def _time(self) -> str:
        year = self._year()
        ways = (f"from {year}", f"before {year}", f"after {year}", f"between {year} and {year + 5}", self._decade())
        return str(self._pick(ways))

    def _decade(self) -> str:
        year = self._year()
        return f"from the {year % 100 // 10 * 10:02d}s" if 1930 <= year < 2000 else f"from the {year // 10 * 10}s"
