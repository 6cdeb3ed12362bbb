"""Everything that tools read: one opened catalogue with its indexes and recommenders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.data.catalogue import Catalogue, Positions
from tools.data.logs import Logs
from tools.data.training import load_training
from tools.data.versions import Version
from tools.errors import TastemakerError
from tools.grounding import Titles
from tools.index.dense import DenseIndex
from tools.index.embed import Embedder, Vectors
from tools.models.blend import Blend
from tools.models.contract import History
from tools.models.facets import Facets
from tools.models.fit import load_blend
from tools.models.popular import Popular

SAMPLE = 2000


@dataclass(frozen=True)
class Shelf:
    """The parts of an opened catalogue. Shared by all conversations; nothing in it changes."""

    catalogue: Catalogue
    titles: Titles
    blend: Blend
    facets: Facets
    people: Positions
    """How many people used each item, shape (items,)."""
    embedder: Embedder | None
    dense: DenseIndex | None
    sample: Vectors | None
    """Vectors of at most SAMPLE items, drawn at random: what a query has in common with the catalogue at large."""
    logs: Logs
    """What the people in the interactions used."""
    degraded: tuple[str, ...] = ()
    """What could not be opened, in words; search then does without it."""

    @property
    def popular(self) -> npt.NDArray[np.float32]:
        """How popular each item is, 0 to 1."""
        popular = self.blend.members["popular"]
        assert isinstance(popular, Popular)
        return popular.scores

    def close(self) -> None:
        """Close the catalogue file."""
        self.catalogue.close()


def open_shelf(version: Version) -> Shelf:
    """Open a catalogue version. A dense index that can't be opened is done without until it can; all else is needed.

    Raises:
        UnavailableError: the catalogue or a recommender can't be read.
    """
    catalogue = Catalogue(version.database)
    blend, training = load_blend(version.models), load_training(version.models)
    embedder, dense, sample, degraded = None, None, None, list[str]()
    try:
        sample = _sample(training.vectors)
        embedder, dense = Embedder(), DenseIndex(version.dense)
        dense.nearest(embedder.embed(["first"])[0], 1)  # both load the most at their first use
    except TastemakerError as error:
        degraded.append(error.what)
    titles = Titles(catalogue, blend.members["popular"].score(History()))
    people = np.bincount(training.item, minlength=catalogue.size)
    return Shelf(
        catalogue, titles, blend, Facets(catalogue), people, embedder, dense, sample, Logs(training), tuple(degraded)
    )


def _sample(vectors: Vectors | None) -> Vectors | None:
    if vectors is None:
        return None
    rows = np.random.default_rng(0).permutation(len(vectors))[:SAMPLE]
    return np.asarray(vectors[np.sort(rows)])
