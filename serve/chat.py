"""The terminal conversation: streaming on a terminal, one message a line from a pipe."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from agent.build import open_agent
from agent.profile import Line
from agent.settings import Settings
from agent.trace import Answered, Event, PlanMade, Text, ToolRan
from agent.turn import Agent
from agent.user import User
from serve.output import explain, fail
from serve.startup import Ready
from serve.trace_view import brief, full
from serve.vllm_server import VllmServer
from tools.data.catalogue import Catalogue
from tools.errors import BadInputError

HELP = """/trace  what the plan was, which tools ran, how long each took, tokens
/new    start a new conversation
/profile  what is kept about you (with --user); /profile forget 2 or /profile forget all takes it away for good,
        /profile 2 = no horror says a line anew
/help   this
/quit   leave (also Ctrl-D)"""
LINE_MAX_BYTES = 4_000_000
_AMENDS = re.compile(r"(\d{1,4}) ?= ?(.+)")


@dataclass
class ChatOptions:
    """How a conversation is shown."""

    thread: str | None = None
    """The conversation to go on with; a new one where absent."""
    user: str = ""
    """Who talks; of nobody in particular nothing is kept."""
    available: tuple[str, ...] = ()
    """What they have access to: values of the field that the house rule of availability names."""
    show_trace: bool = False
    """Whether the whole trace follows each answer."""


class TerminalChat:
    """One person at a terminal, or a file of messages."""

    def __init__(self, agent: Agent, options: ChatOptions, server: VllmServer | None) -> None:
        self._agent, self._options, self._server = agent, options, server
        self._thread = options.thread or uuid.uuid4().hex[:12]
        self._user = User(id=options.user, available=options.available)
        self._console = Console(highlight=False, soft_wrap=True)

    def welcome(self, catalogue: Catalogue) -> None:
        """Say what there is to talk about."""
        schema = catalogue.schema
        self._say(f"{catalogue.size:,} {schema.items}. Say what you like or want; /help for more, /quit to leave.")

    async def answer(self, message: str) -> bool:
        """Answer one line; False when it asks to leave."""
        command = message.strip().lower()
        if command in ("/quit", "/exit", "/q"):
            return False
        if command == "/help":
            self._say(HELP)
        elif command == "/new":
            await self.keep()
            self._thread = uuid.uuid4().hex[:12]
            self._say("A new conversation.")
        elif command.split()[0] == "/profile":
            await self._profile(message.split()[1:])
        elif command == "/trace":
            self._show_trace()
        elif command.startswith("/"):
            self._say(f"There is no command {command.split()[0]}.\n{HELP}")
        else:
            await self._turn(message)
        return True

    async def keep(self) -> None:
        """At the end of a conversation: what it said of its user goes into the profile."""
        await self._agent.remember(self._thread, self._user)

    async def _profile(self, said: list[str]) -> None:
        """`/profile`, `/profile forget 2` (or `all`), `/profile 2 = no horror`."""
        await self.keep()
        lines, words = self._agent.profile(self._user), [word.lower() for word in said]
        if not words:
            known = [f"{number}. {line.sentence}" for number, line in enumerate(lines, start=1)]
            why = (
                "Nothing is kept about you yet." if self._user.id else "Nothing is kept of you: start with --user NAME."
            )
            self._say("\n".join(known) or why)
        elif words == ["forget", "all"]:
            self._say(f"Forgotten, with {await self._agent.forget(self._user)} conversations.")
            self._thread = uuid.uuid4().hex[:12]
        elif words[0] == "forget" and len(words) == 2 and words[1].isdigit() and 0 < int(words[1]) <= len(lines):
            line = lines[int(words[1]) - 1]
            gone = await self._agent.forget(self._user, line)
            self._say(f"Forgotten: {line.sentence} With it {gone} conversations that it was said in.")
            self._leave(line)
        elif (amended := _AMENDS.fullmatch(" ".join(said))) and 0 < int(amended[1]) <= len(lines):
            await self._amend(lines[int(amended[1]) - 1], amended[2])
        else:
            self._say(
                "/profile shows what is kept; /profile forget NUMBER or /profile forget all takes it away; "
                "/profile NUMBER = WORDS says a line anew."
            )

    async def _amend(self, line: Line, words: str) -> None:
        try:
            new = await self._agent.amend(self._user, line, words)
        except BadInputError as error:
            fail(f"{error} The line stays as it was.")
            return
        self._say(f"Instead of “{line.sentence}” I keep: {' '.join(one.sentence for one in new)}")
        self._leave(line)

    def _leave(self, line: Line) -> None:
        """Go on in a new conversation where this one went with a line."""
        if self._thread in (*line.threads, *line.told):
            self._thread = uuid.uuid4().hex[:12]

    async def _turn(self, message: str) -> None:
        self._revive_planner()
        events = list[Event]()
        try:
            with self._console.status("thinking") as status:
                async for event in self._agent.turn(self._thread, message, self._user):
                    events.append(event)
                    if isinstance(event, Text):
                        status.stop()
                        self._console.print(event.text, end="", markup=False)
                    elif isinstance(event, (PlanMade, ToolRan)):
                        status.update("looking" if isinstance(event, PlanMade) else event.tool)
        except Exception as error:
            sentence = explain(error)
            if sentence is None:
                raise
            fail(sentence)
            return
        self._say("")
        done = events[-1]
        if isinstance(done, Answered):
            self._console.print(f"[{brief(events)}]", style="dim", markup=False)
        if self._options.show_trace:
            self._show_trace()

    def _revive_planner(self) -> None:
        """Start a vLLM that died again, beside the conversation; until it answers, the fallback plans."""
        if self._server and not self._server.alive():
            threading.Thread(target=self._server.restart, daemon=True).start()

    def _show_trace(self) -> None:
        traces = self._agent.traces.of(self._thread)
        for line in full(traces[-1]) if traces else ["No turn yet."]:
            self._say(line)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)


def run_chat(settings: Settings, ready: Ready, options: ChatOptions) -> None:
    """Hold a conversation until its end."""
    with asyncio.Runner() as runner:
        opened = open_agent(settings, ready.shelf, ready.planner_url)
        agent = runner.run(opened.__aenter__())
        try:
            runner.run(agent.warm_up())
            chat = TerminalChat(agent, options, ready.server)
            if sys.stdin.isatty():
                chat.welcome(ready.shelf.catalogue)
                _talk(chat, runner)
            else:
                for line in _piped_lines():
                    print("> " + "".join(c if c.isprintable() else "?" for c in line[:200]), flush=True)
                    if not runner.run(chat.answer(line)):
                        break
            runner.run(chat.keep())
        finally:
            runner.run(opened.__aexit__(None, None, None))


def _talk(chat: TerminalChat, runner: asyncio.Runner) -> None:
    """Prompt after prompt. Ctrl-C while thinking gives the turn up; at the prompt it leaves."""
    import readline  # noqa: F401 - line editing and history for input()

    while True:
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if not line.strip():
            continue
        try:
            if not runner.run(chat.answer(line)):
                return
        except KeyboardInterrupt:
            print("\nGiven up.")


def _piped_lines() -> Iterator[str]:
    """Messages from a pipe, one a line; empty lines are skipped, endless ones cut so that they are refused."""
    while raw := sys.stdin.buffer.readline(LINE_MAX_BYTES):
        line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        if line.strip():
            yield line
