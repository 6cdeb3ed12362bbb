"""A turn that is killed, cancelled or fails never was; said again, it comes out as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from planner_stub import planner_stub
from talk import Turn, talk

from agent.build import open_agent
from agent.nodes import keep as keep_node
from agent.preferences import Preferences
from agent.settings import Settings
from agent.trace import Checked, Decided, Event, PlanMade, Text, ToolRan
from agent.turn import Agent
from agent.user import ANONYMOUS, User
from tools.errors import BadInputError, UnavailableError
from tools.shelf import Shelf

ROOT = Path(__file__).parents[2]
ANN = User(id="ann")
FIRST, SECOND = (
    "I loved Siege of Ruby, something under an hour",
    "remember that I hate farming games, and not the first one",
)


async def say(agent: Agent, thread: str, message: str, user: User = ANN) -> Turn:
    return Turn(message, [event async for event in agent.turn(thread, message, user)])


async def state_of(agent: Agent, thread: str) -> dict[str, object]:
    """What the next turn of a thread would start from."""
    return dict((await agent._finished(thread)).values)


def kill_at(point: str, world_home: Path, home: Path, thread: str, message: str) -> None:
    """Say a message in a process of its own and kill that at the point."""
    script = Path(__file__).with_name("killed_turn.py")
    command = [sys.executable, str(script), str(world_home), str(home), point, thread, message]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"HANGS\n"
        child.send_signal(signal.SIGKILL)
        assert child.wait(20) == -signal.SIGKILL


async def outcome(agent: Agent, turn: Turn) -> dict[str, Any]:
    """All that a turn leaves behind that a user could notice, times aside."""
    state = await state_of(agent, "t")
    return {
        "reply": turn.reply,
        "slate": turn.slate,
        "turn": state["turn"],
        "preferences": Preferences.model_validate(state["preferences"]),
        "profile": agent.profile(ANN),
        "traces": [(trace.turn, trace.message, trace.reply) for trace in agent.traces.of("t")],
        "kinds": [[event.kind for event in trace.events] for trace in agent.traces.of("t")],
    }


@pytest.mark.parametrize("point", ["in a tool", "before the trace", "before the profile", "before the checkpoint"])
async def test_a_killed_turn_said_again_in_a_new_process_is_the_same_turn(
    settings: Settings, shelf: Shelf, world_home: Path, point: str
) -> None:
    undisturbed, killed = (settings.model_copy(update={"home": settings.home / name}) for name in "ab")
    async with open_agent(undisturbed, shelf, None) as agent:
        await say(agent, "t", FIRST)
        expected = await outcome(agent, await say(agent, "t", SECOND))
    async with open_agent(killed, shelf, None) as agent:
        await say(agent, "t", FIRST)
        before = await state_of(agent, "t")
    kill_at(point, world_home, killed.home, "t", SECOND)
    async with open_agent(killed, shelf, None) as agent:
        assert await state_of(agent, "t") == before
        again = await outcome(agent, await say(agent, "t", SECOND))
    assert again == expected
    assert again["turn"] == 2
    assert [turn for turn, *_ in again["traces"]] == [1, 2]
    assert [line.constraint.field for line in again["profile"] if line.is_asked] == ["kinds"]


async def test_a_killed_first_turn_leaves_no_conversation(settings: Settings, shelf: Shelf, world_home: Path) -> None:
    kill_at("before the checkpoint", world_home, settings.home, "t", FIRST)
    async with open_agent(settings, shelf, None) as agent:
        assert await state_of(agent, "t") == {}
        turn = await say(agent, "t", FIRST)
        assert (await state_of(agent, "t"))["turn"] == 1
        assert [(trace.turn, trace.reply) for trace in agent.traces.of("t")] == [(1, turn.reply)]


STOPS = [PlanMade, ToolRan, Checked, Decided, Text]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("earlier", [0, 1])
@pytest.mark.parametrize("pause_s", [0.0, 0.05], ids=["at once", "in a moment"])
async def test_a_turn_that_is_given_up_at_any_point_never_was(
    agent: Agent, stop: type[Event], earlier: int, pause_s: float
) -> None:
    if earlier:
        await say(agent, "t", FIRST)
        await say(agent, "other", FIRST)
    before = await state_of(agent, "t")
    stream = agent.turn("t", SECOND, ANN)
    async for event in stream:
        if isinstance(event, stop):
            break
    await asyncio.sleep(pause_s)
    await stream.aclose()
    assert await state_of(agent, "t") == before
    assert len(agent.traces.of("t")) == earlier
    assert agent.profile(ANN) == []
    again, expected = await say(agent, "t", SECOND), await say(agent, "other", SECOND)
    assert (again.reply, again.slate) == (expected.reply, expected.slate)
    assert (await state_of(agent, "t"))["turn"] == earlier + 1
    assert [trace.turn for trace in agent.traces.of("t")] == list(range(1, earlier + 2))


async def test_a_turn_that_is_cancelled_while_the_model_thinks_never_was(settings: Settings, shelf: Shelf) -> None:
    with planner_stub() as stub:
        async with open_agent(settings, shelf, stub.url) as agent:
            await say(agent, "t", FIRST)
            before = await state_of(agent, "t")
            stub.delay_s = 1.0
            asked = len(stub.requests)
            task = asyncio.create_task(say(agent, "t", SECOND))
            while len(stub.requests) == asked:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await state_of(agent, "t") == before
            stub.delay_s = 0.0
            await say(agent, "t", SECOND)
            assert (await state_of(agent, "t"))["turn"] == 2


async def test_a_part_that_hangs_is_said_and_the_thread_is_as_it_was(
    settings: Settings, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hanging(*_: object) -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    monkeypatch.setattr("agent.graph.GRACE_S", 0.3)
    monkeypatch.setattr("agent.graph.check", hanging)
    async with open_agent(settings.model_copy(update={"turn_ms": 100}), shelf, None) as agent:
        with pytest.raises(UnavailableError, match=r"its part 'check' took more than 0\.4 s") as failure:
            await talk(agent, "t", "a wargame")
        assert failure.value.way_out == "Say it again."
        assert await state_of(agent, "t") == {}
        assert agent.traces.of("t") == []


async def test_what_fails_in_the_last_part_leaves_the_thread_as_it_was(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(agent, "t", FIRST)
    before = await state_of(agent, "t")
    with monkeypatch.context() as broken:
        broken.setattr(keep_node, "_answered", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await say(agent, "t", SECOND)
    assert await state_of(agent, "t") == before
    await say(agent, "t", SECOND)
    assert (await state_of(agent, "t"))["turn"] == 2


async def test_what_a_given_up_turn_said_is_not_remembered_at_the_end(agent: Agent) -> None:
    await say(agent, "t", "a wargame")
    stream = agent.turn("t", "I hate farming games", ANN)
    async for event in stream:
        if isinstance(event, ToolRan):
            break
    await stream.aclose()
    await agent.remember("t", ANN)
    assert [line.sentence for line in agent.profile(ANN)] == ["You ask for Wargame (“wargame”)."]


async def test_forgetting_leaves_nothing_of_the_words(agent: Agent, settings: Settings) -> None:
    await say(agent, "one", "remember that I hate farming games and love Siege of Ruby")
    await say(agent, "two", "a game played with dice by Ada Quill")
    await say(agent, "kept", "a party game", User(id="bob"))
    turn = await say(agent, "two", "I liked Banter of Jade. Forget everything you know about me")
    assert turn.reply.startswith("Done: I have forgotten")
    assert turn.answer.is_forgotten
    assert agent.profile(ANN) == []
    for thread in ("one", "two"):
        assert await state_of(agent, thread) == {}
        assert agent.traces.of(thread) == []
    assert len(agent.traces.of("kept")) == 1
    assert (await say(agent, "two", "a wargame", ANONYMOUS)).slate


async def test_killed_while_forgetting_nothing_is_left_of_what_the_reply_said_is_gone(
    settings: Settings, shelf: Shelf, world_home: Path
) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, "one", "remember that I hate farming games and love Siege of Ruby")
        await say(agent, "two", "a game played with dice by Ada Quill")
    kill_at("before the conversation is deleted", world_home, settings.home, "two", "forget everything about me")
    async with open_agent(settings, shelf, None) as agent:
        assert agent.profile(ANN) == []
        assert agent.traces.of("one") == agent.traces.of("two") == []
        left = await state_of(agent, "two")
        assert Preferences.model_validate(left["preferences"]) == Preferences()
        assert left["events"] == left["slate"] == []
        (turn,) = [await say(agent, "two", "something else")]
        assert "Ada Quill" not in turn.reply
    stored = b"".join(path.read_bytes() for path in settings.home.glob("threads.db*"))
    assert b"farming" not in stored
    assert b"Ada Quill" not in stored


async def test_an_interrupted_forgetting_can_be_said_again(
    settings: Settings, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_agent(settings, shelf, None) as agent:
        for thread in ("one", "two", "three"):
            await say(agent, thread, "remember that I hate farming games")
        traces, forgotten = agent.traces, list[str]()
        forget = traces.forget

        def failing(thread: str) -> None:
            forgotten.append(thread)
            if len(forgotten) == 2:
                raise UnavailableError("The disk is away.")
            forget(thread)

        with monkeypatch.context() as broken:
            broken.setattr(traces, "forget", failing)
            with pytest.raises(UnavailableError):
                await agent.forget(ANN)
        assert await agent.forget(ANN) == 3
        assert [traces.of(thread) for thread in ("one", "two", "three")] == [[], [], []]
        assert agent.profile(ANN) == []


async def test_another_users_thread_is_refused_and_nothing_is_noted(agent: Agent) -> None:
    await say(agent, "t", FIRST)
    with pytest.raises(BadInputError, match="not yours"):
        await say(agent, "t", "why the first one?", User(id="bob"))
    assert len(agent.traces.of("t")) == 1
