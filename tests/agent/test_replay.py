"""A stored conversation held again: the same plans, seed and catalogue give the same slates and replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from planner_stub import Stub

from agent.build import open_agent
from agent.replay import Replayed, began_of, replay, settings_then, slate_of
from agent.settings import TRAINED, Settings
from agent.trace import PlanMade, Trace
from agent.user import ANONYMOUS, User
from tools.errors import BadInputError
from tools.shelf import Shelf

PLAN = json.dumps({"plan": ["recommend", "prefer kinds=Wargame", "search dice", "rank popularity"]})
MESSAGES = (
    "I loved Siege of Ruby, something under an hour",
    "a game played with dice",
    "not the first one",
    "why the second one?",
    "why not Banter of Jade?",
    "something else",
)
ANN = User(id="ann", seen=("g3", "g6", "g9"))


async def held(
    settings: Settings, shelf: Shelf, url: str | None = None, user: User = ANONYMOUS, thread: str = "t"
) -> list[Trace]:
    """A conversation as it is stored."""
    async with open_agent(settings, shelf, url) as agent:
        for message in MESSAGES:
            async for _ in agent.turn(thread, message, user):
                pass
        await agent.remember(thread, user)
        return agent.traces.of(thread)


async def again(settings: Settings, shelf: Shelf, traces: Sequence[Trace]) -> list[Replayed]:
    return [one async for one in replay(settings_then(traces[0], settings), shelf, traces)]


async def test_without_a_model_it_is_the_same_and_its_own_thread_is_left_alone(
    settings: Settings, shelf: Shelf
) -> None:
    traces = await held(settings, shelf)
    stored = settings.threads_file.read_bytes()
    replayed = await again(settings, shelf, traces)
    assert [one.then.turn for one in replayed] == [1, 2, 3, 4, 5, 6]
    assert all(one.is_same for one in replayed), [one.now.reply for one in replayed if not one.is_same]
    assert settings.threads_file.read_bytes() == stored


@pytest.mark.parametrize("names", [[], [TRAINED]])
async def test_the_models_plans_are_taken_from_the_trace_and_no_model_is_asked(
    settings: Settings, shelf: Shelf, stub: Stub, names: list[str]
) -> None:
    stub.models = names
    stub.says(PLAN, logprobs=(-0.01,))
    traces = await held(settings, shelf, stub.url)
    asked = len(stub.requests)
    replayed = await again(settings, shelf, traces)
    assert len(stub.requests) == asked == len(MESSAGES)
    assert all(one.is_same for one in replayed)
    for one in replayed:
        then, now = (next(e for e in trace.events if isinstance(e, PlanMade)) for trace in (one.then, one.now))
        assert then.source == now.source == "model"
        assert (then.kept, then.dropped, then.added, then.steps) == (now.kept, now.dropped, now.added, now.steps)
        assert (then.certainty, then.overruled) == (now.certainty, now.overruled)
        assert then.is_trained is now.is_trained is bool(names)


async def test_the_settings_of_then_are_taken_not_those_of_now(settings: Settings, shelf: Shelf) -> None:
    traces = await held(settings.model_copy(update={"slate_size": 3, "seed": 4}), shelf)
    assert began_of(traces[0]).settings["slate_size"] == 3
    assert all(one.is_same for one in await again(settings, shelf, traces))


async def test_the_house_rules_of_then_are_taken_not_those_of_now(settings: Settings, shelf: Shelf) -> None:
    rules = settings.home / "rules.yaml"
    settings = settings.model_copy(update={"policies": rules})
    rules.write_text('{one_at_a_time: true, rules: [{field: price, op: "<=", value: 20}]}', encoding="utf-8")
    traces = await held(settings, shelf)
    assert began_of(traces[0]).policies["one_at_a_time"] is True
    for today in ('rules: [{field: price, op: ">=", value: 60}]', "rules: [{field: gone, op: '=', value: 1}]"):
        rules.write_text(today, encoding="utf-8")
        replayed = await again(settings, shelf, traces)
        assert all(one.is_same for one in replayed), [one.now.reply for one in replayed if not one.is_same]


async def test_rules_that_the_catalogue_of_today_can_not_keep_are_named(settings: Settings, shelf: Shelf) -> None:
    (first, *_) = await held(settings, shelf)
    rules = {"rules": [{"field": "colour", "op": "=", "value": "red"}]}
    old = replace(first, events=(began_of(first).model_copy(update={"policies": rules}), *first.events[1:]))
    with pytest.raises(BadInputError, match="rules of turn 1: there is no field 'colour'"):
        await again(settings, shelf, [old])


async def test_a_turn_from_before_the_rules_were_kept_goes_by_those_of_now(settings: Settings, shelf: Shelf) -> None:
    (first, *_) = await held(settings, shelf)
    old = replace(first, events=(began_of(first).model_copy(update={"policies": {}}), *first.events[1:]))
    rules = settings.home / "rules.yaml"
    rules.write_text("one_at_a_time: true", encoding="utf-8")
    (one,) = await again(settings.model_copy(update={"policies": rules}), shelf, [old])
    assert len(slate_of(one.now)) == 1


async def test_a_known_user_starts_from_what_was_remembered_then(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        for thread, message in (("one", "remember that I love farming games"), ("two", "something to play")):
            async for _ in agent.turn(thread, message, ANN):
                pass
        traces = agent.traces.of("two")
        await agent.forget(ANN, agent.profile(ANN)[0])  # what is known now is not what was known then
    (line,) = began_of(traces[0]).recalled
    assert "Farming" in line["sentence"]
    assert "I remember from before" in traces[0].reply
    (replayed,) = await again(settings, shelf, traces)
    assert replayed.is_same, replayed.now.reply


async def test_what_came_out_otherwise_is_told_apart(settings: Settings, shelf: Shelf) -> None:
    (first, *_) = await held(settings, shelf)
    (same,) = await again(settings, shelf, [first])
    (reworded,) = await again(settings, shelf, [replace(first, reply=first.reply + "!")])
    began = began_of(first).model_copy(update={"settings": {"slate_size": 2}})
    (shorter,) = await again(settings, shelf, [replace(first, events=(began, *first.events[1:]))])
    verdicts = [(one.is_same_slate, one.is_same_reply) for one in (same, reworded, shorter)]
    assert verdicts == [(True, True), (True, False), (False, False)]


async def test_a_conversation_without_its_beginning_is_refused(settings: Settings, shelf: Shelf) -> None:
    traces = await held(settings, shelf)
    with pytest.raises(BadInputError, match="Not all turns"):
        await again(settings, shelf, traces[1:])
