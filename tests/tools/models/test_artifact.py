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
from tools.models.artifact import Artifact, load_artifact, save_artifact

ARRAYS = {"weights": np.arange(6, dtype=np.float32).reshape(2, 3), "columns": np.array([4, 2])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_artifact(tmp_path, "ease", ARRAYS, regularisation=500)
    return tmp_path


def loaded(folder: Path, name: str = "ease") -> Artifact:
    return load_artifact(folder, name, lambda kept: kept)


def weights_file(folder: Path) -> Path:
    return next(folder.glob("ease.*.weights.npy"))


def test_arrays_and_facts_come_back_as_they_went(folder: Path) -> None:
    kept = loaded(folder)
    assert kept.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(kept.arrays[name], array)
        assert kept.arrays[name].dtype == array.dtype
    assert kept.facts == {"regularisation": 500}


def test_they_are_mapped_and_cannot_be_changed(folder: Path) -> None:
    weights = loaded(folder).arrays["weights"]
    assert isinstance(weights, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 1


def test_a_new_one_takes_the_place_of_the_old_and_who_reads_the_old_reads_on(folder: Path) -> None:
    before = loaded(folder)
    save_artifact(folder, "ease", {"weights": np.full((2, 3), 9, dtype=np.float32)})
    assert loaded(folder).arrays.keys() == {"weights"}
    assert (loaded(folder).arrays["weights"] == 9).all()
    np.testing.assert_array_equal(before.arrays["weights"], ARRAYS["weights"])
    assert len(list(folder.glob("ease.*"))) == 2, "nothing of the old one is left"


def test_a_save_that_dies_leaves_the_old_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("tools.models.artifact.write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        save_artifact(folder, "ease", {"weights": np.zeros((1, 1))})
    np.testing.assert_array_equal(loaded(folder).arrays["weights"], ARRAYS["weights"])


def test_empty_arrays_are_arrays(tmp_path: Path) -> None:
    save_artifact(tmp_path, "none", {"weights": np.zeros((0, 0), dtype=np.float32)})
    assert loaded(tmp_path, "none").arrays["weights"].shape == (0, 0)


def _array(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = weights_file(folder)
        path.write_bytes(change(path.read_bytes()))

    return apply


def _manifest(change: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "ease.json"
        path.write_text(change(path.read_text()))

    return apply


def _zip(folder: Path) -> None:
    np.savez(folder / "other.npz", a=np.arange(3))
    (folder / "other.npz").replace(weights_file(folder))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "array gone": lambda folder: weights_file(folder).unlink(),
    "manifest gone": lambda folder: (folder / "ease.json").unlink(),
    "array empty": _array(lambda _: b""),
    "array cut in its head": _array(lambda whole: whole[:20]),
    "array cut in its body": _array(lambda whole: whole[:-4]),
    "array of junk": _array(lambda _: b"junk" * 40),
    "pickle": _array(lambda _: pickle.dumps([1, 2, 3])),
    "archive": _zip,
    "another shape": lambda folder: np.save(weights_file(folder), np.zeros((3, 2), dtype=np.float32)),
    "an older format": _manifest(lambda whole: whole.replace('"format": 2', '"format": 1')),
    "manifest empty": _manifest(lambda _: ""),
    "manifest cut": _manifest(lambda whole: whole[:30]),
    "manifest a list": _manifest(lambda _: "[]"),
    "manifest null": _manifest(lambda _: "null"),
    "manifest without arrays": _manifest(lambda _: '{"format": 2}'),
    "manifest with a list of arrays": _manifest(lambda _: '{"format": 2, "stamp": "x", "arrays": ["weights"]}'),
    "manifest not text": lambda folder: (folder / "ease.json").write_bytes(b"\xff\xfe\x00") and None,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_what_is_damaged_is_refused_with_the_way_out(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(UnavailableError, match=r"^The recommender 'ease' can't be read \(.+\)\. Run `tastemaker fit`"):
        loaded(folder)


class _Trap:
    """A pickled object that runs when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("sprung"),)


def test_nothing_in_a_file_is_ever_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    np.save(weights_file(folder), np.array([_Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(UnavailableError):
        loaded(folder)
    assert not (folder / "sprung").exists()


def test_objects_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        save_artifact(tmp_path, "bad", {"a": np.array([object()])})


def test_the_recommenders_in_service_are_plain_arrays(world_home: Path) -> None:
    models = CatalogueHome(world_home, "games").current().models
    assert {path.suffix for path in models.iterdir()} == {".npy", ".json"}
    for path in models.glob("*.npy"):
        assert np.load(path, allow_pickle=False).dtype != object
    for path in models.glob("*.json"):
        assert json.loads(path.read_text())["format"] == 2
