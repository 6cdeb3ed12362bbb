"""The retrieval bench on a small world: held-out text stays held out, and the table says who won by how much."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from worlds import games

from evals.bench.retrieval import measure_retrieval, plot_retrieval, retrieval_table
from evals.datasets import DATA_FOLDER
from evals.retrieval_sets import NONSENSE, Query, RetrievalSets, read_sets
from tools.errors import MissingError

HELD = "A shy gardener trades seeds for songs until the village learns to listen to the wind."


def write_data(folder: Path) -> Path:
    """Two pages and what MovieLens would say of them."""
    wiki, rated = folder / "wikipedia-movies", folder / "ml-latest-small"
    wiki.mkdir()
    rated.mkdir()
    pages = [
        {
            "title": "The Quiet Orchard",
            "year": 1999,
            "cast": ["Ada Quill"],
            "genres": ["Drama"],
            "extract": f"The Quiet Orchard is a 1999 drama. It stars Ada Quill and was directed by nobody. {HELD}",
        },
        {"title": "Bare", "year": 2001, "cast": [], "genres": [], "extract": "Bare is a film."},
    ]
    (wiki / "movies-1990s.json").write_text(json.dumps(pages), encoding="utf-8")
    with (rated / "movies.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [("movieId", "title", "genres"), (1, "Quiet Orchard, The (1999)", "Drama"), (2, "Bare (2001)", "")]
        )
    with (rated / "tags.csv").open("w", newline="", encoding="utf-8") as stream:
        tags = [(user, 1, tag, 0) for user, tag in enumerate(("Slow", "fruit", "slow", "wind"))]
        csv.writer(stream).writerows([("userId", "movieId", "tag", "timestamp"), *tags])
    return folder


def test_the_query_is_never_in_the_indexed_text(tmp_path: Path) -> None:
    sets = read_sets(write_data(tmp_path), 10, seed=0)
    assert [item["id"] for item in sets.items] == ["1", "2"]
    (query,) = sets.queries["sentence"]
    assert query.right == "1"
    assert query.text.startswith("A shy gardener trades seeds")
    assert "gardener" not in sets.items[0]["description"]
    assert "directed by nobody" in sets.items[0]["description"]
    assert sets.queries["tags"] == [Query("slow, fruit, wind", "1")]


@pytest.mark.parametrize("lost", ["wikipedia-movies", "ml-latest-small"])
def test_data_that_is_not_here_is_named(tmp_path: Path, lost: str) -> None:
    folder = write_data(tmp_path)
    (folder / lost).rename(folder / "elsewhere")
    with pytest.raises(MissingError, match=f"{lost} is not there"):
        read_sets(folder, 10, seed=0)


@pytest.mark.skipif(not (DATA_FOLDER / "wikipedia-movies").exists(), reason="wikipedia-movies is not here")
def test_the_real_sets_are_large_enough_and_leak_nothing() -> None:
    sets = read_sets(DATA_FOLDER, 500, seed=0)
    assert len(sets.items) > 4000
    assert len(sets.queries["sentence"]) == 500
    assert len(sets.queries["tags"]) > 150
    described = {item["id"]: item["description"].lower() for item in sets.items}
    assert not any(query.text.lower() in described[query.right] for query in sets.queries["sentence"])


def test_everybody_is_measured_and_nonsense_finds_nothing(tmp_path: Path) -> None:
    items = [{**game, "id": game["game_id"]} for game in games()]
    for item in items:
        del item["game_id"]
    queries = [Query("singing in front of friends", "g13"), Query("wine growers", "g14")] * 6
    rows, cuts = measure_retrieval(RetrievalSets(items, {"themes": queries}))
    assert [row.way for row in rows] == [
        "words (BM25)",
        "meaning (dense)",
        "fused by rank (RRF)",
        "fused by score (ours)",
    ]
    assert all(0 <= row.mrr <= 1 and len(row.ranks) == 12 for row in rows)
    assert rows[3].mrr > 0
    nonsense = next(cut for cut in cuts if cut.queries == "nonsense")
    assert nonsense.returned == 0
    assert len(NONSENSE) > 10
    text = "\n".join(retrieval_table(rows, cuts))
    assert f"| themes (12) | fused by score (ours) | {rows[3].mrr:.3f}" in text
    plot_retrieval(rows, tmp_path / "retrieval.png")
    assert (tmp_path / "retrieval.png").read_bytes().startswith(b"\x89PNG")
