"""A conversation with a ready agent: one message in, typed events out."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.graph import Graph
from agent.memory import ProfileStore
from agent.parts import Parts
from agent.planner import PlannerReply
from agent.preferences import Preferences
from agent.profile import Line, lines_of, recalled
from agent.state import State
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
        config = _config(thread)
        start = await self._start(config, thread, user)
        stream = self._graph.astream(
            State(**start, message=message, user=user.model_dump(), owner=user.id),
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
        if self._profiles and user.id and state["plan"]["talk"] == "profile":
            self._profiles.tell(user.id, thread, self.profile(user))
        if state["plan"]["is_to_keep"]:
            await self.remember(thread, user, state["turn"])
        if state["plan"]["talk"] == "forget_me":
            await self.forget(user)
        yield done

    def profile(self, user: User) -> list[Line]:
        """What is known of a user from earlier conversations; nothing of anonymous ones."""
        return self._profiles.of(user.id) if self._profiles and user.id else []

    async def remember(self, thread: str, user: User, turn: int | None = None) -> None:
        """Keep what a conversation says of its user; with a turn, what was said in it, as asked for by the user."""
        state = (await self._graph.aget_state(_config(thread))).values
        if self._profiles and user.id and state:
            known = Preferences.model_validate(state["preferences"])
            lines = lines_of(known, thread, self.parts.shelf.catalogue, is_asked=turn is not None)
            self._profiles.remember(user.id, [one for one in lines if turn is None or _is_of(one, turn)])

    async def forget(self, user: User, line: Line | None = None) -> int:
        """Forget a line about a user, or all of them, with the conversations that held them; how many those are."""
        if not self._profiles or not user.id:
            return 0
        threads = self._profiles.forget(user.id, line)
        for thread in threads:
            assert isinstance(self._graph.checkpointer, BaseCheckpointSaver)
            await self._graph.checkpointer.adelete_thread(thread)
            self.traces.forget(thread)
        self._profiles.wipe()
        return len(threads)

    @property
    def _profiles(self) -> ProfileStore | None:
        return self.parts.profiles

    async def _start(self, config: Any, thread: str, user: User) -> State:
        """What a new conversation begins with: what is remembered of its user."""
        state = (await self._graph.aget_state(config)).values
        if state:
            if state.get("owner", "") != user.id:
                raise BadInputError("This conversation is not yours.", "Start a new one.")
        elif self._profiles:
            self._profiles.owns(user.id, thread)
            lines = [line for line in self.profile(user) if line.is_taste]
            self._profiles.tell(user.id, thread, lines)
            return State(preferences=recalled(lines).model_dump())
        return State()


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


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


def _is_of(line: Line, turn: int) -> bool:
    return line.constraint is None or line.constraint.turn == turn


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
