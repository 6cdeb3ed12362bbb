"""A whole message, read without a model: what it asks for, in typed form, each part with the words it came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.plan import Intent
from agent.reading.answers import CUES as ANSWERS
from agent.reading.answers import Answer, Asked, read_answer
from agent.reading.lexicon import (
    ANOTHER,
    ASKS_FACT,
    DISLIKED,
    LIKED,
    NEGATORS,
    NUMBER_WORDS,
    ORDINALS,
    OTHERS_TASTE,
    PERMITS,
    REMEMBER,
    RETRACTS,
    ROLE_WORDS,
    SEEN,
    SOCIAL,
    SOFTENERS,
    START_OVER,
    STOP_WORDS,
    TOO_MUCH,
    WHY,
    clause_before,
    is_negated,
)
from agent.reading.numbers import Found, read_numbers
from agent.reading.references import Reference, points_at_all, points_at_something, read_references
from agent.reading.shared import read_shared
from agent.reading.small_talk import Talk, read_talk
from agent.reading.spans import Taken
from agent.reading.titles import Named, kind_of, read_titles
from agent.reading.values import read_adjectives, read_flags, read_values
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec, Role, Schema
from tools.grounding import Titles
from tools.text import normalise, singular, words_with_spans

MAX_QUERY_WORDS = 8
_CUES = (NEGATORS, SOFTENERS, LIKED, DISLIKED, SEEN, ANOTHER, START_OVER, REMEMBER, *ANSWERS)
_ASKS_OF_NAMED = re.compile(r"\s*(?:is|was|are|does|did|has)\b(?!\s+there\b)", re.IGNORECASE)
_TOO = re.compile(r"\btoo\b", re.IGNORECASE)
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
    is_soft: bool = False
    """Whether that text is only preferred, or liked in general."""
    another: bool = False
    """Whether other items than those shown are asked for."""
    start_over: bool = False
    permitted: tuple[Constraint, ...] = ()
    """Wishes for values that are only allowed: `horror is fine`."""
    unmeasured: tuple[str, ...] = ()
    """Words of which less is wanted, and of which no field says how much there is."""
    is_to_keep: bool = False
    """Whether it is to be remembered beyond this conversation."""
    talk: Talk = ""
    """Which kind of small talk it is."""
    retracted: str = ""
    """What is taken back of earlier wishes, in the words of the message."""
    is_foreign: bool = False
    """Whether nothing in it reads as English."""
    answer: Answer = field(default_factory=Answer)
    """What it says to a question, or of what was shown."""
    words: frozenset[str] = field(default_factory=frozenset)
    """All words of the message, folded, plural and singular."""


@dataclass(frozen=True)
class Before:
    """What the last reply left: what a message can point at or answer."""

    slate: Sequence[Item] = ()
    """What was shown last; empty at the start."""
    focus: Item | None = None
    """What was last talked about: `it`."""
    unjudged: int = 0
    """How many items of the slate nothing was said of yet."""
    question: Asked = ""
    """Which kind of question the reply ended in."""
    asked: FieldSpec | None = None
    """The field that it was about, where it asked for a wish."""


START = Before()


def read_message(message: str, catalogue: Catalogue, titles: Titles, before: Before = START) -> Reading:
    """Read a message against a catalogue and what was said before."""
    schema, slate, focus = catalogue.schema, before.slate, before.focus
    answer = read_answer(message, before.question, before.unjudged)
    item_words = [schema.item, schema.items, *schema.item_words]
    references = read_references(message, len(slate), item_words)
    pointed = [r for r in references if r.row < len(slate)]
    takes_back = RETRACTS.search(message)
    forgotten = Taken(message, [takes_back.span()] if takes_back else [])
    named = read_titles(message, catalogue, titles)
    unknown = [u for u in named.unknown if forgotten.is_free(u[0], u[1])]
    spans = [(start, end) for start, end, _ in unknown] + [m.span() for m in (takes_back,) if m]
    taken = Taken(message, [*spans, *((x.start, x.end) for x in references), *((n.start, n.end) for n in named.named)])
    rows = [slate[r.row] for r in pointed]
    shared, only_source = read_shared(message, catalogue, named.named, [*rows, *([focus] if focus else []), *slate])
    for f in shared:
        taken.take(f.start, f.end)
    found = shared + _read_fields(message, catalogue, replace(before, slate=rows or slate), taken)
    allowed = [f for f in found if PERMITS.match(message[f.end :]) and all(_wants_value(c) for c in f.constraints)]
    constraints = _of_several_people(message, [f for f in sorted(found, key=lambda f: f.start) if f not in allowed])

    names = bool(named.named or unknown or references)
    intent = _intent(message, names, bool(constraints), bool(slate or focus))
    is_about = names or bool(found) or _mentions(message, schema, item_words)
    talk = read_talk(message, intent == "chat", is_about)
    if talk and intent == "recommend" and not answer.says:
        intent = "chat"
    if intent == "chat" and answer.says:
        intent = "recommend"
    elif answer.verdict == "taken" and not (constraints or named.named or references):
        intent = "chat"
    folded = {word for word, _, _ in words_with_spans(message)}
    heard = Reading(
        intent=intent,
        possible=frozenset({intent}),
        unknown=tuple(text for _, _, text in unknown),
        is_foreign=_is_foreign(message, folded),
        is_to_keep=REMEMBER.search(message) is not None,
        talk=talk if intent == "chat" else "",
        words=frozenset(folded | {singular(word) for word in folded}),
        answer=answer,
    )
    if intent != "recommend":
        about = dict.fromkeys([*(slate[r.row].position for r in pointed), *(n.position for n in named.named)])
        if not (about or references) and intent != "chat":
            about = dict.fromkeys(_meant(message, intent, slate, focus))
        return replace(heard, about=tuple(about), asked=_asked(message, catalogue) if intent == "lookup" else ())
    unmeasured = _unmeasured(message, taken)
    if unmeasured and before.unjudged and not answer.verdict and _TOO.search(message):
        heard = replace(heard, answer=replace(answer, verdict="rejected"))  # too sad, too gory
    said_of = _said_of({c.field for c in constraints}, schema, item_words)
    query = "" if answer.says else _query(message, taken, said_of)
    return replace(
        heard,
        constraints=constraints,
        permitted=tuple(c for f in allowed for c in f.constraints),
        unmeasured=unmeasured,
        **_items(
            message,
            [n for n in named.named if n not in only_source],
            [(r, slate[r.row].position) for r in pointed],
            forgotten,
        ),
        query=query,
        is_soft=bool(query) and _is_wish(message, query),
        another=ANOTHER.search(message) is not None and not pointed,
        start_over=START_OVER.search(message) is not None,
        retracted=takes_back["what"] if takes_back else "",
    )


def _meant(message: str, intent: Intent, slate: Sequence[Item], focus: Item | None) -> list[int]:
    """What a question is about that names nothing: `why?` and `why these?` all that was shown, `is it?` the first."""
    if intent == "explain" and (points_at_all(message) or not points_at_something(message)):
        return [item.position for item in slate]
    first = focus or (slate[0] if slate else None)
    return [first.position] if first and points_at_something(message) else []


def _wants_value(constraint: Constraint) -> bool:
    return constraint.op == "=" and isinstance(constraint.value, str | tuple)


def _of_several_people(message: str, found: Sequence[Found]) -> tuple[Constraint, ...]:
    """The constraints; where several people's tastes are told, what each likes is preferred and not demanded."""
    shared = OTHERS_TASTE.search(message) is not None
    return tuple(
        c.model_copy(update={"strength": "prefer"})
        if shared and _wants_value(c) and LIKED.search(clause_before(message, f.start))
        else c
        for f in found
        for c in f.constraints
    )


