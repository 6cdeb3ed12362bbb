"""Our agent, in process: planned by a model in one call, step by step, or by the words alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from agent.build import open_agent
from agent.preferences import Preferences
from agent.settings import Planning
from agent.trace import Answered, Decided, Text
from agent.turn import Agent
from agent.user import ANONYMOUS, User
from evals.contestants.contract import Contestant, Entry, Heard
from evals.world import World
from tools.errors import TastemakerError


class Ours(Contestant):
    """A ready agent."""

    def __init__(self, name: str, agent: Agent) -> None:
        self.name, self._agent = name, agent  # type: ignore[misc]

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        """The agent's turn."""
        try:
            events = [event async for event in self._agent.turn(thread, message, user)]
        except TastemakerError as error:
            return Heard("", error=str(error))
        done = events[-1]
        assert isinstance(done, Answered)
        return Heard(
            reply="".join(event.text for event in events if isinstance(event, Text)),
            shown=tuple(done.slate),
            abstained=any(isinstance(event, Decided) and event.action == "abstain" for event in events),
            llm_calls=done.llm_calls,
            prompt_tokens=done.prompt_tokens,
            completion_tokens=done.completion_tokens,
            llm_ms=done.llm_ms,
            total_ms=done.total_ms,
            events=tuple(event.model_dump(mode="json") for event in events if not isinstance(event, Text)),
        )

    async def known(self, thread: str) -> Preferences | None:
        """What the conversation's state holds."""
        return await self._agent.preferences(thread)


def ours(name: str, said: str, planner_url: str | None, planning: Planning = "plan-first") -> Entry:
    """An entry: without a planner's URL every plan is the fallback plan."""

    def opened(world: World) -> AbstractAsyncContextManager[Contestant]:
        return _opened(name, world, planner_url, planning)

    return Entry(name, said, opened, waits=planner_url is not None)


@asynccontextmanager
async def _opened(name: str, world: World, planner_url: str | None, planning: Planning) -> AsyncIterator[Contestant]:
    async with ready_agent(name, world, planner_url, planning) as agent:
        yield Ours(name, agent)


@asynccontextmanager
async def ready_agent(
    name: str, world: World, planner_url: str | None, planning: Planning = "plan-first"
) -> AsyncIterator[Agent]:
    """An agent in a world, warmed up, that keeps nothing of anybody; its conversations lie apart by this name."""
    folder = world.settings.home / "conversations" / f"{world.settings.catalogue}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    rules = folder / "policies.yaml"
    rules.write_text(world.policies.model_dump_json(), encoding="utf-8")  # JSON is YAML
    changes = {"home": folder, "policies": rules, "planning": planning, "memory": False}
    async with open_agent(world.settings.model_copy(update=changes), world.shelf, planner_url) as agent:
        await agent.warm_up()
        yield agent
