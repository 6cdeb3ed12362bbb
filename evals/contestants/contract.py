"""What is asked of a contestant: an answer to a message, within a conversation that it keeps itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agent.preferences import Preferences
from agent.user import ANONYMOUS, User
from evals.world import World


@dataclass(frozen=True)
class Heard:
    """An answer as it was heard."""

    reply: str
    shown: tuple[str, ...] = ()
    """Ids of the items that it recommends, best first."""
    abstained: bool = False
    """Whether it says that nothing fits."""
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    llm_ms: float = 0.0
    total_ms: float = 0.0
    events: tuple[dict[str, Any], ...] = ()
    """Its trace, where it has one."""
    error: str = field(default="", kw_only=True)
    """Why there is no answer: it was late, broke off, or sent what can't be read."""


class Contestant(ABC):
    """An agent over one catalogue. Conversations with it go on side by side."""

    name: ClassVar[str]

    @abstractmethod
    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        """Answer the next message of a conversation. A failure is told in `Heard.error`, not raised."""

    async def known(self, thread: str) -> Preferences | None:
        """What it has understood so far; None if it can't say."""
        return None


@dataclass(frozen=True)
class Entry:
    """A contestant that can be opened over any catalogue."""

    name: str
    said: str
    open: Callable[[World], AbstractAsyncContextManager[Contestant]]
    waits: bool = True
    """Whether its time is spent waiting for a server. One that works in this process instead is asked as much at a
    time as there are cores: more would only make each turn longer, until it runs into its time-out.
    """
