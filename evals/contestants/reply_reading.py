"""What a reply in free text recommends, and whether it says that nothing fits. English; precise rather than generous.

A title counts where it heads a line of a list, a line of its own, stands in bold or in quotation marks, or, where a
reply does none of that, is written like a name in a sentence. What a sentence only compares with, denies or repeats
from the person's own words is no recommendation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tools.data.catalogue import PLAIN_WORDS
from tools.shelf import Shelf
from tools.text import normalise, normalise_title, words_with_spans

LONGEST_TITLE = 16
"""In words, of a title that is looked for at the beginning of a line or of a marked stretch."""
LONGEST_PIECE = 2_000
"""In characters; of a longer line, each such piece is read by itself."""
LONGEST_CLAUSE = 300
"""In characters; what stands farther before a title says nothing about it."""
_HEAD = re.compile(
    r"^(?P<indent>\s*)(?P<mark>#{1,6}\s|\d{1,3}[.):]\s|[-*•–+]\s|\|)?\s*(?:\d{1,3}(?:[.)]\s+|\s*\|\s*))?(?P<open>[*_\"“‘«`\[]*)"
)
_CLOSE = r"[*_\"”’»`\]]*"
_YEAR = re.compile(rf"{_CLOSE}[,;]?\s*[(\[]?((?:1[89]|20)\d\d)\b[)\]]?")
_END = re.compile(rf"{_CLOSE}(?:\([^()\s]*://[^()\s]*\))?\s*(?:$|[(,;:.!?|/]|[—–-]\s|by\s)")
_MARKED = re.compile(
    r"\*\*(?=\S)(.{1,120}?)\*\*|__(?=\S)(.{1,120}?)__|“([^“”\n]{1,120})”|«([^«»\n]{1,120})»|‘([^‘\n]{1,120}?)’(?!\w)"
    r"|\"([^\"\n]{1,120})\"|`([^`\n]{1,120})`|\[([^\[\]\n]{1,120})\]\(|(?<!\w)[*_](\w[^*_\n]{0,120})[*_](?!\w)"
)
_DASH = re.compile(r"\s[—–-]\s")
_STOP = re.compile(r"(?<!\bMr)(?<!\bMrs)(?<!\bDr)[.!?](?=\s)|\n")
_CLAUSE = re.compile(rf"{_STOP.pattern}|[,;:(]|{_DASH.pattern}")
_NEXT = re.compile(r"[ \t]+(\w)")
_JOINED = re.compile(rf"{_CLOSE}(?:\s*\(\d{{4}}\))?\s*(?:,|and|or|&|,\s*(?:and|or))\s*[*_\"“‘«]*")
_ADVERBS = r"(?:['’]ve|\s+(?:have|had|also|already|really|both|just|so|all|say|said|that))*"
_TASTE = r"(?:liked?|loved?|enjoy(?:ed)?|mention(?:ed)?|named?|watched|played|tried|hated?|disliked?|rejected|asked)"
_ELSEWHERE = re.compile(
    rf"""(?<!would\s)(?<!will\s)\byou{_ADVERBS}\s+(?:{_TASTE}|said|told|saw|seen|read|know|knew|turned\s+down)\b
    | \b(?:who|people|others|fans?|viewers|readers|players)\s+(?:who\s+)?(?:also\s+)?(?:liked?|loved?|enjoyed?|of)\b
    | \b(?:similar|akin|close|compared|comparable|related|sequel|prequel|next|nod|answer|owes?)\s+(?:to|with)\b
    | \b(?:shares?|shared|common)\b.*\bwith\b
    | \b(?:reminiscent|vein|spirit|style|director|makers?|creators?|author|instead|version|remake)\s+of\b
    | \bwhy\s*$
    | \b(?:inspired|followed|preceded)\s+by\b | \bbased\s+on\b | \b(?:remind|reminds)\s+\w+\s+of\b
    | \b(?:unlike|except|besides|than|avoid|skip|apart\s+from|aside\s+from)\b
    | (?<!why\s)(?:\bnot\b|n['’]t\b(?!\s+miss)) | \b(?:no|without)\b | \bcannot\b
    | (?<!might\s)(?<!may\s)(?<!could\s)(?<!would\s)(?<!will\s)(?<!'d\s)(?<!’d\s)(?<!'ll\s)(?<!’ll\s)(?<!should\s)
      (?<!would\syou\s)\b(?:like|as)\s*(?:the\s*)?[*_\"“‘«]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_FOUND = re.compile(
    r"""\b(?:nothing|none|no\s+one|not\s+(?:a\s+single|one|any))\b[^.!?\n]{0,80}?
        \b(?:fit|match|meet|satisf|suit|qualif|correspond|available|left|found|that\b)
    | \bno\s+(?:\S+\s+){0,5}?(?:that\s+)?(?:fit|match|meet|satisf|suit|qualif|correspond)
    | \bno\s+(?:results?|match(?:es)?|such|suitable|suggestions?|recommendations?)\b
    | \b(?:could|can?|did|was|were|am|are)(?:n['’]t|['’]t|\s*not)\s+(?:\w+\s+){0,3}?
        (?:find|recommend|suggest|offer)\b(?!\s+out)
    | \bunable\s+to\s+(?:find|recommend|suggest|offer)\b
    | \bdo(?:n['’]t|\s+not)\s+have\s+(?:any|a|an|one)\b
    | \b(?:out\s+of|no\s+more)\s+(?:options|ideas|suggestions|recommendations)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def abstains(reply: str) -> bool:
    """Whether a reply that recommends nothing says that nothing fits.

    >>> [abstains(text) for text in ("Sorry, nothing fits.", "I couldn't find one like that.", "What do you like?")]
    [True, True, False]
    """
    return _NOT_FOUND.search(reply) is not None


class _Named(NamedTuple):
    """A title in a text: where it ends, its year included, and its item."""

    end: int
    position: int
    has_year: bool


@dataclass(frozen=True)
class _Line:
    start: int
    kind: tuple[int, str]
    """Its indentation, and how it is marked."""
    is_listed: bool
    """By a number, a bullet or a heading's mark."""
    position: int


class ReplyReader:
    """Finds the items of one catalogue in replies."""

    def __init__(self, shelf: Shelf) -> None:
        self._catalogue, self._titles = shelf.catalogue, shelf.titles
        self._year = self._catalogue.schema.with_role("year")

    def items(self, reply: str, messages: Sequence[str] = ()) -> list[str]:
        """Ids of the items that a reply recommends, in its order.

        Args:
            messages: the person's own, up to now: what they named is no recommendation where it is only mentioned.
        """
        said = set[int]().union(*(self._said(message) for message in messages))
        lines, rest = self._lines(reply)
        found = [(line.start, line.position) for line in lines if line.is_listed or line.position not in said]
        found += [(at, position) for at, position in self._marked(rest) if position not in said]
        found = found or [(at, position) for at, position in self._running(rest) if position not in said]
        positions = dict.fromkeys(position for _, position in sorted(found))
        return [item.id for item in self._catalogue.items(positions)]

    def _lines(self, reply: str) -> tuple[list[_Line], str]:
        """The lines that a title heads, all marked like the first one, and the text without any marked line."""
        heads, rest, at = list[_Line](), list[str](), 0
        for line in reply.splitlines(keepends=True):
            head = _HEAD.match(line)
            assert head is not None
            mark = "1" if (head["mark"] or "")[:1].isdigit() else (head["mark"] or "").strip()[:1]
            kind = (len(head["indent"].expandtabs()), mark or head["open"])
            named = self._titled(line.rstrip("\n"), head.end())
            is_head = named is not None and (mark or head["open"] or named.has_year or not line[named.end :].strip())
            if is_head and named and (not heads or kind == heads[0].kind):
                heads.append(_Line(at, kind, bool(mark), named.position))
            is_read = (is_head and named) or (heads and mark)
            rest.append(" " * (len(line) - 1) + "\n" if is_read else line)
            at += len(line)
        return heads, "".join(rest)

    def _marked(self, text: str) -> Iterator[tuple[int, int]]:
        """Titles in bold or in quotation marks, and the year within or behind."""
        previous: tuple[int, bool] | None = None
        for match in _MARKED.finditer(text):
            group = match.lastindex or 0
            named = self._titled(text, match.start(group), match.end(group))
            if named:
                previous = (match.end(), _is_elsewhere(text, match.start(), previous))
                if not previous[1]:
                    yield match.start(), named.position

    def _running(self, text: str) -> Iterator[tuple[int, int]]:
        """Titles written like names in plain sentences; behind a dash after one come its reasons."""
        previous: tuple[int, bool] | None = None
        last = -1
        for start, piece in _pieces(text):
            for span in sorted(self._titles.spot(piece), key=lambda span: span.start):
                begin, end = start + span.start, start + span.end
                named = self._named(text, end, span.positions)
                if named is None or not (named.has_year or self._is_name(text, begin, end)):
                    continue
                is_reason = last >= 0 and _DASH.search(text, last, begin) and not _STOP.search(text, last, begin)
                previous = (named.end, bool(is_reason) or _is_elsewhere(text, begin, previous))
                if not previous[1]:
                    last = named.end
                    yield begin, named.position

    def _titled(self, text: str, start: int, end: int | None = None) -> _Named | None:
        """The longest title that begins here and ends at `end`, or where a title may end."""
        words = words_with_spans(text[start : len(text) if end is None else end][:400])[:LONGEST_TITLE]
        if not words or words[0][1] > 1:
            return None
        norms = {normalise_title(text[start : start + stop]): start + stop for _, _, stop in words}
        items: dict[str, list[int]] = {}
        for norm, position in self._catalogue.titled(list(norms)):
            items.setdefault(norm, []).append(position)
        for norm, stop in sorted(norms.items(), key=lambda one: -one[1]):
            if norm not in items:
                continue
            named = self._named(text, stop, items[norm])
            after = _YEAR.match(text, stop)
            tail = text[(after.end() if after else stop) : end]
            is_whole = not tail.strip(" .,!?:;)") if end is not None else _END.match(tail) is not None
            is_name = any(letter.isalpha() for letter in norm) and not self._is_a_value(norm)
            if named and is_whole and (named.has_year or is_name):
                return named
        return None

    def _named(self, text: str, end: int, positions: Sequence[int]) -> _Named | None:
        """The item of a title that ends here, by the year behind it; None where the year is another item's."""
        year = _YEAR.match(text, end)
        if year is None:
            return _Named(end, self._titles.best(positions), False)
        wanted = int(year.group(1))
        fitting = [p for p in positions if self._year_of(p) is None or self._titles.is_of_year(p, wanted)]
        return _Named(year.end(), self._titles.best(fitting, wanted), True) if fitting else None

    def _year_of(self, position: int) -> object:
        return self._catalogue.item(position).values.get(self._year.name) if self._year else None

    def _is_a_value(self, norm: str) -> bool:
        """Whether a title is also a word for a kind of item, so that it needs its year to be a title."""
        fields = {word.field for word in self._catalogue.words([norm]) if normalise(word.value) == norm}
        return any(self._catalogue.vocabulary_size(field) <= PLAIN_WORDS for field in fields)

    def _is_name(self, text: str, start: int, end: int) -> bool:
        """Whether words are written like a name of their own: in capitals, and not a part of a longer one."""
        words = text[start:end].split()
        if not all(word[0].isupper() or word[0].isdigit() for word in words if len(word) > 3 or word is words[0]):
            return False
        before, after = _clause(text, start, _STOP).split(), _NEXT.match(text, end)
        if (after and after[1].isupper()) or (len(before) > 1 and before[-1][0].isupper() and before[-1].isalpha()):
            return False
        return len(words) > 1 or (bool(before) and words[0].isalpha() and not self._is_a_value(normalise(words[0])))

    def _said(self, message: str) -> Iterator[int]:
        """Items that a person may have named: by several words, or by one in capitals."""
        for _, piece in _pieces(message):
            for span in self._titles.spot(piece):
                if span.words > 1 or piece[span.start].isupper():
                    yield from span.positions


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Lines with where they begin, overlong ones cut."""
    at = 0
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), LONGEST_PIECE):
            yield at + start, line[start : start + LONGEST_PIECE]
        at += len(line)


def _is_elsewhere(text: str, start: int, previous: tuple[int, bool] | None) -> bool:
    """Whether a title is only compared with, denied or repeated; one that is joined to another is as that is."""
    if previous and _JOINED.fullmatch(text, previous[0], start):
        return previous[1]
    return _ELSEWHERE.search(_clause(text, start, _CLAUSE)) is not None


def _clause(text: str, end: int, stops: re.Pattern[str]) -> str:
    """What stands before a place, from the last stop on."""
    before = text[max(0, end - LONGEST_CLAUSE) : end].rstrip('*_"“‘«`[ ') + " "
    return before[max((stop.end() for stop in stops.finditer(before)), default=0) :]
