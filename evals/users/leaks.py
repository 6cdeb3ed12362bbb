"""The leak guard: no message of a simulated user that gives the wanted item away reaches a contestant.

iEvaLM (arXiv 2305.13112) tells its user not to name the item and drops sentences that hold the title nearly as it is
written; what slips through is then found by name. Here a message is held against every way in which an item is known,
what gives it away is taken out, and both are counted. The guard errs on the side of taking out: of somebody who wants
"It", no sentence with that word is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from tools.data.catalogue import Item
from tools.data.schema import Schema
from tools.text import normalise, normalise_title

LETTERS_AN_ERROR = 5
"""A name may be written with one wrong letter for so many that it has, and is still that name."""
SHORTEST_RUN_TOGETHER = 6
"""In letters; a longer name is found without regard to spaces: `T-o-y S-t-o-r-y`."""
COPIED_WORDS = 6
"""So many words in a row that a text about the item has too are copied from it."""
_APART = 3
"""So many other words may stand among those of a title."""
_ID_LETTERS = 5
"""A shorter id is also a word or a number."""
_STOP = frozenset(
    """a an the about of and or in on at to for from with by is it its be are was as that this you your i my me we our
    he his she her they their not no do so up out if what who when how""".split()  # noqa: SIM905
)
_NUMBER = re.compile(r"\d+|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten|part|vol|volume|chapter|episode")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)\s*$")
_PARTS = re.compile(r":| [-–—] ")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
SAFE = ("Something else, please.", "No, other ones.", "Hmm.", "Hello!", "…")
"""Said where nothing is left of a message; one of them names no item, since no item's name is in all of them."""


@dataclass(frozen=True)
class _Name:
    """One way in which an item is called, normalised."""

    words: tuple[str, ...]
    telling: tuple[str, ...]
    """Its words without articles, prepositions and the number of a sequel; where none is left, none."""

    @property
    def joined(self) -> str:
        return "".join(self.words)

    @property
    def unnumbered(self) -> tuple[str, ...]:
        """The words without the number of a sequel behind them; all of them where none would be left."""
        last = max((at for at, word in enumerate(self.words) if not _NUMBER.fullmatch(word)), default=len(self.words))
        return self.words[: last + 1]


class LeakGuard:
    """Stands between one simulated user and a contestant; counts what it took out."""

    def __init__(self, target: Item, schema: Schema) -> None:
        self._names = [_name(norm) for norm in _ways(target, schema)]
        texts = [field.name for field in schema.fields if field.type == "text" and field.role != "title"]
        self._runs = {run for name in texts for run in _runs(normalise(str(target.values.get(name, ""))).split())}
        links = [str(target.values.get(f.name, "")) for f in schema.fields if f.role == "link"]
        self._codes = [code.lower() for code in (target.id, *links) if len(code) >= _ID_LETTERS]
        self.attempts = 0
        """How many messages would have given the item away."""

    def leak(self, text: str) -> str:
        """What of a text gives the item away, in words of ours; empty if nothing does.

        A name as it is written, in any spelling, with typing errors, with spaces left out or put in; most of its
        words in their order, or all of them in another; the item's id or link; a stretch of a text about it.
        """
        lower = text.lower()
        found = next((code for code in self._codes if code in lower), "")
        words = _spelled_out(normalise(text)).split()
        return found or next((hit for name in self._names if (hit := _named(name, words))), "") or self._copied(words)

    def cleared(self, message: str, instead: Sequence[str] = ()) -> str:
        """The message, or what is left of it without the sentences that give the item away.

        Args:
            instead: said where nothing is left, the first that is safe; else one of `SAFE` is.
        """
        if not self.leak(message):
            return message
        self.attempts += 1
        left = " ".join(part for part in _SENTENCE.split(message) if not self.leak(part))
        return next(text for text in (left, *instead, *SAFE) if text.strip() and not self.leak(text))

    def _copied(self, words: Sequence[str]) -> str:
        return next((" ".join(run) for run in _runs(words) if run in self._runs), "")


def _ways(target: Item, schema: Schema) -> Iterator[str]:
    """The title and its aliases, each also without brackets or a number behind it, and in its parts around a colon."""
    norms = list[str]()
    for name in (schema.title.name, *schema.aliases):
        value = target.values.get(name)
        for title in value if isinstance(value, list) else [value]:
            bare = _PARENTHESIS.sub("", str(title or ""))
            main, *rest = _PARTS.split(bare)
            subtitles = [norm for part in rest if len(_name(norm := normalise_title(part)).telling) > 1]
            norms += [normalise_title(str(title or "")), normalise(bare), normalise_title(main), *subtitles]
    norms += [" ".join(_name(norm).unnumbered) for norm in norms]
    yield from (norm for norm in dict.fromkeys(norms) if norm)


def _name(norm: str) -> _Name:
    words = tuple(norm.split())
    return _Name(words, tuple(word for word in words if word not in _STOP and not _NUMBER.fullmatch(word)))


def _named(name: _Name, words: Sequence[str]) -> str:
    joined = name.joined
    if len(joined) >= SHORTEST_RUN_TOGETHER and joined in "".join(words):
        return joined
    for size in {max(1, len(name.words) - 1), len(name.words), len(name.words) + 1}:
        for start in range(len(words) - size + 1):
            window = words[start : start + size]
            if _is_nearly("".join(window), joined):
                return " ".join(window)
    return _mostly(name, words)


def _is_nearly(said: str, name: str) -> bool:
    errors = len(name) // LETTERS_AN_ERROR
    if errors and (re.sub(r"\D", "", said) != re.sub(r"\D", "", name)) and said.isdigit():
        return False  # 1995 is not a slip for 1994
    return abs(len(said) - len(name)) <= errors and OSA.distance(said, name, score_cutoff=errors) <= errors


def _mostly(name: _Name, words: Sequence[str]) -> str:
    """More than half of the telling words in their order, or two and more and all of them in any; near each other."""
    needed = len(name.telling) // 2 + 1
    if not name.telling:
        return ""
    span = len(name.words) + _APART
    for start in range(len(words)):
        window = words[start : start + span]
        if words[start] not in name.telling:
            continue
        is_whole = len(name.telling) > 1 and set(name.telling) <= set(window)
        if is_whole or _in_order(name.telling, window) >= needed:
            return " ".join(window)
    return ""


def _in_order(telling: Sequence[str], window: Sequence[str]) -> int:
    """How many of these words stand in the window in their order: the longest common subsequence."""
    best = [0] * (len(window) + 1)
    for word in telling:
        row = [0]
        for at, said in enumerate(window):
            row.append(best[at] + 1 if said == word else max(best[at + 1], row[-1]))
        best = row
    return best[-1]


def _spelled_out(norm: str) -> str:
    """`s e v e n` as `seven`."""
    return re.sub(r"\b(?:\w ){2,}\w\b", lambda run: run[0].replace(" ", ""), norm)


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + COPIED_WORDS]) for start in range(len(words) - COPIED_WORDS + 1))
