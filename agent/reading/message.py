"""A whole message, read without a model: what it asks for, in typed form, each part with the words it came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agent.plan import Intent
from agent.reading.answers import Answer, Asked, is_taken, read_answer
from agent.reading.comparisons import Pointers, read_comparisons
from agent.reading.inquiries import (
    Inquiry,
    asked_fields,
    asks_fact,
    asks_for_all,
    counts,
    extreme_of,
    goes_on,
    listed_field,
    most,
)
from agent.reading.lexicon import (
    ALLOWS,
    ANOTHER,
    IS_GIFT,
    LIKED,
    NEEDLESS,
    OTHERS_TASTE,
    PERMITS,
    REMEMBER,
    ROLE_WORDS,
    SOCIAL,
    START_OVER,
    STOP_WORDS,
    TOO_MUCH,
    WHY,
    clause_before,
)
from agent.reading.numbers import Found, read_numbers
from agent.reading.references import Reference, points_at_all, points_at_something, read_references
from agent.reading.retractions import TakenBack, read_retractions
from agent.reading.shared import read_shared
from agent.reading.small_talk import Talk, read_talk
from agent.reading.spans import Taken
from agent.reading.spelling import corrected
from agent.reading.titles import Named, kind_of, read_titles
from agent.reading.topics import is_only_liked, read_topic
from agent.reading.values import read_adjectives, read_flags, read_order, read_values
from tools.constraints import Constraint
from tools.data.catalogue import PLAIN_WORDS, Catalogue, Item
from tools.data.schema import FieldSpec, Schema
from tools.grounding import Titles
from tools.text import singular, words_with_spans

_LAUGHS = re.compile(r"\b(?:(?:ha){2,}h?|lol|hehe)\b", re.IGNORECASE)
_THAT_ONE = re.compile(
    r"\b(?:not|seen|saw|watched|read|played|know|own|like|love|hate|no to|want)(?: to)? (?:that|this) one\b"
    r"|\bseen it\b",
    re.IGNORECASE,
)
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
    sources: tuple[int, ...] = ()
    """The items that were only named for a value that they have."""
    inquiry: Inquiry | Literal[""] = ""
    """Which kind of question it is."""
    counted: tuple[Constraint, ...] = ()
    """What is to be counted."""
    is_answerable: bool = True
    """False where it asks for something that no field holds: `is it dubbed?`"""
    order: str = ""
    """By which field the best come first: `lowest price`."""
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
    needless: tuple[Constraint, ...] = ()
    """Wishes that need not be met: `it doesn't have to be in stock`."""
    is_ambiguous: bool = False
    """Whether it judges `that one`, where several were shown."""
    back: TakenBack = field(default_factory=TakenBack)
    """What is taken back of earlier wishes, or corrected."""
    is_foreign: bool = False
    """Whether nothing in it reads as English."""
    taken: tuple[int, ...] = ()
    """Items of the slate that are accepted: `I'll take the second`."""
    answer: Answer = field(default_factory=Answer)
    """What it says to a question, or of what was shown."""
    words: frozenset[str] = field(default_factory=frozenset)
    """All words of the message, folded, plural and singular."""


@dataclass(frozen=True)
class Before:
    """What the last reply left: what a message can point at or answer."""

    slate: Sequence[Item] = ()
    """What was shown last; empty at the start."""
    focused: Sequence[Item] = ()
    """What was last talked about, the first as `it`."""
    unjudged: int = 0
    """How many items of the slate nothing was said of yet."""
    question: Asked = ""
    """Which kind of question the reply ended in."""
    asked: FieldSpec | None = None
    """The field that it was about, where it asked for a wish."""
    last_asked: tuple[str, ...] = ()
    """The fields that the last message asked about."""

    @property
    def focus(self) -> Item | None:
        """What `it` means; None where nothing in particular was talked about."""
        return self.focused[0] if self.focused else None

    @property
    def group(self) -> Sequence[Item]:
        """What `which is cheaper?` is asked of: several that were just talked about, else the slate."""
        return self.focused if len(self.focused) > 1 else self.slate


START = Before()


def read_message(message: str, catalogue: Catalogue, titles: Titles, before: Before = START) -> Reading:
    """Read a message against a catalogue and what was said before."""
    is_foreign = _is_foreign(message)
    message = message if is_foreign else corrected(message, catalogue)
    schema, slate, focus = catalogue.schema, before.slate, before.focus
    answer = read_answer(message, before.question, before.unjudged)
    item_words = [schema.item, schema.items, *schema.item_words]
    references = read_references(message, len(slate), item_words)
    pointed = [r for r in references if r.row < len(slate)]
    back = read_retractions(message, schema)
    forgotten = Taken(message, back.spans)
    named = read_titles(message, catalogue, titles)
    unknown = [u for u in named.unknown if forgotten.is_free(u[0], u[1])]
    spans = [(start, end) for start, end, _ in unknown] + [*back.spans]
    taken = Taken(message, [*spans, *((x.start, x.end) for x in references), *((n.start, n.end) for n in named.named)])
    rows = [slate[r.row] for r in pointed]
    pointable = [*rows, *([focus] if focus else []), *slate]
    shared, sources, only_source = read_shared(message, catalogue, named.named, pointable)
    pointers = Pointers(named.named, references, slate, focus, catalogue)
    compared, standards = read_comparisons(message, pointers)
    measured = {*sources, *(s.item.position for s in standards)}
    found = _claimed([*shared, *compared], Taken(message))
    for f in found:
        taken.take(f.start, f.end)
    orders = read_order(message, catalogue)
    for start, end, _, _ in orders:
        taken.take(start, end)
    liked = catalogue.items([n.position for n in named.named if n.kind == "liked" and n.position not in measured])
    found += _read_fields(message, catalogue, replace(before, slate=rows or liked or slate), taken)
    found = _without_taunts(_not_replaced(sorted(found, key=lambda f: f.start), back.replaced_until))
    allowed = [f for f in found if _is_allowed(message, f) and not _answers(f, before.asked)]
    needless = [f for f in found if NEEDLESS.search(clause_before(message, f.start)) or _is_flag_allowed(message, f)]
    constraints = _of_several_people(message, [f for f in found if f not in allowed and f not in needless])

    is_ambiguous = before.unjudged > 1 and not (focus or references) and _THAT_ONE.search(message) is not None
    if is_ambiguous:
        answer = replace(answer, verdict="")
    names = bool(named.named or unknown or references)
    rest = _without(message, back.spans)
    intent = _intent(rest, names, bool(constraints), bool(slate or focus))
    if intent == "lookup" and answer.verdict:
        intent = "recommend"
    elif not words_with_spans(message):
        intent = "chat"
    inquiry, told = _inquiry(message, catalogue, before, intent, names)
    intent = "lookup" if inquiry else intent
    is_about = names or bool(found or orders or back.fields) or _mentions(message, schema, item_words)
    talk = read_talk(message, intent == "chat", is_about)
    if talk and intent == "recommend" and not answer.says:
        intent = "chat"
    if intent == "chat" and answer.says:
        intent = "recommend"
    takes = bool(rows) and is_taken(message)
    if (answer.verdict == "taken" and not (constraints or named.named or references)) or takes:
        intent = "chat"
    folded = {word for word, _, _ in words_with_spans(message)}
    heard = Reading(
        intent=intent,
        possible=frozenset({intent}),
        unknown=tuple(text for _, _, text in unknown),
        is_foreign=is_foreign,
        is_to_keep=REMEMBER.search(message) is not None,
        talk=talk if intent == "chat" else "",
        words=frozenset(folded | {singular(word) for word in folded}),
        answer=answer,
        is_ambiguous=is_ambiguous,
        taken=tuple(item.position for item in rows) if takes else (),
    )
    if intent != "recommend":
        about = dict.fromkeys([*(slate[r.row].position for r in pointed), *(n.position for n in named.named)])
        if told:
            about = dict.fromkeys(told)
        elif not (about or references) and intent != "chat":
            about = dict.fromkeys(_meant(message, intent, slate, focus))
        asked = asked_fields(message, schema, _names(catalogue)) if intent == "lookup" else ()
        asked = tuple(dict.fromkeys([*asked, *(c.field for c in constraints)])) if inquiry == "facts" else asked
        if inquiry == "values":
            asked = tuple(f.name for f in [listed_field(message, schema)] if f)
        elif not asked and goes_on(message, names):
            asked = before.last_asked
        counted = constraints if inquiry == "count" else ()
        is_open = inquiry != "facts" or bool(asked) or asks_for_all(message)
        return replace(heard, about=tuple(about), asked=asked, inquiry=inquiry, counted=counted, is_answerable=is_open)
    unmeasured = _unmeasured(message, taken)
    if unmeasured and before.unjudged and not answer.verdict and _TOO.search(message):
        heard = replace(heard, answer=replace(answer, verdict="rejected"))  # too sad, too gory
    said_of = _said_of({c.field for c in constraints} | {o[3].name for o in orders}, schema, item_words)
    query = "" if answer.says else read_topic(message, taken, said_of, found)
    return replace(
        heard,
        constraints=constraints,
        permitted=tuple(c for f in allowed for c in f.constraints),
        needless=tuple(c for f in needless for c in f.constraints),
        unmeasured=unmeasured,
        **_items(
            message,
            [n for n in named.named if n not in only_source and n.position not in measured],
            [(r, slate[r.row].position) for r in pointed if r not in {s.reference for s in standards}],
            forgotten,
        ),
        sources=tuple(dict.fromkeys(sources)),
        order=orders[0][2] if orders else "",
        query=query,
        is_soft=bool(query) and is_only_liked(message, query),
        another=ANOTHER.search(message) is not None and not pointed,
        start_over=START_OVER.search(message) is not None,
        back=back,
    )


def _names(catalogue: Catalogue) -> list[str]:
    """The fields that hold names: of too many values to be kinds."""
    fields = (field for field in catalogue.schema.askable if field.is_category)
    return [field.name for field in fields if catalogue.vocabulary_size(field.name) > PLAIN_WORDS]


def _inquiry(
    message: str, catalogue: Catalogue, before: Before, intent: Intent, names: bool
) -> tuple[Inquiry | Literal[""], list[int]]:
    """Which kind of question it is, if it is one, and the items that it can only be about."""
    schema = catalogue.schema
    extreme = extreme_of(message, schema) if before.group and not names else None
    if extreme:
        return "facts", most(before.group, extreme)
    if not names and counts(message, [schema.item, schema.items, *schema.item_words]):
        return "count", []
    if not names and listed_field(message, schema):
        return "values", []
    if intent == "lookup" or (before.last_asked and intent == "recommend" and goes_on(message, names)):
        return "facts", []
    return "", []


def _is_allowed(message: str, found: Found) -> bool:
    says_so = PERMITS.match(message[found.end :]) or ALLOWS.search(clause_before(message, found.start))
    return bool(says_so) and all(_wants_value(c) for c in found.constraints)


def _answers(found: Found, asked: FieldSpec | None) -> bool:
    """Whether it is about what was asked: `horror is fine` is then what is wanted."""
    return asked is not None and all(c.field == asked.name for c in found.constraints)


def _is_flag_allowed(message: str, found: Found) -> bool:
    """`I don't mind if it's sponsored`, `sponsored or not`."""
    is_flag = all(isinstance(c.value, bool) for c in found.constraints)
    before, after = clause_before(message, found.start), message[found.end :]
    return is_flag and bool(ALLOWS.search(before) or PERMITS.match(after) or re.match(r"\s+or not\b", after, re.I))


def _without_taunts(found: Sequence[Found]) -> list[Found]:
    """`no dramas, I've had enough drama`: what is refused is not asked for in the same breath."""
    refused = {(c.field, c.value) for f in found for c in f.constraints if c.op == "!="}
    return [f for f in found if not any(c.op == "=" and (c.field, c.value) in refused for c in f.constraints)]


def _not_replaced(found: Sequence[Found], until: int) -> list[Found]:
    """Without what a correction within the message replaces: `a comedy. No, wait, a drama`."""
    later = {c.field for f in found if f.start >= until for c in f.constraints}
    return [f for f in found if f.start >= until or not {c.field for c in f.constraints} & later]


def _without(message: str, spans: Sequence[tuple[int, int]]) -> str:
    """The message with some stretches blanked out, every other character in its place."""
    left = list(message)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    return "".join(left)


def _meant(message: str, intent: Intent, slate: Sequence[Item], focus: Item | None) -> list[int]:
    """What a question is about that names nothing: `why?` and `why these?` all that was shown, `is it?` the first."""
    if intent == "explain" and (points_at_all(message) or not points_at_something(message)):
        return [item.position for item in slate]
    if intent == "lookup" and points_at_all(message) and not points_at_something(message):
        return [item.position for item in slate]
    first = focus or (slate[0] if slate else None)
    return [first.position] if first and points_at_something(message) else []


def _wants_value(constraint: Constraint) -> bool:
    return constraint.op == "=" and isinstance(constraint.value, str | tuple)


def _of_several_people(message: str, found: Sequence[Found]) -> tuple[Constraint, ...]:
    """The constraints; where several people's tastes are told, what each likes is preferred and not demanded."""
    shared = OTHERS_TASTE.search(message) is not None and not IS_GIFT.search(message)
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


