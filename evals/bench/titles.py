"""Title grounding: how often a title that is typed in some way means the right item, or honestly none.

Titles are drawn from the catalogue in service and typed as people do; for those that it does not have, the right
answer is nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evals.bench.timing import timed
from tools.data.catalogue import Item
from tools.shelf import Shelf
from tools.text import normalise_title

_LEADING = re.compile(r"^(the|a|an)\s+", re.IGNORECASE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST = 8
"""In letters: of a shorter title, one wrong letter may well make another one."""
Typist = Callable[[str, Item, random.Random], str | None]


@dataclass(frozen=True)
class TitleRow:
    """One way of typing."""

    way: str
    tried: int
    found: float
    """The share that was understood as the right item; of unknown titles, that was said to be unknown."""
    precision: float
    """Of what was understood as any item, the share that was right; NaN where nothing was."""
    p50_ms: float
    wrong: tuple[str, ...]
    """A few that were understood as something else."""


def measure_titles(shelf: Shelf, count: int = 500, seed: int = 0) -> Iterator[TitleRow]:
    """A row for each way of typing, over the same titles where it applies to them."""
    rng = random.Random(seed)  # noqa: S311 - draws a test
    drawn = shelf.catalogue.items(rng.sample(range(shelf.catalogue.size), min(count, shelf.catalogue.size)))
    title = shelf.catalogue.schema.title.name
    for way, typist in _typists(shelf).items():
        pairs = [(typist(str(item.values[title]), item, rng), item) for item in drawn]
        typed = [(text, item) for text, item in pairs if text and normalise_title(text)]
        if typed:
            yield _row(way, typed, shelf)


def titles_table(rows: Sequence[TitleRow]) -> Iterator[str]:
    """A Markdown table."""
    yield "| typed | titles | right | precision | p50 ms | wrongly understood, for example |"
    yield "|---|---:|---:|---:|---:|---|"
    for row in rows:
        precision = "-" if row.precision != row.precision else f"{row.precision:.3f}"
        yield f"| {row.way} | {row.tried} | {row.found:.3f} | {precision} | {row.p50_ms:.1f} | {'; '.join(row.wrong)} |"


def _row(way: str, typed: Sequence[tuple[str, Item]], shelf: Shelf) -> TitleRow:
    is_unknown = way.startswith("not there")
    matches, p50_ms = timed(shelf.titles.find, [text for text, _ in typed])
    right, answered, wrong = 0, 0, list[str]()
    for (text, item), match in zip(typed, matches, strict=True):
        answered += match is not None
        means_it = match is not None and _same(shelf, match.position, item.position)
        right += (match is None) if is_unknown else means_it
        if match and (is_unknown or not means_it):
            wrong.append(f"{text} → {shelf.titles.title(match.position)}")
    hits = 0 if is_unknown else right
    return TitleRow(
        way=way,
        tried=len(typed),
        found=right / len(typed),
        precision=hits / answered if answered and not is_unknown else float("nan"),
        p50_ms=p50_ms,
        wrong=tuple(wrong[:2]),
    )


def _same(shelf: Shelf, one: int, other: int) -> bool:
    """The same item, or another of the very same title: without a year nobody can tell them apart."""
    return one == other or normalise_title(shelf.titles.title(one)) == normalise_title(shelf.titles.title(other))


def _typists(shelf: Shelf) -> dict[str, Typist]:
    known = {norm for norm, _ in shelf.catalogue.all_titles}
    year = shelf.catalogue.schema.with_role("year")

    def with_year(text: str, item: Item, _rng: random.Random) -> str | None:
        value = item.values.get(year.name) if year else None
        return f"{text} ({str(value)[:4]})" if value else None

    def unknown(text: str | None) -> str | None:
        return text if text and normalise_title(text) not in known else None

    def sequel(text: str, _item: Item, rng: random.Random) -> str | None:
        return unknown(f"{text} {rng.randint(11, 19)}")

    def halves(text: str, _item: Item, rng: random.Random) -> str | None:
        other = shelf.titles.title(rng.randrange(shelf.catalogue.size)).split()
        words = text.split()
        return unknown(" ".join([*words[: (len(words) + 1) // 2], *other[len(other) // 2 :]]))

    return {
        "as it is written": lambda text, _item, _rng: text,
        "lower case, no punctuation": lambda text, _item, _rng: re.sub(r"[^\w\s]", "", text).lower(),
        "article moved behind": _article_moved,
        "article left out": lambda text, _item, _rng: _LEADING.sub("", text) if _LEADING.match(text) else None,
        "with the year": with_year,
        "one letter wrong": lambda text, _item, rng: _typo(text, rng) if len(text) >= _SHORTEST else None,
        "two letters wrong": lambda text, _item, rng: _typo(_typo(text, rng), rng) if len(text) >= _SHORTEST else None,
        "not there: a sequel that was never made": sequel,
        "not there: halves of two titles": halves,
    }


def _article_moved(text: str, _item: Item, _rng: random.Random) -> str | None:
    article = _LEADING.match(text)
    return f"{text[article.end() :]}, {article[1]}" if article else None


def _typo(text: str, rng: random.Random) -> str:
    """A letter left out, doubled, replaced, or swapped with the next."""
    place = rng.randrange(1, len(text) - 1)
    before, letter, after = text[:place], text[place], text[place + 1 :]
    kinds = (before + after, before + 2 * letter + after, before + rng.choice(_LETTERS) + after)
    return rng.choice((*kinds, before + after[:1] + letter + after[1:]))
