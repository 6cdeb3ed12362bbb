"""Ingest as its user sees it: what was there stays in service until the new one is whole, whatever happens."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from worlds import games, ratings

import tools.data.ingest
from tools.constraints import Constraint
from tools.contract import Candidates, Wishes
from tools.data.ingest import Ingested, Sources, ingest
from tools.data.schema import dump_schema, load_schema
from tools.data.versions import CatalogueHome
from tools.errors import BadInputError
from tools.models.contract import History
from tools.search import SearchArguments, SearchItems
from tools.shelf import Shelf, open_shelf

ROOT = Path(__file__).parents[3]
ROWS = 30


@pytest.fixture(scope="module", autouse=True)
def one_embedder(shelf: Shelf) -> Iterator[None]:
    """Every ingest loads the embedding model; here they share the shelf's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tools.data.ingest, "Embedder", lambda: shelf.embedder)
        yield


def write_items(folder: Path, rows: Sequence[dict[str, object]]) -> Path:
    path = folder / "games.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_plays(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    path = folder / "plays.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("user", "item", "rating", "timestamp"), *rows])
    return path


def known_plays() -> list[tuple[str, str, float, int]]:
    """Those of the items that are there, and five of items that are not."""
    known = [row for row in ratings() if int(row[1][1:]) < ROWS]
    strange = [row for row in ratings() if int(row[1][1:]) >= ROWS]
    return known + [
        (user, "nothing" if n < 3 else item, rating, at) for n, (user, item, rating, at) in enumerate(strange[:5])
    ]


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(write_items(tmp_path, games()[:ROWS]), write_plays(tmp_path, known_plays()))


@pytest.fixture
def home(tmp_path: Path) -> CatalogueHome:
    return CatalogueHome(tmp_path / "home", "games")


@pytest.fixture(scope="module")
def put_in_service(tmp_path_factory: pytest.TempPathFactory, one_embedder: None) -> tuple[Path, Ingested]:
    """A home with thirty games in service, to be copied, and what its ingest said."""
    folder = tmp_path_factory.mktemp("service")
    given = Sources(write_items(folder, games()[:ROWS]), write_plays(folder, known_plays()))
    return folder / "home", ingest(given, CatalogueHome(folder / "home", "games"))


@pytest.fixture
def in_service(put_in_service: tuple[Path, Ingested], home: CatalogueHome) -> CatalogueHome:
    shutil.copytree(put_in_service[0], home.folder.parents[1])
    return home


def versions(home: CatalogueHome) -> set[Path]:
    return set((home.folder / "versions").iterdir())


def found(shelf: Shelf, query: str) -> list[str]:
    """Ids that a search gives, whole way through: embedding, dense index, catalogue."""
    everything = Candidates.everything(shelf.catalogue.size)
    result = SearchItems().run(SearchArguments(query=query), shelf, Wishes(), everything)
    assert result.summary["by"] == "hybrid"
    return [item.id for item in shelf.catalogue.items(result.candidates.positions)]


def assert_works(home: CatalogueHome, size: int = ROWS) -> None:
    """The version in service opens and answers."""
    shelf = open_shelf(home.current())
    try:
        assert shelf.catalogue.size == size
        assert shelf.degraded == ()
        assert "g13" in found(shelf, "karaoke")
        assert shelf.popular.shape == (size,)
    finally:
        shelf.close()


def test_a_catalogue_is_ready_with_all_its_parts(put_in_service: tuple[Path, Ingested]) -> None:
    root, done = put_in_service
    assert_works(CatalogueHome(root, "games"))
    assert done.items == ROWS
    assert done.schema_file == root / "catalogues" / "games" / "schema.yaml"
    assert load_schema(done.schema_file) == done.schema
    assert done.seconds > 0


def test_interactions_of_unknown_items_are_counted_and_left_out(put_in_service: tuple[Path, Ingested]) -> None:
    done = put_in_service[1]
    assert done.interactions is not None
    report = done.interactions.report
    assert (report.unknown_rows, report.kept) == (5, len(known_plays()) - 5)
    assert report.unknown_items == 3
    assert "nothing" in report.unknown_examples
    assert any("unknown items, such as nothing" in sentence for sentence in report.sentences())


