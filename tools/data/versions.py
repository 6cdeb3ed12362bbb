"""Where catalogues live: versions side by side, and one small file that says which is in service.

    HOME/catalogues/NAME/CURRENT        the version in service, replaced atomically
    HOME/catalogues/NAME/schema.yaml    the schema of that version, to be edited and given to the next ingest
    HOME/catalogues/NAME/versions/V/    catalogue.db, chroma/, models/

A version is built in a folder of its own and named in CURRENT only when it is whole, so an ingest that dies
leaves the previous catalogue in service. The version before stays, for processes that still read it.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.errors import MissingError

KEPT_VERSIONS = 2


@dataclass(frozen=True)
class Version:
    """One built catalogue."""

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "catalogue.db"

    @property
    def chroma(self) -> Path:
        """The dense index's folder."""
        return self.folder / "chroma"

    @property
    def models(self) -> Path:
        """The recommenders' folder."""
        return self.folder / "models"


class CatalogueHome:
    """All versions of one named catalogue."""

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self.folder = home / "catalogues" / name
        self.schema_file = self.folder / "schema.yaml"
        self._current = self.folder / "CURRENT"
        self._versions = self.folder / "versions"

    def exists(self) -> bool:
        """Whether a version is in service."""
        return self._current.exists()

    def current(self) -> Version:
        """The version in service.

        Raises:
            MissingError: nothing has been ingested under this name.
        """
        if not self.exists():
            raise MissingError(
                f"There is no catalogue {self.name!r} yet.",
                "Run `tastemaker data demo` for the default one, or `tastemaker ingest ITEMS` for your own.",
            )
        return Version(self._versions / self._current.read_text(encoding="utf-8").strip())

    @contextmanager
    def building(self, schema_text: str) -> Iterator[Version]:
        """A fresh version to be filled; put in service when the block ends well, removed when it does not."""
        self._versions.mkdir(parents=True, exist_ok=True)
        version = Version(self._versions / f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:8]}")
        version.models.mkdir(parents=True)
        try:
            yield version
            write_atomically(self.schema_file, schema_text)
            write_atomically(self._current, version.folder.name)
        except BaseException:
            shutil.rmtree(version.folder, ignore_errors=True)
            raise
        self._sweep()

    def _sweep(self) -> None:
        """Remove versions that were replaced long ago, or left half built by a killed ingest."""
        newest_first = sorted(self._versions.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
        in_service = self.current().folder
        spare = [folder for folder in newest_first if folder != in_service]
        for folder in spare[KEPT_VERSIONS - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's text so that a reader sees the old or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with half.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