def _mentions(message: str, schema: Schema, item_words: Sequence[str]) -> bool:
    """Whether a message names the items, or a field."""
    words = {word for word, _, _ in words_with_spans(message)}
    nouns = {*item_words, *(word for spec in schema.askable for word in [spec.label, *spec.words, spec.unit or ""])}
    return any(noun and {*noun.lower().split()} <= words for noun in nouns)


def _unmeasured(message: str, taken: Taken) -> tuple[str, ...]:
    """`less violent`, where nothing says how violent an item is."""
    spans = words_with_spans(message)
    free = [(word, start) for word, start, end in spans if taken.is_free(start, end) and word not in STOP_WORDS]
    return tuple(word for word, start in free if TOO_MUCH.search(message[:start]))


def _is_foreign(message: str, folded: set[str]) -> bool:
    letters = [char for char in message if char.isalpha()]
    is_other_script = bool(letters) and not any("LATIN" in unicodedata.name(char, "") for char in letters)
    return is_other_script or (len(folded) >= _FOREIGN_WORDS and not folded & STOP_WORDS)


def _read_fields(message: str, catalogue: Catalogue, before: Before, taken: Taken) -> list[Found]:
    """Constraints on fields; where two readings claim the same words, the first keeps them."""
    schema = catalogue.schema
    newest = [catalogue.spread(f.name)[-1] for f in schema.fields if f.is_temporal and catalogue.spread(f.name)]
    found = _claimed(read_numbers(message, schema, max(newest, default=2000.0), before.asked), taken)
    found += _claimed(read_values(message, catalogue, taken, before.asked), taken)
    found += _claimed(read_flags(message, catalogue), taken)
    return found + _claimed(read_adjectives(message, catalogue, before.slate), taken)


