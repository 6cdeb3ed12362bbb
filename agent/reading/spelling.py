"""Typing errors: a word that is none, a slip away from one that matters here, is read as that one."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from agent.reading.lexicon import NAME_WITH_YEAR, NUMBER_WORDS, RUN_TOGETHER, STOP_WORDS
from agent.reading.spans import Taken
from tools.data.catalogue import Catalogue
from tools.text import singular, words_with_spans

SHORTEST = 5
"""In letters: a shorter word is another word with each letter that is wrong."""
SCALES = (5, 10, 100)
"""What marks are out of."""
COMMON = 3000
"""Times in the dictionary's texts: a rarer word may be a surname (`scorsese` 342, `lee` 1,637, `park` 57,467)."""
TWO_SLIPS = 8
"""From this many letters on a word may have two slips."""
_DIGIT = "|".join(word for word, number in NUMBER_WORDS.items() if number < 10)
_THEN = re.compile(
    r"\b(\w+er|less|more|worse) then(?=\s+(?:[$€£]?\s?\d|an?\s|that\b|the\s+\w+\s+one|(?:one|two|three|half)\b))",
    re.IGNORECASE,
)
_POINT = re.compile(rf"\b({_DIGIT}) point ({_DIGIT})\b", re.IGNORECASE)
_AND_A_HALF = re.compile(rf"\b({_DIGIT}|\d) and (?:a )?half\b(?!\s*(?:hours?|hrs?|h)\b)", re.IGNORECASE)
_MANY = re.compile(r"(\b|[<>=] ?)(?:an?|one) (hundred|thousand|million)\b", re.IGNORECASE)
_HYPHENED = re.compile(
    rf"\b(sub|under|over|below|above|up[ -]to|at[ -](?:least|most)|from|any(?:thing|body|one)[ -]but|nothing[ -]but)-"
    rf"(?=[$€£]?\s?\d|(?:{_DIGIT})\b|(?<=but-)\w)",
    re.IGNORECASE,
)
"""`sub-$20`, `over-12`: what governs a number, or a value, as one word with it."""
_NOT_THE_NUMBER = re.compile(r"\bnon-(?=[$€£]?\d)", re.IGNORECASE)
_HUNDREDS = re.compile(
    rf"\b({_DIGIT}) hundred(?: and)?(?: ({'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))}))?\b", re.IGNORECASE
)
_ROM_COM = re.compile(r"\brom[ -](?=coms?\b)", re.IGNORECASE)
_HEART = re.compile(r"(?<=\w) ?<3(?=\s*(?:[.,;!?]|$))")
_OF_A_SCALE = re.compile(
    r"\b(?P<number>\d{1,2}(?:\.\d)?|\w+)(?:\s?/\s?(?P<top>100|10|5)| (?P<out>out )?of (?P<word>ten|five|10|5))\b",
    re.IGNORECASE,
)
"""`8/10`, which is 4 where the catalogue's own scale ends at 5."""
_BOUND_BEFORE = re.compile(
    r"\b(?:least|over|above|than|min(?:imum)?|rated|rating|score[ds]?)(?: of)?\s+$", re.IGNORECASE
)
_BOUND_BEHIND = re.compile(r"\s*(?:\+|or (?:more|better|higher|above|up)|and (?:up|above|over))", re.IGNORECASE)
_TOP = re.compile(r"\btop(?=[\s-]+(?:\d{1,2}|three|five|ten|twenty)\b)", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“«][^\"“”«»]{2,80}[\"”»]")


