"""A turn's budgets: what is left out when they are spent, that the rest is answered, and that the trace says so."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time

import pytest
from planner_stub import Stub
from talk import Turn, items_of, talk

from agent.budget import Budget
from agent.build import open_agent
from agent.settings import Settings, load_settings
from agent.trace import BudgetSpent
from tools.contract import ToolResult
from tools.filter import FilterItems
from tools.rank import RankItems
from tools.search import SearchItems
from tools.shelf import Shelf

PLAN = json.dumps({"plan": ["recommend", "kinds=Wargame"]})
DICE = "I loved Siege of Ruby; a game played with dice under an hour"


@pytest.fixture
def stub(stub: Stub) -> Stub:
    stub.says(PLAN)
    return stub


def cuts(turn: Turn) -> list[tuple[str, str, str]]:
    """What was left out of a turn, and for which limit."""
    return [(e.limit, e.left_out, e.argument) for e in turn.events if isinstance(e, BudgetSpent)]


async def one_turn(settings: Settings, shelf: Shelf, message: str, url: str | None = None) -> Turn:
    async with open_agent(settings, shelf, url) as agent:
        (turn,) = await talk(agent, "t", message)
        (stored,) = agent.traces.of("t")
        assert [event for event in turn.events if isinstance(event, BudgetSpent)] == [
            event for event in stored.events if isinstance(event, BudgetSpent)
        ]
    return turn


async def test_by_default_nothing_is_left_out(settings: Settings, shelf: Shelf, stub: Stub) -> None:
    turn = await one_turn(settings, shelf, DICE, stub.url)
    assert cuts(turn) == []
    assert turn.plan.source == "model"
    assert [tool.tool for tool in turn.tools] == ["filter_items", "search_items", "rank_items"]
    assert "looking for" in turn.reply


async def test_when_the_time_is_spent_the_search_is_left_out_and_the_demands_hold(
    settings: Settings, shelf: Shelf
) -> None:
    turn = await one_turn(settings.model_copy(update={"turn_ms": 1}), shelf, DICE)
    ((limit, left_out, query),) = cuts(turn)
    assert (limit, left_out) == ("turn_ms", "search_items")
    assert "dice" in query
    assert turn.reply.startswith(f"I could not look for “{query}” this time, so I went by the rest.")
    assert "looking for" not in turn.reply
    assert len(turn.slate) == 5
    assert all(item.values["minutes"] < 60 for item in items_of(shelf, turn.slate))


async def test_what_was_left_out_is_looked_for_in_the_next_turn(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings.model_copy(update={"turn_ms": 1}), shelf, None) as agent:
        await talk(agent, "t", DICE)
    async with open_agent(settings, shelf, None) as agent:
        (turn,) = await talk(agent, "t", "cheaper")
    assert "search_items" in [tool.tool for tool in turn.tools]
    assert all("dice" in item.values["description"] for item in items_of(shelf, turn.slate))


async def test_steps_are_kept_for_what_no_answer_goes_without(settings: Settings, shelf: Shelf) -> None:
    turn = await one_turn(settings.model_copy(update={"turn_steps": 2}), shelf, DICE)
    assert [(limit, left_out) for limit, left_out, _ in cuts(turn)] == [("turn_steps", "search_items")]
    assert [tool.tool for tool in turn.tools] == ["filter_items", "rank_items"]
    assert len(turn.slate) == 5


async def test_a_second_try_counts_too(settings: Settings, shelf: Shelf) -> None:
    message = "wargames about quantum chromodynamics"
    turn = await one_turn(settings.model_copy(update={"turn_steps": 4}), shelf, message)
    assert len(turn.tools) == 3
    assert [check.replan for check in turn.checks] == [""]
    assert turn.reply.startswith("Nothing in the catalogue fits")
    again = await one_turn(settings.model_copy(update={"turn_steps": 5, "home": settings.home / "b"}), shelf, message)
    assert len(again.tools) == 5
    assert len(again.slate) == 5


@pytest.mark.parametrize("tokens", [0, 500])
async def test_a_call_that_the_tokens_do_not_suffice_for_is_not_made(
    settings: Settings, shelf: Shelf, stub: Stub, tokens: int
) -> None:
    turn = await one_turn(settings.model_copy(update={"turn_tokens": tokens}), shelf, "a wargame", stub.url)
    assert stub.requests == []
    assert (turn.plan.source, turn.plan.why_fallback) == (
        "fallback",
        "turn_tokens leaves no room for a call of the model",
    )
    assert (turn.answer.llm_calls, turn.answer.prompt_tokens) == (0, 0)
    assert len(turn.slate) == 5


async def test_a_slow_model_leaves_time_for_the_tools(settings: Settings, shelf: Shelf, stub: Stub) -> None:
    stub.delay_s = 120.0
    async with asyncio.timeout(60):
        turn = await one_turn(settings.model_copy(update={"turn_ms": 1_000}), shelf, DICE, stub.url)
    assert turn.plan.why_fallback == "no plan within 0.8 s"
    assert "search_items" in [tool.tool for tool in turn.tools]
    assert cuts(turn) == []


def test_the_tokens_of_earlier_calls_count() -> None:
    budget = Budget(load_settings(turn_tokens=1_000))
    assert budget.call_refusal(1_500, 220) is None
    budget.charge_call(5.0, 480, 60)
    assert budget.call_refusal(1_500, 220) == "turn_tokens"
    assert budget.call_refusal(600, 220) is None


class Hanging(SearchItems):
    """A search that hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def run(self, arguments, shelf, wishes, candidates):  # type: ignore[no-untyped-def]
        self.let_go.wait(120)
        return ToolResult(candidates, {})


