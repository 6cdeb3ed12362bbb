"""Recommenders on disk: they come back as they went, and nothing else is taken for one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tools.data.versions import CatalogueHome
from tools.errors import UnavailableError
from tools.models.artifact import load_artifact, save_artifact

ARRAYS = {"weights": np.arange(6, dtype=np.float32).reshape(2, 3), "columns": np.array([4, 2])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_artifact(tmp_path, "ease", ARRAYS, regularisation=500)
    return tmp_path


def test_arrays_come_back_as_they_went(folder: Path) -> None:
    loaded = load_artifact(folder, "ease")
    assert loaded.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype
    assert json.loads((folder / "ease.json").read_text())["regularisation"] == 500


def test_they_are_mapped_and_cannot_be_changed(folder: Path) -> None:
    weights = load_artifact(folder, "ease")["weights"]
    assert isinstance(weights, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 1


def test_empty_arrays_are_arrays(tmp_path: Path) -> None:
    save_artifact(tmp_path, "none", {"weights": np.zeros((0, 0), dtype=np.float32)})
    assert load_artifact(tmp_path, "none")["weights"].shape == (0, 0)


def _array(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "ease.weights.npy"
        path.write_bytes(change(path.read_bytes()))

    return apply


def _manifest(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "ease.json").write_text(text) and None


def _zip(folder: Path) -> None:
    np.savez(folder / "other.npz", a=np.arange(3))
    (folder / "other.npz").replace(folder / "ease.weights.npy")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "array gone": lambda folder: (folder / "ease.weights.npy").unlink(),
    "manifest gone": lambda folder: (folder / "ease.json").unlink(),
    "array empty": _array(lambda _: b""),
    "array cut in its head": _array(lambda whole: whole[:20]),
    "array cut in its body": _array(lambda whole: whole[:-4]),
    "array of junk": _array(lambda _: b"junk" * 40),
    "pickle": _array(lambda _: pickle.dumps([1, 2, 3])),
    "archive": _zip,
    "another shape": lambda folder: np.save(folder / "ease.weights.npy", np.zeros((3, 2), dtype=np.float32)),
    "another format": _manifest('{"format": 2, "arrays": {"weights": [2, 3]}}'),
    "manifest empty": _manifest(""),
    "manifest cut": _manifest('{"format": 1, "arr'),
    "manifest a list": _manifest("[]"),
    "manifest null": _manifest("null"),
    "manifest without arrays": _manifest('{"format": 1}'),
    "manifest with a list of arrays": _manifest('{"format": 1, "arrays": ["weights"]}'),
    "manifest not text": lambda folder: (folder / "ease.json").write_bytes(b"\xff\xfe\x00") and None,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_what_is_damaged_is_refused_with_the_way_out(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(UnavailableError, match=r"^The recommender 'ease' can't be read \(.+\)\. Ingest the catalogue"):
        load_artifact(folder, "ease")


class _Trap:
    """A pickled object that runs when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("sprung"),)


def test_nothing_in_a_file_is_ever_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    np.save(folder / "ease.weights.npy", np.array([_Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(UnavailableError):
        load_artifact(folder, "ease")
    assert not (folder / "sprung").exists()


def test_objects_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        save_artifact(tmp_path, "bad", {"a": np.array([object()])})


def test_the_recommenders_in_service_are_plain_arrays(world_home: Path) -> None:
    models = CatalogueHome(world_home, "games").current().models
    assert {path.suffix for path in models.iterdir()} == {".npy", ".json"}
    for path in models.glob("*.npy"):
        assert np.load(path, allow_pickle=False).dtype != object
