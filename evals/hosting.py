"""A thread with an event loop of its own, in which contestants live: whoever runs the samples, they share one loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Host:
    """Runs coroutines from any thread or loop; what was entered in it is closed with it."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="contestants", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.submit(self._stack.aclose()).result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Open something in the loop, to be closed with the host."""
        return self.submit(self._stack.enter_async_context(manager)).result()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work of the host's loop from another loop."""
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work of the host's loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)
