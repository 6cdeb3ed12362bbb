"""The check: what a reply states that the catalogue does not hold.

Three kinds of findings: an invented item (a title that the catalogue lacks), an unsupported claim (a number, a value, a
name or a denial that the record of the item in question does not bear out), and a broken wish (an item is shown that
breaks what the user demanded, and the reply does not say so). What can't be looked up is not judged: opinions, places
in a ranking, likeness. A claim is about the title nearest before it that is not merely compared with.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from evals.factcheck.records import Records, plain
from evals.factcheck.sentences import SMALL_WORDS, Number, Reading, Sentence, Span, Title
from evals.house_rules import keeps
from tools.constraints import Constraint, words_of
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec

Kind = Literal["invented", "unsupported", "broken"]
_LETTERS = r"[^\W_]|['’]"
_NOT = re.compile(
    r"\b(?:not|no|never|without|neither|nor|isn['’]?t|aren['’]?t|doesn['’]?t|hasn['’]?t|wasn['’]?t)\b", re.I
)
_SEGMENT = re.compile(r";|:\s| — | – |\bbut\b|,\s+(?:and|but)\s")
_DENIED = re.compile(
    r"\b(?:don['’]t|do not|doesn['’]t|does not|can['’]t|cannot|no)\b[^.]*\b(?:have|find|know|hold)\b", re.I
)
_SILENT = re.compile(r"\b(?:does not|doesn['’]t|don['’]t|do not) (?:say|know|hold|list)\b", re.I)
_OPEN = re.compile(
    r"\b(?:without|relax\w*|instead|ignor\w+|left out|leav\w+ out|drop\w*|g[ia]ve up|forget|except|although|though|"
    r"despite|none|nothing|exceeds?|breaks?|can['’]?t|could ?n[o'’]t|doesn['’]t|does not|not (?:quite|all))\b",
    re.I,
)
_RANK = re.compile(r"(?:\bnumber|\bno\.|#|\btop|\bplace|\brank)\s*$", re.I)
_MORE = re.compile(r"\s*(?:more|others?|%)\b")
_FANS = re.compile(r"\b(?:people|users|those|fans|everybody|who)\b[^;.]*\blike[sd]?\b", re.I)
_SHARES = re.compile(r"\b(?:shares?|both|in common)\b", re.I)
_ADVICE = frozenset({"forget", "remember", "first", "second", "third", "one"})
"""What a reply may advise to say, besides the user's own words."""
_CAPITALS = re.compile(rf"[A-ZÀ-Þ](?:{_LETTERS})*(?:\s[A-ZÀ-Þ](?:{_LETTERS})*)*")
_OPENS = re.compile(r"(?:^|[.!?:—–])[\s\"“'(*]*$")
_YES = re.compile(r"\s*(?:yes|yeah|yep|right|correct|indeed|true|that['’]s right|it is|exactly)\b", re.I)
_NO = re.compile(r"\s*(?:no|nope|not|actually|false|wrong|it is not|it isn['’]t)\b", re.I)


@dataclass(frozen=True)
class Finding:
    """What is wrong, in which sentence."""

    kind: Kind
    sentence: str
    what: str


@dataclass
class Verdict:
    """What the check of one reply found."""

    sentences: int = 0
    claims: int = 0
    """Titles, numbers and values that were looked up for an item."""
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Context:
    """What was said before a reply, and what is true of its message."""

    said: list[str] = field(default_factory=list)
    """The user's messages so far."""
    talked_of: dict[str, None] = field(default_factory=dict)
    """Ids of the items that were shown or that the user named, the latest last."""
    shown: Sequence[Item] = ()
    """What the reply recommends."""
    musts: Sequence[Constraint] = ()
    """What the user demanded by now."""
    counts: Collection[int] = ()
    """Numbers that answer the question."""
    truth: bool | None = None
    """Of a yes-or-no question, the answer."""


