"""What tests of suites share: contestants for a known answer, and sessions held to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from agent.user import ANONYMOUS, User
from evals.contestants.contract import Contestant, Heard
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.world import World


class Shows(Contestant):
    """Shows the same items each time, from the turn on that it is told to."""

    name = "shows"

    def __init__(self, *ids: str, after: int = 0, reply: str = "How about these?") -> None:
        self._ids, self._after, self._reply = ids, after, reply
        self._turns: dict[str, int] = {}

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        turn = self._turns[thread] = self._turns.get(thread, -1) + 1
        return Heard(self._reply, self._ids if turn >= self._after else ())


async def held(
    suite: Suite[Any], samples: Sequence[Sample[Any]], contestant: Contestant, world: World
) -> list[Outcome]:
    """All samples, at the same time."""
    return list(await asyncio.gather(*(suite.hold(sample, contestant, world, 0) for sample in samples)))
