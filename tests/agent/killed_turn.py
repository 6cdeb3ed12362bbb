"""A process to be killed: holds one turn, says on standard output when it is at a given point, and hangs there.

Arguments: the file of the catalogue's home, the home of its conversations, the point, the thread, the message.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

import tools.shelf
from agent.build import open_agent, open_current_shelf
from agent.memory import ProfileStore
from agent.settings import Settings
from agent.trace import TraceStore
from agent.user import User
from tools.errors import UnavailableError
from tools.rank import RankItems


def hang(*_: Any, **__: Any) -> Any:
    """Say so, and wait for the end."""
    print("HANGS", flush=True)
    time.sleep(600)


def _absent() -> Any:
    raise UnavailableError("Meaning is left out.")


class _HangingRank(RankItems):
    timeout_s = 600.0
    run = hang


async def main(catalogue_home: Path, home: Path, point: str, thread: str, message: str) -> None:
    """One turn of Ann's, up to the point."""
    tools.shelf.Embedder = _absent  # type: ignore[assignment,misc]  # takes seconds to load, and nothing here needs it
    shelf = open_current_shelf(Settings(home=catalogue_home, catalogue="games"))
    settings = Settings(home=home, catalogue="games")
    async with open_agent(settings, shelf, None) as agent:
        if point == "in a tool":
            agent.parts.tools["rank_items"] = _HangingRank()
        elif point == "before the trace":
            TraceStore.put = hang  # type: ignore[method-assign]
        elif point == "before the profile":
            ProfileStore.remember = hang  # type: ignore[method-assign]
        elif point == "before the checkpoint":
            AsyncSqliteSaver.aput = hang  # type: ignore[method-assign]
        elif point == "before the conversation is deleted":
            calls = []
            delete = AsyncSqliteSaver.adelete_thread

            async def counted(self: AsyncSqliteSaver, thread_id: str) -> None:
                calls.append(thread_id)
                await (hang() if len(calls) == 3 else delete(self, thread_id))

            AsyncSqliteSaver.adelete_thread = counted  # type: ignore[method-assign]
        async for _ in agent.turn(thread, message, User(id="ann")):
            pass


if __name__ == "__main__":
    _, catalogue_home, home, *rest = sys.argv
    asyncio.run(main(Path(catalogue_home), Path(home), *rest))
