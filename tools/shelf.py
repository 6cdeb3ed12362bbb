"""Everything that tools read: one opened catalogue with its indexes and recommenders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.data.catalogue import Catalogue
from tools.data.versions import Version
from tools.errors import TastemakerError
from tools.grounding import Titles
from tools.index.dense import DenseIndex
from tools.index.embed import Embedder
from tools.models.artifact import load_artifact
from tools.models.ease import Ease
from tools.models.facets import Facets


@dataclass(frozen=True)
class Shelf:
    """The parts of an opened catalogue. Shared by all conversations; nothing in it changes."""

    catalogue: Catalogue
    titles: Titles
    popular: npt.NDArray[np.float32]
    ease: Ease
    facets: Facets
    embedder: Embedder | None
    dense: DenseIndex | None
    degraded: tuple[str, ...] = ()
    """What could not be opened, in words; search then does without it."""

    def close(self) -> None:
        """Close the catalogue file."""
        self.catalogue.close()


def open_shelf(version: Version) -> Shelf:
    """Open a catalogue version. A dense index that can't be opened is done without; all else is needed.

    Raises:
        UnavailableError: the catalogue or a recommender can't be read.
    """
    catalogue = Catalogue(version.database)
    popular = np.asarray(load_artifact(version.models, "popular")["scores"])
    ease = Ease(load_artifact(version.models, "ease"), catalogue.size)
    embedder, dense, degraded = None, None, list[str]()
    try:
        embedder, dense = Embedder(), DenseIndex(version.chroma)
        dense.nearest(embedder.embed(["first"])[0], 1)  # both load the most at their first use
    except TastemakerError as error:
        degraded.append(error.what)
    titles = Titles(catalogue, popular)
    return Shelf(catalogue, titles, popular, ease, Facets(catalogue), embedder, dense, tuple(degraded))
