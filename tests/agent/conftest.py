"""What the agent's tests share: a library beside the board games, and a slate to point at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from library import library

from tools.data.catalogue import Item
from tools.shelf import Shelf


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The library."""
    shelf = library(tmp_path_factory.mktemp("library"))
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def shown(shelf: Shelf) -> list[Item]:
    """Three games as they may have been shown: Legion (30 min, 11.75, 1983), Frontier (45, 14, 1986), Giggle."""
    return shelf.catalogue.items([3, 6, 7])
