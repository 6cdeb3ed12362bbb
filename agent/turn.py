"""A conversation with a ready agent: one message in, typed events out."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

from agent.graph import Graph
from agent.parts import Parts
from agent.planner import PlannerReply
from agent.preferences import Preferences
from agent.trace import Answered, Event, PlanMade, Text, Trace, TraceStore, event_from
from agent.user import ANONYMOUS, User
from tools.errors import BadInputError

_UNPRINTABLE_SHARE = 0.1
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")


class Agent:
    """Holds conversations over one catalogue; each thread's state is its own."""

    def __init__(self, graph: Graph, parts: Parts, traces: TraceStore) -> None:
        self._graph, self.parts, self.traces = graph, parts, traces

    async def warm_up(self) -> PlannerReply | None:
        """One token for nobody, so that the first turn finds the prompt cached and the schema compiled."""
        planner = self.parts.planner
        return await planner.plan("hello", Preferences(), [], max_tokens=1) if planner else None

    async def turn(self, thread: str, message: str, user: User = ANONYMOUS) -> AsyncIterator[Event]:
        """Answer a message: events as they happen, the reply's text among them, `Answered` last.

        Raises:
            BadInputError: the message can't be read, or the thread is another user's; the thread is as it was.
        """
        message = checked_message(message, self.parts.settings.message_max_chars)
        began = time.perf_counter()
        config: Any = {"configurable": {"thread_id": thread}}
        await self._check_owner(config, user)
        stream = self._graph.astream(
            {"message": message, "user": user.model_dump(), "owner": user.id},
            config,
            context=self.parts,
            stream_mode="custom",
            durability="exit",
        )
        events = list[Event]()
        async for body in stream:
            event = event_from(body)
            events.append(event)
            yield event
        state = (await self._graph.aget_state(config)).values
        done = _answered(events, state, (time.perf_counter() - began) * 1000)
        kept = tuple(event for event in events if not isinstance(event, Text))
        self.traces.put(Trace(thread, state["turn"], message, state["reply"], (*kept, done)))
        yield done

    async def _check_owner(self, config: Any, user: User) -> None:
        state = (await self._graph.aget_state(config)).values
        if state and state.get("owner", "") != user.id:
            raise BadInputError("This conversation is not yours.", "Start a new one.")


def _answered(events: list[Event], state: dict[str, Any], total_ms: float) -> Answered:
    plans = [event for event in events if isinstance(event, PlanMade)]
    return Answered(
        slate=state["picks"],
        total_ms=total_ms,
        llm_ms=sum(plan.llm_ms for plan in plans),
        llm_calls=sum(plan.llm_ms > 0 for plan in plans),
        prompt_tokens=sum(plan.prompt_tokens for plan in plans),
        completion_tokens=sum(plan.completion_tokens for plan in plans),
    )


def checked_message(message: str, max_chars: int) -> str:
    """The message, stripped.

    Raises:
        BadInputError: empty, too long, or not text.
    """
    text = message.strip()
    if not text:
        raise BadInputError("The message is empty.", "Say what you liked, or what you are in the mood for.")
    if len(text) > max_chars:
        raise BadInputError(
            f"The message has {len(text):,} characters; at most {max_chars:,} are read.", "Say it shorter."
        )
    if len(_CONTROL.findall(text)) > _UNPRINTABLE_SHARE * len(text):
        raise BadInputError("The message is not text.", "Type it in words, as UTF-8.")
    return _CONTROL.sub(" ", text)
