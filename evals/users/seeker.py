"""A rule-based simulated user who wants one item and never names it. Seeded.

After InteRecAgent's session (arXiv 2308.16505) and iEvaLM (arXiv 2305.13112): says what it is like, answers questions
from its fields, and turns other items down. What they say is true of the item; what the catalogue doesn't know of it,
they don't mind.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent.policy import Policies
from agent.wording import LISTED, say_list, say_title
from evals.users import phrases
from evals.users.forms import PLAIN
from evals.users.rule_user import asked_about, asks_leave, question_in
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec

LIKED = ("I liked {titles}.", "I loved {titles}.", "I enjoyed {titles}.")
NOT_SAID = frozenset({"title", "popularity", "quality", "sponsored", "link"})
"""Roles of fields by which nobody describes what they want."""
_MANY = 0.5
"""What at least so many of the shown items are and the wanted one is not, speaks against them; and the other way."""
T = TypeVar("T")


@dataclass(frozen=True)
class Remark:
    """Something that may be said of a field: a wish, or a comparison in words."""

    field: FieldSpec
    wish: Constraint | None = None
    words: str = ""


class Seeker:
    """One person with one item in mind."""

    def __init__(
        self, target: Item, catalogue: Catalogue, policies: Policies, draw: str, *, volunteers: bool = True
    ) -> None:
        """
        Args:
            draw: what phrasings and choices are drawn from.
            volunteers: whether they say what they want unasked. Who does not answers what is asked of a field also
                beside a slate; who does speaks of the slate.
        """
        self._target, self._catalogue, self._policies, self._volunteers = target, catalogue, policies, volunteers
        self._rng = random.Random(draw)  # noqa: S311 - no secret
        self._made = set[tuple[str, str]]()
        fields = (field for field in catalogue.schema.askable if field.role not in NOT_SAID)
        self._fields = [field for field in fields if target.values.get(field.name) not in (None, [])]

    def opening(self, liked: Sequence[Item]) -> str:
        """What they liked before, and one thing that the item is."""
        titles = [say_title(self._catalogue.schema, item) for item in liked]
        parts = [self._pick(LIKED).format(titles=say_list(titles))] if titles else []
        if self._fields:
            parts.append(self._make(self._pick(list(self._wishes(self._pick(self._fields))))))
        return " ".join(parts or [phrases.opening(self._catalogue.schema, self._rng)])

    def reply(self, heard: str, shown: Sequence[Item]) -> str:
        """What they say to an answer: its text, and the items that it recommended, the wanted one not among them."""
        question = question_in(heard)
        is_of_a_field = not self._volunteers and asked_about(question, self._catalogue.schema.askable)
        if question and (is_of_a_field or not shown):
            return self._answer(question)
        kinds = (self._too_much(shown), self._against(shown), self._missing(shown)) if self._volunteers else ()
        new = [[remark for remark in kind if self._key(remark) not in self._made] for kind in kinds]
        able = [kind for kind in new if kind]
        return self._make(self._pick(self._pick(able))) if able else self._pick(PLAIN.rejections)

    def _answer(self, question: str) -> str:
        asked = asked_about(question, self._catalogue.schema.askable)
        for rule in self._policies.confirm:
            if any(field.name == rule.field for field in asked) and asks_leave(question, rule.values):
                has = self._target.words(rule.field)
                return self._pick(PLAIN.agrees if not has or asks_leave(question, has) else PLAIN.refuses)
        wishes = [next(self._wishes(field)) for field in asked if field in self._fields]
        self._made |= {self._key(remark) for remark in wishes}
        parts = [self._say(remark) for remark in wishes]
        return phrases.sentence(parts, self._rng) if parts else self._pick(PLAIN.any)

    def _wishes(self, field: FieldSpec) -> Iterator[Remark]:
        """What the item is, as wishes that it meets: the first values of a list, a decade, a bound."""
        value = self._target.values[field.name]
        if field.is_category:
            for word in self._target.words(field.name)[:LISTED]:
                yield Remark(field, Constraint(field=field.name, op="=", value=word))
        elif field.is_temporal:
            yield Remark(field, words=f"from the {int(str(value)[:4]) // 10 * 10}s")
        elif field.type == "number":
            yield Remark(field, self._bound(field, value))
        else:
            yield Remark(field, Constraint(field=field.name, op="=", value=value))

    def _bound(self, field: FieldSpec, value: float) -> Constraint:
        """At most the next decile above it, or, of the upper half, at least the next one below."""
        spread = self._catalogue.spread(field.name)
        if value <= spread[len(spread) // 2]:
            edge = math.ceil(next(edge for edge in spread if edge >= value))
            return Constraint(field=field.name, op="<=", value=float(edge))
        edge = math.floor(next(edge for edge in reversed(spread) if edge <= value))
        return Constraint(field=field.name, op=">=", value=float(edge))

    def _too_much(self, shown: Sequence[Item]) -> Iterator[Remark]:
        """`Too long, something shorter please`: where all that is shown lies on one side of the item."""
        for field in (field for field in self._fields if field.is_ordered):
            values = [item.values[field.name] for item in shown if field.name in item.values]
            wanted = self._target.values[field.name]
            if values and wanted < min(values):
                yield from _compared(field, field.more, field.less)
            elif values and wanted > max(values):
                yield from _compared(field, field.less, field.more)

    def _against(self, shown: Sequence[Item]) -> Iterator[Remark]:
        """`No Horror, please`: what many of the shown items are, and the wanted one is not, by any field."""
        fields = [field for field in self._fields if field.is_category]
        wanted = {value for field in fields for value in self._target.words(field.name)}
        for field in fields:
            for value in dict.fromkeys(value for item in shown for value in item.words(field.name)):
                share = sum(value in item.words(field.name) for item in shown) / len(shown)
                if value not in wanted and share >= _MANY:
                    yield Remark(field, Constraint(field=field.name, op="!=", value=value))

    def _missing(self, shown: Sequence[Item]) -> Iterator[Remark]:
        """`I'd like Drama`: what the item is, and hardly one of the shown."""
        for field in (field for field in self._fields if field.is_category):
            for remark in self._wishes(field):
                assert remark.wish
                if sum(remark.wish.value in item.words(field.name) for item in shown) < _MANY * max(1, len(shown)):
                    yield remark

    def _make(self, remark: Remark) -> str:
        self._made.add(self._key(remark))
        return phrases.sentence([self._say(remark)], self._rng)

    def _say(self, remark: Remark) -> str:
        if remark.wish is None:
            return remark.words
        return phrases.phrase([remark.wish], remark.field, self._catalogue.schema, self._rng)

    @staticmethod
    def _key(remark: Remark) -> tuple[str, str]:
        """A name said of one field is not said again of another."""
        if remark.wish is None or not remark.field.is_category:
            return remark.field.name, remark.words
        return remark.wish.op, str(remark.wish.value)

    def _pick(self, forms: Sequence[T]) -> T:
        return self._rng.choice(forms)


def _compared(field: FieldSpec, has: Sequence[str], wants: Sequence[str]) -> Iterator[Remark]:
    better = next((word for word in wants if word.isalpha() and word.endswith("er")), "")
    plain = next((word for word in has if word.isalpha() and f"{word}er" in has), "")
    if better:
        yield Remark(field, words=f"too {plain}, something {better} please" if plain else f"something {better} please")