def _is_foreign(message: str) -> bool:
    folded = {word for word, _, _ in words_with_spans(message)}
    letters = [char for char in message if char.isalpha()]
    is_other_script = bool(letters) and not any("LATIN" in unicodedata.name(char, "") for char in letters)
    return is_other_script or (len(folded) >= _FOREIGN_WORDS and not folded & STOP_WORDS)


def _read_fields(message: str, catalogue: Catalogue, before: Before, taken: Taken) -> list[Found]:
    """Constraints on fields; where two readings claim the same words, the first keeps them."""
    schema = catalogue.schema
    newest = [catalogue.spread(f.name)[-1] for f in schema.fields if f.is_temporal and catalogue.spread(f.name)]
    spreads = {field.name: catalogue.spread(field.name) for field in schema.askable if field.is_ordered}
    found = _claimed(read_numbers(message, schema, max(newest, default=2000.0), before.asked, spreads), taken)
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
    refers = names or (shown and (points_at_something(message) or points_at_all(message)))
    words = [word for word, _, _ in words_with_spans(SOCIAL.sub(" ", message))]
    asks_why = WHY.search(message) is not None
    is_bare = asks_why and all(word in STOP_WORDS or WHY.fullmatch(word) for word in words)
    if asks_why and shown and (refers or is_bare):
        return "explain"
    if asks_fact(message, names, refers, shown):
        return "lookup"
    is_social = all(word in STOP_WORDS for word in words) and (SOCIAL.search(message) or _LAUGHS.search(message))
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
