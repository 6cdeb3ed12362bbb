"""A rule-based simulated user: says what a task lets them say, and judges what is shown. Seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.policy import Policies
from evals.tasks.task import Task
from evals.users import phrases
from tools.constraints import Constraint, words_of
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec

REMARKS = 0.5
"""How often a remark is made in the first message."""
Ending = Literal["accepted", "abstained", "gave up", ""]


@dataclass(frozen=True)
class Said:
    """A message, or how the conversation ends (an acceptance is also said)."""

    message: str
    ending: Ending = ""


class RuleUser:
    """One person with one task."""

    def __init__(self, task: Task, catalogue: Catalogue, policies: Policies, seed: int) -> None:
        self._task, self._catalogue, self._policies = task, catalogue, policies
        self._rng = random.Random(f"{task.id} {seed}")  # noqa: S311 - no secret

    def first(self) -> str:
        """The first message: what is volunteered, and perhaps a remark."""
        wishes = [wish.constraint for wish in self._task.wishes if wish.reveal == "volunteer"]
        parts = [phrases.opening(self._catalogue.schema, self._rng)] if not wishes or self._rng.random() < 0.5 else []
        if wishes:
            parts.append(self._say(wishes))
        if self._task.remarks and self._rng.random() < REMARKS:
            parts.append(phrases.remark(self._rng.choice(self._task.remarks)))
        return " ".join(parts)

    def reply(self, heard: str, shown: Sequence[Item]) -> Said:
        """What they say to an answer: its text, and the items that it recommended."""
        if len(shown) > 1 and self._policies.one_at_a_time:
            return Said(self._pick(phrases.ONLY_ONE))
        if shown:
            return self._judge(shown)
        question = question_in(heard)
        if not question:
            return Said("", "abstained")
        return Said(self._answer(question))

    def _judge(self, shown: Sequence[Item]) -> Said:
        for item in shown:
            if item.id not in self._task.user.seen and not self._task.breaks(item, self._catalogue):
                return Said(self._pick(phrases.TAKEN), "accepted")
        seen = all(item.id in self._task.user.seen for item in shown)
        return Said(self._pick(phrases.SEEN if seen else phrases.REJECTIONS))

    def _answer(self, question: str) -> str:
        names = {field.name for field in asked_about(question, self._catalogue.schema.askable)}
        mine = [w.constraint for w in self._task.wishes if w.reveal != "hidden" and w.constraint.field in names]
        gated = [rule for rule in self._policies.confirm if rule.field in names and asks_leave(question, rule.values)]
        if gated:
            values = [value for value in gated[0].values if _says(question, value)]
            refused = any(not _allows(wish, values) for wish in mine if wish.field == gated[0].field)
            return self._pick(phrases.NO if refused else phrases.YES)
        return self._say(mine) if mine else self._pick(phrases.ANY)

    def _say(self, wishes: Sequence[Constraint]) -> str:
        schema = self._catalogue.schema
        fields = [schema.field(wish.field) for wish in wishes]
        parts = [phrases.phrase(w, f, schema, self._rng) for w, f in zip(wishes, fields, strict=True) if f]
        return phrases.sentence(parts, self._rng)

    def _pick(self, forms: Sequence[str]) -> str:
        return self._rng.choice(forms)


def question_in(heard: str) -> str:
    """The question that an answer ends with, with what stands behind it; empty if it asks nothing."""
    return " ".join(re.findall(r"[^.!?\n]*\?[^?]*$", heard))


def asked_about(question: str, fields: Sequence[FieldSpec]) -> list[FieldSpec]:
    """The fields that a question names; `content rating` is not `rating`."""
    names = {name.lower(): field for field in fields for name in [*field.names, *([field.unit] if field.unit else [])]}
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = re.findall(rf"\b(?:{pattern})\b", question.lower())
    return list({names[name].name: names[name] for name in found}.values())


def asks_leave(question: str, values: Sequence[str]) -> bool:
    """Whether a question asks if one of these values is all right."""
    is_asked = re.search(r"\b(?:all right|alright|ok(?:ay)?|fine|mind|comfortable)\b", question, re.IGNORECASE)
    return is_asked is not None and any(_says(question, value) for value in values)


def _says(text: str, value: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None


def _allows(wish: Constraint, values: Sequence[str]) -> bool:
    return bool(set(values) & set(words_of(wish.value))) == (wish.op == "=")
