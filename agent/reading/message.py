"""A whole message, read without a model: what it asks for, in typed form, each part with the words it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.plan import Intent
from agent.reading.lexicon import (
    ANOTHER,
    ASKS_FACT,
    NEGATORS,
    RETRACTS,
    SOCIAL,
    START_OVER,
    STOP_WORDS,
    WHY,
    is_negated,
)
from agent.reading.numbers import Found, read_numbers
from agent.reading.references import Reference, points_at_something, read_references
from agent.reading.titles import Named, kind_of, read_titles
from agent.reading.values import read_adjectives, read_flags, read_values
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue, Item
from tools.grounding import Titles
from tools.text import singular, words_with_spans

MAX_QUERY_WORDS = 8
_FOREIGN_WORDS = 4
"""From this many words on, a message without one English function word is not English."""


@dataclass(frozen=True)
class Reading:
    """What the words of a message say."""

    intent: Intent
    possible: frozenset[Intent]
    """The intents that the words allow; a model's choice among them is believed."""
    constraints: tuple[Constraint, ...] = ()
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    rejected: tuple[int, ...] = ()
    about: tuple[int, ...] = ()
    """The items that a question is about."""
    asked: tuple[str, ...] = ()
    """The fields that a question is about."""
    unknown: tuple[str, ...] = ()
    """Titles that the catalogue does not have, as typed."""
    query: str = ""
    """What no field says: searched for as text."""
    another: bool = False
    """Whether other items than those shown are asked for."""
    start_over: bool = False
    retracted: str = ""
    """What is taken back of earlier wishes, in the words of the message."""
    is_foreign: bool = False
    """Whether nothing in it reads as English."""
    words: frozenset[str] = field(default_factory=frozenset)
    """All words of the message, folded, plural and singular."""

    @property
    def says_something(self) -> bool:
        """Whether anything of it can be acted on."""
        return any(
            (
                self.constraints,
                self.liked,
                self.disliked,
                self.seen,
                self.rejected,
                self.query,
                self.another,
                self.retracted,
            )
        )


def read_message(message: str, catalogue: Catalogue, titles: Titles, slate: Sequence[Item]) -> Reading:
    """Read a message against a catalogue and the slate that was shown last (empty at the start)."""
    schema = catalogue.schema
    item_words = [schema.item, schema.items, *schema.item_words]
    references = read_references(message, len(slate), item_words)
    named = read_titles(message, catalogue, titles)
    takes_back = RETRACTS.search(message)
    taken = [(r.start, r.end) for r in references] + [(n.start, n.end) for n in named.named]
    taken += [(start, end) for start, end, _ in named.unknown] + ([takes_back.span()] if takes_back else [])
    found = _read_fields(message, catalogue, slate, taken)
    constraints = tuple(c for f in sorted(found, key=lambda f: f.start) for c in f.constraints)
    taken += [(f.start, f.end) for f in found]

    pointed = [slate[r.row].position for r in references]
    intent = _intent(message, bool(named.named or pointed), bool(constraints), bool(slate))
    folded = {word for word, _, _ in words_with_spans(message)}
    heard = Reading(
        intent=intent,
        possible=frozenset({intent}),
        unknown=tuple(text for _, _, text in named.unknown),
        is_foreign=len(folded) >= _FOREIGN_WORDS and not folded & STOP_WORDS,
        words=frozenset(folded | {singular(word) for word in folded}),
    )
    if intent != "recommend":
        about = tuple(dict.fromkeys([*pointed, *(n.position for n in named.named)]))
        if not about and slate and points_at_something(message) and intent != "chat":
            about = (slate[0].position,)
        return replace(heard, about=about, asked=_asked(message, catalogue) if intent == "lookup" else ())
    return replace(
        heard,
        constraints=constraints,
        **_items(message, named.named, references, pointed),
        query=_query(message, taken, item_words),
        another=ANOTHER.search(message) is not None and not pointed,
        start_over=START_OVER.search(message) is not None,
        retracted=takes_back["what"] if takes_back else "",
    )


