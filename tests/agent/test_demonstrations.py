"""Worked plans near to a message: sensible, valid, few, kept in the real Chroma, and done without where it is away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from planner_stub import Stub
from talk import talk

from agent.build import open_agent, open_current_shelf
from agent.demonstrations import MAX_CHARS, Demonstrations, bank_place, chosen
from agent.settings import Settings
from agent.wire import plan_from_wire, plan_schema, plan_to_wire
from agent.worked import Worked, worked_bank
from tools.index.texts import Note
from tools.shelf import Shelf


@pytest.fixture(scope="module")
def own_home(world_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world in a home of its own, since a bank is written into it."""
    home = tmp_path_factory.mktemp("demonstrations")
    return Path(shutil.copytree(world_home / "catalogues", home / "catalogues")).parent


@pytest.fixture(scope="module")
def own(own_home: Path) -> Iterator[Shelf]:
    opened = open_current_shelf(Settings(home=own_home, catalogue="games"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def bank(own: Shelf) -> list[Worked]:
    return worked_bank(own, 0)


def test_the_bank_is_large_varied_valid_and_the_same_again(own: Shelf, bank: list[Worked]) -> None:
    assert len(bank) >= 150
    assert {one.plan.intent for one in bank} == {"recommend", "lookup", "explain", "chat"}
    assert len({one.group for one in bank}) >= 18
    schema = Draft202012Validator(plan_schema(own.catalogue))
    for one in bank:
        assert schema.is_valid(json.loads(plan_to_wire(one.plan))), one
    assert [one.message for one in worked_bank(own, 0)] == [one.message for one in bank]
    assert [one.message for one in worked_bank(own, 1)] != [one.message for one in bank]


def test_what_a_bank_says_is_what_its_plan_holds(bank: list[Worked]) -> None:
    for one in bank:
        if one.group == "one of each":
            assert len(one.plan.liked) == len(one.plan.disliked) == 1
        if one.group in ("year", "decade"):
            assert {c.field for c in one.plan.constraints} == {"year"}, one
        if one.group == "no kind":
            assert [c.op for c in one.plan.constraints] == ["!="], one


def test_the_nearest_are_about_the_same_thing(own: Shelf) -> None:
    demonstrations = Demonstrations(own, "", 0)
    for message, part in (
        ("a game that came out before 1995", '"year'), ("I loved Siege of Ruby", '"like '),
        ("what is the price of Siege of Ruby?", '["lookup"'), ("hello!", '["chat"'),
        ("no wargames please", '!='), ("a varied set of party games", '"diversify mmr"'),
    ):  # fmt: skip
        shown = demonstrations.nearest(message, 4)
        assert len(shown.pairs) == 4, message
        assert any(part in wire for _, wire in shown.pairs), (message, shown.pairs)
    assert '"year' in demonstrations.nearest("a game from 1994", 1).pairs[0][1]


def test_the_bank_is_made_once_and_read_by_the_next(
    own: Shelf, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Demonstrations(own, "", 0).nearest("a wargame", 3)
    monkeypatch.setattr("agent.demonstrations.worked_bank", None)
    assert Demonstrations(own, "", 0).nearest("a wargame", 3) == first
    assert bank_place(own, "", 1) != bank_place(own, "", 0)
    assert [path.name for path in own.catalogue.path.parent.glob(".worked*")] == []


def test_one_of_each_way_of_speaking_and_not_all_of_one_intent() -> None:
    near = [Note(f"m{row}", "{}", "recommend", f"g{row // 2}") for row in range(12)] + [
        Note("why", "{}", "explain", "w")
    ]
    assert [note.text for note in chosen(near, "m0", 3)] == ["m1", "m2", "why"]
    assert [note.text for note in chosen(near[:12], "x", 3)] == ["m0", "m2", "m4"]
    long = [Note("m" * 700, "{}", "recommend", str(row)) for row in range(5)]
    kept = chosen([*long, Note("short", "{}", "chat", "s")], "x", 8)
    assert [len(note.text) for note in kept] == [700, 700, 5]
    assert sum(len(note.text) + len(note.body) for note in kept) <= MAX_CHARS


async def test_a_prompt_holds_them_before_the_message_and_the_trace_says_which(
    own: Shelf, own_home: Path, stub: Stub, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, catalogue="games", demonstrations=2)
    stub.says("{}")
    async with open_agent(settings, own, stub.url) as agent:
        (turn,) = await talk(agent, "t", "a game from 1994")
    system, user = (message["content"] for message in stub.requests[0]["messages"])
    assert len(turn.plan.demonstrations) == 2
    for message in turn.plan.demonstrations:
        assert f"Message: {message}\nPlan: {{" in user
        assert message not in system
    assert user.endswith("Message: a game from 1994\nPlan:")
    plan_from_wire(user.split("Plan: ")[1].split("\n")[0], own.catalogue.schema)


async def test_without_chroma_there_are_none_and_the_trace_says_why(own: Shelf, stub: Stub, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, catalogue="games", demonstrations=2, chroma_url="http://127.0.0.1:9")
    stub.says("{}")
    async with open_agent(settings, own, stub.url) as agent:
        (turn,) = await talk(agent, "t", "a game from 1994")
    assert stub.requests[0]["messages"][1]["content"] == "Message: a game from 1994\nPlan:"
    assert turn.plan.demonstrations == []
    assert turn.plan.why_no_demonstrations.startswith("The index of texts at http://127.0.0.1:9")
    assert turn.slate
