"""Whether a reply says only what it may: catalogue titles and values, the person's own words, and fixed wording.

A reply is taken apart: what is quoted must have been typed, titles must be the catalogue's, each number must belong
to an item of its line or count something that is there, and what then is left must be words of the templates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tools.data.catalogue import Catalogue, Item
from tools.text import fold, words_with_spans

_TEMPLATES = """
    a about again all already among and any are as ask avoid best but by can can't catalogue could did do does don't
    didn't else english enjoy example fact find fill first fits for forget found from go going good have hello help here
    how i i'll if in is it its keeping know known left like liked limit list look looking make matter me mean mind mood
    more most name nearest never not nothing of one or others out own particular people read rest right said say says
    searched shares show so some something speaks start t tell text that the them there this to together too want was
    welcome went what whenever whether which widely who why with without would you you're through
"""
WORDING = frozenset(fold(word) for word in _TEMPLATES.split())
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_QUOTED = re.compile(r"“([^”]*)”")
_COUNTED = re.compile(
    r"I found (\d+) |Here (?:is|are) (\d+) |there (?:is|are) ([\d,]+) "
    r"|(?:through|all I know is the|among the) ([\d,]+) "
)
_NEAREST = re.compile(r"\(the nearest: [^)]*?([\d.]+)")
_ASKED = re.compile(r"(?:For example|Most have) (.+)\.$")
"""What a question goes on with: values that the catalogue has."""


def ungrounded(
    reply: str,
    said: Sequence[str],
    slate: Sequence[Item],
    catalogue: Catalogue,
    wording: frozenset[str] = WORDING,
) -> list[str]:
    """What a reply says and may not; empty where all of it is grounded.

    Args:
        reply: the reply's text.
        said: all messages of the thread so far.
        slate: the items that the turn shows, in order.
        catalogue: where every title and value has to come from.
        wording: the words that claim nothing.
    """
    everything = catalogue.items(range(catalogue.size))
    checker = _Checker(said, everything, catalogue, wording)
    faults = []
    for line in reply.splitlines():
        row = re.match(r"(\d+)\. ", line)
        if row:
            faults += checker.row(line[row.end() :], slate, int(row.group(1)))
        else:
            faults += checker.line(line)
    rows = len(re.findall(r"(?m)^\d+\. ", reply))
    return faults + ([f"{rows} rows for {len(slate)} items"] if rows != len(slate) else [])


class _Checker:
    def __init__(
        self, said: Sequence[str], items: Sequence[Item], catalogue: Catalogue, wording: frozenset[str]
    ) -> None:
        self._wording = wording
        self._said, self._schema = "\n".join(said), catalogue.schema
        self._size = catalogue.size
        self._by_title: dict[str, list[Item]] = {}
        for item in items:
            self._by_title.setdefault(str(item.values[self._schema.title.name]), []).append(item)
        self._titles = re.compile(
            rf"(?<!\w)(?:{'|'.join(re.escape(t) for t in sorted(self._by_title, key=len, reverse=True))})(?!\w)"
        )
        fields = self._schema.askable
        self._vocabulary = {part for f in fields for value, _ in catalogue.vocabulary(f.name) for part in value.split()}
        self._vocabulary |= {f"{edge:.4g}" for f in fields for edge in catalogue.spread(f.name)}
        self._numbers = {float(v) for item in items for v in item.values.values() if isinstance(v, int | float)}
        self._subjects: list[Item] = []
        labels = [w for f in self._schema.fields for w in (f.label, f.unit or "", f.name.replace("_", " "))]
        self._labels = {
            w for label in [*labels, self._schema.item, self._schema.items] for w, _, _ in words_with_spans(label)
        }

    def row(self, line: str, slate: Sequence[Item], number: int) -> list[str]:
        if number > len(slate):
            return [f"row {number} of {len(slate)}"]
        title = str(slate[number - 1].values[self._schema.title.name])
        if not line.startswith(title):
            return [f"row {number} is not {title}"]
        self._subjects = [slate[number - 1]]
        return self.line(line)

    def line(self, line: str) -> list[str]:
        if not line.startswith("- ") and not self._subjects_of(line):
            self._subjects = []
        subjects = self._subjects_of(line) or self._subjects
        self._subjects = subjects
        faults = [f"“{words}” was not typed" for words in _QUOTED.findall(line) if not self._was_typed(words)]
        left = self._without_titles(_QUOTED.sub(" ", self._without_examples(line)))
        values = [*self._values(subjects)]
        for text in sorted((v for v in values if isinstance(v, str)), key=len, reverse=True):
            left = left.replace(text, " ")
        numbers = {float(v) for v in values if isinstance(v, int | float)} | self._counts(line)
        numbers |= {float(n) for n in _NEAREST.findall(line) if float(n) in self._numbers}
        faults += [
            f"{n} is nothing that is known" for n in _NUMBER.findall(left) if float(n.replace(",", "")) not in numbers
        ]
        words = {word for word, _, _ in words_with_spans(_NUMBER.sub(" ", left))}
        return faults + [f"the word {word!r}" for word in sorted(words - self._wording - self._labels)]

    def _subjects_of(self, line: str) -> list[Item]:
        return [item for title in self._titles.findall(_QUOTED.sub(" ", line)) for item in self._by_title[title]]

    def _was_typed(self, words: str) -> bool:
        """Typed as it stands, or, of a text search, each of its words; a hint quotes what to type."""
        words = words.removeprefix("forget ")
        typed = {word for word, _, _ in words_with_spans(self._said)}
        hint = words in ("why the first one?",)
        return hint or words in self._said or all(word in typed for word, _, _ in words_with_spans(words))

    def _without_titles(self, text: str) -> str:
        return self._titles.sub(" ", text)

    def _without_examples(self, line: str) -> str:
        """The line without what is said with a question, if that is in the catalogue; else as it is."""
        said = _ASKED.search(line)
        parts = re.split(r", | and | to | ", said.group(1)) if said else []
        known = self._vocabulary | {unit for f in self._schema.fields if (unit := f.unit)}
        is_known = bool(parts) and all(part in known for part in parts)
        return line[: said.start()] if said and is_known else line

    def _values(self, items: Sequence[Item]) -> list[Any]:
        values: list[Any] = []
        for item in items:
            for value in item.values.values():
                values += value if isinstance(value, list) else [value]
        years = [float(v[:4]) for v in values if isinstance(v, str) and re.match(r"\d{4}\b", v)]
        return [v for v in [*values, *years] if not isinstance(v, bool)]

    def _counts(self, line: str) -> set[float]:
        """Counts of what is there; that relaxations count rightly is another test's concern."""
        found = {float(n.replace(",", "")) for match in _COUNTED.findall(line) for n in match if n}
        return {n for n in found if n <= self._size}
