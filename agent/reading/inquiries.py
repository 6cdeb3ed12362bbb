"""Questions about items or about the catalogue: a fact, a comparison, which is the cheapest, how many there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.reading.adjectives import side_of, superlative_of
from agent.reading.lexicon import STOP_WORDS
from agent.reading.spans import phrases
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec, Schema
from tools.text import normalise, singular, words_with_spans

Inquiry = Literal["facts", "count", "values"]

ASKS_FACT = re.compile(
    r"\b(?:how (?:long|old|many|much|good|big|far|expensive|popular|scary|violent)"
    r"|(?<!people )(?<!those )(?<!someone )(?<!folks )who(?:['’]?s)?|when|what(?:['’]?s)?"
    r"|which|where|tell me (?:(?:more )?about|the\b|its\b|what\b)|do you know (?:the|its|what|who|when|how)|look up"
    r"|tell me more|any good|worth (?:it|a|my|the|\w+ing)"
    r"|remind me|to know|more about|details?|info(?:rmation)?|(?:have|had) you got|do you have"
    r"|have you (?:got )?|(?:is|was) (?:it|that|the|this)|are (?:they|these|those)"
    r"|does (?:it|that|the|this)|did it|has it"
    r"|compare|difference|versus|vs)\b",
    re.IGNORECASE,
)
_OF_NAMED = re.compile(r"\s*(?:is|was|are|does|did|has)\b(?!\s+there\b)", re.IGNORECASE)
_WISHES = re.compile(
    r"(?i:\b(?:should (?:i|we)|could (?:i|we)|would you|recommend|suggest|other (?:options|ideas|suggestions)"
    r"|else|next|similar|something|anything"
    r"|looking for|want(?! to know)|(?:one|ones|any|some) (?:that|which|for|with|by|from(?!\W*$))"
    r"|(?:do you have|have you got) (?:one|any|some|an?\b)"
    r"|would (?:i|we) (?:like|enjoy|love)|(?:shall|can|do) (?:i|we) (?:watch|read|play|try|listen|get|buy|see)"
    r"|if (?:i|we)|goes? (?:\w+ )?with|(?:i|we) (?:loved?|liked?|enjoyed))\b)"
    r"|\b(?:things?|ones?|more|\w{3,}s) like\b|\blike (?:this|that|it|these|those|[A-Z\"“])",
)
_WHICH_OF = re.compile(r"\bwhich (?:one|of)\b.*\bor\b", re.IGNORECASE)
"""`Which one should I see, A or B?`"""
_COUNTS = re.compile(r"\bhow many\b(?!\s+(?:players|people|minutes|pages|hours|episodes|seasons|stars))", re.IGNORECASE)
_LISTS = (
    r"\b(?:which|what)(?:\s+(?:kinds?|sorts?|types?|other|different)(?:\s+of)?)?"
    r"\s+(?:{nouns})s?\s+(?:(?:of|for)\s+\w+\s+)?"
    r"(?:are there|do you (?:have|know|offer|cover)|have you got|can i (?:choose|pick|have)|exist|is there)\b"
    r"|\bwhat (?:are )?(?:the|your) (?:{nouns})s?\s*(?:are there|do you have)?\s*[?.!]*$"
    r"|\b(?:list|show me|name)\s+(?:all\s+)?(?:the\s+|your\s+)?(?:{nouns})s?\s*[.?!]*$"
)
_ALL_ABOUT = re.compile(
    r"\b(?:tell me|more about|about|details?|info(?:rmation)?|do you have|have you"
    r"|in (?:your|the) (?:list|catalogue|catalog|collection|library)|in there"
    r"|what(?:['’]s| is| are) (?:it|that|this|they)|compare|difference|versus|vs|which|describe|summar\w+"
    r"|plot|story)\b",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"\b(?:what(?:['’]s| is| are| was)\b.*\babout|describe|plot|story|synopsis|summar\w+)\b", re.IGNORECASE
)
_ROW = re.compile(
    r"\b(?:the\s+)?(?:first|second|third|fourth|fifth|last)\s+(?:one|option|suggestion)?\b|\bnumber\s+\d\b",
    re.IGNORECASE,
)
_OF_IT = re.compile(
    r"\b(?:is|was|are|were|does|did|has) (?:it|that|this)(?: one)?\b(?! (?:possible|ok|okay|all right|fine))"
    r"(?:[^.!]*\?|(?: an?)? \w+\W*)\s*$|\bin (?:that|this) one\W*$",
    re.IGNORECASE,
)
"""`Is it any good?`"""
_AND_THAT = re.compile(r"^[\s\W]*(?:and|what about|how about)\b[^,;]{0,60}\?*\s*$", re.IGNORECASE)
_WHICH_IS = re.compile(
    r"^[\s\W]*(?:and\s+|so\s+|ok\s+)?which\s+(?:(?:one|of\s+\w+)\s+)?(?:is|was|are|has|costs|takes|lasts)\s+(?:the\s+)?"
    r"(?:\w+\s+){0,2}\w+[\s?.!]*$",
    re.IGNORECASE,
)
_WHO_DID = re.compile(
    r"^[\s\W]*(?:(?:and|so|ok|but)\s+)?who\s+(?!is\b|are\b|was\b|were\b|am\b|else\b|(?:w|sh|c)ould\b|can\b|will\b"
    r"|do\b|does\b|did\b|wants?\b|needs?\b|likes?\b|loves?\b|cares?\b|knows?\b|has\b|have\b|might\b|may\b)\w+",
    re.IGNORECASE,
)
_WHAT_OF_IT = re.compile(
    r"^[\s\W]*(?:(?:and|so|ok|but)\s+)?(?:who(?:['’]?s)?|when|how|which|what(?:['’]?s)?)\b(?!\s+about\b)[^,;]{0,40}[\s?.!]*$",
    re.IGNORECASE,
)
_IS_GOOD = re.compile(
    r"\b(?:any good|worth (?:it|a|my|the|\w+ing)|(?:well|highly|badly) (?:rated|reviewed)|good)\b", re.IGNORECASE
)
_WHO_DID_A_PART = re.compile(
    r"\bwho\s+(?!play|act|star|appear|voice)\w+\s+(?:the|its|all(?: the)?)\s+(?P<part>(?!\d|first\b|second\b|third\b"
    r"|fourth\b|fifth\b|last\b|other\b)\w+)",
    re.IGNORECASE,
)
"""`Who composed the music?`: of a part, not of the whole."""
_OF_THESE = re.compile(r"\b(?:of (?:these|those|them|the (?:\w+))|(?:these|those)|from the list)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Extreme:
    """`the cheapest of these`: a field and which end of it."""

    field: FieldSpec
    highest: bool


def asks_fact(message: str, names: bool, refers: bool, has_slate: bool) -> bool:
    """Whether a message asks about items that it names or points at, and for no others."""
    if _WISHES.search(message) and not _WHICH_OF.search(message):
        return False
    asks = ASKS_FACT.search(message) is not None or (names and _OF_NAMED.match(message) is not None)
    is_of_absent = not has_slate and any(pointer.search(message) for pointer in (_ROW, _OF_IT))
    return asks and (refers or is_of_absent)


def asks_of_shown(message: str, schema: Schema, is_wish: bool) -> bool:
    """Whether a short question leaves out what it is about, which then is what was shown: `who directed?`, `how long?`

    Args:
        is_wish: whether it names a value, or an order, that may be wished for.
    """
    if _WISHES.search(message):
        return False
    is_of_field = not is_wish and _WHAT_OF_IT.match(message) is not None and bool(asked_fields(message, schema))
    return is_of_field or _WHO_DID.match(message) is not None


def asks_by_label(message: str, schema: Schema) -> bool:
    """`Director of X?`, `X: director?`: a field's name and an item's, which is blanked out, and no more."""
    labels = "|".join(re.escape(name) for field in schema.fields for name in field.names)
    label, name = rf"(?:the\s+|its\s+)?(?:{labels})s?", r"[\"“']?Xx+[\"”']?(?:\s*\(\d{4}\))?"
    pattern = rf"\W*(?:and\s+)?(?:{label}\s+of\s+{name}|{name}\s*:\s*(?:what(?:['’]s|\s+is)?\s+)?{label})\W*"
    return re.fullmatch(pattern, message, re.IGNORECASE) is not None


def asks_who_did_a_part(message: str, nouns: Collection[str]) -> bool:
    """`Who composed the music?`, but not `who made the film?`"""
    found = _WHO_DID_A_PART.search(message)
    return found is not None and singular(found["part"].lower()) not in {*map(str.lower, nouns), "one", "thing"}


def goes_on(message: str, names: bool) -> bool:
    """Whether a message asks of another item what the last one asked: `and the third?`"""
    return names and _AND_THAT.match(message) is not None and not _WISHES.search(message)


def counts(message: str, item_words: Sequence[str]) -> bool:
    """Whether it asks how many items there are of a kind."""
    if not _COUNTS.search(message):
        return False
    words = {word for word, _, _ in words_with_spans(message)}
    return bool(words & {*(word.lower() for word in item_words), "there", "have", "know"})


def listed_field(message: str, schema: Schema) -> FieldSpec | None:
    """The field whose values are asked for: `which genres are there?`"""
    for field in schema.askable:
        names = field.names if field.is_category else []
        nouns = "|".join(re.escape(singular(name)) for name in sorted(names, key=len, reverse=True))
        if nouns and re.search(_LISTS.format(nouns=nouns), message, re.IGNORECASE):
            return field
    return None


def extreme_of(message: str, schema: Schema) -> Extreme | None:
    """Which of what was shown is asked for, by the greatest or least value of a field."""
    which_is = _WHICH_IS.search(message)
    if not (which_is or (_OF_THESE.search(message) and ASKS_FACT.search(message))):
        return None
    for phrase, _, _ in phrases(message):
        for field in schema.askable:
            side = superlative_of(field, phrase) or (side_of(field, phrase) if which_is else "")
            if side:
                return Extreme(field, side == ">")
    return None


def most(items: Sequence[Item], extreme: Extreme) -> list[int]:
    """The position of the item with that value; none where no value is known."""
    known = [item for item in items if item.values.get(extreme.field.name) is not None]
    pick = max if extreme.highest else min
    return [pick(known, key=lambda item: item.values[extreme.field.name]).position] if known else []


def asked_fields(message: str, schema: Schema, names: Collection[str] = ()) -> tuple[str, ...]:
    """The fields that a question names, by name, word, unit or adjective: `how long`, `who directed`.

    Args:
        names: the fields that hold people's names: `who`.
    """
    words = {word for word, _, _ in words_with_spans(message)}
    stems = words | {singular(word) for word in words}
    asked = [field.name for field in schema.fields if _is_asked(message, field, words, stems)]
    is_of_part = asks_who_did_a_part(message, schema.nouns)
    if not asked and not is_of_part and re.search(r"\bwho(?:['’]?s)?\b", message, re.IGNORECASE):
        is_maker = re.search(r"\b(?:made|makes?|by|behind|created)\b", message, re.IGNORECASE) is not None
        asked = [f.name for f in schema.askable if f.role == "creator" or (f.name in names and not is_maker)]
    text = schema.with_role("description")
    if not asked and text and _TEXT.search(message):
        asked = [text.name]
    quality = schema.with_role("quality")
    if not asked and quality and _IS_GOOD.search(message):
        asked = [quality.name]
    price = schema.with_role("price")
    if not asked and price and re.search(r"\bhow much\b", message, re.IGNORECASE):
        asked = [price.name]
    return tuple(asked)


def asks_for_all(message: str) -> bool:
    """Whether all that is known of an item is asked for."""
    return _ALL_ABOUT.search(message) is not None


def _is_asked(message: str, field: FieldSpec, words: set[str], stems: set[str]) -> bool:
    names = {*field.names, *([field.unit] if field.unit else [])}
    names |= {part for word in field.words for part in word.split() if len(part) > 4}
    adjectives = [*field.more, *field.less]
    says_how = any(re.search(rf"\bhow {re.escape(a)}\b", message, re.IGNORECASE) for a in adjectives)
    bases = [word for word in words if re.search(rf"\bhow {re.escape(word)}\b", message, re.IGNORECASE)]
    compares = any(a.startswith(base) for a in adjectives for base in bases if len(base) > 2)
    is_compared = any(a in words for a in adjectives if a not in STOP_WORDS or a.endswith("er"))
    when = field.is_temporal and re.search(r"\b(?:when|what year|how old)\b", message, re.IGNORECASE)
    said = any(name.lower() in stems or f" {name.lower()} " in f" {normalise(message)} " for name in names)
    return bool(said or says_how or compares or is_compared or when)
