"""Short texts in Chroma: found by meaning, in a folder and at a server; made whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.errors import UnavailableError
from tools.index.place import Place
from tools.index.texts import NearestTexts, Note, build_texts, has_texts

NOTES = [Note(f"text {row}", f"body {row}", "kind", str(row)) for row in range(3)]
VECTORS = np.eye(3, dtype=np.float32)


def test_what_was_kept_is_found_by_its_vector(tmp_path: Path) -> None:
    place = Place(tmp_path / "texts")
    assert not has_texts(place)
    build_texts(place, NOTES, VECTORS)
    assert has_texts(place)
    near = NearestTexts(place).nearest(np.array([0.1, 0.9, 0.2], dtype=np.float32), 3)
    assert [note.text for note in near] == ["text 1", "text 2", "text 0"]
    assert near[0] == NOTES[1]
    assert [path.name for path in tmp_path.iterdir()] == ["texts"]


def test_who_comes_second_leaves_what_is_there(tmp_path: Path) -> None:
    place = Place(tmp_path / "texts")
    build_texts(place, NOTES, VECTORS)
    build_texts(place, [Note("other", "other")] * 3, VECTORS)
    assert NearestTexts(place).nearest(VECTORS[0], 1) == [NOTES[0]]
    assert [path.name for path in tmp_path.iterdir()] == ["texts"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path / "texts")
    with pytest.raises(UnavailableError, match=r"The index of texts at .+ can't be written"):
        build_texts(place, NOTES, VECTORS[:2])
    assert list(tmp_path.iterdir()) == []
    assert not has_texts(place)


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    place = Place(tmp_path, "games-1", "http://127.0.0.1:9").beside("texts")
    assert place.collection == "games-1.texts"
    for ask in (lambda: has_texts(place), lambda: NearestTexts(place).nearest(VECTORS[0], 1)):
        with pytest.raises(UnavailableError, match="The index of texts"):
            ask()
