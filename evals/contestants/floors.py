"""Trivial agents. A suite in which they do well flatters everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from agent.user import ANONYMOUS, User
from agent.wording import say_title
from evals.contestants.contract import Contestant, Entry, Heard
from evals.world import World


class Popular(Contestant):
    """Recommends the most popular items that it has not named in this conversation yet, whatever is said."""

    name = "popular"

    def __init__(self, world: World) -> None:
        self._catalogue = world.catalogue
        self._order = np.argsort(-world.shelf.popular, kind="stable")
        self._size = 1 if world.policies.one_at_a_time else world.settings.slate_size
        self._told: dict[str, int] = {}

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        """The next ones of its one list."""
        begin = self._told.get(thread, 0)
        shown = self._catalogue.items(self._order[begin : begin + self._size])
        self._told[thread] = begin + len(shown)
        return Heard(
            "\n".join(say_title(self._catalogue.schema, item) for item in shown), tuple(item.id for item in shown)
        )


class Echo(Contestant):
    """Says what was said."""

    name = "echo"

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        """The message."""
        return Heard(message)


@asynccontextmanager
async def _popular(world: World) -> AsyncIterator[Contestant]:
    yield Popular(world)


@asynccontextmanager
async def _echo(_world: World) -> AsyncIterator[Contestant]:
    yield Echo()


FLOORS = (
    Entry("popular", "always the most popular items, whatever is said", _popular, waits=False),
    Entry("echo", "says what was said", _echo, waits=False),
)
