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

    def __str__(self) -> str:
        return f"{self.url} ({self.collection})" if self.url else str(self.folder)
