"""Versions side by side: whole ones go into service, others leave no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tools.atomic import write_atomically
from tools.data.versions import CatalogueHome, Version
from tools.errors import MissingError, UnavailableError


@pytest.fixture
def home(tmp_path: Path) -> CatalogueHome:
    return CatalogueHome(tmp_path, "games")


def build(home: CatalogueHome, content: str) -> Version:
    with home.building(f"schema of {content}") as version:
        version.database.write_text(content)
    return version


def versions(home: CatalogueHome) -> set[Path]:
    return set((home.folder / "versions").iterdir())


def start_building(home: CatalogueHome) -> subprocess.Popen[str]:
    """Another process that is half way through a version, and stays there."""
    script = f"""
        import sys, time
        from pathlib import Path
        from tools.data.versions import CatalogueHome
        with CatalogueHome(Path({str(home.folder.parents[1])!r}), {home.name!r}).building("never") as version:
            version.database.write_text("half")
            print("half way", flush=True)
            time.sleep(60)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "half way\n"
    return child


def test_nothing_yet_says_what_to_do(home: CatalogueHome) -> None:
    assert not home.exists()
    with pytest.raises(MissingError, match=r"There is no catalogue 'games' yet. Run `tastemaker"):
        home.current()


def test_a_whole_version_goes_into_service(home: CatalogueHome) -> None:
    version = build(home, "one")
    assert home.exists()
    assert home.current() == version
    assert home.current().database.read_text() == "one"
    assert home.current().models.is_dir()
    assert home.schema_file.read_text() == "schema of one"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_build_that_fails_leaves_the_one_in_service(home: CatalogueHome, error: type[BaseException]) -> None:
    first = build(home, "one")
    with pytest.raises(error), home.building("schema of two"):
        raise error
    assert home.current() == first
    assert home.schema_file.read_text() == "schema of one"
    assert versions(home) == {first.folder}


def test_the_first_build_that_fails_leaves_nothing(home: CatalogueHome) -> None:
    with pytest.raises(ValueError), home.building("schema"):
        raise ValueError
    assert not home.exists()
    assert versions(home) == set()


def test_the_version_before_stays_and_older_ones_go(home: CatalogueHome) -> None:
    built = [build(home, str(number)) for number in range(4)]
    assert home.current() == built[-1]
    assert versions(home) == {built[-1].folder, built[-2].folder}


def test_what_a_killed_build_leaves_is_swept_and_the_version_before_is_not(home: CatalogueHome) -> None:
    first = build(home, "one")
    child = start_building(home)
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    assert len(versions(home)) == 2, "the leavings are there"
    assert home.current() == first
    second = build(home, "two")
    assert versions(home) == {first.folder, second.folder}


def test_two_builds_at_a_time_are_one_too_many(home: CatalogueHome) -> None:
    first = build(home, "one")
    child = start_building(home)
    try:
        with pytest.raises(UnavailableError, match=r"Another ingest of the catalogue 'games' is running. Wait"):
            build(home, "two")
        assert home.current() == first
        assert build(CatalogueHome(home.folder.parents[1], "books"), "other").database.exists()
    finally:
        child.kill()
        child.wait(10)
    assert home.current() == first
    assert build(home, "two") == home.current()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "file"
    write_atomically(path, "old")

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
