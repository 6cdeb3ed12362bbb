"""The catalogue in service once more, its recommenders fitted without the last item that each person liked.

Leave-one-out for everybody, as the classical protocol has it, so that one fit serves every seed. Averages and counts
that the catalogue has as fields are as they are: they hold each person's last rating, one among all.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import numpy as np

from tools.data.training import fit_catalogue, load_training, save_training
from tools.data.versions import CatalogueHome, Version
from tools.index.dense import build_dense
from tools.models.contract import TrainingData

FEWEST_LIKES = 4
"""Of people with fewer likes nothing is left out: too little would be left to tell."""
_MARK = "without_last.of"


@dataclass(frozen=True)
class Left:
    """A person whose last liked item was left out."""

    person: int
    liked: tuple[int, ...]
    """Positions of what they liked before, the latest last."""
    last: int
    """The position of what they liked last."""


def left_out(data: TrainingData) -> list[Left]:
    """Everybody with enough likes, and what is left out of theirs."""
    people = ((person, likes.tolist()) for person, likes in enumerate(data.sequences))
    return [Left(person, tuple(likes[:-1]), likes[-1]) for person, likes in people if len(likes) >= FEWEST_LIKES]


def build_without_last(version: Version, home: CatalogueHome) -> None:
    """Put a version's items in service in another home, fitted on all but what `left_out` names, once.

    Raises:
        UnavailableError: the version can't be read.
    """
    mark = home.folder / _MARK
    if home.exists() and mark.exists() and mark.read_text(encoding="utf-8") == version.folder.name:
        return
    data = load_training(version.models)
    rest = without(data, left_out(data))
    with home.building((version.folder.parents[1] / "schema.yaml").read_text(encoding="utf-8")) as made:
        shutil.copyfile(version.database, made.database)
        if rest.vectors is not None:
            build_dense(made.dense, rest.vectors)
        save_training(made.models, rest)
        fit_catalogue(made.models)
    mark.write_text(version.folder.name, encoding="utf-8")


def without(data: TrainingData, people: list[Left]) -> TrainingData:
    """The events but those of each person's last item."""
    last = np.full(data.users, -1)
    last[[one.person for one in people]] = [one.last for one in people]
    return data.where(data.item != last[data.user])
