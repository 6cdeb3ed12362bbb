"""How text is normalised before it is compared: one way, everywhere."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = r"(?:[^\W_][\u0300-\u036f]*)+"
"""Accents may stand behind their letter, as in decomposed Unicode."""
_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*")
_ARTICLES = frozenset({"the", "a", "an"})
ARTICLE_BEHIND = re.compile(r"(?<=\S)\s{0,3},\s{0,3}(?:the|an?)\W{0,3}$", re.IGNORECASE)
"""`Lion King, The`: a title as it is filed."""


def fold(text: str) -> str:
    """Lower-case, accents off, typographic apostrophes dropped.

    >>> fold("Amélie’s")
    'amelies'
    """
    if text.isascii():
        return text.lower().replace("'", "")
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "").replace("’", "")


def words_with_spans(text: str) -> list[tuple[str, int, int]]:
    """Each word of the text, folded, with where it starts and ends."""
    return [(fold(match.group()), match.start(), match.end()) for match in _WORD.finditer(text)]


def normalise(text: str) -> str:
    """Words only, folded, one space between; `&` reads `and`.

    >>> normalise("Spider-Man: Far & Away")
    'spider man far and away'
    """
    return " ".join(word for word, _, _ in words_with_spans(text.replace("&", " and ")))


def normalise_title(title: str) -> str:
    """A title as it is compared: normalised, the article off, wherever it stands, unless nothing would be left.

    >>> normalise_title("The Lion King"), normalise_title("Lion King, The")
    ('lion king', 'lion king')
    >>> normalise_title("!!!")
    '!!!'
    """
    title = ARTICLE_BEHIND.sub("", title)
    norm = normalise(title) or fold(title).strip()
    head, _, rest = norm.partition(" ")
    return rest if head in _ARTICLES and rest else norm


def singular(word: str) -> str:
    """An English noun's singular, roughly: enough for `comedies` and `musicals` to find their category.

    >>> [singular(w) for w in ("comedies", "thrillers", "musicals", "class", "series")]
    ['comedy', 'thriller', 'musical', 'class', 'series']
    """
    if word == "series" or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def stem_phrase(norm: str) -> str:
    """A normalised phrase with its last word in the singular."""
    head, _, last = norm.rpartition(" ")
    return f"{head} {singular(last)}".strip()


def mentions(text: str, phrase: str) -> bool:
    """Whether a text has these words one after the other, whatever their number.

    >>> mentions("An alien's diary", "aliens"), mentions("Alienated", "alien"), mentions("Far out, man", "far man")
    (True, False, False)
    """
    return f" {_stems(phrase)} " in f" {_stems(text)} "


def _stems(text: str) -> str:
    return " ".join(singular(word) for word in normalise(text).split())
