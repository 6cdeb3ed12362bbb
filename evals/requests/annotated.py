"""What people wrote to people, with annotated intents and slots: the seekers' side of ReDial dialogues.

IARD (W. Cai and L. Chen, UMAP 2020) annotates 336 of them with intents; UserSimCRS (J. Afzali et al., WSDM 2023) adds
slots to 77 of these. Each message of a seeker is said to the contestant, whose answers are of course others than the
seeker had. So only what a message holds by itself is scored. The annotators marked neither operator nor strength, nor
whether a title is liked: fields with their values, and which titles are named, are compared. A value or a title that is
only asked about (`is it a comedy?`) is no wish: it is neither due nor wrong. Evaluation only.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from agent.plan import Intent
from evals.requests.label import Label, Request
from tools.data.schema import FieldSpec, Schema
from tools.errors import BadInputError
from tools.shelf import Shelf
from tools.text import normalise, stem_phrase

SLOTS_FILE, INTENTS_FILE = "usersimcrs/formatted_IARD_annotated_gold.json", "iard/umap2020_IARD_Cai.json"
_ASK = frozenset[Intent]({"recommend"})
_EITHER = frozenset[Intent]({"recommend", "chat"})
_INTENTS: Mapping[str, frozenset[Intent]] = {
    **dict.fromkeys(("IQU", "CON", "REF", "STO", "PRO", "ANS", "CRI-F", "CRI-A", "CRI-C", "REJ", "SEE"), _ASK),
    **dict.fromkeys(("ACC", "NRE"), _EITHER),
    "INQ": frozenset({"lookup", "explain"}),
    "ASK": frozenset({"lookup", "chat"}),
    **dict.fromkeys(("OTH", "END"), frozenset({"chat"})),
}
"""IARD's codes as intents of a plan. Of several codes, any will do: people do several things in one message."""
_TELLING = ("IQU", "CON", "REF", "STO", "PRO", "ANS", "CRI-F", "CRI-A", "CRI-C", "REJ", "SEE")
"""In these acts a value is wished for, and a title a matter of taste; in a question it is only mentioned."""
_MARKED = re.compile(r"@\d+\s*<(.*?)>")
SLOTS = ("GENRE", "ACTOR", "DIRECTOR")
"""The annotated slots whose values may be those of a field."""
Act = tuple[str, Sequence[tuple[str, str | None]]]


def read_dialogues(folder: Path, shelf: Shelf) -> list[Request]:
    """The dialogues with slots, then the others with intents only; each a request with all of its messages.

    Raises:
        BadInputError: a file is missing or is not what it should be.
    """
    try:
        slots = json.loads((folder / SLOTS_FILE).read_text(encoding="utf-8"))
        intents = json.loads((folder / INTENTS_FILE).read_text(encoding="utf-8"))
        both = {str(dialogue["conversation_id"]): list(_with_slots(dialogue)) for dialogue in slots}
        only = {name: list(_with_intents(body)) for name, body in intents.items() if name not in both}
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInputError(f"The annotated dialogues in {folder} can't be read ({error}).") from error
    annotator = _Annotator(shelf)
    return [
        Request(kind, tuple((said, annotator.label(said, acts, kind == "slots")) for said, acts in dialogue))
        for kind, dialogues in (("slots", both), ("intents", only))
        for dialogue in dialogues.values()
    ]


def drawn(requests: Sequence[Request], kind: str, most: int, seed: int) -> list[Request]:
    """At most so many of a kind, in their order."""
    rows = [row for row, request in enumerate(requests) if request.kind == kind]
    chosen = sorted(random.Random(seed).sample(rows, min(most, len(rows))))  # noqa: S311 - no secret
    return [requests[row] for row in chosen]


def _with_slots(dialogue: dict[str, Any]) -> Iterator[tuple[str, list[Act]]]:
    for turn in dialogue["conversation"]:
        if turn["participant"] == "USER" and (said := _plain(turn["utterance"])):
            acts = turn["dialogue_acts"]
            yield said, [(a["intent"], [(name, value) for name, value, *_ in a["slot_values"]]) for a in acts]


def _with_intents(body: dict[str, Any]) -> Iterator[tuple[str, list[Act]]]:
    for turn in body["dialogue_info"].values():
        if turn["role"] == "seeker" and (said := _plain(turn["utterance_text"])):
            yield said, [(code, []) for code in turn["sub-intent/action"]]


def _plain(text: str) -> str:
    """A message as it was typed: without marks around titles, and without escapes."""
    return re.sub(r"\s+", " ", unquote(html.unescape(_MARKED.sub(r"\1", text)))).strip()


class _Annotator:
    """Puts annotations into the words of a catalogue; what it does not have is not labelled."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self._schema = shelf, shelf.catalogue.schema
        self._annotated = frozenset(field.name for name in SLOTS if (field := field_called(name, self._schema)))

    def label(self, said: str, acts: Sequence[Act], has_slots: bool) -> Label:
        """A message's label."""
        intents = frozenset(intent for code, _ in acts for intent in _INTENTS.get(code, ()))
        if not has_slots:
            return Label(intents)
        marked = [(code, name, unquote(value)) for code, slots in acts for name, value in slots if value]
        fields = {name: field for name in SLOTS if (field := field_called(name, self._schema))}
        pairs = frozenset(
            pair
            for code, name, value in marked
            if name in fields and code in _TELLING
            for pair in self._pairs(value, [fields[name]])
        )
        titles = [(code, self._item(value, said)) for code, name, value in marked if name == "TITLE"]
        named = frozenset(item for code, item in titles if item and code in _TELLING)
        askable = [field for field in self._schema.askable if field.is_category]
        others = {
            pair
            for code, name, value in marked
            if name not in fields or code not in _TELLING
            for pair in self._pairs(value, askable)
        }
        return Label(
            intents,
            pairs=pairs,
            fields=frozenset(
                f.name for name in ("GENRE", "ACTOR", "DIRECTOR") if (f := field_called(name, self._schema))
            ),
            titles=named,
            tolerated=frozenset(others - pairs) | {item for _, item in titles if item and item not in named},
        )

    def _pairs(self, value: str, fields: Sequence[FieldSpec]) -> Iterator[tuple[str, object]]:
        """(field, value) of what an annotated text names in these fields: as a whole, else by its words."""
        names = {field.name for field in fields}
        for texts in ([value], value.split()):
            found = self._shelf.catalogue.words([stem_phrase(normalise(text)) for text in texts])
            pairs = {(word.field, normalise(word.value)) for word in found if word.field in names}
            if pairs:
                yield from pairs
                return

    def _item(self, title: str, said: str) -> str | None:
        """The id of a named item, of the year that the message gives; None where the catalogue has none."""
        year = re.search(rf"{re.escape(title)}\s*\((\d{{4}})\)", said)
        match = self._shelf.titles.find(f"{title} ({year[1]})" if year else title)
        if match is None or (year and not self._shelf.titles.is_of_year(match.position, int(year[1]))):
            return None
        return self._shelf.catalogue.item(match.position).id


def field_called(name: str, schema: Schema) -> FieldSpec | None:
    """The category field that people call so: `ACTOR` may be `cast`."""
    called: Iterable[FieldSpec] = (field for field in schema.askable if field.is_category)
    return next((field for field in called if name.lower() in (field.name, *map(str.lower, field.words))), None)
