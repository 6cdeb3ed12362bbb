"""Conversations for the grounding suite, made from the schema and the records of any catalogue."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.wording import say_title
from evals.factcheck.mutate import made_up_title
from evals.factcheck.records import Records, plain
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec

KNOWN = 400
"""People speak of one of so many most popular items."""
COMMON = 12
"""A value that is asked for is one of so many commonest of its field."""
ENOUGH = 6
"""Wishes are added as long as so many items meet them all."""
_UNHELD = (
    ("who composed the music of {it}?", "music composer composed soundtrack"),
    ("which award did {it} win?", "award awards"),
    ("what is the budget of {it}?", "budget cost"),
    ("how many copies of {it} were sold?", "sold sales copies"),
    ("what colour is {it}?", "colour color"),
    ("who is the publisher of {it}?", "publisher published"),
    ("how much does {it} weigh?", "weight weigh"),
    ("what happens at the end of {it}?", "plot description story"),
)
"""Questions, and the words that a field's name would have if it answered them."""


@dataclass(frozen=True)
class Step:
    """A message, and what is known of it."""

    message: str
    named: tuple[str, ...] = ()
    """Ids of the items that it names."""
    musts: tuple[Constraint, ...] = ()
    """Wishes that it adds."""
    counts: tuple[int, ...] = ()
    """Numbers that answer it."""
    truth: bool | None = None
    """The answer, where it is yes or no."""
    is_unknowable: bool = False
    """Whether the catalogue does not hold what it asks about."""


@dataclass(frozen=True)
class Script:
    """A conversation."""

    kind: str
    steps: tuple[Step, ...]


