"""What a message wants done: a recommendation, a reason, a fact, talk."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agent.plan import Intent
from agent.reading.answers import Answer, is_taken
from agent.reading.heard import Before
from agent.reading.inquiries import (
    Inquiry,
    asked_fields,
    asks_by_label,
    asks_fact,
    asks_for_all,
    asks_of_shown,
    asks_who_did_a_part,
    counts,
    extreme_of,
    goes_on,
    listed_field,
    most,
)
from agent.reading.lexicon import ANOTHER, DISLIKED, LIKED, SEEN, SOCIAL, STOP_WORDS, WHY
from agent.reading.mentions import Mentions
from agent.reading.references import points_at_all, points_at_something
from agent.reading.small_talk import Talk, read_talk
from agent.reading.titles import Named
from agent.reading.wishes import Wished
from tools.data.catalogue import PLAIN_WORDS, Catalogue, Item
from tools.data.schema import Schema
from tools.text import words_with_spans

_LAUGHS = re.compile(r"\b(?:(?:ha){2,}h?|lol|hehe)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Goal:
    """What a message wants done, and of what."""

    intent: Intent
    talk: Talk
    inquiry: Inquiry | Literal[""]
    told: Sequence[int]
    """The items that a question can only be about."""


REQUEST = Goal("recommend", "", "", ())


def read_goal(
    message: str, catalogue: Catalogue, before: Before, said: Mentions, wished: Wished, answer: Answer
) -> Goal:
    """What a message wants done."""
    schema, is_wish = catalogue.schema, bool(wished.constraints)
    rest = _with_plain_titles(_without(message, said.back.spans), said.named)
    asks = _asks(rest, schema.nouns)
    chatter = STOP_WORDS | {*map(str.lower, schema.nouns)}
    intent = _intent(rest, said.any, is_wish or asks, bool(before.slate or before.focus), chatter)
    shown = [before.focus] if before.focus else before.slate
    leaves_out = not said.any and bool(shown) and asks_of_shown(rest, schema, is_wish or bool(wished.order))
    is_of_named = bool(said.named) and asks_by_label(rest, schema)
    intent = "lookup" if (leaves_out or is_of_named) and intent == "recommend" else intent
    is_opinion = any(cue.search(rest) for cue in (LIKED, DISLIKED, SEEN))
    if intent == "lookup" and (answer.verdict or (is_wish and is_opinion and not said.references)):
        intent = "recommend"
    elif not words_with_spans(message):
        intent = "chat"
    inquiry, told = _inquiry(message, catalogue, before, intent, said.any)
    intent = "lookup" if inquiry else intent
    if inquiry == "facts" and leaves_out and not told:
        told = [item.position for item in shown]
    is_about = said.any or bool(wished.found or wished.order or said.back.fields) or _mentions(message, schema)
    talk = read_talk(message, intent == "chat", is_about)
    if talk and intent == "recommend" and not answer.says:
        intent = "chat"
    if intent == "chat" and answer.says:
        intent = "recommend"
    is_settled = answer.verdict == "taken" and not (is_wish or said.named or said.references)
    if is_settled or (said.rows and is_taken(message)):
        intent = "chat"
    return Goal(intent, talk if intent == "chat" else "", inquiry, told)


def read_question(
    message: str, catalogue: Catalogue, before: Before, said: Mentions, wished: Wished, goal: Goal
) -> dict[str, Any]:
    """What a question is about, by the fields of `Reading`."""
    about, message = list(goal.told) or said.positions, _with_plain_titles(message, said.named)
    message = _without(message, [(reference.start, reference.end) for reference in said.references])
    if not (about or said.references) and goal.intent != "chat":
        about = _meant(message, goal.intent, before.slate, before.focus)
    schema = catalogue.schema
    asked = asked_fields(message, schema, _name_fields(catalogue)) if goal.intent == "lookup" else ()
    if goal.inquiry == "facts" and not asks_who_did_a_part(message, schema.nouns):
        asked = tuple(dict.fromkeys([*asked, *(c.field for c in wished.constraints)]))
    if goal.inquiry == "values":
        asked = tuple(f.name for f in [listed_field(message, schema)] if f)
    elif not asked and goes_on(message, said.any):
        asked = before.last_asked
    return {
        "about": tuple(about),
        "asked": asked,
        "inquiry": goal.inquiry,
        "counted": wished.constraints if goal.inquiry == "count" else (),
        "is_answerable": goal.inquiry != "facts" or bool(asked) or asks_for_all(message),
    }


def _without(message: str, spans: Sequence[tuple[int, int]]) -> str:
    """The message with some stretches blanked out, every other character in its place."""
    left = list(message)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    return "".join(left)


def _with_plain_titles(message: str, named: Sequence[Named]) -> str:
    """The message with every title as one plain name of its length: `O Brother, Where Art Thou?` asks nothing."""
    plain = list(message)
    for name in named:
        plain[name.start : name.end] = "X" + "x" * (name.end - name.start - 1)
    return "".join(plain)


def _name_fields(catalogue: Catalogue) -> list[str]:
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
    if not names and counts(message, schema.nouns):
        return "count", []
    if not names and listed_field(message, schema):
        return "values", []
    if intent == "lookup" or (before.last_asked and intent == "recommend" and goes_on(message, names)):
        return "facts", []
    return "", []


def _meant(message: str, intent: Intent, slate: Sequence[Item], focus: Item | None) -> list[int]:
    """What a question is about that names nothing: `why?` and `why these?` all that was shown, `is it?` the first."""
    if intent == "explain" and (points_at_all(message) or not points_at_something(message)):
        return [item.position for item in slate]
    if intent == "lookup" and points_at_all(message) and not points_at_something(message):
        return [item.position for item in slate]
    first = focus or (slate[0] if slate else None)
    return [first.position] if first and points_at_something(message) else []


def _mentions(message: str, schema: Schema) -> bool:
    """Whether a message names the items, or a field."""
    words = {word for word, _, _ in words_with_spans(message)}
    nouns = {*schema.nouns, *(word for spec in schema.askable for word in [spec.label, *spec.words, spec.unit or ""])}
    return any(noun and {*noun.lower().split()} <= words for noun in nouns)


def _intent(message: str, names: bool, asks: bool, shown: bool, chatter: Collection[str]) -> Intent:
    """What the message wants done.

    Args:
        names: whether it names or points at an item.
        asks: whether it wishes for something, or asks for an item.
        shown: whether anything was shown before.
        chatter: words that say nothing by themselves.
    """
    refers = names or (shown and (points_at_something(message) or points_at_all(message)))
    words = [word for word, _, _ in words_with_spans(SOCIAL.sub(" ", message))]
    asks_why = WHY.search(message) is not None
    is_bare = asks_why and all(word in STOP_WORDS or WHY.fullmatch(word) for word in words)
    if asks_why and shown and (refers or is_bare):
        return "explain"
    if asks_fact(message, names, refers, shown):
        return "lookup"
    is_social = all(word in chatter for word in words) and (SOCIAL.search(message) or _LAUGHS.search(message))
    if is_social and not (names or asks) and not ANOTHER.search(message):
        return "chat"
    return "recommend"


_ASKS = re.compile(
    r"\b(?:recommend|suggest|something|show|find|give|want|need|looking|could use|anything|watch|pick|choose"
    r"|got any)\b",
    re.IGNORECASE,
)


def _asks(message: str, nouns: Sequence[str]) -> bool:
    """`recommend something`, `any good film for me?`"""
    noun = "|".join(map(re.escape, nouns))
    an_item = rf"\b(?:any|an?|some)\s+(?:[\w'’-]+\s+){{0,2}}(?:{noun})\b"
    return _ASKS.search(message) is not None or re.search(an_item, message, re.IGNORECASE) is not None
