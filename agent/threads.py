"""The conversations' state on disk: LangGraph's checkpoints in SQLite, read without a change of threads.

`AsyncSqliteSaver` hands each statement of a read to aiosqlite's thread, six hand-overs for each of the three reads of
a turn, which took a sixth of the turn's own time. A read of one row waits for nobody in SQLite's WAL mode.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

PATIENCE_S = 10
"""How long a statement waits for another process's lock."""


class Threads(AsyncSqliteSaver):
    """Checkpoints written by aiosqlite and read at once."""

    def __init__(self, writer: aiosqlite.Connection, reader: sqlite3.Connection) -> None:
        super().__init__(writer)
        self._reader = SqliteSaver(reader)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint of a thread that a config names, or its latest; None where there is none."""
        await self.setup()
        self._reader.is_setup = True  # the tables are the same
        return self._reader.get_tuple(config)


@asynccontextmanager
async def open_threads(path: Path) -> AsyncIterator[Threads]:
    """The conversations in a file, which is made."""
    async with aiosqlite.connect(path, timeout=PATIENCE_S) as writer:
        await writer.execute("PRAGMA synchronous = NORMAL")
        await writer.execute("PRAGMA secure_delete = ON")
        with closing(sqlite3.connect(path, timeout=PATIENCE_S)) as reader:
            yield Threads(writer, reader)
