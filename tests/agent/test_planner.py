"""The planner against a real HTTP server: a plan comes back, or a plain reason; the turn then does without it."""

from __future__ import annotations

import asyncio
import json
import math
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from planner_stub import Stub

from agent.build import open_agent
from agent.plan import Plan
from agent.planner import PROMPT_MESSAGE_CHARS, Planner, PlannerReply
from agent.preferences import Preferences
from agent.prompt import fields_prompt
from agent.settings import TRAINED, Settings, load_settings
from agent.trace import Answered, PlanMade, Text
from agent.wire import plan_schema
from serve.trace_view import lines as trace_lines
from tools.constraints import Constraint
from tools.shelf import Shelf

KEY = "sk-very-secret-key-1234"
PLAN = json.dumps({"plan": ["recommend", "kinds=Wargame"]})


@pytest.fixture
def settings(world_settings: Settings, tmp_path: Path) -> Settings:
    return load_settings(
        home=tmp_path,
        catalogue=world_settings.catalogue,
        planner_api_key=KEY,
        planner_timeout_s=0.6,
        planner_model="tiny",
    )


@pytest.fixture
async def planner(settings: Settings, shelf: Shelf, stub: Stub) -> AsyncIterator[Planner]:
    made = Planner(settings, shelf, stub.url)
    yield made
    await made.close()


async def ask(planner: Planner, message: str = "a wargame") -> PlannerReply:
    return await planner.plan(message, Preferences(), [])


async def test_a_valid_plan_comes_back_with_what_it_cost(planner: Planner, stub: Stub) -> None:
    stub.says(PLAN)
    reply = await ask(planner)
    assert reply.plan is not None
    assert [c.value for c in reply.plan.constraints] == ["Wargame"]
    assert (reply.failure, reply.raw, reply.prompt_tokens, reply.completion_tokens) == ("", PLAN, 7, 3)
    assert reply.ms > 0


async def test_the_request_is_bounded_typed_and_the_same_for_the_same_message(
    planner: Planner, stub: Stub, shelf: Shelf, settings: Settings
) -> None:
    stub.says(PLAN)
    await ask(planner)
    await ask(planner)
    first, second = stub.requests
    assert first["messages"] == second["messages"]
    assert (first["path"], first["model"]) == ("/v1/chat/completions", "tiny")
    assert (first["temperature"], first["seed"], first["max_tokens"]) == (0.0, settings.seed, settings.plan_max_tokens)
    schema = first["response_format"]["json_schema"]["schema"]
    assert schema == plan_schema(shelf.catalogue)
    assert Draft202012Validator(schema).is_valid(json.loads(PLAN))
    assert first["headers"]["authorization"] == f"Bearer {KEY}"


async def test_a_model_that_was_trained_to_plan_is_shown_the_fields_alone(
    planner: Planner, stub: Stub, shelf: Shelf
) -> None:
    stub.says(PLAN)
    assert not (await ask(planner)).is_trained, "a server that does not say has none"
    stub.models = ["tiny", TRAINED]
    draft = Plan(constraints=(Constraint(field="price", op="<=", value=20.0),))
    reply = await planner.plan("cheap ones", Preferences(), [], asked="price", draft=draft)
    assert reply.is_trained
    instructed, fields = (request["messages"][0]["content"] for request in stub.requests)
    assert fields == fields_prompt(shelf.catalogue)
    assert len(fields) < len(instructed) / 2
    assert stub.requests[-1]["messages"][1]["content"] == (
        'Asked: price\nMessage: cheap ones\nDraft: {"plan":["recommend","price<=20"]}\nPlan:'
    )


