"""The terminal conversation: streaming on a terminal, one message a line from a pipe."""

from __future__ import annotations

import asyncio
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from agent.build import open_agent
from agent.settings import Settings
from agent.trace import Answered, Event, PlanMade, Text, ToolRan
from agent.turn import Agent
from serve.output import explain, fail
from serve.startup import Ready
from serve.trace_view import brief, full
from serve.vllm_server import VllmServer
from tools.data.catalogue import Catalogue

HELP = """/trace  what the plan was, which tools ran, how long each took, tokens
/new    start a new conversation
/help   this
/quit   leave (also Ctrl-D)"""
LINE_MAX_BYTES = 4_000_000


@dataclass
class ChatOptions:
    """How a conversation is shown."""

    thread: str | None = None
    """The conversation to go on with; a new one where absent."""
    show_trace: bool = False
    """Whether the whole trace follows each answer."""


class TerminalChat:
    """One person at a terminal, or a file of messages."""

    def __init__(self, agent: Agent, options: ChatOptions, server: VllmServer | None) -> None:
        self._agent, self._options, self._server = agent, options, server
        self._thread = options.thread or uuid.uuid4().hex[:12]
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
            self._thread = uuid.uuid4().hex[:12]
            self._say("A new conversation.")
        elif command == "/trace":
            self._show_trace()
        elif command.startswith("/"):
            self._say(f"There is no command {command.split()[0]}.\n{HELP}")
        else:
            await self._turn(message)
        return True

    async def _turn(self, message: str) -> None:
        self._revive_planner()
        events = list[Event]()
        try:
            with self._console.status("thinking") as status:
                async for event in self._agent.turn(self._thread, message):
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
