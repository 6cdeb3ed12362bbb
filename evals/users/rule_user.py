"""A rule-based simulated user: says what a task lets them say, and judges what is shown. Seeded.

What is volunteered is said at once, what waits for a question when its field is asked about, or when all that is
shown breaks it and the person gives reasons; what is hidden is never said, only acted on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.policy import Policies
from evals.tasks.task import Task
from evals.users import phrases
from evals.users.forms import FORMS
from evals.users.typos import slip
from tools.constraints import Constraint, words_of
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec

REMARKS = 0.5
"""How often a remark is made in the first message."""
COMPARES = 0.5
"""How often a reason is `something shorter` instead of the whole wish, where the field has such words."""
Ending = Literal["accepted", "abstained", "gave up", ""]
_OPEN = re.compile(
    r"\b(?:anything|something) else\b|\banything more\b|\bwhat (?:are|do) you\b|\btell me\b", re.IGNORECASE
)


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
        self._forms, self._persona = FORMS[task.persona.style], task.persona
        self._has_to_correct = task.first_said is not None
        self._said: set[str] = set()
        """The fields of which something was said."""
        self._turned_down, self._has_nudged = 0, False

    def first(self) -> str:
        """The first message: what is volunteered, and perhaps a remark."""
        wishes = [wish.constraint for wish in self._task.wishes if wish.reveal == "volunteer"]
        if not wishes or self._rng.random() < 0.5:
            parts = [phrases.opening(self._catalogue.schema, self._rng, self._forms)]
        else:
            parts = []
        if wishes:
            wrong = self._task.first_said
            first = [c for c in wishes if not wrong or c.field != wrong.field] + ([wrong] if wrong else [])
            parts.append(self._around(self._say(first)))
        if self._task.remarks and self._rng.random() < REMARKS:
            parts.append(phrases.remark(self._rng.choice(self._task.remarks)))
        return self._typed(" ".join(parts))

    def reply(self, heard: str, shown: Sequence[Item]) -> Said:
        """What they say to an answer: its text, and the items that it recommended."""
        question = self.question(heard, shown)
        if not shown and (leave := self._leave(question)):
            return Said(leave)
        if self._has_to_correct:
            return Said(self._correct())
        if len(shown) > 1 and self._policies.one_at_a_time:
            return Said(self._pick(self._forms.only_one))
        if shown:
            return self._judge(shown, question)
        if not question:
            return Said("", "abstained")
        return Said(self._answer(question) or self._pick(self._forms.any))

    def question(self, heard: str, shown: Sequence[Item]) -> str:
        """What an answer asks, if anything; the lines about items ask nothing, whatever their titles are."""
        if shown and self._is_plain:
            return ""
        titles = [str(item.values[self._catalogue.schema.title.name]) for item in shown]
        lines = [line for line in heard.splitlines() if not any(title in line for title in titles)]
        return question_in("\n".join(lines))

    def nudge(self) -> str:
        """What they say, once, to an answer that shows and asks nothing and says of nothing that it does not exist."""
        if self._is_plain or self._has_nudged:
            return ""
        self._has_nudged = True
        return phrases.with_article(self._pick(self._forms.nudges).format(item=self._catalogue.schema.item))

    def _judge(self, shown: Sequence[Item], question: str) -> Said:
        for item in shown:
            if item.id not in self._task.user.seen and not self._task.breaks(item, self._catalogue):
                return Said(self._pick(self._forms.taken), "accepted")
        self._turned_down += len(shown)
        if 0 < self._persona.patience <= self._turned_down:
            return Said("", "gave up")
        if leave := self._leave(question):
            return Said(leave)
        seen = all(item.id in self._task.user.seen for item in shown)
        if not seen and (reason := self._reason(shown)):
            return Said(reason)
        if question and (answer := self._answer(question)):
            return Said(f"{self._pick(self._forms.none)} {answer}")
        return Said(self._pick(self._forms.seen if seen else self._forms.rejections))

    def _correct(self) -> str:
        self._has_to_correct = False
        wrong = self._task.first_said
        assert wrong is not None
        right = [wish for wish in self._sayable() if wish.field == wrong.field]
        return self._typed(self._with(right, self._forms.corrections))

    def _reason(self, shown: Sequence[Item]) -> str:
        """A wish that may be said and that all of these break; empty where there is none, or none is given."""
        if not self._persona.reasons or self._rng.random() >= self._persona.reasons:
            return ""
        broken = [self._task.breaks(item, self._catalogue) for item in shown]
        mine = [wish for wish in self._sayable() if all(wish in wishes for wishes in broken)]
        if not mine:
            return ""
        wish, field = mine[0], self._catalogue.schema.field(mine[0].field)
        words = (field.less if wish.op[0] == "<" else field.more if wish.op[0] == ">" else [])[:1] if field else []
        is_new = wish.field not in self._said and all(wish.field in item.values for item in shown)
        if words and is_new and self._rng.random() < COMPARES:
            self._said.add(wish.field)
            return self._typed(phrases.with_capital(self._pick(self._forms.comparisons).format(word=words[0])))
        return self._typed(self._with([w for w in self._sayable() if w.field == wish.field], self._forms.reasons))

    def _leave(self, question: str) -> str:
        """Whether something that the house holds back is all right; empty where that is not asked."""
        names = {field.name for field in asked_about(question, self._catalogue.schema.askable)}
        gated = [rule for rule in self._policies.confirm if rule.field in names and asks_leave(question, rule.values)]
        if not gated:
            return ""
        values = [value for value in gated[0].values if _says(question, value)]
        mine = [wish for wish in self._sayable() if wish.field == gated[0].field]
        return self._pick(
            self._forms.refuses if any(not _allows(wish, values) for wish in mine) else self._forms.agrees
        )

    def _answer(self, question: str) -> str:
        """What they say to a question; empty where it is about no field, and nothing is left to say."""
        names = {field.name for field in asked_about(question, self._catalogue.schema.askable)}
        mine = [wish for wish in self._sayable() if wish.field in names]
        if mine:
            return self._typed(self._say(mine))
        if not self._is_plain and any(wish.constraint.field in names for wish in self._task.wishes):
            return self._pick(self._forms.unsure)
        if names:
            return self._pick(self._forms.any)
        left = [wish for wish in self._sayable() if wish.field not in self._said]
        if self._is_plain or not left or not _OPEN.search(question):
            return ""
        return self._typed(self._say([wish for wish in left if wish.field == left[0].field]))

    @property
    def _is_plain(self) -> bool:
        return self._persona.style == "plain"

    def _sayable(self) -> list[Constraint]:
        return [wish.constraint for wish in self._task.wishes if wish.reveal != "hidden"]

    def _say(self, wishes: Sequence[Constraint]) -> str:
        """Wishes in a sentence."""
        self._said |= {wish.field for wish in wishes}
        if not self._is_plain:  # what is not wanted comes last: `no A and B` refuses both
            wishes = sorted(wishes, key=lambda wish: wish.op == "!=")
        groups = _together(wishes) if self._forms.says_ranges else [[wish] for wish in wishes]
        return phrases.sentence([self._phrase(group) for group in groups], self._rng)

    def _with(self, wishes: Sequence[Constraint], forms: Sequence[str]) -> str:
        """A wish in a sentence of one of these forms."""
        self._said |= {wish.field for wish in wishes}
        said = " and ".join(self._phrase(group) for group in _together(wishes))
        return phrases.with_capital(self._pick(forms).format(wish=said, Wish=phrases.with_capital(said)))

    def _phrase(self, wishes: Sequence[Constraint]) -> str:
        schema = self._catalogue.schema
        field = schema.field(wishes[0].field)
        return phrases.phrase(wishes, field, schema, self._rng, self._forms) if field else ""

    def _around(self, said: str) -> str:
        return self._pick(self._forms.around).format(said=said) if len(self._forms.around) > 1 else said

    def _typed(self, text: str) -> str:
        """The text as it is typed: now and then with a slip."""
        if self._persona.typos and self._rng.random() < self._persona.typos:
            return slip(text, self._catalogue, self._rng)
        return text

    def _pick(self, forms: Sequence[str]) -> str:
        return self._rng.choice(forms)


def question_in(heard: str) -> str:
    """The question that an answer ends with, with what stands behind it; empty if it asks nothing."""
    return " ".join(re.findall(r"[^.!?\n]*\?[^?]*$", heard))


def _together(wishes: Sequence[Constraint]) -> list[list[Constraint]]:
    """Wishes one by one, but the two bounds of a range together."""
    groups = list[list[Constraint]]()
    for wish in wishes:
        other = next((g for g in groups if len(g) == 1 and {wish.op[0], g[0].op[0]} == {"<", ">"}
                      and wish.field == g[0].field), None)  # fmt: skip
        if other:
            other.append(wish)
        else:
            groups.append([wish])
    return groups


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
