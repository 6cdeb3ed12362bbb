"""A user who is played by a model: what it leaks is not sent, and where it fails the rules speak."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from labs import Shows, held
from planner_stub import Stub, planner_stub
from pydantic import SecretStr

from agent.settings import Settings
from evals.outcome import Outcome
from evals.suites.session import MOST_TURNS, SessionSuite
from evals.users.llm_user import is_rubbish
from evals.world import Lab, UserModel

PEOPLE = 3


@pytest.fixture
def stub() -> Iterator[Stub]:
    with planner_stub() as running:
        yield running


async def sessions(settings: Settings, scratch: Path, model: UserModel | None) -> list[Outcome]:
    """Three people who are never shown what they want."""
    suite = SessionSuite()
    with suite.world(Lab(settings, scratch, scratch, user_model=model)) as world:
        return await held(suite, suite.samples(world, 0, True)[:PEOPLE], Shows("g0"), world)


def user(stub: Stub, most_s: float = 10.0) -> UserModel:
    return UserModel(stub.url, "person", SecretStr("sk-user"), most_s)


def messages(outcomes: list[Outcome]) -> list[list[str]]:
    return [[one.message for one in outcome.exchanges] for outcome in outcomes]


def summed(outcomes: list[Outcome], name: str) -> float:
    return sum(outcome.values[name] for outcome in outcomes)


async def test_what_the_model_says_is_said(stub: Stub, world_settings: Settings, tmp_path: Path) -> None:
    stub.says("Not my kind of evening, to be honest.")
    outcomes = await sessions(world_settings, tmp_path, user(stub))
    assert messages(outcomes) == [["Not my kind of evening, to be honest."] * MOST_TURNS] * PEOPLE
    assert summed(outcomes, "asked of the model") == PEOPLE * MOST_TURNS
    assert summed(outcomes, "by rule") == summed(outcomes, "leaks tried") == 0


async def test_the_model_knows_what_is_wanted_but_not_its_title(
    stub: Stub, world_settings: Settings, tmp_path: Path
) -> None:
    stub.says("No, thanks.")
    outcomes = await sessions(
        world_settings.model_copy(update={"planner_api_key": SecretStr("sk-planner")}), tmp_path, user(stub)
    )
    for outcome in outcomes:
        title = outcome.notes[0].removeprefix("wants ")
        mine = [r for r in stub.requests if outcome.exchanges[0].message and title in json.dumps(r["messages"])]
        assert not mine
    for request in stub.requests:
        assert request["model"] == "person"
        assert request["headers"]["authorization"] == "Bearer sk-user"
        assert "designer: " in request["messages"][0]["content"]
        assert request["messages"][1]["role"] == "user"


@pytest.mark.parametrize("form", ["{}", "I want {}! Have you got it?", "it is called {} I think", "{}."])
async def test_a_title_that_the_model_lets_out_is_never_sent(
    form: str, stub: Stub, world_settings: Settings, tmp_path: Path
) -> None:
    plain = await sessions(world_settings, tmp_path, None)
    title = plain[0].notes[0].removeprefix("wants ")
    stub.says(form.format(title))
    outcomes = await sessions(world_settings, tmp_path, user(stub))
    assert outcomes[0].values["leaks tried"] == MOST_TURNS
    assert summed(outcomes, "leaks sent") == 0
    assert not any(title.lower() in message.lower() for message in messages(outcomes[:1])[0])
    assert all(message.strip() for talk in messages(outcomes) for message in talk)


async def test_of_a_message_that_leaks_the_rest_is_sent(stub: Stub, world_settings: Settings, tmp_path: Path) -> None:
    title = (await sessions(world_settings, tmp_path, None))[0].notes[0].removeprefix("wants ")
    stub.says(f"Too long for tonight. I'd rather have {title}!")
    outcomes = await sessions(world_settings, tmp_path, user(stub))
    assert messages(outcomes)[0] == ["Too long for tonight."] * MOST_TURNS


@pytest.mark.parametrize(
    "fault", ["empty", "nothing", "json", "markup", "transcript", "circles", "endless", "error", "late", "gone", "html"]
)
async def test_where_the_model_fails_the_rules_speak_and_that_is_counted(
    fault: str, stub: Stub, world_settings: Settings, tmp_path: Path
) -> None:
    rubbish = {
        "empty": "",
        "nothing": "  ... !!! 12",
        "json": '{"intent": "reject"}',
        "markup": "<|im_start|>assistant",
        "transcript": "Recommender: how about this one?",
        "circles": "I want a I want a I want a I want a I want a I want a",
        "endless": "I would like something that " + "goes on without an end in sight while " * 12,
    }
    stub.says(rubbish.get(fault, "fine"))
    if fault == "error":
        stub.status = 500
    if fault == "late":
        stub.delay_s = 0.5
    if fault == "gone":
        stub.hangs_up = True
    if fault == "html":
        stub.body, stub.content_type = "<html>busy</html>", "text/html"
    outcomes = await sessions(world_settings, tmp_path, user(stub, most_s=0.1 if fault == "late" else 10.0))
    assert messages(outcomes) == messages(await sessions(world_settings, tmp_path, None))
    assert summed(outcomes, "by rule") == summed(outcomes, "asked of the model") == PEOPLE * MOST_TURNS


def test_what_people_type_is_no_rubbish() -> None:
    for text in ("no", "Something shorter, please.", "Hmm, not that. I'd like a game by Ada Quill (from the 80s)!"):
        assert not is_rubbish(text)
