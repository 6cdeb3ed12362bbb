"""What recommenders learn from, kept with the catalogue so that they can be fitted again without the user's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.data.interactions import Interactions
from tools.models.artifact import Arrays, Artifact, load_artifact, save_artifact
from tools.models.blend import Blend
from tools.models.contract import Recommender, TrainingData
from tools.models.fit import QUICK, fit_blend, save_blend
from tools.models.popular import Popular
from tools.progress import OnStep, silent

LIKED_SHARE = 0.6
"""A rating of at least this share of the highest one counts as liked."""
COUNTS = 10.0
"""How many times the median the top of a scale may be; beyond it, the numbers are counts."""
_NAME = "training"


def training_data(
    interactions: Interactions | None, size: int, vectors: npt.NDArray[np.float32] | None
) -> TrainingData:
    """Positive and negative events of a catalogue of `size` items; without ratings, all are positive."""
    if interactions is None:
        none = np.empty(0, dtype=np.int64)
        return TrainingData(none, none, none.astype(bool), none, size, vectors)
    user, item = interactions.user.astype(np.int64), interactions.item.astype(np.int64)
    liked, ids = is_liked(interactions.rating), np.array(interactions.users, dtype=np.str_)
    return TrainingData(user, item, liked, interactions.timestamp, size, vectors, ids)


def is_liked(rating: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.bool_]:
    """Which ratings say that somebody liked something, on whatever scale; an unknown one (NaN) does.

    The top of the scale is the value that one in a hundred exceeds, so that a slip of the pen does not move it. Where
    it is far above what is usual, the numbers count something (plays, purchases), and each says yes.

    >>> is_liked(np.array([5, 4, 2, 1, np.nan])).tolist(), is_liked(np.array([1, 2, 1, 90, 3, 1])).tolist()
    ([True, True, False, False, True], [True, True, True, True, True, True])
    """
    known = rating[np.isfinite(rating)]
    if not len(known):
        return np.ones(len(rating), dtype=bool)
    top, usual = np.quantile(known, 0.99), np.median(known)
    if 0 < COUNTS * usual < top:
        return np.asarray(~(rating <= 0))
    return np.asarray(~(rating < LIKED_SHARE * top))


def save_training(folder: Path, data: TrainingData) -> None:
    """Keep the events and vectors beside the models."""
    arrays: Arrays = {"user": data.user, "item": data.item, "liked": data.liked, "time": data.time}
    if data.vectors is not None:
        arrays["vectors"] = data.vectors
    if data.ids is not None:
        arrays["ids"] = data.ids
    save_artifact(folder, _NAME, arrays, size=data.size)


def load_training(folder: Path) -> TrainingData:
    """Open what `save_training` wrote.

    Raises:
        UnavailableError: absent or damaged.
    """

    def make(kept: Artifact) -> TrainingData:
        a = kept.arrays
        user, item, liked, time = (np.asarray(a[key]) for key in ("user", "item", "liked", "time"))
        return TrainingData(user, item, liked, time, kept.facts["size"], a.get("vectors"), a.get("ids"))

    return load_artifact(folder, _NAME, make)


def fit_catalogue(folder: Path, kinds: Sequence[type[Recommender]] = QUICK, on_step: OnStep = silent) -> Blend:
    """Fit a catalogue's recommenders on what is kept beside them, and put them in the place of earlier ones.

    Without interactions the popularity that is there stays. Until all are fitted, nothing changes.
    """
    data = load_training(folder)
    blend = fit_blend(data, kinds, on_step=on_step)
    if not len(data.item):
        blend.members["popular"] = Popular.load(folder)
    save_blend(folder, blend)
    return blend