async def test_a_search_that_hangs_costs_what_is_left_of_the_turn(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings.model_copy(update={"turn_ms": 2_000}), shelf, None) as agent:
        agent.parts.tools["search_items"] = hanging = Hanging()
        try:
            async with asyncio.timeout(60):
                (turn,) = await talk(agent, "t", DICE)
        finally:
            hanging.let_go.set()
    (search,) = [tool for tool in turn.tools if tool.tool == "search_items"]
    assert search.error.startswith("TimeoutError: nothing within ")
    assert "I could not look for" in turn.reply
    assert len(turn.slate) == 5


class Locked(FilterItems):
    """A tool whose file another process has locked."""

    def run(self, arguments, shelf, wishes, candidates):  # type: ignore[no-untyped-def]
        raise sqlite3.OperationalError("database is locked")


async def test_a_locked_file_costs_a_tool_its_step(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        agent.parts.tools["filter_items"] = Locked()
        (turn,) = await talk(agent, "t", "farming games")
    assert turn.tools[0].error == "OperationalError: database is locked"
    assert all("Farming" in item.values["kinds"] for item in items_of(shelf, turn.slate))


async def test_a_lock_that_is_held_for_a_moment_is_waited_for(
    settings: Settings, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await talk(agent, "t", "a wargame")
        agent.traces._db.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(settings.threads_file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        tries = []
        put = agent.traces.put

        def counted(trace):  # type: ignore[no-untyped-def]
            tries.append(trace.turn)
            if len(tries) == 3:
                other.execute("COMMIT")
            put(trace)

        monkeypatch.setattr(agent.traces, "put", counted)
        (turn,) = await talk(agent, "t", "under an hour")
        other.close()
        assert tries == [2, 2, 2]
        assert [trace.turn for trace in agent.traces.of("t")] == [1, 2]
        assert agent.traces.of("t")[1].reply == turn.reply


def test_a_needed_tool_runs_without_any_time_left(settings: Settings) -> None:
    budget = Budget(settings.model_copy(update={"turn_ms": 1}))
    time.sleep(0.002)
    assert budget.refusal("filter_items", ["rank_items"]) is None
    assert budget.step("rank_items", RankItems.timeout_s) == RankItems.timeout_s
    assert budget.refusal("diversify", []) == "turn_ms"
