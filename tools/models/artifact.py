"""How a recommender is kept: plain `.npy` arrays, and a manifest that says what made them and which they are.

The manifest is replaced last and atomically, so a reader sees the old model or the new one, never a mixture.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tools.atomic import write_atomically
from tools.errors import UnavailableError

FORMAT = 2
Arrays = dict[str, npt.NDArray[Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class Artifact:
    """What was kept of a model."""

    arrays: Arrays
    """Memory mapped and read only."""
    facts: dict[str, Any]


def save_artifact(folder: Path, name: str, arrays: Arrays, **facts: Any) -> None:
    """Write a recommender's arrays and facts under a name."""
    stamp = uuid.uuid4().hex[:8]
    for key, array in arrays.items():
        np.save(folder / f"{name}.{stamp}.{key}.npy", array, allow_pickle=False)
    shapes = {key: list(array.shape) for key, array in arrays.items()}
    manifest = {"format": FORMAT, "stamp": stamp, "arrays": shapes, "facts": facts}
    write_atomically(folder / f"{name}.json", json.dumps(manifest, indent=1))
    for old in folder.glob(f"{name}.*.npy"):
        if old.name.split(".")[1] != stamp:
            old.unlink()


def load_artifact(folder: Path, name: str, make: Callable[[Artifact], T]) -> T:
    """Open a recommender's arrays and make the model of them.

    Raises:
        UnavailableError: absent, damaged, of another format, or not what its manifest says.
    """
    try:
        manifest = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise ValueError(f"format {manifest['format']}, not {FORMAT}")
        arrays = {
            key: np.load(folder / f"{name}.{manifest['stamp']}.{key}.npy", mmap_mode="r", allow_pickle=False)
            for key in manifest["arrays"]
        }
        wrong = [key for key, array in arrays.items() if list(array.shape) != manifest["arrays"][key]]
        if wrong:
            raise ValueError(f"{wrong[0]} has another shape than its manifest says")
        return make(Artifact(arrays, manifest["facts"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, RuntimeError) as error:
        raise UnavailableError(
            f"The recommender {name!r} can't be read ({error}).", "Run `tastemaker fit` to make it again."
        ) from error
