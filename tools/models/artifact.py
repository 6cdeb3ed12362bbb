"""How a recommender is kept: plain `.npy` arrays and a manifest that says what made them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.errors import UnavailableError

FORMAT = 1
Arrays = dict[str, npt.NDArray[Any]]


def save_artifact(folder: Path, name: str, arrays: Arrays, **facts: Any) -> None:
    """Write a recommender's arrays and facts under a name."""
    for key, array in arrays.items():
        np.save(folder / f"{name}.{key}.npy", array, allow_pickle=False)
    shapes = {key: list(array.shape) for key, array in arrays.items()}
    manifest = {"format": FORMAT, "arrays": shapes, **facts}
    (folder / f"{name}.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def load_artifact(folder: Path, name: str) -> Arrays:
    """Open a recommender's arrays, memory mapped and read only.

    Raises:
        UnavailableError: absent, of another format, or not what its manifest says.
    """
    try:
        manifest = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise ValueError(f"format {manifest['format']}, not {FORMAT}")
        arrays = {
            key: np.load(folder / f"{name}.{key}.npy", mmap_mode="r", allow_pickle=False) for key in manifest["arrays"]
        }
        wrong = [key for key, array in arrays.items() if list(array.shape) != manifest["arrays"][key]]
        if wrong:
            raise ValueError(f"{wrong[0]} has another shape than its manifest says")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise UnavailableError(
            f"The recommender {name!r} can't be read ({error}).", "Ingest the catalogue again."
        ) from error
    return arrays
