"""What tests share: the made-up world of `worlds.py` ingested once, and the planner's weights and server."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds import write_world

from agent.build import open_current_shelf
from agent.settings import Settings
from tools.data.ingest import Ingested, Sources, ingest
from tools.data.versions import CatalogueHome
from tools.shelf import Shelf

# A shell that starts the tests in the background has them ignore Ctrl-C, and with them the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["fixtures_planner"]


@pytest.fixture(scope="session")
def world_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the made-up catalogue in service as `games`."""
    home = tmp_path_factory.mktemp("home")
    items, interactions = write_world(tmp_path_factory.mktemp("world"))
    ingest(Sources(items, interactions), CatalogueHome(home, "games"))
    return home


@pytest.fixture(scope="session")
def world_settings(world_home: Path) -> Settings:
    """Settings that use it."""
    return Settings(home=world_home, catalogue="games")


@pytest.fixture(scope="session")
def shelf(world_settings: Settings) -> Iterator[Shelf]:
    """Its opened parts."""
    opened = open_current_shelf(world_settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    """What an ingest of it reports."""
    items, interactions = write_world(tmp_path_factory.mktemp("world2"))
    return ingest(Sources(items, interactions), CatalogueHome(tmp_path_factory.mktemp("home2"), "games"))
