"""Any agent behind an OpenAI-compatible URL. It gets the whole conversation with every message, as chat models do.

Whatever it does instead of answering (late, endless, broken, gone) becomes an answer with an error: scored as such,
counted in the tables, and the run goes on.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx2
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, AsyncOpenAI, DefaultAsyncHttpxClient
from openai.types.chat import ChatCompletionMessageParam as Message
from pydantic import SecretStr

from agent.settings import secret
from agent.user import ANONYMOUS, User
from evals.contestants.briefing import briefing
from evals.contestants.contract import Contestant, Entry, Heard
from evals.contestants.reply_reading import ReplyReader, abstains
from evals.world import World
from tools.errors import BadInputError

TIMEOUT_S = 60.0
MOST_CHARS = 20_000
"""A longer answer is none."""
MOST_BYTES = 100 * MOST_CHARS
"""Of one HTTP response: a chunk of a stream may hold a single character."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


@dataclass(frozen=True)
class Address:
    """Where an agent is."""

    url: str
    model: str
    key: SecretStr
    timeout_s: float = TIMEOUT_S
    """For one answer, from the request to its last character."""


@dataclass
class _Answer:
    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""


class _TooMuchError(ValueError):
    """More was sent than is read."""


class Remote(Contestant):
    """An agent elsewhere. Made inside a running loop."""

    def __init__(self, name: str, address: Address, client: AsyncOpenAI, world: World) -> None:
        self.name = name  # type: ignore[misc]
        self._address, self._client, self._world = address, client, world
        self._reader = ReplyReader(world.shelf)
        self._told: dict[str, list[Message]] = {}

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        """Its answer. A message that was not answered is not part of the conversation afterwards."""
        before = self._told.get(thread) or [{"role": "system", "content": briefing(self._world, user)}]
        asked: list[Message] = [*before, {"role": "user", "content": message}]
        began = time.perf_counter()
        answer = await self._ask(asked)
        total_ms = (time.perf_counter() - began) * 1000
        if answer.error:
            return Heard("", total_ms=total_ms, error=answer.error)
        self._told[thread] = [*asked, {"role": "assistant", "content": answer.text}]
        messages = [str(one.get("content")) for one in asked if one["role"] == "user"]
        found = await asyncio.to_thread(self._reader.items, answer.text, messages)  # others are being timed meanwhile
        shown = tuple(found[: self._world.settings.slate_size])
        return Heard(
            answer.text,
            shown,
            abstained=not shown and abstains(answer.text),
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            total_ms=total_ms,
        )

    async def _ask(self, messages: Sequence[Message]) -> _Answer:
        answer = _Answer()
        try:
            async with asyncio.timeout(self._address.timeout_s):
                stream = await self._client.chat.completions.create(
                    model=self._address.model,
                    messages=messages,
                    stream=True,
                    stream_options={"include_usage": True},
                )
                async with stream:
                    kind = stream.response.headers.get("content-type", "").partition(";")[0].strip()
                    if kind == "application/json":
                        await _read_whole(stream.response, answer)
                    else:
                        async for chunk in stream:
                            _add(chunk, answer)
                if kind == "text/html" and not answer.text:
                    answer.error = "it sent a web page: its URL may lack the /v1"
        except (APIError, httpx2.HTTPError, TimeoutError, ValueError, RecursionError) as error:
            answer.error = _reason(error, self._address.timeout_s)
        key = self._address.key.get_secret_value()
        answer.text = answer.text.replace(key, "[key]") if key else answer.text
        if not answer.error and not answer.text.strip():
            answer.error = "its answer is empty"
        if not answer.error and _NO_TEXT.search(answer.text):
            answer.error = "its answer is not text"
        return answer


