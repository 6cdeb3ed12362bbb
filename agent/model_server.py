"""What who asks a model's server shares: the client, the budget's refusal, and words for what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI

from agent.budget import Budget
from agent.settings import Settings


def open_client(settings: Settings, url: str, timeout_s: float) -> AsyncOpenAI:
    """A client of an OpenAI-compatible server that tries once. Made inside a running loop."""
    key = settings.planner_api_key.get_secret_value()
    return AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=timeout_s)


def why_no_call(budget: Budget, prompt_chars: int, max_tokens: int) -> str:
    """Why the budget does not suffice for a call; empty where it does."""
    limit = budget.call_refusal(prompt_chars, max_tokens)
    return f"{limit} leaves no room for a call of the model" if limit else ""


@dataclass(frozen=True)
class Failures:
    """How one who asks says why no answer came."""

    who: str
    """Who did not answer: `the planner`."""
    late: str
    """What did not come in time: `no plan`."""
    lost: str
    """What is said of it where no connection holds."""

    def reason(self, error: Exception, timeout_s: float) -> str:
        """The error in words."""
        if isinstance(error, (APITimeoutError, TimeoutError, httpx.TimeoutException)):
            return f"{self.late} within {round(timeout_s, 1):g} s"
        if isinstance(error, APIStatusError):
            return f"{self.who} answered {error.status_code}"
        if isinstance(error, (APIConnectionError, httpx.HTTPError)):
            return f"{self.who} {self.lost}"
        if isinstance(error, ValueError):
            return f"{self.who}'s answer is not JSON"
        return f"{self.who} failed ({type(error).__name__})"