def corrected(message: str, catalogue: Catalogue) -> str:
    """The message with its typing errors put right; English words, and those of the catalogue, stay as they are."""
    message = _THEN.sub(r"\1 than", message)
    message = _NOT_THE_NUMBER.sub("not ", _HYPHENED.sub(lambda m: m[1].replace("-", " ") + " ", message))
    message = _POINT.sub(lambda m: f"{NUMBER_WORDS[m[1].lower()]}.{NUMBER_WORDS[m[2].lower()]}", message)
    message = _AND_A_HALF.sub(lambda m: f"{NUMBER_WORDS.get(m[1].lower(), m[1])}.5", message)
    message = _HUNDREDS.sub(
        lambda m: str(100 * NUMBER_WORDS[m[1].lower()] + NUMBER_WORDS[(m[2] or "zero").lower()]),
        _ROM_COM.sub("rom", _HEART.sub("", message)),
    )
    message = _MANY.sub(
        lambda m: m[1] + {"hundred": "100", "thousand": "1000", "million": "1000000"}[m[2].lower()], message
    )
    message = _OF_A_SCALE.sub(lambda m: _on_own_scale(m, catalogue), _TOP.sub("best", message))
    names = [match.span() for said in (_QUOTED, NAME_WITH_YEAR) for match in said.finditer(message)]
    taken = Taken(message, names)
    parts, end_of_last = [], 0
    for word, start, end in words_with_spans(message):
        if word in RUN_TOGETHER and taken.is_free(start, end):
            parts += [message[end_of_last:start], RUN_TOGETHER[word]]
            end_of_last = end
        elif len(word) >= SHORTEST and word.isascii() and word.isalpha() and taken.is_free(start, end):
            meant = _meant(word, catalogue)
            if meant != word:
                is_name = message[start].isupper()
                parts += [message[end_of_last:start], meant.capitalize() if is_name else meant]
                end_of_last = end
    return "".join([*parts, message[end_of_last:]])


def _on_own_scale(said: re.Match[str], catalogue: Catalogue) -> str:
    """A mark out of so many on the scale of the catalogue; with the field's name where it is a bound."""
    field, number = catalogue.schema.with_role("quality"), said["number"].lower()
    value = NUMBER_WORDS.get(number) if number.isalpha() else float(number)
    spread = catalogue.spread(field.name) if field else []
    top = next((top for top in SCALES if spread and spread[-1] <= top), None)
    if field is None or value is None or top is None or not (said["top"] or said["out"]):
        return said["number"]
    of = NUMBER_WORDS.get((said["word"] or "").lower()) or int(said["top"] or said["word"])
    is_bound = _BOUND_BEFORE.search(said.string[: said.start()]) or _BOUND_BEHIND.match(said.string[said.end() :])
    return f"{value * top / of:g}" + (f" {field.label}" if is_bound else "")


def load_words(catalogue: Catalogue) -> None:
    """Read the word lists now, and not within the first turn."""
    _english()
    _words_of(catalogue)


def _words_of(catalogue: Catalogue) -> tuple[frozenset[str], ...]:
    """What people call its items and fields, the words of its values, and those of its titles; each kept."""
    return catalogue.schema.spoken, catalogue.value_words, catalogue.title_words


def _meant(word: str, catalogue: Catalogue) -> str:
    """The word that was meant: of those that are nearest, one of the language first, then a value, then a title's."""
    own = _words_of(catalogue)
    if any(word in known or singular(word) in known for known in (STOP_WORDS, *own)) or is_english(word):
        return word
    if catalogue.count_text(f'"{word}"', 1):
        return word
    slips = 2 if len(word) >= TWO_SLIPS else 1
    found = []
    for row, pool in enumerate((STOP_WORDS | own[0], *own[1:])):
        near = process.extract(word, pool, scorer=OSA.distance, score_cutoff=slips, limit=None)
        alike = [(one, away) for one, away, _ in near if len(one) >= SHORTEST - 1 and _begins_alike(one, word)]
        found += [(away, row, sorted(one) != sorted(word), one) for one, away in alike]  # letters that changed places
    return min(found)[-1] if found else word


def _begins_alike(one: str, other: str) -> bool:
    """Nobody mistypes the first letter, unless the first two change places: a mockumentary is no documentary."""
    return one[0] == other[0] or one[:2] == other[1::-1]


@lru_cache(maxsize=1)
def _english() -> SpellChecker:
    return SpellChecker(language="en", distance=1)


def is_common(word: str) -> bool:
    """Whether a folded word is used so often that it is no name where it is not written as one: `park`, not `nolan`."""
    return bool(_english().word_usage_frequency(word) * _english().word_frequency.total_words > COMMON)


def is_english(word: str) -> bool:
    """Whether a folded word is in an English dictionary, or its singular."""
    return bool(_english().known([word, singular(word)]))
