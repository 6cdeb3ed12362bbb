"""Who words what a simulated user says: the rules themselves, or a model."""

from __future__ import annotations

from collections.abc import Sequence

from evals.outcome import Exchange


class Voice:
    """The rules' own sentences, as they are."""

    async def say(self, draft: str, so_far: Sequence[Exchange]) -> str:
        """What is said next.

        Args:
            draft: what the rules would say.
            so_far: the conversation until now.
        """
        return draft

    def values(self) -> dict[str, float]:
        """What was counted, for an outcome."""
        return {}
