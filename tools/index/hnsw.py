"""How Chroma's graph of nearest neighbours is built and searched (HNSW, arXiv 1603.09320)."""

from __future__ import annotations

from typing import Self

from chromadb.api.collection_configuration import CreateCollectionConfiguration
from pydantic import BaseModel, ConfigDict, Field

from tools.errors import BadInputError


class Hnsw(BaseModel):
    """The three numbers that trade recall for time and memory. `tastemaker bench growth --hnsw` measures others."""

    model_config = ConfigDict(frozen=True)

    neighbours: int = Field(default=16, ge=2, le=200)
    """Edges of an item on each layer (M)."""
    build: int = Field(default=100, ge=2, le=2000)
    """How many candidates an item's edges are chosen from (ef_construction)."""
    search: int = Field(default=200, ge=2, le=2000)
    """How many candidates a search keeps (ef_search)."""

    @classmethod
    def read(cls, text: str) -> Self:
        """As `str` writes it.

        Raises:
            BadInputError: it is written otherwise.

        >>> Hnsw.read("16/100/200") == Hnsw()
        True
        """
        try:
            neighbours, build, search = map(int, text.split("/"))
            return cls(neighbours=neighbours, build=build, search=search)
        except ValueError as error:
            raise BadInputError(
                f"{text!r} is no graph of neighbours.", "Write neighbours/build/search, such as 16/100/200."
            ) from error

    def __str__(self) -> str:
        return f"{self.neighbours}/{self.build}/{self.search}"

    @property
    def configuration(self) -> CreateCollectionConfiguration:
        """As Chroma takes it; similarity is the cosine."""
        return {
            "hnsw": {
                "space": "cosine",
                "max_neighbors": self.neighbours,
                "ef_construction": self.build,
                "ef_search": self.search,
            }
        }


HNSW = Hnsw()
