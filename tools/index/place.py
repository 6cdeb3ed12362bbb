"""Where the vectors of a catalogue version are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A Chroma collection: in a folder of its own, or under a name of its own at a server."""

    folder: Path
    collection: str = "items"
    url: str = ""
    """Of a Chroma server, such as `chroma run` starts; empty for the folder."""

    def beside(self, name: str) -> Place:
        """A place of another collection of the same version: in a folder beside it, or under a longer name."""
        collection = f"{self.collection}.{name}" if self.url else self.collection
        return Place(self.folder.with_name(name), collection, self.url)

    def __str__(self) -> str:
        return f"{self.url} ({self.collection})" if self.url else str(self.folder)
