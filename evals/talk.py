"""A conversation with a contestant, written down as it goes."""

from __future__ import annotations

from uuid import uuid4

from agent.user import ANONYMOUS, User
from agent.wording import say_title
from evals.contestants.contract import Contestant, Heard
from evals.outcome import Exchange
from evals.world import World
from tools.data.catalogue import Item


class Talk:
    """One conversation. `exchanges` is what was said so far."""

    def __init__(self, contestant: Contestant, world: World, user: User = ANONYMOUS) -> None:
        self.contestant, self.world, self._user = contestant, world, user
        self.thread = uuid4().hex  # one that was broken off is never gone on with
        self.exchanges: list[Exchange] = []

    async def say(self, message: str) -> Heard:
        """The answer to a message. A failure is an answer with an error, without text and items."""
        heard = await self.contestant.answer(self.thread, message, self._user)
        self.exchanges.append(
            Exchange(
                message=message,
                reply=heard.reply,
                shown=list(heard.shown),
                titles=[say_title(self.world.catalogue.schema, item) for item in self.items(heard)],
                error=heard.error,
                llm_calls=heard.llm_calls,
                prompt_tokens=heard.prompt_tokens,
                completion_tokens=heard.completion_tokens,
                llm_ms=heard.llm_ms,
                total_ms=heard.total_ms,
                events=list(heard.events),
            )
        )
        return heard

    def items(self, heard: Heard) -> list[Item]:
        """The items that an answer recommends, as the catalogue has them."""
        catalogue = self.world.catalogue
        return catalogue.items(catalogue.positions_of(heard.shown))
