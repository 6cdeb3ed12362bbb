"""Whether a line of the template's reply supports what a model wrote in its place, and whether anything is lost by it.

Supported is a sentence whose titles (with their years), numbers, quotations and catalogue values all stand in the
line, or are values of the item that the line is about: in one clause what stands in one clause, affirmed or denied
alike, and where the line is about no item in the same order. Each other word stands there too, or claims nothing
(`plain_words.HARMLESS`). It must keep every title, number, quotation, question and disclosure of the line.

In other languages than English words can't be checked. There a sentence is held against the titles, numbers,
quotations and known values alone, may have only a few other words, and lines that deny something stay in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.claims import Anchor, Clause, Reader, Statement
from agent.plain_words import FOREIGN_NEGATORS
from agent.policy import Policies
from agent.wording import say_list, say_title, say_value
from tools.data.catalogue import Item
from tools.data.schema import Schema
from tools.text import words_with_spans

LONGEST = 1_200
"""In characters: a longer line is only said as the template says it."""
FOREIGN_WORDS = 14
"""How many words a line in another language may have beside what can be checked."""
_BULLET = re.compile(r"^\s*[-*•]\s+")
_BEGINNING = r"(?:\d+\. |Why |How about )?"


@dataclass(frozen=True)
class Line:
    """A line of the template's reply: what may be said, and must be."""

    text: str
    subject: Item | None = None
    """The item that it is about."""
    disclosures: tuple[str, ...] = ()
    """What must be said with that item."""


def evidence_lines(texts: Sequence[str], items: Sequence[Item], schema: Schema, policies: Policies) -> list[Line]:
    """The template's lines, each with the one of these items that it is about."""
    titles = sorted(((say_title(schema, item), item) for item in items), key=lambda one: -len(one[0]))
    lines = list[Line]()
    for text in texts:
        starts = (item for title, item in titles if re.match(_BEGINNING + re.escape(title), text))
        subject = lines[-1].subject if lines and text.startswith("- ") else next(starts, None)
        said = tuple(words for words in policies.disclosures(subject, schema) if words in text) if subject else ()
        lines.append(Line(text, subject, said))
    return lines