@pytest.mark.parametrize(
    ("rated", "taught"), [((5, 3, 2, 1), [True, True, False, False]), (("", "", "", ""), [True, True, True, True])]
)
def test_what_was_liked_teaches_the_recommender(
    tmp_path: Path, home: CatalogueHome, rated: tuple[object, ...], taught: list[bool]
) -> None:
    """From three fifths of the best rating on, it was liked; without ratings, whatever was used was liked."""
    plays = [(f"u{user}", f"g{game}", rating, "") for user in range(5) for game, rating in enumerate(rated)]
    done = ingest(Sources(write_items(tmp_path, games()[:ROWS]), write_plays(tmp_path, plays)), home)
    assert done.interactions is not None
    assert done.interactions.report.sentences() == []
    shelf = open_shelf(home.current())
    assert [shelf.blend.members["ease"].knows(game) for game in range(4)] == taught
    assert shelf.popular[:5].tolist() == [1, 1, 1, 1, 0], "the disliked are known all the same"
    shelf.close()


def test_progress_goes_from_nothing_to_all(sources: Sources, home: CatalogueHome) -> None:
    heard: list[tuple[str, float]] = []
    ingest(sources, home, lambda step, share: heard.append((step, share)))
    steps = list(dict.fromkeys(step for step, _ in heard))
    shares = [share for _, share in heard]
    assert steps[:5] == ["reading", "storing", "embedding", "indexing", "fitting"]
    assert {"popularity", "item-to-item weights", "content"} < set(steps[5:])
    assert steps[-1] == "done"
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("popular", [False, True], ids=["no counts", "a count in the items"])
def test_no_interactions_at_all(tmp_path: Path, home: CatalogueHome, popular: bool) -> None:
    rows = [{**game, **({"num_ratings": 10 * (30 - n)} if popular else {})} for n, game in enumerate(games()[:ROWS])]
    done = ingest(Sources(write_items(tmp_path, rows)), home)
    assert done.interactions is None
    assert_works(home)
    shelf = open_shelf(home.current())
    assert not shelf.blend.members["ease"].score(History((0, 1))).any()
    assert (shelf.popular[0] == 1 and shelf.popular[29] < 1) if popular else not shelf.popular.any()
    assert shelf.facets.score([1])[4] > 0.5
    shelf.close()


@pytest.mark.parametrize("step", ["reading", "storing", "embedding", "indexing", "fitting"])
def test_an_ingest_that_fails_at_any_step_changes_nothing(
    in_service: CatalogueHome, sources: Sources, step: str
) -> None:
    def fail(now: str, _share: float) -> None:
        if now == step:
            raise ConnectionError("the terminal went away")

    before, schema = versions(in_service), in_service.schema_file.read_text()
    with pytest.raises(ConnectionError):
        ingest(sources, in_service, fail)
    assert versions(in_service) == before
    assert in_service.schema_file.read_text() == schema
    assert_works(in_service)


@pytest.mark.parametrize("bad", ["items", "plays", "schema"])
def test_files_that_cannot_be_used_change_nothing(in_service: CatalogueHome, sources: Sources, bad: str) -> None:
    junk = sources.items.parent / f"{bad}.csv"
    junk.write_text("\n\n", encoding="utf-8")
    given: dict[str, Any] = {"items": {"items": junk}, "plays": {"interactions": junk}, "schema": {"schema": junk}}[bad]
    before = versions(in_service)
    with pytest.raises(BadInputError, match=f"{bad}.csv"):
        ingest(Sources(**{"items": sources.items, "interactions": sources.interactions, **given}), in_service)
    assert versions(in_service) == before
    assert_works(in_service)


CHILD = """
import sys
from pathlib import Path
from tools.data.ingest import Sources, ingest
from tools.data.versions import CatalogueHome
items, plays, home = map(Path, sys.argv[1:])
ingest(Sources(items, plays), CatalogueHome(home, "games"), lambda step, _: print(step, flush=True))
"""