def _read_fields(
    message: str, catalogue: Catalogue, slate: Sequence[Item], taken: Sequence[tuple[int, int]]
) -> list[Found]:
    """Constraints on fields; where two readings claim the same words, the first keeps them."""
    schema = catalogue.schema
    newest = [catalogue.spread(f.name)[-1] for f in schema.fields if f.is_temporal and catalogue.spread(f.name)]
    found = _outside(read_numbers(message, schema, max(newest, default=2000.0)), taken)
    found += read_values(message, catalogue, [*taken, *((f.start, f.end) for f in found)])
    for more in (read_flags(message, catalogue), read_adjectives(message, catalogue, slate)):
        found += _outside(more, [*taken, *((f.start, f.end) for f in found)])
    return found


def _items(
    message: str, named: Sequence[Named], references: Sequence[Reference], pointed: Sequence[int]
) -> dict[str, Any]:
    """The items that the message speaks of, by what it says of them."""
    rows: dict[str, dict[int, None]] = {"liked": {}, "disliked": {}, "seen": {}, "rejected": {}}
    for name in named:
        rows[name.kind][name.position] = None
    for reference, position in zip(references, pointed, strict=True):
        rows[_kind_of_reference(message, reference.start, reference.end)][position] = None
    return {kind: tuple(positions) for kind, positions in rows.items()}


def _outside(found: Sequence[Found], taken: Sequence[tuple[int, int]]) -> list[Found]:
    return [f for f in found if all(f.end <= s or f.start >= e for s, e in taken)]


def _intent(message: str, names: bool, constrains: bool, shown: bool) -> Intent:
    """What the message wants done; `names` says whether it names or points at an item."""
    refers = names or (shown and points_at_something(message))
    if WHY.search(message) and refers and shown:
        return "explain"
    if ASKS_FACT.search(message) and refers and not re.search(r"\b(?:like|similar)\b", message, re.IGNORECASE):
        return "lookup"
    words = [word for word, _, _ in words_with_spans(SOCIAL.sub(" ", message))]
    is_social = SOCIAL.search(message) is not None and all(word in STOP_WORDS for word in words)
    if is_social and not (names or constrains) and not ANOTHER.search(message) and not _asks(message):
        return "chat"
    return "recommend"


def _asks(message: str) -> bool:
    return (
        re.search(
            r"\b(?:recommend|suggest|something|show|find|give|want|looking|anything|watch|pick)\b",
            message,
            re.I,
        )
        is not None
    )


def _kind_of_reference(message: str, start: int, end: int) -> str:
    kind = kind_of(message, start, end)
    if kind == "liked" and is_negated(message, start):
        return "rejected"
    return "rejected" if kind == "disliked" else kind


def _asked(message: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The fields that a question names, by name, word, unit or adjective: `how long`, `who directed`."""
    words = {word for word, _, _ in words_with_spans(message)}
    stems = words | {singular(word) for word in words}
    asked = []
    for spec in catalogue.schema.fields:
        names = {spec.name.replace("_", " "), *spec.words, *([spec.unit] if spec.unit else [])}
        names |= {part for word in spec.words for part in word.split() if len(part) > 4}
        adjectives = {a for a in [*spec.more, *spec.less] if re.search(rf"\bhow {re.escape(a)}\b", message, re.I)}
        bases = {w for w in words if re.search(rf"\bhow {re.escape(w)}\b", message, re.I)}
        compares = any(a.startswith(base) for a in [*spec.more, *spec.less] for base in bases if len(base) > 2)
        when = spec.is_temporal and re.search(r"\b(?:when|what year|how old)\b", message, re.I)
        said = any(name.lower() in stems or f" {name.lower()} " in f" {message.lower()} " for name in names)
        if said or adjectives or compares or when:
            asked.append(spec.name)
    return tuple(asked)


def _query(message: str, taken: Sequence[tuple[int, int]], item_words: Sequence[str]) -> str:
    """The words that say something and were not understood otherwise; a negated word is no wish."""
    nouns = {word.lower() for word in item_words}
    left = [
        word
        for word, start, end in words_with_spans(message)
        if all(end <= s or start >= e for s, e in taken)
        and word not in STOP_WORDS
        and word not in nouns
        and len(word) > 2
        and not word.isdigit()
        and not NEGATORS.fullmatch(word)
        and not is_negated(message, start)
    ]
    return " ".join(dict.fromkeys(left[:MAX_QUERY_WORDS]))
