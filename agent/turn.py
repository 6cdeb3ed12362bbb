"""A conversation with a ready agent: one message in, typed events out."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from langgraph.errors import NodeTimeoutError
from langgraph.types import StateSnapshot

from agent.amend import lines_said
from agent.budget import Budget
from agent.graph import Graph
from agent.parts import Parts
from agent.planner import PlannerReply
from agent.preferences import Preferences
from agent.profile import Line, recalled
from agent.reading.spelling import load_words
from agent.state import State
from agent.trace import Answered, Began, Event, TraceStore, event_from
from agent.user import ANONYMOUS, User
from tools.errors import BadInputError, UnavailableError

TELLING_SETTINGS = ("catalogue", "seed", "slate_size", "max_questions", "memory", "turn_steps")
"""What an answer depends on besides the words, the plan and the catalogue."""
_UNPRINTABLE_SHARE = 0.1
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")


class Agent:
    """Holds conversations over one catalogue; each thread's state is its own."""

    def __init__(self, graph: Graph, parts: Parts) -> None:
        self._graph, self.parts = graph, parts

    @property
    def traces(self) -> TraceStore:
        """What happened in all conversations."""
        return self.parts.keeper.traces

    async def warm_up(self) -> PlannerReply | None:
        """One token for nobody, so that the first turn finds words loaded, the prompt cached, the schema compiled."""
        load_words(self.parts.shelf.catalogue)
        planner, chooser = self.parts.planner, self.parts.chooser
        if chooser:
            await chooser.next(chooser.opening("hello", Preferences(), []), self.parts.settings.planner_timeout_s, 1)
        return await planner.plan("hello", Preferences(), [], max_tokens=1) if planner else None

    async def turn(self, thread: str, message: str, user: User = ANONYMOUS) -> AsyncGenerator[Event, None]:
        """Answer a message: events as they happen, the reply's text among them, `Answered` last.

        A turn that is given up, or killed, leaves the thread as it was; said again, it is the same turn.

        Raises:
            BadInputError: the message can't be read, or the thread is another user's; the thread is as it was.
            UnavailableError: a part hung; the thread is as it was.
        """
        message = checked_message(message, self.parts.settings.message_max_chars)
        context = replace(self.parts, budget=Budget(self.parts.settings))
        before = await self._finished(thread)
        async with self.parts.keeper.writing:
            start, began = self._start(before.values, thread, user)
        start |= State(message=message, user=user.model_dump(), owner=user.id, is_forgotten=False)
        start["events"] = [began.model_dump()]
        config = before.config if before.values else _config(thread)
        stream = self._graph.astream(start, config, context=context, stream_mode="custom", durability="exit")
        yield began
        try:
            # Closed with this generator: LangGraph then ends the turn at once, and not some time later.
            async with aclosing(cast(AsyncGenerator[dict[str, Any], None], stream)):
                async for body in stream:
                    event = event_from(body)
                    if isinstance(event, Answered):
                        done = event  # told when the checkpoint is written
                    else:
                        yield event
        except NodeTimeoutError as error:
            raise UnavailableError(
                f"The turn was given up: its part {error.node!r} took more than {error.timeout:g} s.", "Say it again."
            ) from error
        if done.is_forgotten:
            await self.parts.keeper.forget_thread(thread)
        yield done

    async def preferences(self, thread: str) -> Preferences:
        """What a conversation knows so far."""
        return Preferences.model_validate((await self._finished(thread)).values.get("preferences", {}))

    def profile(self, user: User) -> list[Line]:
        """What is known of a user from earlier conversations; nothing of anonymous ones."""
        return self.parts.profiles.of(user.id) if self.parts.profiles and user.id else []

    async def remember(self, thread: str, user: User) -> None:
        """Keep what a conversation says of its user."""
        state = (await self._finished(thread)).values
        if state:
            known = Preferences.model_validate(state["preferences"])
            async with self.parts.keeper.writing:
                self.parts.keeper.remember(user.id, thread, known, self.parts.shelf.catalogue)

    async def forget(self, user: User, line: Line | None = None) -> int:
        """Forget a line about a user, or all of them, with the conversations that held them; how many those are."""
        return await self.parts.keeper.forget(user.id, line)

    async def amend(self, user: User, line: Line, words: str) -> list[Line]:
        """Put what these words say of a user in a line's place, which is forgotten; the new lines.

        Raises:
            BadInputError: nothing in the words can be kept; the line stays as it was.
        """
        new = lines_said(checked_message(words, self.parts.settings.message_max_chars), self.parts.shelf)
        await self.parts.keeper.replace(user.id, line, new)
        return new

    async def _finished(self, thread: str) -> StateSnapshot:
        """The thread after its last finished turn. LangGraph saves one that was given up where it stood: as if it had
        never been begun, the next one does not go on from there.
        """
        config = _config(thread)
        latest = await self._graph.aget_state(config)
        if not latest.tasks:
            return latest
        async for earlier in self._graph.aget_state_history(config):
            if not earlier.tasks:
                return earlier
        await self.parts.keeper.threads.adelete_thread(thread)
        return await self._graph.aget_state(config)

    def _start(self, known: dict[str, Any], thread: str, user: User) -> tuple[State, Began]:
        """What the turn begins with: in a new conversation, what is remembered of its user."""
        settings = self.parts.settings.model_dump(mode="json", include=set(TELLING_SETTINGS))
        began = Began(
            user=user.model_dump(mode="json"),
            settings=settings,
            policies=self.parts.policies.model_dump(mode="json"),
            version=self.parts.shelf.catalogue.version,
        )
        if known:
            if known.get("owner", "") != user.id:
                raise BadInputError("This conversation is not yours.", "Start a new one.")
            return State(), began
        if not self.parts.profiles:
            return State(), began
        self.parts.profiles.owns(user.id, thread)
        lines = [line for line in self.profile(user) if line.is_taste]
        self.parts.profiles.tell(user.id, thread, lines)
        began.recalled = [line.model_dump(mode="json") for line in lines]
        return State(preferences=recalled(lines).model_dump()), began


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


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