def agents(
    urls: Sequence[str], models: Sequence[str] = (), keys: Sequence[str] = (), timeout_s: float = TIMEOUT_S
) -> list[Entry]:
    """Agents as the command line names them.

    Args:
        urls: of each agent `NAME=URL`.
        models: `NAME=MODEL`, where the model that it is asked for is not the agent's name.
        keys: `NAME=VARIABLE`: the environment variable that holds its key. No other agent gets to see it.

    Raises:
        BadInputError: it is not of this form, names no agent, or there is no such variable.
    """
    at, asked_for, variables = _pairs("--agent", urls), _pairs("--agent-model", models), _pairs("--agent-key-env", keys)
    for option, given in (("--agent-model", asked_for), ("--agent-key-env", variables)):
        for name in given.keys() - at.keys():
            raise BadInputError(
                f"{option} names {name!r}, but there is no agent of that name.", "Name its URL: --agent."
            )
    entries = []
    for name, url in at.items():
        _check_url(name, url)
        key = secret(variables[name]) if name in variables else SecretStr("")
        entries.append(_entry(name, Address(url, asked_for.get(name, name), key, timeout_s)))
    return entries


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not value or not _NAME.fullmatch(name):
            raise BadInputError(f"{option} takes NAME=VALUE, with letters, digits, `_`, `.` and `-` in the name.")
        if name in pairs:
            raise BadInputError(f"{option} names {name!r} twice.")
        pairs[name] = value
    return pairs


def _check_url(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInputError(f"The URL of the agent {name!r} is none.", "It looks like http://localhost:8000/v1.")
    if parts.username or parts.password or parts.query:
        raise BadInputError(
            f"The URL of the agent {name!r} holds more than an address, and would be kept with the run.",
            f"Put its key into an environment variable and name that: --agent-key-env {name}=VARIABLE.",
        )


def _entry(name: str, address: Address) -> Entry:
    def opened(world: World) -> AbstractAsyncContextManager[Contestant]:
        return _opened(name, address, world)

    return Entry(name, f"an agent at {address.url}, asked for the model {address.model}", opened)


@asynccontextmanager
async def _opened(name: str, address: Address, world: World) -> AsyncIterator[Contestant]:
    client = AsyncOpenAI(
        base_url=address.url,
        api_key=address.key.get_secret_value() or "none",
        max_retries=1,
        timeout=address.timeout_s,
        http_client=DefaultAsyncHttpxClient(event_hooks={"response": [_bound]}),
    )
    async with client:
        yield Remote(name, address, client, world)


class _Bounded(httpx2.AsyncByteStream):
    """A stream that ends in an error where it is too long. What is read of it ends with it, and not some time later."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream, self._count = stream, 0
        self._pieces: AsyncIterator[bytes] | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._pieces = aiter(self._stream)
        return self

    async def __anext__(self) -> bytes:
        assert self._pieces is not None
        piece = await anext(self._pieces)
        self._count += len(piece)
        if self._count > MOST_BYTES:
            raise _TooMuchError
        return piece

    async def aclose(self) -> None:
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


async def _read_whole(response: httpx2.Response, answer: _Answer) -> None:
    """Of a server that does not stream: the one JSON object."""
    body = await response.aread()
    _add(json.loads(body, object_hook=lambda fields: SimpleNamespace(**fields)), answer)


def _add(chunk: object, answer: _Answer) -> None:
    """Add a chunk of a stream, or a whole completion. The client does not check their shape."""
    choices = getattr(chunk, "choices", None)
    first = choices[0] if isinstance(choices, list) and choices else None
    piece = getattr(getattr(first, "delta", None) or getattr(first, "message", None), "content", None)
    answer.text += piece if isinstance(piece, str) else ""
    if len(answer.text) > MOST_CHARS:
        raise _TooMuchError
    usage = getattr(chunk, "usage", None)
    for kind in ("prompt_tokens", "completion_tokens"):
        count = getattr(usage, kind, None)
        if isinstance(count, int) and count >= 0:
            setattr(answer, kind, count)


def _reason(error: Exception, timeout_s: float) -> str:
    """In words of our own: what a server says in its errors may hold the key."""
    if isinstance(error, _TooMuchError) or isinstance(error.__cause__, _TooMuchError):
        return f"its answer is longer than {MOST_CHARS:,} characters"
    if isinstance(error, APITimeoutError | TimeoutError | httpx2.TimeoutException):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, APIStatusError):
        return f"it answered {error.status_code}{' twice' if error.status_code >= 500 else ''}"
    if isinstance(error, APIConnectionError | httpx2.HTTPError):
        is_gone = isinstance(error.__cause__, httpx2.ConnectError)
        return "it can't be reached" if is_gone else "the connection broke off"
    if isinstance(error, APIError):
        return "it sent an error instead of an answer"
    return "what it sent can't be read"