class Scripts:
    """Makes scripts; the same seed makes the same ones."""

    def __init__(self, records: Records, popular: npt.NDArray[np.float32], seed: int) -> None:
        self._records, self._schema, self._seed = records, records.schema, seed
        order = (-popular).argsort(kind="stable")[:KNOWN].tolist()
        self._known = [i for i in records.catalogue.items(order) if self._is_plain_title(i)]
        words = {word for label in records.labels for word in label.split(" ")}
        self._unheld = [question for question, names in _UNHELD if words.isdisjoint(names.split(" "))]

    def make(self, kind: str, number: int) -> Script:
        """The script of this kind and number."""
        rng = random.Random(f"{kind} {number} {self._seed}")  # noqa: S311 - no secret
        return Script(kind, tuple(_MAKERS[kind](self, rng)))

    def _request(self, rng: random.Random) -> list[Step]:
        steps = [Step(self._say(wish), musts=(wish,)) for wish in self._wishes(rng, 3)]
        item = rng.choice(self._known)
        return [
            *steps,
            Step("Why the first one?"),
            Step(f'Why not "{self._title(item)}"?', (item.id,)),
            Step("What else?"),
        ]

    def _taste(self, rng: random.Random) -> list[Step]:
        one, other = rng.sample(self._known, 2)
        names = (one.id, other.id)
        return [
            Step(f'I loved "{self._title(one)}" and "{self._title(other)}", something like that.', names),
            Step("Why the second one?"),
            Step("Compare the first one and the second one."),
            *(Step(q.format(it="the first one"), is_unknowable=True) for q in rng.sample(self._unheld, 1)),
        ]

    def _facts(self, rng: random.Random) -> list[Step]:
        one, other = rng.sample(self._known, 2)
        fields = rng.sample(self._schema.askable, min(3, len(self._schema.askable)))
        return [
            Step(f'Tell me about "{self._title(one)}".', (one.id,)),
            *(Step(f'What is the {field.label} of "{self._title(one)}"?', (one.id,)) for field in fields),
            Step(f'Compare "{self._title(one)}" and "{self._title(other)}".', (one.id, other.id)),
        ]

    def _unanswerable(self, rng: random.Random) -> list[Step]:
        items = rng.sample(self._known, min(4, len(self._unheld)))
        asked = rng.sample(self._unheld, len(items))
        return [
            Step(_capital(q.format(it=f'"{self._title(i)}"')), (i.id,), is_unknowable=True)
            for q, i in zip(asked, items, strict=True)
        ]

    def _false_premise(self, rng: random.Random) -> list[Step]:
        steps = []
        for item in rng.sample(self._known, 3):
            title = f'"{self._title(item)}"'
            field = rng.choice([f for f in self._kinds() if item.words(f.name)] or self._kinds())
            wrong = [
                v
                for v, _ in self._records.catalogue.vocabulary(field.name, 40)
                if not self._records.has(item, plain(v))
            ]
            if wrong and item.words(field.name):
                value = rng.choice(wrong)
                steps.append(Step(f"{title} has {value} for {field.label}, right?", (item.id,), truth=False))
            numbers = [f for f in self._numbers() if f.name in item.values]
            if numbers:
                number = rng.choice(numbers)
                value = f"{item.values[number.name] + rng.randint(5, 30):g}"
                steps.append(Step(f"Is the {number.label} of {title} {value}?", (item.id,), truth=False))
        return steps

    def _unknown_title(self, rng: random.Random) -> list[Step]:
        one, other, third = (made_up_title(self._records, rng) for _ in range(3))
        return [
            Step(f'I loved "{one}", what should I take next?', is_unknowable=True),
            Step(f'Tell me about "{other}".', is_unknowable=True),
            Step(f'Why not "{third}"?', is_unknowable=True),
        ]

    def _counting(self, rng: random.Random) -> list[Step]:
        field = rng.choice(self._kinds())
        value, count = rng.choice(self._records.catalogue.vocabulary(field.name, COMMON))
        wish = Constraint(field=field.name, op="=", value=value)
        met = len(self._records.catalogue.filter([wish]))
        return [
            Step(f"How many {self._schema.items} are there with {value}?", counts=(count, met)),
            Step(f"Which {field.label} do you have?"),
            Step(f"{value}, please.", musts=(wish,)),
            Step("Which one of these is the most popular?"),
        ]

    def _impossible(self, rng: random.Random) -> list[Step]:
        wishes = self._wishes(rng, 2)
        for _ in range(200):
            last = self._wish(rng)
            if last and not len(self._records.catalogue.filter([*wishes, last])):
                wishes.append(last)
                break
        return [*(Step(self._say(wish), musts=(wish,)) for wish in wishes), Step("Really nothing?")]

    def _wishes(self, rng: random.Random, most: int) -> list[Constraint]:
        wishes: list[Constraint] = []
        for _ in range(60):
            wish = self._wish(rng)
            is_new = wish is not None and wish.field not in {w.field for w in wishes}
            if wish and is_new and len(self._records.catalogue.filter([*wishes, wish])) >= ENOUGH:
                wishes.append(wish)
            if len(wishes) == most:
                break
        return wishes

    def _wish(self, rng: random.Random) -> Constraint | None:
        numbers = self._numbers()
        if numbers and rng.random() < 0.4:
            field = rng.choice(numbers)
            bound = rng.choice(self._records.catalogue.spread(field.name)[2:9] or [0.0])
            op: Any = rng.choice(["<=", ">="])
            return Constraint(field=field.name, op=op, value=float(f"{bound:.3g}"))
        field = rng.choice(self._kinds())
        values = [value for value, _ in self._records.catalogue.vocabulary(field.name, COMMON)]
        operator: Any = "!=" if rng.random() < 0.3 else "="
        return Constraint(field=field.name, op=operator, value=rng.choice(values)) if values else None

    def _say(self, wish: Constraint) -> str:
        field = self._schema.field(wish.field)
        assert field is not None
        if field.is_category:
            said = f"rated {wish.value}" if field.role == "audience" else str(wish.value)
            return f"No {wish.value}, please." if wish.op == "!=" else f"It has to be {said}."
        bound = "at most" if wish.op == "<=" else "at least"
        number = f"{wish.value:g}" if isinstance(wish.value, float) else str(wish.value)
        if field.role == "duration" and field.unit:
            return f"{_capital(bound)} {number} {field.unit}, please."
        return f"The {field.label} should be {bound} {number}."

    def _title(self, item: Item) -> str:
        return say_title(self._schema, item)

    def _is_plain_title(self, item: Item) -> bool:
        return '"' not in self._title(item) and len(self._records.titles.get(plain(self._records.title(item)), [])) == 1

    def _kinds(self) -> list[FieldSpec]:
        """Fields whose values people ask for."""
        return [
            f
            for f in self._schema.askable
            if f.name in self._records.counts and f.role in (None, "audience", "creator")
        ]

    def _numbers(self) -> list[FieldSpec]:
        return [f for f in self._schema.askable if f.type == "number" and f.role not in ("year", "popularity")]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_MAKERS: dict[str, Any] = {
    "request": Scripts._request,
    "taste": Scripts._taste,
    "facts": Scripts._facts,
    "unanswerable": Scripts._unanswerable,
    "false premise": Scripts._false_premise,
    "unknown title": Scripts._unknown_title,
    "counting": Scripts._counting,
    "impossible": Scripts._impossible,
}
KINDS: Sequence[str] = tuple(_MAKERS)
