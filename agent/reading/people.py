"""People by a part of their name, who are much the best known of those who have it: `scorsese`, `the Coen brothers`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.reading.lexicon import SOCIAL, STOP_WORDS, starts_sentence
from agent.reading.spelling import is_common
from tools.data.catalogue import Catalogue, Word
from tools.text import fold, normalise, words_with_spans

_MAKER = re.compile(r"\b(?:by|from|of|with|starring|featuring|on)\s+$", re.IGNORECASE)
_BY = re.compile(r"\bby\s+$", re.IGNORECASE)
MOST_NAMESAKES = 4
"""A surname that more people have says too little."""
MUCH_BETTER_KNOWN = 4
"""Who has so many times the items of a namesake is the one that is meant."""
SHORTEST_SURNAME = 4
"""In letters, of one that is not written as a name: `scorsese`."""
FAMOUS, WELL_KNOWN, PERFORMERS, MAKERS = 0.01, 0.05, 0.1, 0.2
"""Which share of all names somebody is among whose surname alone is enough: one that is a common word; one in small
letters; one with a capital; a maker's in small letters."""
_NO_PERSON = re.compile(r"\b(?:the|in|near|around)\s+$", re.IGNORECASE)
"""`the Garfield comics`, `set in Paris`."""
_BROTHERS = re.compile(r"\s+(?:brothers?|bros\.?|sisters?)\b", re.IGNORECASE)
"""Behind a surname: all of them."""
_PARTICLE = re.compile(r"\b(d[aeiu]|del|della|van(?: de[nr])?|von|le|la)\s+$", re.IGNORECASE)
"""Before a surname, part of it: `de Niro`."""


@dataclass(frozen=True)
class Person:
    """A surname in a message, and who may be meant by it: one, or several of whom any will do."""

    start: int
    end: int
    name: str
    words: Sequence[Word]


def people_by_surname(message: str, catalogue: Catalogue) -> Iterator[Person]:
    """`by Vance`, `nothing with de Vance`: whoever is called so and is much the best known; of several any is meant."""
    for word, start, end in words_with_spans(message):
        if message[end - 2 : end] in ("'s", "’s"):  # `Fincher's best`
            word, end = word[:-1], end - 2
        named = _best_known(catalogue.name_parts.get(word, []))
        if not named or _is_other_word(message, word, start, catalogue):
            continue
        brothers = _BROTHERS.match(message[end:])
        if _NO_PERSON.search(message[:start]) and not brothers:
            continue
        meant = [
            one
            for one in named
            if _may_be(message, start, end, one) and _is_known_enough(message, start, one, catalogue)
        ]
        particle = _PARTICLE.search(message[:start])
        if particle and all(fold(particle[1]) in fold(one.value).split() for one in meant):
            start = particle.start(1)
        if 0 < len(meant) <= MOST_NAMESAKES:
            yield Person(start, end + (len(brothers.group()) if brothers else 0), word, meant)


def _is_other_word(message: str, word: str, start: int, catalogue: Catalogue) -> bool:
    """Whether it is not written as a name, or names something else."""
    is_rare = len(word) >= SHORTEST_SURNAME and not is_common(word)
    is_capital = message[start].isupper() and (is_rare or not starts_sentence(message, start))
    if not (is_capital or is_rare or _MAKER.search(message[:start])):
        return True
    is_function_word = word in STOP_WORDS or _PARTICLE.match(f"{word} ") or SOCIAL.fullmatch(word)
    return bool(is_function_word or catalogue.words([word]))


def _may_be(message: str, start: int, end: int, word: Word) -> bool:
    """Whether no other name stands beside a surname: neither `La La Land` nor `John Nolan` is Christopher Nolan."""
    own = {*normalise(word.value).split()}
    before, behind = re.search(r"([\w'’-]+)\s+$", message[:start]), re.match(r"\s+([A-Z][\w'’-]*)", message[end:])
    is_led = before and before[1][0].isupper() and not starts_sentence(message, before.start())
    others = [near[1] for near in (before if is_led else None, behind) if near]
    return all(fold(other) in own or fold(other) in STOP_WORDS for other in others)


def _is_known_enough(message: str, start: int, word: Word, catalogue: Catalogue) -> bool:
    """Whether somebody is so well known that the surname alone means them, and no other word: `marvel`, `styles`."""
    field = catalogue.schema.field(word.field)
    if field is None or field.role == "availability" or _BY.search(message[:start]):
        return True
    is_maker, is_capital = field.role == "creator", message[start].isupper()
    if is_common(word.norm):
        return is_maker or word.count >= catalogue.fame(FAMOUS)
    if is_maker:
        return is_capital or word.count >= catalogue.fame(MAKERS)
    return word.count >= catalogue.fame(PERFORMERS if is_capital else WELL_KNOWN)


def _best_known(named: Sequence[Word]) -> list[Word]:
    """Of namesakes those whose name more than a few items have, if there are such: `Nolan`."""
    most = max((one.count for one in named), default=0)
    return [one for one in named if one.count * MUCH_BETTER_KNOWN >= most]


def are_siblings(text: str, catalogue: Catalogue) -> bool:
    """Whether `the Coen brothers` are better known one by one than as a value of that name."""
    siblings = re.search(r"(\w+)\s+(?:brothers?|bros|sisters?)$", text, re.IGNORECASE)
    return siblings is not None and len(_best_known(catalogue.name_parts.get(fold(siblings[1]), []))) > 1
