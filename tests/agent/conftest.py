"""What the agent's tests share: a library and films beside the board games, a slate, a stand-in for the model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from films import films as film_shelf
from library import library
from planner_stub import Stub, planner_stub

from agent.build import open_agent
from agent.settings import Settings
from agent.turn import Agent
from tools.data.catalogue import Item
from tools.shelf import Shelf


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The library."""
    shelf = library(tmp_path_factory.mktemp("library"))
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The films."""
    shelf = film_shelf(tmp_path_factory.mktemp("films"))
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def shown(shelf: Shelf) -> list[Item]:
    """Three games as they may have been shown: Legion (30 min, 11.75, 1983), Frontier (45, 14, 1986), Giggle."""
    return shelf.catalogue.items([3, 6, 7])


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A stand-in for the model's server."""
    with planner_stub() as running:
        yield running


@pytest.fixture
def settings(world_settings: Settings, tmp_path: Path) -> Settings:
    """The games, with conversations of their own."""
    return world_settings.model_copy(update={"home": tmp_path})


@pytest.fixture
async def agent(settings: Settings, shelf: Shelf) -> AsyncIterator[Agent]:
    """An agent over the games, without a model."""
    async with open_agent(settings, shelf, None) as opened:
        yield opened
