"""Asks the model for a plan. Whatever goes wrong comes back as a reason, never as an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agent.budget import Budget
from agent.completions import Completions
from agent.demonstrations import Demonstrations, Shown
from agent.plan import Plan
from agent.preferences import Preferences
from agent.prompt import fields_prompt, system_prompt, user_prompt
from agent.settings import TRAINED, Settings
from agent.shown_fields import all_fit
from agent.wire import plan_from_wire, plan_schema
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
    demonstrations: tuple[str, ...] = ()
    """The messages of the worked plans that the prompt held."""
    why_no_demonstrations: str = ""
    is_trained: bool = False
    """Whether the model was trained to plan."""
    certainty: float = 0.0
    """The probability of the plan's least probable token; 0 where it is not known."""


class Plans(Protocol):
    """Whatever makes plans: the model, or the recording of an earlier conversation."""

    async def plan(
        self,
        message: str,
        preferences: Preferences,
        slate: Sequence[Item],
        budget: Budget | None = None,
        max_tokens: int | None = None,
        asked: str = "",
        draft: Plan | None = None,
    ) -> PlannerReply:
        """A plan, or why there is none.

        Args:
            asked: what the field is called that the last reply asked about.
            draft: what the words say by themselves; shown to a model that was trained to mend it.
        """


class Planner:
    """One model behind an OpenAI-compatible server, planning over one catalogue. Made inside a running loop."""

    def __init__(self, settings: Settings, shelf: Shelf, url: str) -> None:
        self._settings = settings
        self._schema = shelf.catalogue.schema
        self._shelf, self._shows_all = shelf, all_fit(shelf.catalogue)
        self._prompts = {False: system_prompt(shelf), True: fields_prompt(shelf.catalogue)}
        self._is_trained: bool | None = None
        """None until the server has said what it serves."""
        self._format = {"type": "json_schema", "json_schema": {"name": "plan", "schema": plan_schema(shelf.catalogue)}}
        wanted = settings.demonstrations
        self._demonstrations = Demonstrations(shelf, settings.chroma_url, settings.seed) if wanted else None
        self._model = Completions(settings, url)

    async def plan(
        self,
        message: str,
        preferences: Preferences,
        slate: Sequence[Item],
        budget: Budget | None = None,
        max_tokens: int | None = None,
        asked: str = "",
        draft: Plan | None = None,
    ) -> PlannerReply:
        """One call, bounded in tokens (by the settings where `max_tokens` is absent) and time, if the turn has both."""
        messages, shown = await self._messages(message, preferences, slate, asked, draft)
        answer = await self._model.ask(messages, max_tokens, budget=budget, **self._options())
        plan, failure = None, answer.failure
        if not failure:
            try:
                plan = plan_from_wire(answer.text, self._schema)
            except ValueError as error:
                failure = f"the plan is invalid: {error}" if answer.text else "the planner's answer holds no plan"
        return PlannerReply(
            plan,
            failure,
            answer.text,
            answer.prompt_tokens,
            answer.completion_tokens,
            answer.ms,
            tuple(one for one, _ in shown.pairs),
            shown.why_none,
            bool(self._is_trained),
            answer.certainty if len(message) <= PROMPT_MESSAGE_CHARS else 0.0,
        )

    async def body(
        self,
        message: str,
        preferences: Preferences,
        slate: Sequence[Item],
        asked: str = "",
        draft: Plan | None = None,
    ) -> dict[str, Any]:
        """What the server is asked for a plan, by the parameters of its API."""
        messages, _ = await self._messages(message, preferences, slate, asked, draft)
        return self._model.body(messages, self._settings.plan_max_tokens, **self._options())

    def _options(self) -> dict[str, Any]:
        """Of a trained model it is asked how sure it is of each token."""
        return {"response_format": self._format} | ({"logprobs": True} if self._is_trained else {})

    async def _messages(
        self, message: str, preferences: Preferences, slate: Sequence[Item], asked: str, draft: Plan | None
    ) -> tuple[list[dict[str, str]], Shown]:
        message = message[:PROMPT_MESSAGE_CHARS]
        system = await self._system(message, preferences)
        shown = await self._shown(message)
        draft = draft if self._is_trained else None
        prompt = user_prompt(message, preferences, slate, self._schema.title.name, shown.pairs, asked, draft)
        return [{"role": "system", "content": system}, {"role": "user", "content": prompt}], shown

    async def _system(self, message: str, preferences: Preferences) -> str:
        """A model that was trained to plan is shown the fields alone; any other, instructions and worked plans too."""
        if self._is_trained is None:
            names = await self._model.names()
            self._is_trained = None if names is None else TRAINED in names
        if self._shows_all:
            return self._prompts[bool(self._is_trained)]
        known = {constraint.field for constraint in preferences.constraints}
        if self._is_trained:
            return fields_prompt(self._shelf.catalogue, message, known)
        return system_prompt(self._shelf, message, known)

    async def _shown(self, message: str) -> Shown:
        """In a thread of its own: the first use makes the bank."""
        if self._demonstrations is None:
            return Shown()
        if self._is_trained:
            return Shown(why_none="a model that was trained to plan is shown none")
        return await asyncio.to_thread(self._demonstrations.nearest, message, self._settings.demonstrations)

    async def close(self) -> None:
        """Close the connections."""
        await self._model.close()
