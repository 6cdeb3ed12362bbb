"""Queries with known answers, from texts that are not indexed: held-out sentences, people's tags, and nonsense.

The items are films with a Wikipedia extract that MovieLens has too. Of each extract one sentence about what happens
is held out of the index and becomes the query *sentence* (the title's words taken out); the tags that people gave a
film on MovieLens become the query *tags*. *Nonsense* is about nothing in the catalogue: the right answer is nothing.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import MissingError
from tools.text import normalise_title

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"])")
_TITLED = re.compile(r"(.*?)(?: \(.*\))? \((\d{4})\)")
_ABOUT_THE_MAKING = re.compile(
    r"\b(star(s|red|ring)?|direct\w*|produc\w+|writ\w+|screenplay|cast|releas\w+|box office|gross\w+|critic\w*"
    r"|review\w*|award\w*|nominat\w*|million|scor\w+|premier\w*|based on|sequel|distribut\w+|film(ed|ing)|shot"
    r"|remake|novel|music|soundtrack|adapt\w+|rated)\b",
    re.IGNORECASE,
)
_SHORTEST, _LONGEST, _FEWEST_TAGS, _MOST_TAGS = 8, 45, 3, 5
NONSENSE = (
    "quantum chromodynamics",
    "mortgage interest rates",
    "zzzz qqqq",
    "asdfgh",
    "sql injection tutorial",
    "python list comprehension",
    "tax return deadline",
    "kubernetes ingress controller",
    "gluten free sourdough recipe",
    "cheap flights to oslo",
    "how to fix a leaking tap",
    "differential equations homework",
)


@dataclass(frozen=True)
class Query:
    """A query and the id of the item that is right."""

    text: str
    right: str


@dataclass(frozen=True)
class RetrievalSets:
    """Items to index, and queries by set."""

    items: list[dict[str, Any]]
    queries: dict[str, list[Query]]


def read_sets(folder: Path, most: int, seed: int) -> RetrievalSets:
    """Items and at most `most` queries a set, drawn by seed.

    Raises:
        MissingError: `wikipedia-movies` or `ml-latest-small` is not in the folder.
    """
    pages = _pages(folder)
    items: list[dict[str, Any]] = []
    sentences, tagged = list[Query](), list[Query]()
    for movie, title, tags in _rated(folder):
        match = _TITLED.fullmatch(title)
        page = pages.get((normalise_title(match[1]), int(match[2]))) if match else None
        if not page or not page.get("extract"):
            continue
        held, rest = _hold_out(page)
        items.append(
            {
                "id": movie,
                "title": page["title"],
                "year": page["year"],
                "genres": page["genres"],
                "cast": page["cast"],
                "description": rest,
            }
        )
        if held:
            sentences.append(Query(held, movie))
        if len(tags) >= _FEWEST_TAGS:
            tagged.append(Query(", ".join(tags[:_MOST_TAGS]), movie))
    rng = random.Random(seed)  # noqa: S311 - a draw, not a secret
    drawn = {name: rng.sample(all_, min(most, len(all_))) for name, all_ in (("sentence", sentences), ("tags", tagged))}
    return RetrievalSets(items, drawn)


def _pages(folder: Path) -> dict[tuple[str, int], dict[str, Any]]:
    files = sorted((folder / "wikipedia-movies").glob("movies-*.json"))
    if not files:
        raise MissingError(f"{folder / 'wikipedia-movies'} is not there.", "Name the folder that has it.")
    pages: dict[tuple[str, int], dict[str, Any]] = {}
    for file in files:
        for page in json.loads(file.read_text(encoding="utf-8")):
            pages.setdefault((normalise_title(page["title"]), page["year"]), page)
    return pages


def _rated(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """(id, title with year, tags in the order in which people gave them)."""
    place = folder / "ml-latest-small"
    if not place.exists():
        raise MissingError(f"{place} is not there.", "Name the folder that has it.")
    tags: dict[str, dict[str, None]] = {}
    with (place / "tags.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            tags.setdefault(row["movieId"], {})[row["tag"].lower()] = None
    with (place / "movies.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield row["movieId"], row["title"], list(tags.get(row["movieId"], {}))


def _hold_out(page: dict[str, Any]) -> tuple[str, str]:
    """A sentence about what happens, without the title's words, and the extract without it; "" where there is none."""
    sentences = _SENTENCE.split(page["extract"].strip())
    people = {word.lower() for name in page["cast"] for word in name.split()}
    for place, sentence in enumerate(sentences[1:], 1):
        words = re.findall(r"[A-Za-z0-9']+", sentence)
        if (
            _SHORTEST <= len(words) <= _LONGEST
            and not _ABOUT_THE_MAKING.search(sentence)
            and not people & {word.lower() for word in words}
        ):
            title = set(normalise_title(page["title"]).split())
            query = " ".join(word for word in words if word.lower() not in title)
            return query, " ".join(sentences[:place] + sentences[place + 1 :])
    return "", page["extract"]
