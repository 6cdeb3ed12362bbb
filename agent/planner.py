"""Asks the model for a plan. Whatever goes wrong comes back as a reason, never as an exception."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, AsyncOpenAI
from openai.types.shared_params import ResponseFormatJSONSchema

from agent.budget import Budget
from agent.plan import Plan, plan_from_wire, plan_schema
from agent.preferences import Preferences
from agent.prompt import system_prompt, user_prompt
from agent.settings import Settings
from tools.data.catalogue import Item
from tools.shelf import Shelf

PROMPT_MESSAGE_CHARS = 2_000
"""Of a longer message the model reads the beginning; the deterministic reading reads all of it."""


@dataclass(frozen=True)
class PlannerReply:
    """What came back: a plan, or why there is none."""

    plan: Plan | None
    failure: str = ""
    raw: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    ms: float = 0.0


class Plans(Protocol):
    """Whatever makes plans: the model, or the recording of an earlier conversation."""

    async def plan(
        self,
        message: str,
        preferences: Preferences,
        slate: Sequence[Item],
        budget: Budget | None = None,
        max_tokens: int | None = None,
    ) -> PlannerReply:
        """A plan, or why there is none."""


class Planner:
    """One model behind an OpenAI-compatible server, planning over one catalogue. Made inside a running loop."""

    def __init__(self, settings: Settings, shelf: Shelf, url: str) -> None:
        self._settings = settings
        self._title = shelf.catalogue.schema.title.name
        self._system = system_prompt(shelf)
        self._format: ResponseFormatJSONSchema = {
            "type": "json_schema",
            "json_schema": {"name": "plan", "schema": plan_schema(shelf.catalogue)},
        }
        self._client = AsyncOpenAI(
            base_url=url,
            api_key=settings.planner_api_key.get_secret_value(),
            max_retries=0,
            timeout=settings.planner_timeout_s,
        )

    async def plan(
        self,
        message: str,
        preferences: Preferences,
        slate: Sequence[Item],
        budget: Budget | None = None,
        max_tokens: int | None = None,
    ) -> PlannerReply:
        """One call, bounded in tokens (by the settings where `max_tokens` is absent) and time, if the turn has both."""
        prompt = user_prompt(message[:PROMPT_MESSAGE_CHARS], preferences, slate, self._title)
        max_tokens, timeout_s = max_tokens or self._settings.plan_max_tokens, self._settings.planner_timeout_s
        if budget is None:
            return await self._ask(prompt, timeout_s, max_tokens)
        refusal = budget.call_refusal(len(self._system) + len(prompt), max_tokens)
        if refusal:
            return PlannerReply(None, f"{refusal} leaves no room for a call of the model")
        reply = await self._ask(prompt, budget.call_seconds(timeout_s), max_tokens)
        budget.charge_call(reply.ms, reply.prompt_tokens, reply.completion_tokens)
        return reply

    async def _ask(self, prompt: str, timeout_s: float, max_tokens: int) -> PlannerReply:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._client.chat.completions.create(
                    model=self._settings.planner_model,
                    messages=[
                        {"role": "system", "content": self._system},
                        {"role": "user", "content": prompt},
                    ],
                    response_format=self._format,
                    max_tokens=max_tokens,
                    temperature=0.0,
                    seed=self._settings.seed,
                )
        except (APIError, TimeoutError, ValueError) as error:
            return PlannerReply(None, _reason(error, timeout_s), ms=_ms_since(began))
        raw = _content(answer)
        prompt_tokens, completion_tokens = _used(answer, "prompt_tokens"), _used(answer, "completion_tokens")
        plan, failure = None, ""
        try:
            plan = plan_from_wire(raw)
        except ValueError as error:
            failure = f"the plan is invalid: {error}" if raw else "the planner's answer holds no plan"
        return PlannerReply(plan, failure, raw, prompt_tokens, completion_tokens, _ms_since(began))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _content(answer: object) -> str:
    """What the model wrote; empty where the answer has another shape, which the client does not check."""
    choices = getattr(answer, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    content = getattr(message, "content", None)
    return content if isinstance(content, str) else ""


def _used(answer: object, kind: str) -> int:
    count = getattr(getattr(answer, "usage", None), kind, None)
    return count if isinstance(count, int) else 0


def _reason(error: Exception, timeout_s: float) -> str:
    if isinstance(error, (APITimeoutError, TimeoutError)):
        return f"no plan within {round(timeout_s, 1):g} s"
    if isinstance(error, APIConnectionError):
        return "the planner can't be reached"
    if isinstance(error, APIStatusError):
        return f"the planner answered {error.status_code}"
    if isinstance(error, ValueError):
        return "the planner's answer is not JSON"
    return f"the planner failed ({type(error).__name__})"


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
