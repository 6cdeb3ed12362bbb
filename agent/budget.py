"""What one turn may spend: milliseconds, tool runs, tokens. What is left out when it is spent, the trace says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from agent.settings import Settings

Limit = Literal["turn_ms", "turn_steps", "turn_tokens"]

NEEDED = frozenset({"filter_items", "rank_items"})
"""Without what was demanded, and without an order, there is no answer: these run when the time is spent, too."""
CALL_SHARE = 0.8
"""The share of the time left that one model call may take, so that some is left for the tools."""
CHARS_A_TOKEN = 3
"""A prompt has about so many; before a call its tokens can only be estimated."""


class Budget:
    """A turn's budget. It lives in memory alone: a turn that is said again has all of it again."""

    def __init__(self, settings: Settings) -> None:
        self._began, self._ms = time.perf_counter(), settings.turn_ms
        self.steps_left = settings.turn_steps
        self._tokens = settings.turn_tokens
        self.llm_ms, self.llm_calls = 0.0, 0
        self.prompt_tokens, self.completion_tokens = 0, 0

    @property
    def spent_ms(self) -> float:
        """Since the turn began, milliseconds."""
        return (time.perf_counter() - self._began) * 1000

    @property
    def seconds_left(self) -> float:
        """Never less than 0."""
        return max(0.0, (self._ms - self.spent_ms) / 1000)

    def refusal(self, tool: str, later: Sequence[str]) -> Limit | None:
        """The limit that forbids this tool; None where it may run.

        Args:
            later: the tools that the plan has after it; steps are kept for those of them that are needed.
        """
        is_needed = tool in NEEDED
        kept = 0 if is_needed else sum(name in NEEDED for name in later)
        if self.steps_left <= kept:
            return "turn_steps"
        return None if is_needed or self.seconds_left > 0 else "turn_ms"

    def step(self, tool: str, timeout_s: float) -> float:
        """Take a step for this tool; the seconds that it may take."""
        self.steps_left -= 1
        return timeout_s if tool in NEEDED else min(timeout_s, self.seconds_left)

    @property
    def can_replan(self) -> bool:
        """Whether there are steps for another try."""
        return self.steps_left >= len(NEEDED)

    def call_refusal(self, prompt_chars: int, max_tokens: int) -> Limit | None:
        """The limit that forbids a model call with this prompt and at most so many tokens in return."""
        spent = self.prompt_tokens + self.completion_tokens
        if spent + prompt_chars // CHARS_A_TOKEN + max_tokens > self._tokens:
            return "turn_tokens"
        return None if self.seconds_left > 0 else "turn_ms"

    def call_seconds(self, timeout_s: float) -> float:
        """How long a model call may take that would have so many seconds."""
        return min(timeout_s, CALL_SHARE * self.seconds_left)

    def charge_call(self, ms: float, prompt_tokens: int, completion_tokens: int) -> None:
        """Note what a model call took."""
        self.llm_ms += ms
        self.llm_calls += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
