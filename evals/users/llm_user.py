"""A simulated user who is played by a model behind an OpenAI-compatible server.

The model is told a person and what the wanted item is like, never its title, and goes on with the conversation. Where
it is late, fails or writes rubbish, the rules' sentence is said instead, and counted. The leak guard stands behind it.
"""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from agent.completions import Completions
from agent.settings import Settings
from agent.wording import say_value
from evals.outcome import Exchange
from evals.users.leaks import LeakGuard
from evals.users.seeker import NOT_SAID
from evals.users.voice import Voice
from evals.world import UserModel
from tools.data.catalogue import Item
from tools.data.schema import Schema

MANNERS = (
    "You write briefly and casually.",
    "You are polite and write whole sentences.",
    "You are in a hurry and rather blunt.",
    "You are unsure how to put what you want.",
)
MOST_TOKENS = 80
MOST_CHARS = 300
"""A longer message is no sentence of somebody who chats."""
_HEARD_CHARS = 1_200
"""So much of each answer is told to the model: a slate of fifty would fill its context."""
_RUBBISH = re.compile(r"<\||```|^\s*[{\[<]|^\s*(?:assistant|system|user|recommender)\s*:|https?://", re.IGNORECASE)
_FEW_DIFFERENT = 0.4
"""A text with a smaller share of different words goes round in circles."""


def persona(target: Item, schema: Schema, guard: LeakGuard, draw: str) -> str:
    """What the model is told: who it is, what it wants, and that it keeps the name to itself. Holds no value that
    the guard would take for the item's name.

    Args:
        draw: what their manner is drawn from.
    """
    manner = random.Random(draw).choice(MANNERS)  # noqa: S311 - no secret
    hidden = {schema.title.name, *schema.aliases}
    known = [
        f"{field.label}: {said}"
        for field in schema.fields
        if field.name not in hidden and field.role not in NOT_SAID and target.values.get(field.name) not in (None, [])
        if field.type != "text" and not guard.leak(said := say_value(field, target.values[field.name]))
    ]
    return (
        f"You play a person who chats with a recommender of {schema.items}. {manner}\n"
        f"You want one certain {schema.item}. What you know of it: {'; '.join(known) or 'nothing'}.\n"
        f"You don't know its title: never guess or name one. If asked, answer from what you know. If what is"
        f" recommended does not fit, say why, or say one more thing that you want. Write one or two sentences, nothing"
        f" else."
    )


class LlmVoice(Voice):
    """One person as a model plays them."""

    def __init__(self, completions: Completions, system: str, most_s: float) -> None:
        self._completions, self._system, self._most_s = completions, system, most_s
        self._asked = self._by_rule = 0

    async def say(self, draft: str, so_far: Sequence[Exchange]) -> str:
        """The model's next message; the draft where it has none that can be sent."""
        self._asked += 1
        done = await self._completions.ask(self._messages(draft, so_far), MOST_TOKENS, self._most_s)
        text = done.text.strip().strip('"').strip()
        if done.failure or is_rubbish(text):
            self._by_rule += 1
            return draft
        return text

    def _messages(self, draft: str, so_far: Sequence[Exchange]) -> list[dict[str, str]]:
        hint = "" if so_far else f" (You could say: {draft})"
        messages = [
            {"role": "system", "content": self._system},
            {"role": "user", "content": f"Hello! What are you looking for?{hint}"},
        ]
        for one in so_far:
            messages.append({"role": "assistant", "content": one.message})
            messages.append({"role": "user", "content": one.reply[:_HEARD_CHARS] or "(no answer)"})
        return messages

    def values(self) -> dict[str, float]:
        """How often the model was asked, and how often the rules spoke instead."""
        return {"asked of the model": float(self._asked), "by rule": float(self._by_rule)}


def is_rubbish(text: str) -> bool:
    """Whether a text is nothing that a person would type: empty, endless, markup, a transcript, going in circles."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not any(len(word) > 1 for word in words) or len(text) > MOST_CHARS or _RUBBISH.search(text):
        return True
    return len(words) > 8 and len(set(words)) < _FEW_DIFFERENT * len(words)


@asynccontextmanager
async def voice_of(model: UserModel | None, settings: Settings, system: str) -> AsyncIterator[Voice]:
    """The model's voice, or where there is none, the rules'."""
    if model is None:
        yield Voice()
        return
    changes = {"planner_model": model.name, "planner_api_key": model.key, "planner_timeout_s": model.most_s}
    completions = Completions(settings.model_copy(update=changes), model.url)
    try:
        yield LlmVoice(completions, system, model.most_s)
    finally:
        await completions.close()
