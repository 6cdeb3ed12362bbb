"""Traces: what is stored comes back as it was, by thread, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from talk import talk

from agent.build import open_agent
from agent.settings import Settings
from agent.trace import (
    Answered,
    Began,
    BudgetSpent,
    Checked,
    Event,
    PlanMade,
    StepsChosen,
    Text,
    ToolRan,
    Trace,
    TraceStore,
    Written,
    event_from,
)
from tools.shelf import Shelf

EVENTS: list[Event] = [
    Began(user={"id": "ann", "seen": ["g1"]}, recalled=[{"kind": "liked"}], settings={"seed": 3}, version="v1"),
    PlanMade(
        source="model",
        raw='{"a": "ü"}',
        intent="recommend",
        steps=[["filter_items"], ["search_items", "x"]],
        llm_ms=1.5,
    ),
    ToolRan(tool="filter_items", summary={"before": 3, "after": 1, "by": ["a", "b"]}, ms=0.25),
    ToolRan(tool="search_items", argument="x", error="UnavailableError: gone"),
    BudgetSpent(limit="turn_ms", left_out="search_items", argument="x"),
    StepsChosen(source="fallback", why_fallback="no", said=["x {}"], invalid=1, steps=[["filter_items"]], llm_calls=2),
    Checked(passed=["1"], removed=["2: must a = b"], relaxations=["without “x” there is 1 game"], replan="again"),
    Written(source="model", raw="Hi", kept=2, replaced=["a plot (not in the evidence: plot)"], llm_ms=2.5),
    Answered(slate=["1"], total_ms=10.0, llm_ms=4.0, llm_calls=1, prompt_tokens=5, completion_tokens=6),
    Text(text="Hello\n"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TraceStore]:
    opened = TraceStore(tmp_path / "new" / "threads.db")
    yield opened
    opened.close()


def test_a_trace_comes_back_as_it_was(store: TraceStore) -> None:
    trace = Trace("t", 1, "message “ü” 🎲", "reply\nof two lines", tuple(EVENTS))
    store.put(trace)
    assert store.of("t") == [trace]
    assert [type(event) for event in store.of("t")[0].events] == [type(event) for event in EVENTS]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_event_is_told_by_its_kind(event: Event) -> None:
    assert event_from(event.model_dump(mode="json")) == event


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValidationError):
        event_from({"kind": "rumour"})


def test_turns_are_in_order_and_threads_apart(store: TraceStore) -> None:
    for thread, turn in (("b", 1), ("a", 2), ("a", 10), ("a", 1), ("b", 2)):
        store.put(Trace(thread, turn, f"{thread}{turn}", "", ()))
    assert [trace.message for trace in store.of("a")] == ["a1", "a2", "a10"]
    assert [trace.message for trace in store.of("b")] == ["b1", "b2"]
    assert store.of("c") == store.of("a' OR '1'='1") == []


def test_a_repeated_turn_replaces_itself(store: TraceStore) -> None:
    store.put(Trace("t", 1, "first", "", ()))
    store.put(Trace("t", 1, "again", "", ()))
    assert [trace.message for trace in store.of("t")] == ["again"]


def test_the_latest_thread(store: TraceStore) -> None:
    assert store.latest_thread() is None
    for thread in ("a", "b", "a"):
        store.put(Trace(thread, 1, "", "", ()))
        assert store.latest_thread() == thread


def test_the_time_outside_the_model() -> None:
    assert Answered(total_ms=10.0, llm_ms=4.0).outside_ms == 6.0


async def test_a_turn_is_stored_as_it_was_streamed(world_settings: Settings, shelf: Shelf, tmp_path: Path) -> None:
    settings = world_settings.model_copy(update={"home": tmp_path})
    async with open_agent(settings, shelf, None) as agent:
        (turn,) = await talk(agent, "t", "I loved Siege of Ruby; a game with dice under an hour")
    store = TraceStore(settings.threads_file)
    (trace,) = store.of("t")
    store.close()
    assert trace.events == tuple(event for event in turn.events if not isinstance(event, Text))
    assert (trace.thread, trace.turn, trace.reply) == ("t", 1, turn.reply)
    assert [event.kind for event in trace.events] == [
        "begin", "plan", "tool", "tool", "tool", "check", "decide", "answer"
    ]  # fmt: skip
    assert turn.plan.why_fallback == "no planner is set"
    assert [tool.tool for tool in turn.tools] == ["filter_items", "search_items", "rank_items"]
    assert all(tool.ms >= 0 and not tool.error for tool in turn.tools)
    assert sum(tool.ms for tool in turn.tools) + turn.plan.reading_ms <= turn.answer.total_ms
    assert turn.checks[-1].passed[: len(turn.answer.slate)] == turn.answer.slate != []
    assert turn.answer.llm_calls == 0
