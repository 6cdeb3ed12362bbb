"""What a sentence names: titles, quotations, values and numbers, found by looking them up, the longest first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from evals.factcheck.records import LONGEST_TITLE, LONGEST_VALUE, SMALL, WORD, Records, plain

ROW = re.compile(r"\s*(\d{1,2}[.)]|[-*•])\s+")
_QUOTED = re.compile(r"[“\"]([^“”\"\n]{1,200})[”\"]")
_YEAR = re.compile(r"\s*\((\d{4})\)")
_END = re.compile(r"[.!?]+[\"”)]*\s+(?=[A-Z0-9“\"])")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
_ASIDE = re.compile(r"\b(?:with|like|liked|loved|than|by|to|unlike|from|known as)\s+$", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|,?\s*\band\b|,?\s*\bor\b)\s*")
_BLANK = "\x00"
Kind = Literal["prose", "row", "bullet"]
_SMALL = """a about actually all also although an and any are as at based because but by can did do does enjoy for from
going good got great haven here how however i if in instead is it its just keeping like looking maybe no not nothing of
okay on only or our out perhaps please say since so some something sorry sure tell than that the then there these they
this those thus to try we what when where which while who why will with would yes you your"""
SMALL_WORDS = frozenset(_SMALL.split())
"""With these a sentence may begin; a name is none of them."""


@dataclass
class Title:
    """An item that is named."""

    start: int
    end: int
    positions: list[int]
    year: int | None = None
    is_aside: bool = False
    """Whether something is compared with it, rather than said of it."""


@dataclass
class Span:
    """A stretch of the text in plain words."""

    start: int
    end: int
    words: str


@dataclass
class Number:
    """A number as it is written."""

    start: int
    end: int
    value: float
    decimals: int


@dataclass
class Sentence:
    """A sentence, or a row of a list."""

    text: str
    kind: Kind
    titles: list[Title] = field(default_factory=list)
    strangers: list[Span] = field(default_factory=list)
    """What stands where a title should, and is none."""
    quotes: list[Span] = field(default_factory=list)
    values: list[Span] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    left: str = ""
    """The text with all of these blotted out."""


class Reading:
    """Takes replies apart."""

    def __init__(self, records: Records) -> None:
        self._records = records
        nouns = [records.schema.item, records.schema.items, *records.schema.item_words]
        self._nouns = frozenset(plain(noun) for noun in nouns)

    def sentences(self, reply: str, talked_of: Collection[int], said: str) -> Iterator[Sentence]:
        """Each sentence and row of a reply.

        Args:
            talked_of: positions of items that were shown or named; their titles are understood without a year, too.
            said: the user's words, plain; a quotation of these is no title, unless it was talked of.
        """
        for line in filter(str.strip, reply.splitlines()):
            mark = ROW.match(line)
            text = line[mark.end() :] if mark else line
            kind: Kind = "prose" if not mark else "row" if mark.group(1)[0].isdigit() else "bullet"
            whole = self._read(text, kind, talked_of, said)
            cuts = [cut.end() for cut in _END.finditer(whole.left) if _BLANK not in cut.group()]
            if kind == "row" or not cuts:
                yield whole
                continue
            for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
                yield self._read(text[begin:end], kind, talked_of, said)

    def _read(self, text: str, kind: Kind, talked_of: Collection[int], said: str) -> Sentence:
        found = Sentence(text, kind, left=text)
        self._quotes(found, talked_of, said)
        self._dated(found)
        if kind == "row" and not any(title.start == 0 for title in found.titles):
            self._head(found)
        self._others(found, talked_of)
        found.titles.sort(key=lambda title: title.start)
        self._mark_asides(found)
        self._values(found)
        for match in _NUMBER.finditer(found.left):
            digits = match.group().replace(",", "")
            number = Number(*match.span(), float(digits), len(digits.partition(".")[2]))
            found.numbers.append(number)
        for number in found.numbers:
            _blot(found, number.start, number.end)
        return found

    def _quotes(self, found: Sentence, talked_of: Collection[int], said: str) -> None:
        for match in _QUOTED.finditer(found.text):
            words = plain(match.group(1))
            positions = self._records.titles.get(words, [])
            if {*positions} & {*talked_of} or (positions and f" {words} " not in f" {said} "):
                found.titles.append(Title(*match.span(), positions))
            else:
                found.quotes.append(Span(*match.span(), words))
            _blot(found, *match.span())

    def _dated(self, found: Sentence) -> None:
        """`Title (1999)`: the longest title that ends before the year, all of the words with capitals."""
        if not self._records.year:
            return
        for year in _YEAR.finditer(found.left):
            words = list(WORD.finditer(found.left[: year.start()]))[-LONGEST_TITLE:]
            if not words or _gap(found.left, words[-1].end(), year.start()) is None:
                continue
            for first, word in enumerate(words):
                positions = self._records.titles.get(plain(found.left[word.start() : year.start()]))
                if positions and not (first and self._goes_on(found.left, words[first - 1], word)):
                    self._take(found, Title(word.start(), year.end(), positions, int(year.group(1))))
                    break
            else:
                start = _run_start(found.left, words)
                found.strangers.append(Span(start, year.end(), plain(found.left[start : year.start()])))
                _blot(found, start, year.end())

    def _goes_on(self, text: str, before: re.Match[str], word: re.Match[str]) -> bool:
        """Whether the word before a title looks like a part of a longer one."""
        if text[before.end() : word.start()].strip() or before.group() in ("I",):
            return False
        is_opening = not text[: before.start()].strip()
        return before.group()[0].isupper() and not (is_opening and plain(before.group()) in SMALL_WORDS | {"why"})

    def _head(self, found: Sentence) -> None:
        """What a row of a list begins with: a title, or something that is none."""
        ends = [at for at in map(found.left.find, (" — ", " – ", ": ", " - ", " (")) if at > 0]
        end = min(ends, default=len(found.left))
        head = found.left[:end]
        if _BLANK in head or not plain(head):
            return
        words = list(WORD.finditer(found.left))[:LONGEST_TITLE]
        for word in reversed(words):
            if word.end() >= len(head.rstrip(" .!")) and (
                positions := self._records.titles.get(plain(found.left[: word.end()]))
            ):
                self._take(found, Title(0, word.end(), positions))
                return
        if plain(head) not in self._records.values:
            found.strangers.append(Span(0, end, plain(head)))
            _blot(found, 0, end)

    def _others(self, found: Sentence, talked_of: Collection[int]) -> None:
        """Titles without a year: of several words with capitals, or of items that were talked of."""
        words = list(WORD.finditer(found.left))
        at = 0
        while at < len(words):
            for count in range(min(LONGEST_TITLE, len(words) - at), 0, -1):
                start, end = words[at].start(), words[at + count - 1].end()
                text = found.left[start:end]
                positions = self._records.titles.get(plain(text), []) if _BLANK not in text else []
                if positions and self._is_title(found, text, count, {*positions} & {*talked_of}):
                    self._take(found, Title(start, end, positions))
                    at += count - 1
                    break
            at += 1

    def _is_title(self, found: Sentence, text: str, count: int, known: Collection[int]) -> bool:
        words, long = plain(text), [w for w in WORD.findall(text) if len(w) > 3 or w == WORD.findall(text)[0]]
        if text in self._records.written and count > 1:
            return True
        if not all(word[0].isupper() or word[0].isdigit() for word in long) or words.replace(" ", "").isdigit():
            return False
        if words in self._records.values or words in self._records.labels or {*words.split()} <= SMALL_WORDS:
            return False
        return bool(known) or (count > 1 and not (count == 2 and found.left.startswith(text)))

    def _mark_asides(self, found: Sentence) -> None:
        before: Title | None = None
        for title in found.titles:
            lead = found.text[: title.start]
            is_listed = before is not None and _LIST.fullmatch(found.text[before.end : title.start]) is not None
            title.is_aside = bool(_ASIDE.search(lead)) or bool(before and is_listed and before.is_aside)
            before = title

    def _values(self, found: Sentence) -> None:
        words = list(WORD.finditer(found.left))
        at = 0
        while at < len(words):
            for count in range(min(LONGEST_VALUE, len(words) - at), 0, -1):
                start, end = words[at].start(), words[at + count - 1].end()
                text = found.left[start:end]
                if _BLANK not in text and self._is_value(found.left, start, end):
                    found.values.append(Span(start, end, self._singular(plain(text))))
                    _blot(found, start, end)
                    at += count - 1
                    break
            at += 1

    def _is_value(self, left: str, start: int, end: int) -> bool:
        text = left[start:end]
        words = self._singular(plain(text))
        named = self._records.values.get(words)
        if not named or words in self._records.labels:
            return False
        if any(text[0] == value[0] and (text[0].isupper() or text == value) for value in named.values()):
            return words not in SMALL_WORDS
        is_small = any(len(self._records.counts[name]) <= SMALL for name in named)
        after = plain(left[end : end + 20]).split(" ")[0]
        is_noun = re.search(r"\b(?:an?|not)\s+$", left[:start]) is not None or after in self._nouns
        return is_small and len(words) > 3 and is_noun

    def _singular(self, words: str) -> str:
        return words[:-1] if words not in self._records.values and words.endswith("s") else words

    def _take(self, found: Sentence, title: Title) -> None:
        found.titles.append(title)
        _blot(found, title.start, title.end)


def _blot(found: Sentence, start: int, end: int) -> None:
    found.left = found.left[:start] + _BLANK * (end - start) + found.left[end:]


def _gap(text: str, start: int, end: int) -> str | None:
    """What stands between, if that may still be a part of a title: `Airplane! (1980)`."""
    between = text[start:end]
    return between if len(between.strip()) <= 3 and _BLANK not in between else None


def _run_start(text: str, words: list[re.Match[str]]) -> int:
    """Where the words with capitals (and small words among them) before a year begin."""
    start = words[-1].start()
    for word in reversed(words):
        if _BLANK in text[word.end() : start] or not (word.group()[0].isupper() or word.group() in SMALL_WORDS):
            break
        if word.group()[0].isupper():
            start = word.start()
    return start
