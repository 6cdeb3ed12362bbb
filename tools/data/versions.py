"""Where catalogues live: versions side by side, and one small file that says which is in service.

    HOME/catalogues/NAME/CURRENT        the version in service, replaced atomically
    HOME/catalogues/NAME/schema.yaml    the schema of that version, to be edited and given to the next ingest
    HOME/catalogues/NAME/versions/V/    catalogue.db, models/, and chroma/ unless a Chroma server has the vectors
    HOME/catalogues/NAME/.lock          held while a version is built

A version is built in a folder of its own and named in CURRENT only when it is whole, so an ingest that dies
leaves the previous catalogue in service. The version before stays, for processes that still read it; whatever
else lies beside the two is removed by the next ingest that ends well.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.atomic import write_atomically
from tools.errors import MissingError, UnavailableError
from tools.index.place import Place
from tools.lock import locked


@dataclass(frozen=True)
class Version:
    """One built catalogue."""

    folder: Path
    chroma_url: str = ""
    """The Chroma server that has its vectors; empty where they are in the folder."""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "catalogue.db"

    @property
    def dense(self) -> Place:
        """Where the dense index is."""
        name = f"{self.folder.parents[1].name}-{self.folder.name}" if self.chroma_url else "items"
        return Place(self.folder / "chroma", name, self.chroma_url)

    @property
    def models(self) -> Path:
        """The recommenders' folder."""
        return self.folder / "models"


class CatalogueHome:
    """All versions of one named catalogue."""

    def __init__(self, home: Path, name: str, chroma_url: str = "") -> None:
        self.name = name
        self._chroma_url = chroma_url
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
        return Version(self._versions / self._current.read_text(encoding="utf-8").strip(), self._chroma_url)

    @contextmanager
    def building(self, schema_text: str) -> Iterator[Version]:
        """A fresh version to be filled; put in service when the block ends well, removed when it does not.

        Raises:
            UnavailableError: another process is building this catalogue.
        """
        self._versions.mkdir(parents=True, exist_ok=True)
        folder = self._versions / f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:8]}"
        version = Version(folder, self._chroma_url)
        taken = f"Another ingest of the catalogue {self.name!r} is running."
        with locked(self.folder, taken, "Wait until it has ended."):
            before = self.current() if self.exists() else version
            try:
                version.models.mkdir(parents=True)
                yield version
                write_atomically(self.schema_file, schema_text)
                write_atomically(self._current, version.folder.name)
            except BaseException:
                self._remove(version)
                raise
            self._sweep({version.folder, before.folder})

    def _sweep(self, keep: set[Path]) -> None:
        """Remove versions that were replaced long ago, or left half built by a killed ingest."""
        for folder in self._versions.iterdir():
            if folder not in keep:
                self._remove(Version(folder, self._chroma_url))

    @staticmethod
    def _remove(version: Version) -> None:
        """Its collection first, since the folder's name is the only record of it."""
        if version.chroma_url:
            from tools.index.dense import drop_dense  # loads Chroma

            try:
                drop_dense(version.dense)
            except UnavailableError:
                return  # the next ingest finds the folder, and tries again
        shutil.rmtree(version.folder, ignore_errors=True)
