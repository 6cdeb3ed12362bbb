"""forget: what is known of the user goes before the reply says so, and the state that the turn leaves is blank."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agent.parts import Parts
from agent.preferences import Preferences
from agent.state import State


async def forget(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """Nothing of the conversation is left for the checkpoint; the caller then deletes that one too."""
    user = state["user"]["id"]
    if not (runtime.context.profiles and user):
        return {}
    await runtime.context.keeper.forget(user)
    blank = dict.fromkeys(("slate", "unjudged", "focus", "picks", "notes", "events"), ())
    return {
        "is_forgotten": True,
        "message": "",
        "preferences": Preferences().model_dump(),
        "before": {},
        "question": None,
        **{name: [*value] for name, value in blank.items()},
    }
