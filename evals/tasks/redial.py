"""ReDial's validation split as iEvaLM processed it: recommendation turns, and a catalogue of its items.

Half of the dialogues are never tested: what their seekers liked makes the interactions of the catalogue. The other
half gives the turns. Which half a dialogue is of does not depend on the seed. The data is not part of this.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.data.ingest import Sources
from tools.errors import BadInputError

MOVIES, TURNS, DIALOGUES = "movies.json", "valid_turns.jsonl", "valid_dialogues.jsonl"
_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
_LIKED, _DISLIKED = 1, 0


@dataclass(frozen=True)
class RecommendationTurn:
    """A place in a dialogue where the human recommender named something."""

    id: str
    dialogue: str
    said: tuple[str, ...]
    """The seeker's messages until then."""
    targets: tuple[tuple[str, ...], ...]
    """What was recommended: for each, the ids of that name (a few names stand twice)."""
    named: tuple[bool, ...]
    """Which of them somebody had named before."""


def is_there(folder: Path) -> bool:
    """Whether a folder has ReDial's files."""
    return all((folder / name).exists() for name in (MOVIES, TURNS, DIALOGUES))


def is_tested(dialogue: str) -> bool:
    """Whether turns of a dialogue are asked; what was liked in the others is known to the recommenders."""
    return hashlib.sha256(dialogue.encode()).digest()[0] % 2 == 0


def write_catalogue(folder: Path, out: Path) -> Sources:
    """ReDial's items, and the likes of the dialogues that are never tested, as files to be ingested.

    Raises:
        BadInputError: a file is not what it should be.
    """
    out.mkdir(parents=True, exist_ok=True)
    items, likes = out / "movies.jsonl", out / "likes.csv"
    with items.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in _items(folder))
    with likes.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("user", "item", "rating"))
        writer.writerows(_likes(folder))
    return Sources(items, likes)


def read_turns(folder: Path) -> list[RecommendationTurn]:
    """The recommendation turns of the tested dialogues in which the seeker has said something, in the file's order.

    Raises:
        BadInputError: a file is not what it should be.
    """
    ids: dict[str, list[str]] = {}
    for movie, body in _movies(folder).items():
        ids.setdefault(body["name"], []).append(movie)
    turns = []
    for number, row in enumerate(_rows(folder / TURNS), start=1):
        try:
            said = tuple(text for text in row["context"][::2] if text.strip())  # the seeker's are the even ones
            targets = [name for name in dict.fromkeys(row["rec"]) if name in ids]
            if said and targets and is_tested(row["dialog_id"]):
                turns.append(
                    RecommendationTurn(
                        id=f"{row['dialog_id']}-{row['turn_id']}",
                        dialogue=row["dialog_id"],
                        said=said,
                        targets=tuple(tuple(ids[name]) for name in targets),
                        named=tuple(any(name in text for text in row["context"]) for name in targets),
                    )
                )
        except (KeyError, TypeError, AttributeError) as error:
            raise _wrong(folder / TURNS, number, error) from error
    return turns


def _items(folder: Path) -> Iterator[dict[str, Any]]:
    for movie, body in _movies(folder).items():
        year = _YEAR.search(body["name"])
        row = {"movie_id": movie, "title": _YEAR.sub("", body["name"]), "year": int(year[1]) if year else None}
        yield row | {name: body[name] for name in ("genre", "director", "writer", "star") if body.get(name)}


def _likes(folder: Path) -> Iterator[tuple[str, str, int]]:
    for number, row in enumerate(_rows(folder / DIALOGUES), start=1):
        try:
            dialogue, answers = row["conversationId"], row["initiatorQuestions"] or {}
            if not is_tested(dialogue):
                for movie, answer in answers.items():
                    if answer["liked"] in (_LIKED, _DISLIKED):
                        yield dialogue, movie, 5 if answer["liked"] == _LIKED else 1
        except (KeyError, TypeError, AttributeError) as error:
            raise _wrong(folder / DIALOGUES, number, error) from error


def _movies(folder: Path) -> dict[str, Any]:
    path = folder / MOVIES
    try:
        movies = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(body["name"], str) for body in movies.values()):
            return dict(movies)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path} can't be read ({error}).", "Name the folder that has it with --data.") from error
    raise BadInputError(f"{path}: a name is not text.")


def _rows(path: Path) -> Iterator[Any]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} can't be read ({error}).", "Name the folder that has it with --data.") from error
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise BadInputError(f"{path}, line {number}: {error.msg}.") from error


def _wrong(path: Path, number: int, error: Exception) -> BadInputError:
    return BadInputError(f"{path}, line {number}: the field {error} is missing or of the wrong kind.")
