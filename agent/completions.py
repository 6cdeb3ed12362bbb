"""One call of a model behind an OpenAI-compatible server. Whatever goes wrong comes back as a reason."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openai import APIError

from agent.budget import Budget
from agent.model_server import Failures, open_client, why_no_call
from agent.settings import Settings

_NAMES_TIMEOUT_S = 2.0
_FAILURES = Failures("the planner", late="no plan", lost="can't be reached")


@dataclass(frozen=True)
class Call:
    """A tool call as a model wrote it: nothing of it is checked yet."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Completion:
    """What a model answered, or why it did not."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    failure: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    ms: float = 0.0
    certainty: float = 0.0
    """The probability of its least probable token, where `logprobs` were asked for; 0 where the server says none."""


class Completions:
    """A model's chat completions, bounded in tokens and time. Made inside a running loop."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings = settings
        self._client = open_client(settings, url, settings.planner_timeout_s)

    async def ask(
        self,
        messages: Sequence[dict[str, Any]],
        max_tokens: int | None = None,
        timeout_s: float | None = None,
        budget: Budget | None = None,
        **options: Any,
    ) -> Completion:
        """The answer to some messages; tokens and time are bounded by the settings where nothing else is said.

        Args:
            budget: what the turn has left; the call is charged to it, and not made where it does not suffice.
            options: what else the request says, such as `response_format` or `tools`.
        """
        max_tokens = max_tokens or self._settings.plan_max_tokens
        timeout_s = self._settings.planner_timeout_s if timeout_s is None else timeout_s
        if budget is None:
            return await self._ask(messages, max_tokens, timeout_s, options)
        refusal = why_no_call(budget, sum(len(str(message)) for message in messages), max_tokens)
        if refusal:
            return Completion(failure=refusal)
        done = await self._ask(messages, max_tokens, budget.call_seconds(timeout_s), options)
        budget.charge_call(done.ms, done.prompt_tokens, done.completion_tokens)
        return done

    async def _ask(
        self, messages: Sequence[dict[str, Any]], max_tokens: int, timeout_s: float, options: dict[str, Any]
    ) -> Completion:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._client.chat.completions.create(**self.body(messages, max_tokens, **options))
        except (APIError, TimeoutError, ValueError) as error:
            return Completion(failure=_FAILURES.reason(error, timeout_s), ms=_ms_since(began))
        choice = _choice(answer)
        message = getattr(choice, "message", None)
        content = getattr(message, "content", None)
        return Completion(
            text=content if isinstance(content, str) else "",
            calls=_calls(message),
            prompt_tokens=_used(answer, "prompt_tokens"),
            completion_tokens=_used(answer, "completion_tokens"),
            ms=_ms_since(began),
            certainty=_certainty(choice),
        )

    async def names(self) -> frozenset[str] | None:
        """The names of the models that the server has; None where it does not say."""
        try:
            async with asyncio.timeout(_NAMES_TIMEOUT_S):
                return frozenset([model.id async for model in self._client.models.list()])
        except (APIError, TimeoutError, ValueError, AttributeError, TypeError):
            return None

    def body(self, messages: Sequence[dict[str, Any]], max_tokens: int, **options: Any) -> dict[str, Any]:
        """What the server is asked, by the parameters of its API."""
        return {
            "model": self._settings.planner_model,
            "messages": list(messages),
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "seed": self._settings.seed,
            **options,
        }

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _choice(answer: object) -> object:
    """The first choice; None where the answer has another shape, which the client does not check."""
    choices = getattr(answer, "choices", None)
    return choices[0] if isinstance(choices, list) and choices else None


def _certainty(choice: object) -> float:
    tokens = getattr(getattr(choice, "logprobs", None), "content", None)
    if not isinstance(tokens, list) or not tokens:
        return 0.0
    said = [logprob for token in tokens if isinstance(logprob := getattr(token, "logprob", None), int | float)]
    return math.exp(min(said)) if len(said) == len(tokens) else 0.0


def _calls(message: object) -> tuple[Call, ...]:
    raw = getattr(message, "tool_calls", None)
    functions = [(one, getattr(one, "function", None)) for one in raw] if isinstance(raw, list) else []
    return tuple(
        Call(_text(one, "id") or f"call-{number}", _text(function, "name"), _text(function, "arguments"))
        for number, (one, function) in enumerate(functions)
    )


def _text(part: object, name: str) -> str:
    value = getattr(part, name, None)
    return value if isinstance(value, str) else ""


def _used(answer: object, kind: str) -> int:
    count = getattr(getattr(answer, "usage", None), kind, None)
    return count if isinstance(count, int) else 0


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