def start(sources: Sources, home: CatalogueHome) -> subprocess.Popen[str]:
    arguments = [str(sources.items), str(sources.interactions), str(home.folder.parents[1])]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_an_ingest_killed_while_it_embeds_leaves_the_one_in_service(
    in_service: CatalogueHome, sources: Sources
) -> None:
    first = in_service.current()
    child = start(sources, in_service)
    assert child.stdout is not None
    with child.stdout:
        assert "embedding\n" in iter(child.stdout.readline, "")
        child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    (half,) = versions(in_service) - {first.folder}
    assert (half / "catalogue.db").exists(), "it died half way"
    assert in_service.current() == first
    assert_works(in_service)

    ingest(sources, in_service)
    assert versions(in_service) == {first.folder, in_service.current().folder}
    assert_works(in_service)


def test_an_open_shelf_goes_on_while_another_version_takes_over(in_service: CatalogueHome, sources: Sources) -> None:
    shelf = open_shelf(in_service.current())
    rows = games()[:ROWS]
    rows[13]["title"] = "Renamed"
    ingest(Sources(write_items(sources.items.parent, rows[:20])), in_service)
    assert shelf.catalogue.item(13).values["title"] == "Karaoke of Ruby"
    assert "g28" in found(shelf, "karaoke")
    assert len(shelf.catalogue.filter([Constraint(field="in_stock", op="=", value=True)])) == 24
    assert shelf.blend.members["ease"].score(History((0,))).shape == (ROWS,)
    shelf.close()

    fresh = open_shelf(in_service.current())
    assert fresh.catalogue.size == 20
    assert fresh.catalogue.item(13).values["title"] == "Renamed"
    fresh.close()


def test_the_schema_file_can_be_edited_and_given_back(in_service: CatalogueHome, sources: Sources) -> None:
    text = in_service.schema_file.read_text(encoding="utf-8")
    edited = text.replace("name: minutes\n", "name: playing_time\n  column: minutes\n")
    edited = edited.replace(
        "name: kinds\n  type: categories\n", "name: kinds\n  type: categories\n  synonyms:\n    battle: Wargame\n"
    )
    mine = sources.items.parent / "mine.yaml"
    mine.write_text(edited, encoding="utf-8")
    done = ingest(Sources(sources.items, sources.interactions, mine), in_service)
    assert done.notes == []
    assert load_schema(in_service.schema_file) == load_schema(mine) == done.schema

    shelf = open_shelf(in_service.current())
    assert shelf.catalogue.item(1).values["playing_time"] == 20.0
    assert "minutes" not in shelf.catalogue.item(1).values
    assert shelf.catalogue.words(["battle"])[0].value == "Wargame"
    assert shelf.catalogue.filter([Constraint(field="playing_time", op="<", value=20.0)]).tolist() == []
    shelf.close()

    ingest(Sources(sources.items, sources.interactions, in_service.schema_file), in_service)
    assert in_service.schema_file.read_text(encoding="utf-8") == dump_schema(load_schema(mine))


def test_a_schema_that_asks_for_an_absent_column_is_refused(in_service: CatalogueHome, sources: Sources) -> None:
    mine = sources.items.parent / "mine.yaml"
    mine.write_text(in_service.schema_file.read_text().replace("name: minutes", "name: minutos"), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"reads the column 'minutos', which .+ hasn't"):
        ingest(Sources(sources.items, schema=mine), in_service)
    assert_works(in_service)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux")
def test_a_full_disk_is_called_so_and_leaves_the_one_in_service(
    small_disk: Path, put_in_service: tuple[Path, Ingested], sources: Sources
) -> None:
    shutil.copytree(put_in_service[0], small_disk / "home")
    home = CatalogueHome(small_disk / "home", "games")
    before = versions(home)
    failed_at = set()
    for room_kib in (0, 50, 150, 300, 420):
        steps: list[str] = []
        fill(small_disk, room_kib)
        with pytest.raises((OSError, sqlite3.OperationalError)) as caught:
            ingest(sources, home, lambda step, _, steps=steps: steps.append(step))  # type: ignore[misc]
        assert getattr(caught.value, "errno", None) == errno.ENOSPC or "full" in str(caught.value)
        assert versions(home) == before
        failed_at.add(steps[-1])
    assert failed_at >= {"storing", "embedding", "fitting"}, "in the catalogue, the dense index, the recommenders"
    (small_disk / "ballast").unlink()
    assert_works(home)
    ingest(sources, home)
    assert len(versions(home)) == 2


def fill(disk: Path, room_kib: int) -> None:
    """Leave that much room."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    ballast.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - room_kib * 1024)))
