"""What outlives a turn: checkpoints, traces, profiles. Each effect can be repeated, so that nothing is there twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.memory import ProfileStore
from agent.preferences import Preferences
from agent.profile import Line, lines_of
from agent.trace import TraceStore
from tools.data.catalogue import Catalogue


@dataclass(frozen=True)
class Keeper:
    """Where conversations and what is known of their users are kept, and how they go again."""

    threads: BaseCheckpointSaver[Any]
    traces: TraceStore
    profiles: ProfileStore | None = None
    """None where nothing is kept of anybody."""
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever of this process writes to the file, the checkpointer too. Its transaction is committed from the
    event loop: who waited there for SQLite's own lock meanwhile would wait until the time-out, and all others with it.
    """

    def remember(
        self, user: str, thread: str, known: Preferences, catalogue: Catalogue, turn: int | None = None
    ) -> None:
        """Keep what a conversation says of its user; with a turn, what was said in it, as asked for by the user.
        To be called with `writing` held.
        """
        if self.profiles and user:
            lines = lines_of(known, thread, catalogue, is_asked=turn is not None)
            self.profiles.remember(user, [line for line in lines if turn is None or _is_of(line, turn)])

    async def forget(self, user: str, line: Line | None = None) -> int:
        """Forget a line about a user, or all of them, with the conversations that held them; how many those are.

        The conversations go before the rows that they are found by: one that is interrupted can be done again.
        """
        if not (self.profiles and user):
            return 0
        threads = self.profiles.holding(user, line)
        for thread in threads:
            await self._delete(thread)
        async with self.writing:
            self.profiles.forget(user, line)
            self.profiles.wipe()
        return len(threads)

    async def replace(self, user: str, line: Line, new: Sequence[Line]) -> int:
        """Forget a line with the conversations that held it, as `forget` does, and keep others in its place."""
        if not (self.profiles and user):
            return 0
        threads = self.profiles.holding(user, line)
        for thread in threads:
            await self._delete(thread)
        async with self.writing:
            self.profiles.replace(user, line, new)
            self.profiles.wipe()
        return len(threads)

    async def forget_thread(self, thread: str) -> None:
        """Forget one conversation."""
        await self._delete(thread)
        if self.profiles:
            async with self.writing:
                self.profiles.wipe()

    async def _delete(self, thread: str) -> None:
        await self.threads.adelete_thread(thread)
        async with self.writing:
            self.traces.forget(thread)


def _is_of(line: Line, turn: int) -> bool:
    return line.constraint is None or line.constraint.turn == turn
