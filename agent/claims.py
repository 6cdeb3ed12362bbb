"""What a sentence claims: the titles, numbers, quotations and values in it, the words around them, and what it denies.

A sentence is cut at its punctuation into clauses, and those at commas and `and` into pieces, so that a claim can be
held against the very part of the evidence that speaks of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.plain_words import HARMLESS, NEGATORS, NUMBER_WORDS
from agent.reading.spelling import is_english
from agent.wording import say_title
from tools.data.catalogue import PLAIN_WORDS, Item, Word
from tools.grounding import Span
from tools.shelf import Shelf
from tools.text import fold, normalise, singular, stem_phrase, words_with_spans

LONGEST_VALUE = 4
"""In words."""
_MASK = "\ue000"
"""Stands for what was read already; no letter, so no word goes across it."""
_ROW = re.compile(r"\s*(\d{1,2})[.)]\s+")
_QUOTED = re.compile(r"[“\"„«]([^“”\"„«»\n]{1,300})[”\"“»]")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?[a-z]*", re.IGNORECASE)
_CLAUSES = re.compile(r"[;:!?—–。！？]|\.(?=\s|$)|\s-\s|\bbut\b")
_PIECES = re.compile(r"[,()、，]|\b(?:and|or|that|which|who)\b")
_ENDS = re.compile(r"(?<=[^\d\s][.!?])\s+(?=\S)|(?<=[.!?][”\"])\s+(?=\S)|\s+(?=\d{1,2}\. \S)")
_NAMES = re.compile(r"(?<=[^\W\d_] )[A-ZÄÖÜÀÉÈ]\w+ [A-ZÄÖÜÀÉÈ]\w+")
_ASKS = re.compile(r"[?？]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\ufffd]")
_MARKUP = re.compile(r"https?:|www\.|\w@\w|\w\.(?:com|org|net|io|de)\b|[<>{}\[\]|\\`#*=]|__")
_VERBS = frozenset({"is", "has"})
_SIGNS = re.compile(r"[$€£¥%]")


@dataclass(frozen=True)
class Anchor:
    """What in a sentence can be true or false by itself."""

    kind: Literal["title", "number", "quote", "value"]
    text: str
    """A title as it is written, its year too; a number with the unit behind it; words and values normalised."""

    def is_of(self, other: Anchor) -> bool:
        """Whether this says no more than the other: a title without its year, a number without its unit."""
        return self.kind == other.kind and (self.text == other.text or other.text.startswith(f"{self.text} "))

    def is_enough_for(self, other: Anchor) -> bool:
        """Whether nothing of the other is lost, if its unit is said in another language."""
        is_short = self.kind == "number" and self.is_of(other)
        return is_short or self == other


@dataclass(frozen=True)
class Piece:
    """What stands between two commas."""

    anchors: tuple[Anchor, ...]
    words: frozenset[str]
    """The words that say something: folded, singular."""
    has_verb: bool
    """Whether it says of itself what it is about: `it is Comedy`; else it goes on with what is said before it."""


@dataclass(frozen=True)
class Clause:
    """What is affirmed or denied together."""

    pieces: tuple[Piece, ...]
    is_negated: bool

    @property
    def anchors(self) -> list[Anchor]:
        """All of them, in order."""
        return [anchor for piece in self.pieces for anchor in piece.anchors]

    @property
    def words(self) -> frozenset[str]:
        """The words of all pieces."""
        return frozenset[str]().union(*(piece.words for piece in self.pieces))

    @property
    def may_say(self) -> frozenset[str]:
        """Its words, and the units of its numbers: a `90-minute` one has 90 minutes."""
        units = (anchor.text.partition(" ")[2] for anchor in self.anchors if anchor.kind == "number")
        return self.words.union(singular(unit) for unit in units if unit)


@dataclass(frozen=True)
class Statement:
    """A sentence, or a row of a list, taken apart."""

    text: str
    row: int | None
    """The number that it begins with, as in `2. `."""
    clauses: tuple[Clause, ...]
    length: int
    """In words, those of titles, numbers, quotations and values left out."""
    asks: bool
    is_foreign: bool
    """Whether most of its words are no English."""
    has_markup: bool
    """Whether there are links, addresses, markup or characters that are not seen."""
    left: str
    """The text with its titles, numbers, quotations and values blotted out, as long as before."""

    @property
    def names(self) -> list[str]:
        """Words with capitals, side by side, that were not understood; those that a sentence begins with left out."""
        return _NAMES.findall(self.left)

    @property
    def sentences(self) -> list[str]:
        """Cut where sentences end and before the numbers of rows, never within a title or a quotation."""
        parts, begin = list[str](), 0
        for cut in _ENDS.finditer(self.text):
            if _MASK not in self.left[cut.start() : cut.end()]:
                parts.append(self.text[begin : cut.start()].strip())
                begin = cut.end()
        return [part for part in (*parts, self.text[begin:].strip()) if part]

    @property
    def anchors(self) -> list[Anchor]:
        """All of them, in order."""
        return [anchor for clause in self.clauses for anchor in clause.anchors]

    @property
    def words(self) -> frozenset[str]:
        """The words that say something."""
        return frozenset[str]().union(*(clause.words for clause in self.clauses))

    @property
    def is_negated(self) -> bool:
        """Whether some of it is denied."""
        return any(clause.is_negated for clause in self.clauses)


_Found = tuple[int, int, Anchor]


class Reader:
    """Takes sentences apart, by the titles and vocabularies of a catalogue and the items that a reply is about."""

    def __init__(self, shelf: Shelf, items: Sequence[Item]) -> None:
        self._catalogue, self._titles = shelf.catalogue, shelf.titles
        schema = shelf.catalogue.schema
        self._units = {fold(field.unit) for field in schema.fields if field.unit}
        self._flags = {normalise(field.label) for field in schema.fields if field.type == "flag"}
        known = {str(item.values[schema.title.name]) for item in items}
        known |= {say_title(schema, item) for item in items}
        one_of = "|".join(sorted((re.escape(title) for title in known), key=len, reverse=True)) or "(?!)"
        self._known_titles = re.compile(rf"(?<![A-Za-z0-9])(?:{one_of})(?![A-Za-z0-9])(?: \(\d{{4}}\))?")
        self._nouns = {singular(fold(word)) for word in schema.nouns}

    def read(self, text: str) -> Statement:
        """A sentence or a row, taken apart."""
        row = _ROW.match(text)
        left = _masked(text, [(0, row.end())], " ") if row else text
        anchors = list[_Found]()
        for find in (self._quotes_and_titles, self._other_titles, self._numbers, self._values):
            found = list(find(left))
            anchors += found
            left = _masked(left, [(start, end) for start, end, _ in found], _MASK)
        words = [word for word, _, _ in words_with_spans(left)]
        return Statement(
            text=text,
            row=int(row.group(1)) if row else None,
            clauses=tuple(self._clauses(left, sorted(anchors, key=lambda one: one[0]))),
            length=len(words),
            asks=_ASKS.search(left) is not None,
            is_foreign=is_other_language(words),
            has_markup=bool(_MARKUP.search(left) or _CONTROLS.search(text)),
            left=left,
        )

    def is_foreign(self, message: str) -> bool:
        """Whether a message is in another language than English, whatever titles it names."""
        return self.read(_masked(message, [(s.start, s.end) for s in self._titles.spot(message)], _MASK)).is_foreign

    def _clauses(self, text: str, anchors: Sequence[_Found]) -> Iterator[Clause]:
        """Each stretch between the cuts; an anchor is where it begins."""
        for start, end in _between(text, _CLAUSES, 0, len(text)):
            pieces = []
            for first, last in _between(text, _PIECES, start, end):
                said = {word for word, _, _ in words_with_spans(text[first:last])}
                words = {singular(word) for word in said - HARMLESS - NEGATORS} - self._nouns
                words |= set(_SIGNS.findall(text[first:last]))
                inside = tuple(anchor for at, _, anchor in anchors if first <= at < last)
                pieces.append(Piece(inside, frozenset(words), not said.isdisjoint(_VERBS)))
            is_negated = any(word in NEGATORS for word, _, _ in words_with_spans(text[start:end]))
            if is_negated or any(piece.anchors or piece.words for piece in pieces):
                yield Clause(tuple(pieces), is_negated)

    def _quotes_and_titles(self, text: str) -> Iterator[_Found]:
        """What is quoted, and the items that the reply is about; a quoted title is a title."""
        named = [m for m in self._known_titles.finditer(text) if not _is_plain(m.group())]
        quotes = list[re.Match[str]]()
        for match in _QUOTED.finditer(text):
            start, end = match.span()
            if any(start < m.end() and m.start() < end and not (start < m.start() and m.end() < end) for m in named):
                continue  # the quotation marks are a title's own
            quotes.append(match)
            words = match.group(1)
            is_title = self._known_titles.fullmatch(words) is not None
            yield start, end, Anchor("title", words) if is_title else Anchor("quote", _key(words))
        for m in named:
            if not any(quote.start() < m.start() and m.end() < quote.end() for quote in quotes):
                yield m.start(), m.end(), Anchor("title", m.group())

    def _other_titles(self, text: str) -> Iterator[_Found]:
        """Titles of the catalogue that the reply is not about, where they are written like titles."""
        for span in self._titles.spot(text):
            words = text[span.start : span.end]
            if _MASK not in words and self._is_written_like_a_title(span, words):
                yield span.start, span.end, Anchor("title", words)

    def _is_written_like_a_title(self, span: Span, words: str) -> bool:
        if any(word[0].islower() for word in words.split() if len(word) > 3) or words[0].islower():
            return False
        return span.words > 1 or not (words.isdigit() or _is_plain(words) or self._named([normalise(words)]))

    def _numbers(self, text: str) -> Iterator[_Found]:
        for match in _NUMBER.finditer(text):
            number = _canonical(match.group())
            unit = re.match(r"\s+([^\W\d]+)", text[match.end() :])
            if unit and fold(unit.group(1)) in self._units:
                yield match.start(), match.end() + unit.end(), Anchor("number", f"{number} {fold(unit.group(1))}")
            else:
                yield match.start(), match.end(), Anchor("number", number)
        for word, start, end in words_with_spans(text):
            if word in NUMBER_WORDS:
                yield start, end, Anchor("number", NUMBER_WORDS[word])

    def _values(self, text: str) -> Iterator[_Found]:
        """Values of small vocabularies however they are written, of others where they are written like names."""
        words = words_with_spans(text)
        grams: dict[str, list[tuple[int, int]]] = {}
        for first in range(len(words)):
            for last in range(first, min(first + LONGEST_VALUE, len(words))):
                start, end = words[first][1], words[last][2]
                if _MASK not in text[start:end]:
                    norm = normalise(text[start:end])
                    for one in {norm, stem_phrase(norm)} - HARMLESS - NEGATORS:
                        grams.setdefault(one, []).append((start, end))
        named = self._named(list(grams))
        places = [(start, end, norm) for norm in named for start, end in grams[norm]]
        taken = list[tuple[int, int]]()
        for start, end, norm in sorted(places, key=lambda place: (place[0] - place[1], place[0])):
            word, is_free = named[norm], all(end <= first or last <= start for first, last in taken)
            if is_free and (word is None or self._is_small(word) or _is_a_name(text[start:end])):
                taken.append((start, end))
                yield start, end, Anchor("value", normalise(word.value) if word else norm)

    def _named(self, norms: Sequence[str]) -> dict[str, Word | None]:
        """The value that each phrase names, the commonest; None for a flag."""
        found: dict[str, Word | None] = {norm: None for norm in norms if norm in self._flags}
        for word in self._catalogue.words(norms):
            found.setdefault(word.norm, word)
        return found

    def _is_small(self, word: Word) -> bool:
        return self._catalogue.vocabulary_size(word.field) <= PLAIN_WORDS


def is_other_language(words: Sequence[str]) -> bool:
    """Whether fewer than half of some folded words are English."""
    return 2 * sum(word in HARMLESS or word in NEGATORS or is_english(word) for word in words) < len(words)


def _is_plain(title: str) -> bool:
    """Whether a title is one word that any sentence may begin with: `It`, `You`."""
    return fold(title) in HARMLESS | NEGATORS


def _is_a_name(words: str) -> bool:
    return words[0].isupper()


def _key(words: str) -> str:
    return normalise(words) or words.strip()


def _canonical(number: str) -> str:
    plain = number.replace(",", "").lower()
    return f"{float(plain):.12g}" if re.fullmatch(r"[\d.]+", plain) else plain


def _masked(text: str, spans: Sequence[tuple[int, int]], mask: str) -> str:
    """The text with these stretches blotted out, as long as before."""
    for start, end in spans:
        text = text[:start] + mask * (end - start) + text[end:]
    return text


def _between(text: str, cut: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in cut.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end
