"""Planning step by step: the model chooses the tools, the words keep their musts, and any fault is survived."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from planner_stub import Stub
from talk import Turn, items_of, talk

from agent.build import open_agent
from agent.chooser import CHOOSABLE, function_schema
from agent.settings import Settings, load_settings
from agent.turn import Agent
from serve.vllm_server import VllmServer
from tools.registry import standard_tools
from tools.shelf import Shelf

FILTER, RANK = ("filter_items", "{}"), ("rank_items", '{"by": "preference"}')


@pytest.fixture
def settings(world_settings: Settings, tmp_path: Path) -> Settings:
    return load_settings(
        home=tmp_path, catalogue=world_settings.catalogue, planning="step-by-step", planner_timeout_s=2.0
    )


@pytest.fixture
async def agent(settings: Settings, shelf: Shelf, stub: Stub) -> AsyncIterator[Agent]:
    async with open_agent(settings, shelf, stub.url) as opened:
        yield opened


async def turn(agent: Agent, message: str) -> Turn:
    (only,) = await talk(agent, "t", message)
    return only


def ran(turn: Turn) -> list[tuple[str, str]]:
    return [(event.tool, event.argument) for event in turn.tools]


def heard(stub: Stub) -> list[str]:
    """What the model was told of its calls."""
    return [one["content"] for one in stub.requests[-1]["messages"] if one["role"] == "tool"]


async def test_the_model_chooses_the_tools_and_hears_what_they_did(agent: Agent, stub: Stub, shelf: Shelf) -> None:
    stub.calls([FILTER], [("similar_items", '{"title": "Siege of Ruby"}')], [RANK])
    done = await turn(agent, "a wargame under an hour")
    assert ran(done) == [("filter_items", ""), ("similar_items", "Siege of Ruby"), ("rank_items", "preference")]
    assert (done.chosen.source, done.chosen.added, done.chosen.invalid) == ("model", [], 0)
    assert done.chosen.said[:2] == ["filter_items {}", 'similar_items {"title": "Siege of Ruby"}']
    assert done.plan.source == "words"
    for item in items_of(shelf, done.slate):
        assert "Wargame" in item.values["kinds"]
        assert item.values["minutes"] < 60
    told = heard(stub)
    assert len(told) == 3
    assert told[0].startswith(f"{done.tools[0].summary['after']} candidates are left. The first: ")
    assert told[2].count(";") == 4
    assert (done.answer.llm_calls, done.answer.prompt_tokens, done.answer.completion_tokens) == (4, 28, 12)
    assert 0 < done.answer.llm_ms <= done.answer.total_ms


async def test_the_request_names_the_tools_and_what_is_known(agent: Agent, stub: Stub) -> None:
    stub.calls([FILTER])
    await turn(agent, "I loved Siege of Ruby; a wargame about pirates")
    first = stub.requests[0]
    assert [tool["function"]["name"] for tool in first["tools"]] == list(CHOOSABLE)
    assert first["tool_choice"] == "auto"
    system, user = (message["content"] for message in first["messages"])
    assert user.splitlines()[0] == "Known: must kinds = Wargame"
    assert "Liked: Siege of Ruby (1980)" in user
    assert "Looked for: pirates" in user
    await turn(agent, "a farming game")
    assert stub.requests[-1]["messages"][0]["content"] == system


def test_a_function_is_made_from_the_tools_own_arguments() -> None:
    tools = standard_tools()
    rank = function_schema(tools["rank_items"])["function"]
    assert rank["parameters"]["properties"]["by"]["anyOf"][0]["enum"][:2] == ["preference", "popularity"]
    similar = function_schema(tools["similar_items"])["function"]["parameters"]
    assert (similar["required"], similar["properties"]["title"]["maxLength"]) == (["title"], 200)
    assert function_schema(tools["filter_items"])["function"]["parameters"]["properties"] == {}
    assert list(function_schema(tools["diversify"])["function"]["parameters"]["properties"]) == ["aim"]


@pytest.mark.parametrize(
    ("message", "rounds", "steps"),
    [
        ("a wargame", [[RANK]], ["rank_items preference", "filter_items", "rank_items preference"]),
        ("a wargame", [[FILTER]], ["filter_items", "rank_items preference"]),
        ("the cheapest wargame", [[FILTER, RANK]],
         ["filter_items", "rank_items preference", "rank_items lowest price"]),
        ("a wargame about sieges", [[FILTER, RANK]],
         ["filter_items", "rank_items preference", "search_items sieges", "rank_items preference"]),
        ("a varied set of wargames", [[FILTER, RANK]], ["filter_items", "rank_items preference", "diversify mmr"]),
        ("a wargame", [[("diversify", "{}")]],
         ["diversify", "filter_items", "rank_items preference", "diversify"]),
        ("a wargame", [[FILTER, RANK, ("similar_items", '{"title": "Legion of Opal"}')]],
         ["filter_items", "rank_items preference", "similar_items Legion of Opal", "rank_items preference"]),
    ],
)  # fmt: skip
async def test_what_the_words_ask_for_and_the_model_forgets_is_run_after_it(
    agent: Agent, stub: Stub, shelf: Shelf, message: str, rounds: Sequence[Any], steps: list[str]
) -> None:
    stub.calls(*rounds)
    done = await turn(agent, message)
    assert [" ".join(step) for step in done.chosen.steps] == steps
    assert done.chosen.added == steps[len(steps) - len(done.chosen.added) :]
    assert len(done.slate) == 5
    assert all("Wargame" in item.values["kinds"] for item in items_of(shelf, done.slate))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("drop_table", "{}"), "Error: There is no tool 'drop_table'. There are filter_items, search_items"),
        (("explain_item", '{"title": "Siege of Ruby"}'), "Error: There is no tool 'explain_item'."),
        (("", "{}"), "Error: There is no tool ''."),
        (("rank_items", '{"by": '), "Error: The arguments are no JSON object. Give {by}."),
        (("rank_items", "[1]"), "Error: The arguments are no JSON object. Give {by}."),
        (("rank_items", '{"by": "horoscope"}'), "Error: by: Input should be 'preference'"),
        (("rank_items", '{"order": "recency"}'), "Error: rank_items takes no such order. It takes by."),
        (("search_items", "{}"), "Error: query: Field required."),
        (("search_items", '{"query": 3}'), "Error: search_items takes no such query."),
        (("filter_items", '{"kinds": "Party"}'), "Error: filter_items takes no such kinds. It takes nothing."),
    ],
)
async def test_a_call_that_is_none_is_said_to_the_model_and_counted(
    agent: Agent, stub: Stub, call: tuple[str, str], told: str
) -> None:
    stub.calls([call], [FILTER, RANK])
    done = await turn(agent, "a wargame")
    assert heard(stub)[0].startswith(told), heard(stub)
    assert (done.chosen.source, done.chosen.invalid) == ("model", 1)
    assert ran(done) == [("filter_items", ""), ("rank_items", "preference")]
    for message in stub.requests[-1]["messages"]:
        for echoed in message.get("tool_calls", []):
            assert isinstance(json.loads(echoed["function"]["arguments"]), dict)


async def test_a_call_that_can_not_be_obeyed_is_taken_back(agent: Agent, stub: Stub) -> None:
    stub.calls(
        [FILTER],
        [("similar_items", '{"title": "Quantum Chess Deluxe"}')],
        [("search_items", '{"query": "zzyzx"}')],
        [("rank_items", '{"by": "sequential"}')],
        [RANK],
    )
    done = await turn(agent, "a wargame")
    told = heard(stub)
    assert told[1].startswith("Error: no item has this title.")
    assert told[2].startswith("That left nothing, so it was taken back: ")
    assert told[3].startswith("Error: This catalogue has no recommender 'sequential'.")
    assert done.chosen.steps == [["filter_items"], ["rank_items", "preference"]]
    assert len(done.slate) == 5


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 400, "body": '{"error": {"message": "no --enable-auto-tool-choice"}}'}, "the planner answered 400"),
        ({"status": 500}, "the planner answered 500"),
        ({"hangs_up": True}, "the planner can't be reached"),
        ({"delay_s": 3.0}, "no plan within 2 s"),
        ({"body": "<html>", "content_type": "text/html"}, "the planner called no tool"),
        ({"body": '{"choices": null}'}, "the planner called no tool"),
        ({"body": '{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Try chess!"}}]}'},
         "the planner called no tool"),
        ({"body": '{"choices": [{"index": 0, "message": {"tool_calls": "yes"}}]}'}, "the planner called no tool"),
        ({"body": '{"choices": [{"index": 0, "message": {"tool_calls": [{"id": 3}, null]}}]}'},
         "no tool call was valid"),
        ({"body": "{broken"}, "the planner's answer is not JSON"),
    ],
)  # fmt: skip
async def test_without_tool_calls_the_words_own_plan_is_run_and_the_trace_says_why(
    agent: Agent, stub: Stub, shelf: Shelf, fault: dict[str, Any], why: str
) -> None:
    for name, value in fault.items():
        setattr(stub, name, value)
    done = await turn(agent, "a wargame under an hour")
    assert (done.chosen.source, done.chosen.why_fallback) == ("fallback", why)
    assert done.chosen.steps == [["filter_items"], ["rank_items", "preference"]]
    assert len(done.slate) == 5
    assert all(item.values["minutes"] < 60 for item in items_of(shelf, done.slate))


async def test_a_fault_in_the_middle_starts_the_words_own_plan_anew(
    agent: Agent, stub: Stub, settings: Settings
) -> None:
    stub.calls([("similar_items", '{"title": "Banter of Ruby"}')])
    stub.body = "{broken"
    done = await turn(agent, "a wargame")
    assert done.chosen.why_fallback == "the planner's answer is not JSON"
    assert ran(done) == [("similar_items", "Banter of Ruby"), ("filter_items", ""), ("rank_items", "preference")]
    assert done.tools[1].summary["before"] == 120


async def test_it_ends_after_so_many_calls(agent: Agent, stub: Stub, settings: Settings) -> None:
    stub.calls(*[[FILTER, FILTER]] * 9)
    done = await turn(agent, "a wargame")
    assert len(stub.requests) == 3
    assert ran(done) == [("filter_items", "")] * settings.planning_steps + [("rank_items", "preference")]
    stub.calls(*[[("nothing", "{}")]] * 9)
    done = await turn(agent, "a farming game")
    assert (done.chosen.why_fallback, done.chosen.invalid) == ("no tool call was valid", settings.planning_steps)


async def test_where_the_musts_leave_nothing_the_model_is_not_asked_again(agent: Agent, stub: Stub) -> None:
    stub.calls([FILTER], [RANK])
    done = await turn(agent, "a wargame under 3 minutes")
    assert len(stub.requests) == 1
    assert done.slate == []
    assert "Nothing in the catalogue fits" in done.reply


async def test_a_question_or_small_talk_asks_no_model(agent: Agent, stub: Stub) -> None:
    for message in ("hello!", "tell me about Siege of Ruby"):
        done = await turn(agent, message)
        assert (done.tools, done.answer.llm_calls) == ([], 0)
    assert stub.requests == []


async def test_no_wish_is_made_of_what_only_the_model_says(agent: Agent, stub: Stub, shelf: Shelf) -> None:
    stub.calls([("filter_items", '{"price": "under 10"}')], [("search_items", '{"query": "dice"}')], [FILTER, RANK])
    done = await turn(agent, "a wargame")
    assert done.chosen.invalid == 1
    assert "under 10" not in done.reply
    stub.calls([FILTER, RANK])
    later = await turn(agent, "under two hours")
    assert [tool.argument for tool in later.tools if tool.tool == "search_items"] == []


@pytest.mark.vllm
async def test_the_real_small_model_always_ends_in_a_valid_turn(
    settings: Settings, shelf: Shelf, vllm_server: VllmServer
) -> None:
    settings = settings.model_copy(update={"planner_timeout_s": 60.0, "turn_ms": 300_000})
    messages = ["a wargame under an hour", "something like Siege of Ruby", "hello", "the cheapest one about pirates"]
    async with open_agent(settings, shelf, vllm_server.url) as agent:
        await agent.warm_up()
        turns = await talk(agent, "t", *messages)
    for done in turns:
        assert done.reply
    for done in (turns[0], turns[1], turns[3]):
        assert done.chosen.why_fallback in ("", "the planner called no tool", "no tool call was valid")
        assert done.answer.llm_calls >= 1
        assert done.chosen.steps[-1][0] in ("rank_items", "diversify")
        for item in items_of(shelf, done.slate):
            assert "Wargame" in item.values["kinds"]
            assert item.values["minutes"] < 60
    assert turns[0].slate