class Evidence:
    """A template line taken apart, with the values of its subject."""

    def __init__(self, reader: Reader, line: Line, schema: Schema) -> None:
        self.reader, self.line, self.schema = reader, line, schema
        self.said = reader.read(line.text[:LONGEST])
        subject = line.subject
        self.facts = (*self.said.clauses, *(self._values_of(subject) if subject else ()))

    @property
    def title(self) -> str:
        """Of its subject, with the year; empty where it has none."""
        return say_title(self.schema, self.line.subject) if self.line.subject else ""

    def objection(self, said: Statement, may_be_foreign: bool) -> str:
        """Why a statement can't stand for this line; empty if it can."""
        if said.text == self.line.text:
            return ""
        if len(self.line.text) > LONGEST:
            return "the line is too long to be checked"
        if said.has_markup:
            return "markup"
        if said.row not in (None, self.said.row):
            return f"it is not number {said.row}"
        if said.asks != self.said.asks:
            return "a question" if said.asks else "the question is lost"
        is_foreign = said.is_foreign and may_be_foreign
        lost = self._lost(said, is_foreign)
        if lost:
            return f"without {lost}"
        return self._foreign_objection(said) if is_foreign else self.unsupported(said)

    def is_meant_by(self, said: Statement) -> bool:
        """Whether a row, or a sentence that begins with a title, is about this line's item."""
        if said.row is not None:
            return said.row == self.said.row
        first = said.anchors[0] if said.anchors else None
        is_first = first is not None and first.kind == "title" and said.text.find(first.text) <= 2
        return bool(first and is_first and self.line.subject and first.is_of(Anchor("title", self.title)))

    def shaped(self, text: str) -> str:
        """The text with the row's number or the bullet that the template has."""
        if self.line.text.startswith("- "):
            return f"- {_BULLET.sub('', text)}"
        if self.said.row is not None and not re.match(r"\d", text):
            return f"{self.said.row}. {_BULLET.sub('', text)}"
        return text

    def _lost(self, said: Statement, is_foreign: bool) -> str:
        """What the line says and the statement leaves out."""
        is_row = self.said.row is not None
        if is_row and not re.match(rf"(?:{self.said.row}\. |[-*•] )?{re.escape(self.title)}", said.text):
            return "its title in front"
        for words in self.line.disclosures:
            if f"({words})" not in said.text:
                return f"“{words}”"
        for anchor in self.said.anchors:
            may_go = anchor.kind == "value" and (is_row or is_foreign)
            if not may_go and not any(own.is_enough_for(anchor) for own in said.anchors):
                return anchor.text
        if is_foreign:
            return ""
        return "" if is_row else self._lost_words(said)

    def _lost_words(self, said: Statement) -> str:
        """What is denied, and what has no title, number, quotation or value, must keep its words."""
        needed = [c.words for c in self.said.clauses if c.is_negated or not self.said.anchors]
        missing = sorted(frozenset[str]().union(*needed) - said.words)
        if missing:
            return missing[0]
        if self.said.is_negated and not said.is_negated:
            return "its denial"
        return "" if self.said.anchors or self.said.words else "what it says"

    def unsupported(self, said: Statement) -> str:
        """Why one of its pieces stands in no clause of the evidence; empty if all do."""
        used: dict[int, list[Anchor]] = {}
        for clause in said.clauses:
            going_on: set[int] | None = None
            if clause.is_negated and not any(fact.is_negated for fact in self.facts):
                return "it denies what is so"
            for piece in clause.pieces:
                anchors = [anchor for anchor in piece.anchors if not self._is_subject(anchor)]
                if not anchors and not piece.words:
                    continue
                fits = {
                    place
                    for place, fact in enumerate(self.facts)
                    if fact.is_negated == clause.is_negated
                    and piece.words <= fact.may_say
                    and self._has([*used.get(place, []), *anchors], fact)
                }
                if piece.words or piece.has_verb:
                    going_on = None
                fits = fits if going_on is None else fits & going_on
                if not fits:
                    return self._what_is_new(anchors, piece.words)
                going_on = fits if piece.words else going_on
                used.setdefault(min(fits), []).extend(anchors)
        return ""

    def _has(self, anchors: Sequence[Anchor], fact: Clause) -> bool:
        """Whether a clause has all of these; where no item is spoken of, in this order: counts stand behind words."""
        if self.line.subject:
            return all(any(anchor.is_of(one) for one in fact.anchors) for anchor in anchors)
        left = iter(fact.anchors)
        return all(any(anchor.is_of(one) for one in left) for anchor in anchors)

    def _what_is_new(self, anchors: Sequence[Anchor], words: frozenset[str]) -> str:
        known = [anchor for fact in self.facts for anchor in fact.anchors]
        new = [anchor.text for anchor in anchors if not any(anchor.is_of(one) for one in known)]
        new += sorted(words - frozenset[str]().union(*(fact.may_say for fact in self.facts)))
        return f"not in the evidence: {', '.join(new)}" if new else "put together otherwise than in the evidence"

    def _foreign_objection(self, said: Statement) -> str:
        if self.said.is_negated or any(word in FOREIGN_NEGATORS for word, _, _ in words_with_spans(said.text)):
            return "a denial in another language"
        if not self.said.anchors or said.length > FOREIGN_WORDS:
            return "words that can't be checked"
        used: dict[int, list[Anchor]] = {}
        for clause in said.clauses:
            anchors = [anchor for anchor in clause.anchors if not self._is_subject(anchor)]
            fits = [p for p, fact in enumerate(self.facts) if self._has([*used.get(p, []), *anchors], fact)]
            if anchors and not fits:
                return self._what_is_new(anchors, frozenset())
            if anchors:
                used.setdefault(fits[0], []).extend(anchors)
        return f"not in the evidence: {said.names[0]}" if said.names else ""

    def _is_subject(self, anchor: Anchor) -> bool:
        return anchor.kind == "title" and anchor.is_of(Anchor("title", self.title))

    def _values_of(self, subject: Item) -> Iterator[Clause]:
        """What each field says of the subject, free texts left out: any word stands in them somewhere."""
        for spec in self.schema.fields:
            value = subject.values.get(spec.name)
            if spec.role != "title" and spec.type != "text" and value not in (None, []):
                said = say_list(value) if isinstance(value, list) else say_value(spec, value)
                yield from self.reader.read(said if spec.label in said else f"{spec.label} {said}").clauses
