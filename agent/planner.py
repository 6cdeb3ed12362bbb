"""Asks the model for a plan. Whatever goes wrong comes back as a reason, never as an exception."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, AsyncOpenAI
from openai.types.shared_params import ResponseFormatJSONSchema

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

    async def plan(self, message: str, preferences: Preferences, slate: Sequence[Item]) -> PlannerReply:
        """One call, bounded in tokens and time."""
        began = time.perf_counter()
        prompt = user_prompt(message[:PROMPT_MESSAGE_CHARS], preferences, slate, self._title)
        try:
            async with asyncio.timeout(self._settings.planner_timeout_s):
                answer = await self._client.chat.completions.create(
                    model=self._settings.planner_model,
                    messages=[
                        {"role": "system", "content": self._system},
                        {"role": "user", "content": prompt},
                    ],
                    response_format=self._format,
                    max_tokens=self._settings.plan_max_tokens,
                    temperature=0.0,
                    seed=self._settings.seed,
                )
        except (APIError, TimeoutError) as error:
            return PlannerReply(None, _reason(error, self._settings.planner_timeout_s), ms=_ms_since(began))
        raw = (answer.choices[0].message.content or "") if answer.choices else ""
        used = answer.usage
        prompt_tokens, completion_tokens = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
        plan, failure = None, ""
        try:
            plan = plan_from_wire(raw)
        except ValueError as error:
            failure = f"the plan is invalid: {error}"
        return PlannerReply(plan, failure, raw, prompt_tokens, completion_tokens, _ms_since(began))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _reason(error: Exception, timeout_s: float) -> str:
    if isinstance(error, (APITimeoutError, TimeoutError)):
        return f"no plan within {timeout_s:g} s"
    if isinstance(error, APIConnectionError):
        return "the planner can't be reached"
    if isinstance(error, APIStatusError):
        return f"the planner answered {error.status_code}"
    return f"the planner failed ({type(error).__name__})"


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