class Checker:
    """Checks replies over one catalogue. Nothing in it changes."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._reading = Reading(records)

    def check(self, reply: str, context: Context) -> Verdict:
        """All findings of a reply."""
        verdict, catalogue = Verdict(), self.records.catalogue
        named = [*context.talked_of, *(item.id for item in context.shown)]
        said = plain(" ".join(context.said))
        subject: Item | None = None
        items = catalogue.items(catalogue.positions_of(dict.fromkeys(named)))
        own_words = "\n".join(self._without_texts(line, items) for line in reply.splitlines())
        for sentence in self._reading.sentences(own_words, catalogue.positions_of(named), said):
            verdict.sentences += 1
            one = _Sentence(self.records, sentence, context, said, subject if _goes_on(sentence) else None)
            for kind, what in one.findings():
                verdict.findings.append(Finding(kind, sentence.text, what))
            verdict.claims += one.claims
            subject = one.last_subject or subject
        for kind, what in self._whole(reply, context):
            verdict.findings.append(Finding(kind, reply.split("\n", 1)[0], what))
        return verdict

    def _without_texts(self, line: str, items: Sequence[Item]) -> str:
        """A line without what it cites, word for word, of the texts of an item that it names."""
        texts = [field.name for field in self.records.schema.fields if field.type == "text" and field.role != "title"]
        for item in items:
            if self.records.title(item) in line:
                for text in (str(item.values[name]) for name in texts if item.values.get(name)):
                    line = line.replace(text, "…")
        return line

    def _whole(self, reply: str, context: Context) -> Iterator[tuple[Kind, str]]:
        for item in context.shown:
            for must in context.musts:
                if not keeps(item, must, self.records.schema) and not _says_so(reply, must):
                    yield "broken", f"{self.records.title(item)} breaks {must.field} {must.op} {must.value}"
        wrong = {True: _NO, False: _YES, None: None}[context.truth]
        if wrong and wrong.match(reply):
            yield "unsupported", f"the answer is {'yes' if context.truth else 'no'}"


class _Sentence:
    """One sentence in its context."""

    def __init__(self, records: Records, sentence: Sentence, context: Context, said: str, subject: Item | None) -> None:
        self._records, self._sentence, self._context, self._said = records, sentence, context, said
        self._is_question = sentence.text.rstrip().endswith("?")
        self._wrong_years: list[str] = []
        self._items = [(title, self._item_of(title)) for title in sentence.titles]
        self._before = subject
        self.claims = len(sentence.titles)
        subjects = [item for title, item in self._items if not title.is_aside]
        self.last_subject = subjects[-1] if subjects else None

    def findings(self) -> Iterator[tuple[Kind, str]]:
        for stranger in self._sentence.strangers:
            if f" {stranger.words} " not in f" {self._said} ":
                yield "invented", f"there is no {stranger.words}"
        for what in [*self._wrong_years, *self._other_names(), *self._denials(), *self._quotes(), *self._names()]:
            yield "unsupported", what
        if self._is_question and not self._items:
            return
        for what in [*self._numbers(), *self._values(), *self._flags(), *self._fans()]:
            yield "unsupported", what

    def _item_of(self, title: Title) -> Item:
        items = self._records.catalogue.items(title.positions)
        latest = [*self._context.talked_of, *(item.id for item in self._context.shown)]
        items.sort(key=lambda item: -latest.index(item.id) if item.id in latest else 1)
        if title.year is None:
            return items[0]
        of_year = [item for item in items if self._records.year_of(item) == title.year]
        if not of_year:
            self._wrong_years.append(f"{self._records.title(items[0])} is not of {title.year}")
        return (of_year or items)[0]

    def _subject(self, at: int) -> Item | None:
        before = [item for title, item in self._items if title.start < at and not title.is_aside]
        later = [item for title, item in self._items if not title.is_aside]
        return before[-1] if before else self._before or (later[0] if len(later) == 1 else None)

    def _segment(self, at: int) -> tuple[int, str]:
        """Where the part of the sentence that this stands in begins, and its text up to there."""
        cuts = [cut.end() for cut in _SEGMENT.finditer(self._sentence.text) if cut.end() <= at]
        begin = max([0, *cuts])
        return begin, self._sentence.text[begin:at]

    def _labels(self, at: int) -> list[FieldSpec]:
        """The fields that the part of the sentence before this names; the last named, the longest name."""
        words = plain(self._without_titles(*self._segment(at))).split(" ")
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - 3), end):
                if found := self._records.labels.get(" ".join(words[start:end])):
                    return found
        return []

    def _without_titles(self, begin: int, text: str) -> str:
        for title in self._sentence.titles:
            start, end = max(0, title.start - begin), max(0, title.end - begin)
            text = text[:start] + " " * (min(end, len(text)) - start) + text[end:] if start < len(text) else text
        return text

    def _numbers(self) -> Iterator[str]:
        units_end = 0
        for number in self._sentence.numbers:
            after = self._sentence.text[number.end :]
            if number.start < units_end or _MORE.match(after) or _RANK.search(self._sentence.text[: number.start]):
                continue
            fields, length = self._records.with_unit(after)
            units_end = number.end + length
            if what := self._number(number, fields or [f for f in self._labels(number.start) if f.is_ordered]):
                yield what

    def _number(self, number: Number, fields: Sequence[FieldSpec]) -> str:
        subject = self._subject(number.start)
        value = number.value
        if subject is None:
            if self._sentence.quotes and not self._context.counts:
                return ""  # how many items fit a quotation: only the script knows
            known = fields and any(
                round(float(str(v)[:4]) if f.type == "date" else v, number.decimals) == value
                for f in fields
                for _, v in self._records.catalogue.values_of(f.name)
            )
            return "" if known or value in self._counts(number) else f"{value:g} is nowhere"
        self.claims += 1
        has = [round(v, number.decimals) for v in self._records.numbers(subject, fields)]
        is_denied = _NOT.search(self._segment(number.start)[1]) is not None
        if (value in has) != is_denied:
            return ""
        labels = " or ".join(f.label for f in fields) or "any field"
        return f"{self._records.title(subject)} has {'' if is_denied else 'not '}{value:g} for {labels}"

    def _counts(self, number: Number) -> set[float]:
        """Numbers that may be said of the catalogue or the list."""
        catalogue, context = self._records.catalogue, self._context
        found = {float(catalogue.size), float(len(context.shown)), *map(float, context.counts)}
        found |= {float(word) for word in re.findall(r"\d+(?:\.\d+)?", " ".join(context.said).replace(",", ""))}
        found |= {float(len(counts)) for counts in self._records.counts.values()}
        before = [v for v in self._sentence.values if v.end <= number.start]
        if before:
            named = self._records.values.get(before[-1].words, {})
            found |= {float(self._records.counts[name].get(value, 0)) for name, value in named.items()}
        for size in range(max(1, len(context.musts) - 1), len(context.musts) + 1):
            found |= {float(len(catalogue.filter(some))) for some in combinations(context.musts, size)}
        return found

    def _values(self) -> Iterator[str]:
        for value in self._sentence.values:
            subject = self._subject(value.start)
            if subject is None:
                continue
            self.claims += 1
            fields = [f.name for f in self._labels(value.start) if f.is_category]
            segment = self._segment(value.start)[1]
            is_denied = _NOT.search(segment) is not None
            others = self._others(value, subject) if _SHARES.search(segment) else []
            for item in [subject, *others]:
                if self._holds(item, value.words, fields) == is_denied:
                    yield f"{self._records.title(item)} has {'' if is_denied else 'not '}{value.words}"

    def _holds(self, item: Item, words: str, fields: Sequence[str]) -> bool:
        """Whether an item has a value, or the two that `A and B` may also be."""
        return self._records.has(item, words, fields) or (
            " and " in words and all(self._records.has(item, part, fields) for part in words.split(" and "))
        )

    def _others(self, value: Span, subject: Item) -> list[Item]:
        """What the subject shares a value with: the titles until the next part of the sentence."""
        cut = _SEGMENT.search(self._sentence.text, value.end)
        end = cut.start() if cut else len(self._sentence.text)
        return [item for title, item in self._items if value.end <= title.start < end and item.id != subject.id]

    def _flags(self) -> Iterator[str]:
        words = f" {plain(self._sentence.left)} "
        for flag in (f for f in self._records.schema.fields if f.type == "flag"):
            at = words.find(f" {plain(flag.label)} ")
            subject = self._subject(len(self._sentence.text))
            if at >= 0 and subject:
                self.claims += 1
                is_denied = re.search(r"\b(?:not|never|isnt|no longer)\s*$", words[: at + 1]) is not None
                if subject.values.get(flag.name) is not (not is_denied):
                    yield f"{self._records.title(subject)} is {'' if is_denied else 'not '}{flag.label}"

    def _fans(self) -> Iterator[str]:
        """`liked by people who liked A and B`: somebody who liked both the subject and A; the same of B."""
        for match in _FANS.finditer(self._sentence.text):
            subject = self._subject(match.start())
            asides = [item for title, item in self._items if title.is_aside and title.start >= match.start()]
            for other in asides if subject else []:
                assert subject is not None
                self.claims += 1
                if not self._records.are_liked_together(subject.position, other.position):
                    yield f"nobody liked both {self._records.title(subject)} and {self._records.title(other)}"
            return

    def _quotes(self) -> Iterator[str]:
        for quote in self._sentence.quotes:
            is_said = {*quote.words.split(" ")} <= {*self._said.split(" ")} | SMALL_WORDS | _ADVICE
            if quote.words and not is_said and not self._records.is_known(quote.words):
                yield f"nobody said {quote.words}"

    def _other_names(self) -> Iterator[str]:
        """`A, also known as B`: both are one item."""
        for title in self._sentence.titles:
            subject = self._subject(title.start)
            is_alias = self._sentence.text[: title.start].rstrip().endswith("known as")
            if is_alias and subject and subject.position not in title.positions:
                name = self._sentence.text[title.start : title.end]
                yield f"{self._records.title(subject)} is not known as {name}"

    def _denials(self) -> Iterator[str]:
        text = self._sentence.text
        if _DENIED.search(text):
            for quote in self._sentence.quotes:
                if quote.words in self._records.titles:
                    yield f"{quote.words} is there"
            for title in self._sentence.titles:
                if title.end - title.start == len(text.strip(" .!")) or text[title.start] in '“"':
                    yield f"{text[title.start : title.end]} is there"
        silent, subject = _SILENT.search(text), self._subject(len(text))
        if silent and subject:
            for label in re.findall(r"\(([^()]+)\)", text[silent.end() :]):
                for spec in self._records.labels.get(plain(label), []):
                    if subject.values.get(spec.name) not in (None, []):
                        yield f"the catalogue does say {spec.label} of {self._records.title(subject)}"

    def _names(self) -> Iterator[str]:
        """Words with capitals that are no title, no value and no word of the user's."""
        known = {word for label in self._records.labels for word in label.split(" ")} | SMALL_WORDS
        known |= set(self._said.split(" ")) | {plain(w) for w in self._records.schema.item_words}
        for run in _CAPITALS.finditer(self._sentence.left):
            words = run.group().split()
            is_first = _OPENS.search(self._sentence.left[: run.start()]) is not None
            if self._records.is_known(plain(run.group())) or (is_first and len(words) == 1):
                continue
            strange = [w for w in words[is_first:] if plain(w) not in known and len(w) > 1]
            if strange:
                yield f"{' '.join(strange)} is in no record"


def _goes_on(sentence: Sentence) -> bool:
    """Whether a sentence speaks of what the one before was about."""
    words = plain(sentence.text).split(" ")
    return sentence.kind == "bullet" or not {"it", "its", "this", "that", "he", "she", "they"}.isdisjoint(words[:6])


def _says_so(reply: str, must: Constraint) -> bool:
    """Whether a sentence says openly that a wish is not met: a word for that, and the wish."""
    names = [plain(str(word)) for word in (*words_of(must.value), must.words, must.field.replace("_", " "))]
    if isinstance(must.value, float):
        names.append(f"{must.value:g}")
    for sentence in re.split(r"(?<=[.!?])\s+|\n", reply):
        words = f" {plain(sentence)} "
        if _OPEN.search(sentence) and any(f" {name} " in words for name in names if name):
            return True
    return False
