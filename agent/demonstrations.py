"""Dynamic demonstrations: the few worked plans nearest to a message, found by meaning in Chroma.

The bank is made at the first use and kept beside the catalogue's version, under a name that says what it was made
from, so that another schema, seed or way of reading makes another bank. The idea of choosing a prompt's examples by
nearness is of J. Liu et al., "What Makes Good In-Context Examples for GPT-3?", DeeLIO 2022.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from agent.wire import plan_schema, plan_to_wire
from agent.worked import worked_bank
from tools.data.versions import Version
from tools.errors import UnavailableError
from tools.index.place import Place
from tools.index.texts import NearestTexts, Note, build_texts, has_texts
from tools.shelf import Shelf

NEAREST = 40
"""Among how many of the nearest the shown ones are chosen."""
ONE_INTENT = 2 / 3
"""At most this share of what is shown is of one intent, while others are near."""
MAX_CHARS = 1_600
"""Of all that is shown together: about 500 tokens."""
BANK = 1
"""Raised with what the bank is made of, so that older ones are not read."""


@dataclass(frozen=True)
class Shown:
    """What goes into a prompt: messages with their plans on the wire, or why there are none."""

    pairs: tuple[tuple[str, str], ...] = ()
    why_none: str = ""


class Demonstrations:
    """The bank of worked plans of one catalogue. Shared by all conversations; made at the first use."""

    def __init__(self, shelf: Shelf, chroma_url: str, seed: int) -> None:
        self._shelf, self._seed = shelf, seed
        self.place = bank_place(shelf, chroma_url, seed)
        self._index = NearestTexts(self.place)
        self._is_there = False
        self._lock = Lock()

    def nearest(self, message: str, count: int) -> Shown:
        """At most `count` worked plans for messages like this one, the nearest first; none where Chroma is away."""
        if self._shelf.embedder is None:
            return Shown(why_none="the embedding model is off")
        try:
            self._ensure()
            vector = self._shelf.embedder.embed([message])[0]
            near = self._index.nearest(vector, NEAREST)
        except UnavailableError as error:
            return Shown(why_none=error.what)
        except OSError as error:
            return Shown(why_none=f"the worked plans can't be kept ({error})")
        return Shown(tuple((note.text, note.body) for note in chosen(near, message, count)))

    def _ensure(self) -> None:
        with self._lock:
            if not self._is_there and not has_texts(self.place):
                self._build()
            self._is_there = True

    def _build(self) -> None:
        assert self._shelf.embedder is not None
        bank = worked_bank(self._shelf, self._seed)
        notes = [Note(one.message, plan_to_wire(one.plan), one.plan.intent, one.group) for one in bank]
        build_texts(self.place, notes, self._shelf.embedder.embed([note.text for note in notes]))


def bank_place(shelf: Shelf, chroma_url: str, seed: int) -> Place:
    """Where the bank of a catalogue is: beside its dense index, named after what it is made from."""
    made_from = json.dumps([BANK, seed, plan_schema(shelf.catalogue)], sort_keys=True)
    name = f"worked-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}"
    return Version(shelf.catalogue.path.parent, chroma_url).dense.beside(name)


def chosen(near: Sequence[Note], message: str, count: int) -> list[Note]:
    """One of each way of speaking, not too many of one intent, never the message itself, within MAX_CHARS."""
    groups: dict[str, Note] = {}
    for note in near:
        if note.text != message:
            groups.setdefault(note.group, note)
    most, of_kind = math.ceil(ONE_INTENT * count), Counter[str]()
    first, later = list[Note](), list[Note]()
    for note in groups.values():
        (first if of_kind[note.kind] < most else later).append(note)
        of_kind[note.kind] += 1
    kept, left = list[Note](), MAX_CHARS
    for note in (*first, *later):
        length = len(note.text) + len(note.body)
        if len(kept) < count and length <= left:
            kept.append(note)
            left -= length
    return kept
