"""keep: what outlives the turn besides its checkpoint, which is written after this.

A process that is killed before the checkpoint leaves the thread as before the turn. Said again, the turn has the same
number and replaces its trace, and a profile's line about the same replaces itself: nothing is there twice.
"""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agent.parts import Parts
from agent.preferences import Preferences
from agent.state import State
from agent.trace import Answered, Trace, event_from


async def keep(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """Store the trace, and what the user asked to be remembered; nothing where they asked to be forgotten."""
    parts, turn = runtime.context, state["turn"]
    done = _answered(state, parts)
    runtime.stream_writer(done.model_dump())
    if state["is_forgotten"]:
        return {}
    assert runtime.execution_info is not None
    thread = runtime.execution_info.thread_id or ""
    events = (*map(event_from, state["events"]), done)
    async with parts.keeper.writing:
        parts.keeper.traces.put(Trace(thread, turn, state["message"], state["reply"], events))
        user = state["user"]["id"]
        if parts.profiles and user and state["plan"]["talk"] == "profile":
            parts.profiles.tell(user, thread, parts.profiles.of(user))
        if state["plan"]["is_to_keep"]:
            known = Preferences.model_validate(state["preferences"])
            parts.keeper.remember(user, thread, known, parts.shelf.catalogue, turn)
    return {}


def _answered(state: State, parts: Parts) -> Answered:
    budget = parts.budget
    is_written = any(event["kind"] == "written" and event["source"] == "model" for event in state["events"])
    return Answered(
        writer="model" if is_written else "template",
        slate=state["picks"],
        total_ms=budget.spent_ms,
        llm_ms=budget.llm_ms,
        llm_calls=budget.llm_calls,
        prompt_tokens=budget.prompt_tokens,
        completion_tokens=budget.completion_tokens,
        is_forgotten=state["is_forgotten"],
    )