async def test_how_sure_a_trained_model_is_its_least_probable_token_says(planner: Planner, stub: Stub) -> None:
    stub.models = ["tiny", TRAINED]
    for logprobs, certainty in (((-0.01, -0.5, 0.0), math.exp(-0.5)), ((), 0.0), ((None, -0.1), 0.0)):
        stub.says(PLAN, logprobs=logprobs)
        assert (await ask(planner)).certainty == pytest.approx(certainty)
    stub.says(PLAN, logprobs=(-0.01,))
    assert (await ask(planner, "word " * 1_600)).certainty == 0, "of the whole message it knows nothing"
    assert all(request["logprobs"] for request in stub.requests)


async def test_a_turn_goes_by_a_plan_that_its_model_is_sure_of(settings: Settings, shelf: Shelf, stub: Stub) -> None:
    stub.models = ["tiny", TRAINED]
    taken = {}
    async with open_agent(settings, shelf, stub.url) as agent:
        for thread, logprob in (("sure", -0.01), ("unsure", -1.0)):
            stub.says(json.dumps({"plan": ["recommend", "minutes=60"]}), logprobs=(0.0, logprob))
            events = [event async for event in agent.turn(thread, "you don't have 60 minutes, do you?")]
            (plan,) = [event for event in events if isinstance(event, PlanMade)]
            taken[thread] = (await agent.preferences(thread)).constraints, plan
    wishes, plan = taken["sure"]
    assert [(wish.field, wish.op, wish.value) for wish in wishes] == [("minutes", "=", 60)]
    assert plan.overruled == ["must minutes != 60"]
    assert "left out of the words, by a model that is sure: must minutes != 60" in "\n".join(trace_lines([plan]))
    wishes, plan = taken["unsure"]
    assert [(wish.field, wish.op, wish.value) for wish in wishes] == [("minutes", "!=", 60)]
    assert plan.overruled == []


async def test_a_long_message_is_cut_for_the_model(planner: Planner, stub: Stub) -> None:
    stub.says(PLAN)
    await ask(planner, "word " * 1_600)
    assert len(stub.requests[0]["messages"][1]["content"]) < PROMPT_MESSAGE_CHARS + 50


async def test_what_is_no_plan_is_refused_and_the_reason_said(planner: Planner, stub: Stub) -> None:
    for content, reason in (
        ("I would play chess.", "the plan is invalid: Invalid JSON"),
        ('{"plan": ["fly"]}', "the plan is invalid: plan.0"),
        ("", "the planner's answer holds no plan"), (None, "the planner's answer holds no plan"),
        (PLAN.replace("=", "~"), "the plan is invalid: plan.1"),
    ):  # fmt: skip
        stub.says(content)
        reply = await ask(planner)
        assert reply.plan is None
        assert reply.failure.startswith(reason), reply.failure
        assert reply.raw == (content or "")
        assert "http" not in reply.failure


async def test_an_answer_that_was_cut_off_is_no_plan(planner: Planner, stub: Stub) -> None:
    stub.says(PLAN[:20], finish="length")
    reply = await ask(planner)
    assert (reply.plan, reply.raw) == (None, PLAN[:20])
    assert "EOF" in reply.failure
    assert reply.completion_tokens == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [(500, "the planner answered 500"), (401, "the planner answered 401"), (404, "the planner answered 404"),
    (429, "the planner answered 429")],
)  # fmt: skip
async def test_an_http_error_is_said_by_its_number(planner: Planner, stub: Stub, status: int, reason: str) -> None:
    stub.status, stub.body = status, json.dumps({"error": {"message": f"bad key {KEY}"}})
    reply = await ask(planner)
    assert (reply.plan, reply.failure) == (None, reason)
    assert len(stub.requests) == 1  # a turn does not wait for retries


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"choices": []}', "application/json"), ('{"choices": null}', "application/json"), ("{}", "application/json"),
        ('{"choices": [{"index": 0}]}', "application/json"), ('{"choices": [null]}', "application/json"),
        ("[]", "application/json"), ("null", "application/json"), ("{broken", "application/json"),
        ("", "application/json"),
        ("<html>It works!</html>", "text/html"), ("plain", "text/plain"),
        ('{"choices": [{"message": {"content": ["parts"]}}], "usage": {}}', "application/json"),
    ],
)  # fmt: skip
async def test_a_server_that_is_no_planner_is_seen_as_such(
    planner: Planner, stub: Stub, body: str, content_type: str
) -> None:
    stub.body, stub.content_type = body, content_type
    reply = await ask(planner)
    assert reply.plan is None
    assert reply.failure in ("the planner's answer holds no plan", "the planner's answer is not JSON")


