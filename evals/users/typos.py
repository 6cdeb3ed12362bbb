"""One slip of the keyboard in a longer word, never one that says something else."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tools.data.catalogue import Catalogue
from tools.text import fold

SHORTEST = 6
"""A shorter word with a slip may be another word, so these are left alone."""
_WORD = re.compile(rf"(?<![\w'’-])[A-Za-z]{{{SHORTEST},}}(?![\w'’-])")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_TRIES = 8


def slip(text: str, catalogue: Catalogue, rng: random.Random) -> str:
    """The text with one word mistyped; as it is where no word is long enough, or each slip would be ambiguous."""
    words = list(_WORD.finditer(text))
    for _ in range(_TRIES if words else 0):
        word = rng.choice(words)
        wrong = _mistyped(word.group(), rng)
        if wrong != word.group() and not _says_another(wrong, word.group(), catalogue):
            return f"{text[: word.start()]}{wrong}{text[word.end() :]}"
    return text


def _mistyped(word: str, rng: random.Random) -> str:
    """Two letters swapped, one left out, doubled, or its neighbour on the keyboard hit; the first letter stays."""
    at = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("swap", "drop", "double", "neighbour"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + _beside(word[at], rng) + word[at + 1 :]


def _beside(letter: str, rng: random.Random) -> str:
    row = next((row for row in _ROWS if letter in row), letter)
    at = row.find(letter)
    return rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)] or [letter])


def _says_another(wrong: str, word: str, catalogue: Catalogue) -> bool:
    """Whether a value, a field or an item has a word that is as near to what was typed as the one that was meant."""
    meant = fold(word)
    return any(
        near != meant and (near in catalogue.value_words or near in catalogue.schema.spoken)
        for near in _within_one(fold(wrong))
    )


def _within_one(word: str) -> Iterator[str]:
    """The word itself, and all that one slip may have made it from."""
    yield word
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            yield head + letter + tail[1:]
