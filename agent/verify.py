"""The verifier: holds what a model wrote against the template's lines, and says nothing that they don't say.

A sentence or a row is said where one line of the template supports it and loses nothing by it (`agent.support`). What
falls short is replaced by the line; what belongs to no line is dropped; lines that were left out are put back. So a
reply has the template's lines in the template's order, some of them in the model's words, and perhaps a greeting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.claims import Reader, Statement
from agent.support import LONGEST, Evidence, Line
from tools.data.catalogue import Item
from tools.shelf import Shelf

GREETING_WORDS, GREETINGS = 25, 2
"""How long a sentence may be that claims nothing, and how many may stand before the first line."""
_EMPHASIS = re.compile(r"\*\*|__|^\s*#+\s+")


class Verifier:
    """Takes what a model writes, line by line, and gives what may be said of it, with the template's lines between.

    Pure but for its own place in the reply: it reads the catalogue and nothing else.
    """

    def __init__(self, shelf: Shelf, lines: Sequence[Line], items: Sequence[Item], message: str = "") -> None:
        """
        Args:
            lines: the template's reply.
            items: those that the reply is about, its subjects and those that it compares them with.
            message: what the person wrote; only its language counts, since a wish that was not understood must not be
                said to be kept.
        """
        self._reader = Reader(shelf, items)
        self._schema = shelf.catalogue.schema
        self._lines = [Evidence(self._reader, line, self._schema) for line in lines]
        self._is_foreign = self._reader.is_foreign(message[:LONGEST])
        self._next = 0
        self._greetings = list[str]()
        self.kept = 0
        """How many lines are said in the model's words, greetings too."""
        self.restored = 0
        """How many are the template's."""
        self.replaced = list[str]()
        """What the model wrote and is not said, and why."""

    @property
    def is_done(self) -> bool:
        """Whether all is said, or more than half of it was unsupported, so that the template goes on alone."""
        return self._next >= len(self._lines) or len(self.replaced) > max(1.0, len(self._lines) / 2)

    def take(self, written: str) -> list[str]:
        """What may be said after a line that the model wrote; often nothing yet."""
        text = written[: LONGEST + 1].strip()
        if all(text != evidence.line.text for evidence in self._lines):
            text = _EMPHASIS.sub("", text).strip()
        if not text or self.is_done:
            return []
        if len(text) > LONGEST:
            self.replaced.append(f"{text[:80]}… (longer than any line)")
            return []
        whole = self._reader.read(text)
        said = self._fitting(whole)
        if said is not None:
            return said
        out, left = list[str](), whole.sentences
        while left and not self.is_done:
            one, *left = left
            sentence = self._reader.read(one)
            said = self._fitting(sentence)
            if said is None and left:
                said = self._fitting(self._reader.read(f"{one} {left[0]}"))  # a line may have two sentences
                left = left if said is None else left[1:]
            out += self._refused(sentence) if said is None else said
        return out

    def rest(self) -> list[str]:
        """The lines that are still to be said, as the template says them."""
        return self._up_to(len(self._lines))

    def _fitting(self, said: Statement) -> list[str] | None:
        """What is said where this is a whole line of the template in other words, or a greeting; else None."""
        for place in range(self._next, len(self._lines)):
            if not self._lines[place].objection(said, self._is_foreign):
                before = self._up_to(place)
                self._next += 1
                self.kept += 1
                return [*before, self._lines[place].shaped(said.text)]
        if not self._is_greeting(said):
            return None
        if self._next or len(self._greetings) >= GREETINGS or said.text in self._greetings:
            return []
        self._greetings.append(said.text)
        self.kept += 1
        return [said.text]

    def _refused(self, said: Statement) -> list[str]:
        """The template up to the line that this was meant for; nothing where it was meant for none."""
        places = range(self._next, len(self._lines))
        place = next((place for place in places if self._lines[place].is_meant_by(said)), None)
        if any(evidence.line.text == said.text for evidence in self._lines[: self._next]):
            why = "said already"
        elif place is None:
            why = "it is no line of the reply"
            if self._next < len(self._lines):
                why = self._lines[self._next].unsupported(said) or why
        else:
            why = self._lines[place].objection(said, self._is_foreign)
        self.replaced.append(f"{said.text} ({why})")
        return [] if place is None else self._up_to(place + 1)

    def _up_to(self, place: int) -> list[str]:
        said = [evidence.line.text for evidence in self._lines[self._next : place]]
        self._next = max(self._next, place)
        self.restored += len(said)
        return said

    def _is_greeting(self, said: Statement) -> bool:
        """Whether it claims, asks and denies nothing."""
        is_empty = not (said.anchors or said.words or said.asks or said.is_negated or said.row or said.has_markup)
        return is_empty and 0 < said.length <= GREETING_WORDS