async def test_a_slow_server_costs_its_time_out_and_no_more(planner: Planner, stub: Stub) -> None:
    stub.says(PLAN)
    stub.delay_s = 120.0
    async with asyncio.timeout(60):
        reply = await ask(planner)
    assert (reply.plan, reply.failure) == (None, "no plan within 0.6 s")


async def test_a_server_that_hangs_up(planner: Planner, stub: Stub) -> None:
    stub.hangs_up = True
    assert (await ask(planner)).failure == "the planner can't be reached"


async def test_no_server_at_all(settings: Settings, shelf: Shelf) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/v1", "not a url"):
        planner = Planner(settings, shelf, url)
        assert (await ask(planner)).failure == "the planner can't be reached"
        await planner.close()


async def test_the_key_is_shown_nowhere(planner: Planner, stub: Stub, settings: Settings) -> None:
    stub.status, stub.body = 401, json.dumps({"error": {"message": f"bad key {KEY}"}})
    reply = await ask(planner)
    for shown in (
        repr(settings),
        str(settings),
        repr(planner),
        repr(vars(planner)),
        repr(reply),
        settings.model_dump_json(),
    ):
        assert KEY not in shown


async def test_a_turn_says_that_it_went_on_without_the_planner(settings: Settings, shelf: Shelf, stub: Stub) -> None:
    stub.status, stub.body = 500, json.dumps({"error": {"message": f"bad key {KEY}"}})
    async with open_agent(settings, shelf, stub.url) as agent:
        events = [event async for event in agent.turn("t", "a wargame under an hour")]
        (plan,) = [event for event in events if isinstance(event, PlanMade)]
        assert (plan.source, plan.why_fallback) == ("fallback", "the planner answered 500")
        assert isinstance(events[-1], Answered)
        assert len(events[-1].slate) == 5
        assert "I found 5 games" in "".join(event.text for event in events if isinstance(event, Text))
        stored = agent.traces.of("t")[0]
    assert stored.events[1] == plan
    assert KEY.encode() not in settings.threads_file.read_bytes()
    assert KEY not in repr(stored)


async def test_the_planner_is_used_again_as_soon_as_it_is_back(settings: Settings, shelf: Shelf, stub: Stub) -> None:
    async with open_agent(settings, shelf, stub.url) as agent:
        stub.status = 503
        first = [event async for event in agent.turn("t", "a wargame")]
        stub.status = 200
        stub.says(PLAN)
        second = [event async for event in agent.turn("t", "a wargame under an hour")]
    plans = [event for event in (*first, *second) if isinstance(event, PlanMade)]
    assert [plan.source for plan in plans] == ["fallback", "model"]
    assert plans[1].raw == PLAN
    assert "must kinds = Wargame" in plans[1].kept
    assert plans[1].added == ["must minutes < 60"]
    done = second[-1]
    assert isinstance(done, Answered)
    assert (done.llm_calls, done.prompt_tokens, done.completion_tokens) == (1, 7, 3)
    assert 0 < done.llm_ms <= done.total_ms
    assert done.outside_ms == done.total_ms - done.llm_ms


async def test_warming_up_asks_once_and_never_fails(settings: Settings, shelf: Shelf, stub: Stub) -> None:
    stub.status = 500
    async with open_agent(settings, shelf, stub.url) as agent:
        reply = await agent.warm_up()
    assert reply is not None
    assert reply.failure == "the planner answered 500"
    assert len(stub.requests) == 1
    async with open_agent(settings, shelf, None) as agent:
        assert await agent.warm_up() is None