def _claimed(found: Sequence[Found], taken: Taken) -> list[Found]:
    """Those whose words are free; they are taken from now on."""
    free = [f for f in found if taken.is_free(f.start, f.end)]
    for f in free:
        taken.take(f.start, f.end)
    return free


def _items(
    message: str,
    named: Sequence[Named],
    pointed: Sequence[tuple[Reference, int]],
    forgotten: Taken,
) -> dict[str, Any]:
    """The items that the message speaks of, by what it says of them."""
    rows: dict[str, dict[int, None]] = {"liked": {}, "disliked": {}, "seen": {}, "rejected": {}}
    for name in named:
        rows[name.kind if forgotten.is_free(name.start, name.end) else "rejected"][name.position] = None
    for reference, position in pointed:
        kind = kind_of(message, reference.start, reference.end)
        rows["rejected" if kind == "disliked" else kind][position] = None
    return {kind: tuple(positions) for kind, positions in rows.items()}


def _intent(message: str, names: bool, constrains: bool, shown: bool) -> Intent:
    """What the message wants done; `names` says whether it names or points at an item."""
    refers = names or (shown and points_at_something(message))
    words = [word for word, _, _ in words_with_spans(SOCIAL.sub(" ", message))]
    asks_why = WHY.search(message) is not None
    is_bare = asks_why and all(word in STOP_WORDS or WHY.fullmatch(word) for word in words)
    if asks_why and shown and (refers or is_bare or (points_at_all(message) and not constrains)):
        return "explain"
    asks_fact = ASKS_FACT.search(message) or (names and _ASKS_OF_NAMED.match(message))
    if asks_fact and refers and not re.search(r"\b(?:like|similar)\b", message, re.IGNORECASE):
        return "lookup"
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


def _asked(message: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The fields that a question names, by name, word, unit or adjective: `how long`, `who directed`."""
    words = {word for word, _, _ in words_with_spans(message)}
    stems = words | {singular(word) for word in words}
    schema, asked = catalogue.schema, []
    for spec in schema.fields:
        names = {spec.name.replace("_", " "), *spec.words, *([spec.unit] if spec.unit else [])}
        names |= {part for word in spec.words for part in word.split() if len(part) > 4}
        adjectives = {a for a in [*spec.more, *spec.less] if re.search(rf"\bhow {re.escape(a)}\b", message, re.I)}
        bases = {w for w in words if re.search(rf"\bhow {re.escape(w)}\b", message, re.I)}
        compares = any(a.startswith(base) for a in [*spec.more, *spec.less] for base in bases if len(base) > 2)
        when = spec.is_temporal and re.search(r"\b(?:when|what year|how old)\b", message, re.I)
        said = any(name.lower() in stems or f" {name.lower()} " in f" {normalise(message)} " for name in names)
        if said or adjectives or compares or when:
            asked.append(spec.name)
    if not asked:
        by_role: dict[Role, str] = {"creator": r"\bwho\b", "price": r"\bhow much\b"}
        specs = [schema.with_role(role) for role, cue in by_role.items() if re.search(cue, message, re.IGNORECASE)]
        asked = [spec.name for spec in specs if spec]
    return tuple(asked)


def _said_of(fields: set[str], schema: Schema, item_words: Sequence[str]) -> set[str]:
    """Words that name items, or the fields whose wishes were understood: `price under 20` is not about a price."""
    specs = [spec for spec in schema.fields if spec.name in fields]
    names = [
        name
        for spec in specs
        for name in (spec.name.replace("_", " "), *spec.words, spec.unit or "", *ROLE_WORDS.get(spec.role or "", []))
    ]
    nouns = {word for name in [*names, *item_words] for word, _, _ in words_with_spans(name)}
    return nouns | {f"{noun}s" for noun in nouns}


def _is_wish(message: str, query: str) -> bool:
    """Whether the text is something that somebody likes or prefers, rather than what they ask for now."""
    first = query.split()[0]
    start = next(start for word, start, _ in words_with_spans(message) if word == first)
    before = clause_before(message, start)
    return SOFTENERS.search(before) is not None or re.search(r"\b(?:like|love|enjoy)s?\b", before) is not None


def _query(message: str, taken: Taken, nouns: set[str]) -> str:
    """The words that say something and were not understood otherwise; a negated word is no wish."""
    cues = Taken(message, [m.span() for cue in _CUES for m in cue.finditer(message)])
    left = [
        word
        for word, start, end in words_with_spans(message)
        if taken.is_free(start, end)
        and cues.is_free(start, end)
        and word not in STOP_WORDS
        and word not in nouns
        and word not in ORDINALS
        and word not in NUMBER_WORDS
        and len(word) > 2
        and not re.fullmatch(r"\d+s?", word)
        and not is_negated(message, start)
        and not TOO_MUCH.search(message[:start])
    ]
    return " ".join(list(dict.fromkeys(left))[:MAX_QUERY_WORDS])
