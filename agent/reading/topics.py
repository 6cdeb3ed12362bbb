"""What no field says and is searched for as text: a theme, a place, a mood; not the chatter around it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agent.reading.answers import CUES as ANSWERS
from agent.reading.lexicon import (
    ANOTHER,
    COMPANY,
    DISLIKED,
    LESS_THAN,
    LIKED,
    NEGATORS,
    NUMBER_WORDS,
    ORDINALS,
    REMEMBER,
    SEEN,
    SOFTENERS,
    SPENDING,
    START_OVER,
    STOP_WORDS,
    TOO_MUCH,
    clause_before,
    is_negated,
)
from agent.reading.spans import Found, Taken
from tools.text import words_with_spans

MAX_WORDS = 8
SHORT = 3
"""In words: a clause that is no longer says what is wanted, as in `gritty, from the 90s`."""
_CUES = (COMPANY, NEGATORS, SOFTENERS, LIKED, DISLIKED, SEEN, ANOTHER, START_OVER, REMEMBER, *ANSWERS)
_TOPIC = r"about|set (?:in|on|at|during)|featuring|involv(?:es|ing)|themed?|with|based on|full of|where|by"
_ABOUT = re.compile(rf"\b(?:{_TOPIC})\b", re.IGNORECASE)
_WISHES = re.compile(
    rf"\b(?:{_TOPIC}|lots of|plenty of"
    r"|want|need|look(?:ing)? for|prefer|lov(?:e|es|ed)|likes?|enjoys?|fancy|craving|mood for|feel like"
    r"|i['’]?m after|give me|show me|recommend|suggest|find|got|something|anything|some|search(?:ing)? for"
    r"|(?:how|what) about|more|is there|are there|for(?= \d))\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\b(?:for (?:my|our|the|his|her|their|a|tonight\S*|today)|because|while|since|when|as a|so that"
    r"|to (?:watch|read|play|see))\b",
    re.IGNORECASE,
)
_SPEAKER = r"(?:I|we|he|she|they|my \w+(?: and I)?|our \w+|his \w+|her \w+|the (?:kids|children|others|guys))"
_WANTING = (
    r"(?:wan(?:t|na|ted|ting)|need\w*|look\w*|like(?! \d)\w*|lov\w+|prefer\w*|fancy|crav\w+|mood|feel\w*|enjoy\w*"
    r"|after|into|hop\w+"
    r"|wish\w*|ador\w+|fans?|favou?r\w*|obsessed|hooked|crazy|mad|keen|big on|interested|curious|search\w*|find|seek\w*"
    r"|should|must|could|would|['’]d|up for|thinking|try|show|care|about|hat\w+|dislik\w+|mind)"
)
_OF_PEOPLE = re.compile(
    rf"(?:^|[,.;!?\n:(]|\b(?:and|but|so|if|because|cause|cuz|since|while)\b)[\s\W]{{0,5}}"
    rf"(?:(?:well|hey|hi|oh|btw|just|tonight|today|yesterday|and|but|so|if)\W{{1,3}}){{0,4}}"
    rf"{_SPEAKER}(?:['’]\w+)?\b(?:(?!\b{_WANTING}\b)[^,.;!?\n]){{0,160}}(?=[,.;!?\n)]|$)",
    re.IGNORECASE,
)
"""What somebody does, is or has, and not what they want: `I just broke up`, `we're five with beer`."""
_BEFORE_DOING = re.compile(
    r"\b(?:before|after|until|till|during|on the way to|waiting for)\s+(?:my|our|the|his|her|their|an?)"
    r"\s+\w+(?:\s+\w+)?"
    r"(?=\W*(?:$|[,.;!?]))",
    re.IGNORECASE,
)
"""`before my train leaves`."""
_BEHIND_CHARS = 30
_FILLER = re.compile(
    r"\b(?:in|from|of) (?:your|the|this) (?:collection|catalogue|catalog|library|list|store|shop|database|whole lot)\b"
    r"|\balong (?:the|those|these|that|similar|same) lines\b|\bthe rest\b"
    r"|\b(?:in )?(?:the )?(?:same )?(?:vein|lines|vibes?)\b(?: (?:of|as))?|\botherwise\b|\bin order\b"
    r"|\b(?:please )?add\b|\btop(?: \d+)?\b|\btak(?:es?|ing) place\b|\b(?:well )?reviewed\b"
    r"|\b(?:ur|your|you are) \w+\W*$"
    r"|\b(?:dozens?|hundreds?|millions?|thousands?|few|couple|\d+)(?: of)? times\b"
    r"|\bblew (?:me|us|my mind)(?: away)?\b|\bhow (?:about|bout)\b|\bwhat (?:now|next|else)\b|\bwhat['’]?s left\b",
    re.IGNORECASE,
)
"""Common phrases around a wish that say nothing of what an item is about."""
_FIRST_PARTS = frozenset({"time", "family", "friend", "day", "night"})
"""Function words that open a compound: `time loops`, `family secrets`."""
_OCCASION = re.compile(
    r"\b(?:this|that|next|last|first|second|each|every|one|another|some|any|all|no|long|good|my|our|whole)\s+$",
    re.IGNORECASE,
)
"""`this time robots`: they open none."""


def read_topic(
    message: str, taken: Taken, nouns: Collection[str], wishes: Sequence[Found], has_texts: bool = True
) -> str:
    """The words that say something and were not understood otherwise; a negated word is no wish.

    Where wishes were understood, or some of the words stand where a wish does, only words that stand there count.

    Args:
        nouns: what the items are called, and the fields of which something was said.
        wishes: what was understood.
        has_texts: whether items are described; in titles alone only what is asked for is worth looking for.
    """
    left = _left(message, taken, {*nouns})
    is_short = len(words_with_spans(message)) <= SHORT
    lonely = SHORT if has_texts or is_short else 0
    asked = [text for text, start, end in left if _is_asked_for(message, start, end, nouns, wishes, lonely)]
    words = asked if asked or wishes or not (has_texts or is_short) else [text for text, _, _ in left]
    return " ".join(list(dict.fromkeys(" ".join(words).split()))[:MAX_WORDS])


def is_only_liked(message: str, topic: str) -> bool:
    """Whether a topic is something that somebody likes or prefers, rather than what they ask for now."""
    before = _clause_before(message, topic)
    return SOFTENERS.search(before) is not None or re.search(r"\b(?:like|love|enjoy)s?\b", before) is not None


def is_topic(message: str, topic: str) -> bool:
    """Whether a word that tells what items are about stands before it: `about`, `with`, `set in`."""
    return _ABOUT.search(_clause_before(message, topic)) is not None


def _clause_before(message: str, topic: str) -> str:
    """The clause up to the first word of a topic that `read_topic` found."""
    first = next(word for word in topic.split() if not word.isdigit() or word == topic)
    return clause_before(message, next(start for word, start, _ in words_with_spans(message) if word == first))


def _left(message: str, taken: Taken, nouns: set[str]) -> list[tuple[str, int, int]]:
    """The words that nothing explains, each with what belongs to it: `4 players`, `time travel`; no number alone."""
    cues = Taken(
        message, [m.span() for cue in (*_CUES, _OF_PEOPLE, _BEFORE_DOING, _FILLER) for m in cue.finditer(message)]
    )
    left = []
    first = ""
    for word, start, end in words_with_spans(message):
        is_free = taken.is_free(start, end) and cues.is_free(start, end)
        if is_free and word not in STOP_WORDS | SPENDING | nouns and _tells(word) and not _is_unwanted(message, start):
            left.append((f"{first} {word}".strip(), start, end))
        count = NUMBER_WORDS.get(word, word if word.isdigit() else "")
        is_part = word in _FIRST_PARTS and not _OCCASION.search(message[:start])
        first = str(count) if is_free and count else word if is_free and is_part else ""
    return left


def _is_asked_for(
    message: str, start: int, end: int, nouns: Collection[str], wishes: Sequence[Found], lonely: int
) -> bool:
    """Whether a word stands where a wish does: behind `about` or `I want`, before a noun or a wish, or nearly alone.

    Args:
        lonely: how many words a clause may have that is a wish by itself.
    """
    before, behind = clause_before(message, start), message[end : end + _BEHIND_CHARS]
    cues = list(_WISHES.finditer(before))
    if cues and not _ASIDE.search(before[cues[-1].end() :]):
        return True
    noun = "|".join(re.escape(word) for word in nouns) or r"(?!)"
    if re.match(rf"[\s-]+(?:[\w'’-]+\s+)?(?:{noun})\b", behind, re.IGNORECASE):
        return True
    if any(re.fullmatch(r"[\s-]+(?:\w+[\s-]+)?", message[end : f.start]) for f in wishes if f.start > end):
        return True
    clause = before + message[start:end] + re.split(r"[;!?\n.,]", message[end:], maxsplit=1)[0]
    return len(clause.split()) <= lonely


def _tells(word: str) -> bool:
    is_number = word in NUMBER_WORDS or word in ORDINALS or re.fullmatch(r"\d+s?", word)
    return len(word) > 2 and not is_number


def _is_unwanted(message: str, start: int) -> bool:
    return is_negated(message, start) or any(cue.search(message[:start]) for cue in (TOO_MUCH, LESS_THAN))
