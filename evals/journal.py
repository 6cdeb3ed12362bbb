"""What makes a run durable: a manifest written before the start, and a line for each sample as soon as it is scored.

Whatever ends a run, a kill among it, what stands in the journal is not held again. A line that was cut short is none.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from evals.runlog import FORMAT, RUN, Line
from tools.atomic import write_atomically
from tools.errors import BadInputError, UnavailableError

MANIFEST, JOURNAL = "manifest.json", "samples.jsonl"
_ELSEWHERE = "Name another folder with --out."


class Manifest(BaseModel):
    """What a folder's run is of. Another try has to be of the same."""

    model_config = ConfigDict(extra="forbid")

    format: int = FORMAT
    suites: list[str]
    contestants: list[str]
    seed: int
    is_quick: bool
    model: str
    user_model: str = ""
    settings: str
    catalogues: dict[str, str]

    def differs(self, other: Manifest) -> str:
        """What differs first, in words; empty where nothing does. A suite may have been missing in one of them."""
        both = self.catalogues.keys() & other.catalogues.keys()
        pairs = {
            "the suites": (_names(self.suites), _names(other.suites)),
            "the contestants": (_names(self.contestants), _names(other.contestants)),
            "the seed": (self.seed, other.seed),
            "--quick": (_yes(self.is_quick), _yes(other.is_quick)),
            "the model": (self.model or "none", other.model or "none"),
            "the users' model": (self.user_model or "none", other.user_model or "none"),
            "the settings": (self.settings, other.settings),
            **{f"the catalogue of {name}": (self.catalogues[name], other.catalogues[name]) for name in sorted(both)},
        }
        return next((f"{name}: there {a}, here {b}" for name, (a, b) in pairs.items() if a != b), "")


class Try(BaseModel):
    """A start of the run. Several, where it was broken off and gone on with."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["try"] = "try"
    started: str
    """ISO 8601, UTC."""
    commit: str
    machine: str
    seconds_before: float
    """How long the earlier tries were at it."""


_ROW: TypeAdapter[Line | Try] = TypeAdapter(Annotated[Line | Try, Field(discriminator="kind")])


class Journal:
    """The samples that are finished. Made by `open_journal`."""

    def __init__(self, folder: Path, stream: BinaryIO, lines: list[Line], tries: list[Try], ended: float) -> None:
        self.folder, self.lines, self.tries = folder, lines, tries
        self.failure: OSError | None = None
        """Why it can't be written on: the disk is full. Nothing is held from then on."""
        self._stream, self._ended = stream, ended

    def begin(self, manifest: Manifest, commit: str, machine: str) -> None:
        """Start a try.

        Raises:
            BadInputError: the folder holds a run of something else.
        """
        path = self.folder / MANIFEST
        if not path.exists():
            write_atomically(path, manifest.model_dump_json() + "\n")
        elif how := _read(path).differs(manifest):
            raise BadInputError(f"{self.folder} holds another run ({how}).", _ELSEWHERE)
        before = 0.0
        if self.tries:
            last = self.tries[-1]
            before = last.seconds_before + max(0.0, self._ended - datetime.fromisoformat(last.started).timestamp())
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.tries.append(Try(started=started, commit=commit, machine=machine, seconds_before=round(before, 1)))
        self._write(self.tries[-1])

    def add(self, line: Line) -> None:
        """Keep a finished sample.

        Raises:
            OSError: the disk is full, now or before.
        """
        self._write(line)
        self.lines.append(line)

    def _write(self, row: BaseModel) -> None:
        if self.failure:
            raise self.failure
        whole = os.fstat(self._stream.fileno()).st_size
        rest = row.model_dump_json().encode() + b"\n"
        try:
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            self.failure = error
            self._stream.truncate(whole)
            raise


@contextmanager
def open_journal(folder: Path) -> Iterator[Journal]:
    """The journal of a folder, made where there is none, for one process at a time.

    Raises:
        UnavailableError: another process is at it.
        BadInputError: a line of it is not what it should be.
    """
    if (folder / RUN).exists() and not (folder / MANIFEST).exists():
        raise BadInputError(f"{folder} holds a run of an older version.", _ELSEWHERE)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / JOURNAL
    with path.open("ab", buffering=0) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnavailableError(
                f"Another run into {folder} is going on.", "Wait until it has ended, or name another folder with --out."
            ) from error
        ended = path.stat().st_mtime
        rows = list(_rows(path))
        lines, tries = [row for row in rows if isinstance(row, Line)], [row for row in rows if isinstance(row, Try)]
        yield Journal(folder, stream, lines, tries, ended)


def _rows(path: Path) -> Iterator[Line | Try]:
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        os.truncate(path, whole)
    for number, row in enumerate(text[:whole].splitlines(), start=1):
        try:
            yield _ROW.validate_json(row)
        except ValidationError as error:
            raise BadInputError(f"{path}, line {number}, can't be gone on with.", _ELSEWHERE) from error


def _read(path: Path) -> Manifest:
    try:
        body = json.loads(path.read_bytes())
        if body.get("format") == FORMAT:
            return Manifest.model_validate(body)
    except (ValueError, AttributeError) as error:
        raise BadInputError(f"{path} is no manifest of a run.", _ELSEWHERE) from error
    raise BadInputError(f"{path} is of another version (format {body.get('format')}, not {FORMAT}).", _ELSEWHERE)


def _names(names: list[str]) -> str:
    return ", ".join(sorted(names))


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
