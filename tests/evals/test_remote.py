"""Any agent by URL: a real HTTP server, the official client; whatever it does, there is an answer or a reason."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from agent_server import USAGE, Behaviour, Request, agent_server, chunk, event, for_ever

from agent.policy import Availability, Confirmation, Disclosure, Policies, Rule
from agent.settings import Settings
from agent.user import User
from evals.contestants.contract import Contestant
from evals.contestants.remote import MOST_BYTES, MOST_CHARS, agents
from evals.talk import Talk
from evals.world import World
from tools.errors import BadInputError
from tools.shelf import Shelf

TIMEOUT_S = 30.0
SHORT_S = 1.5
GOOD = "How about **Siege of Ruby** (1980)? It plays in 15 minutes."


@pytest.fixture
def world(world_settings: Settings, shelf: Shelf) -> World:
    return World(world_settings, shelf, Policies())


@asynccontextmanager
async def agent(world: World, url: str, *keys: str, timeout_s: float = TIMEOUT_S) -> AsyncIterator[Contestant]:
    (entry,) = agents([f"shop={url}"], ["shop=their-model"], keys, timeout_s)
    async with entry.open(world) as opened:
        yield opened


async def heard(world: World, behave: Behaviour, timeout_s: float = TIMEOUT_S) -> tuple[str, list[Request]]:
    """Why there was no answer to a message, and the requests."""
    with agent_server(behave) as server:
        async with agent(world, server.url, timeout_s=timeout_s) as contestant:
            talk = Talk(contestant, world)
            answer = await talk.say("a wargame")
    assert bool(answer.error) != bool(answer.reply)
    assert not (answer.error and answer.shown)
    assert talk.exchanges[0].error == answer.error
    talk.exchanges[0].model_dump_json()  # it can be kept
    return answer.error, server.requests


async def test_a_good_answer_is_streamed_grounded_and_counted(world: World) -> None:
    with agent_server(lambda request: request.stream(GOOD)) as server:
        async with agent(world, server.url) as contestant:
            answer = await contestant.answer("t", "a wargame")
    assert (answer.reply, answer.error) == (GOOD, "")
    assert [item.values["title"] for item in Talk(contestant, world).items(answer)] == ["Siege of Ruby"]
    assert (answer.prompt_tokens, answer.completion_tokens) == (USAGE["prompt_tokens"], USAGE["completion_tokens"])
    assert answer.total_ms > 0
    (request,) = server.requests
    assert (request.body["model"], request.body["stream"]) == ("their-model", True)


async def test_a_server_that_does_not_stream_is_heard_too(world: World) -> None:
    def whole(request: Request) -> None:
        body = json.dumps({"choices": [{"message": {"content": GOOD}}], "usage": USAGE}).encode()
        request.send("application/json", [body], length=len(body))

    with agent_server(whole) as server:
        async with agent(world, server.url) as contestant:
            answer = await contestant.answer("t", "a wargame")
    assert (answer.reply, answer.prompt_tokens, len(answer.shown)) == (GOOD, USAGE["prompt_tokens"], 1)


async def test_each_conversation_is_sent_whole_and_apart_from_others(world: World) -> None:
    with agent_server(lambda request: request.stream(f"Reply {len(request.messages)}")) as server:
        async with agent(world, server.url) as contestant:
            for thread, message in (("a", "one"), ("b", "two"), ("a", "three")):
                await contestant.answer(thread, message)
    said = [[(m["role"], m["content"]) for m in request.messages[1:]] for request in server.requests]
    assert said[2] == [("user", "one"), ("assistant", "Reply 2"), ("user", "three")]
    assert said[1] == [("user", "two")]


async def test_it_is_told_the_house_rules_and_what_is_known_of_the_person(world: World) -> None:
    rules = Policies(
        one_at_a_time=True,
        availability=Availability(field="designer"),
        confirm=(Confirmation(field="kinds", values=("Wargame",)),),
        disclose=(Disclosure(field="in_stock", say="ready to ship"),),
        rules=(Rule(field="price", op="<=", value=80.0),),
    )
    strict = World(world.settings, world.shelf, rules)
    with agent_server(lambda request: request.stream("Hello!")) as server:
        async with agent(strict, server.url) as contestant:
            await contestant.answer("t", "hi", User(seen=("g0", "g4"), available=("Ada Quill",)))
            await contestant.answer("u", "hi")
    known, unknown = (request.messages[0]["content"] for request in server.requests)
    assert server.requests[0].messages[0]["role"] == "system"
    for words in (
        "one game in a reply",
        "Wargame",
        "ready to ship",
        "price <= 80",
        "Siege of Ruby (1980)",
        "Ada Quill",
    ):
        assert words in known
    assert "Siege of Ruby" not in unknown
    assert "Ada Quill" not in unknown


async def test_no_more_items_count_than_a_slate_holds(world: World) -> None:
    titles = [item.values["title"] for item in world.catalogue.items(range(20))]
    reply = "\n".join(f"{number}. {title}" for number, title in enumerate(titles, 1))
    with agent_server(lambda request: request.stream(reply)) as server:
        async with agent(world, server.url) as contestant:
            answer = await contestant.answer("t", "everything")
    assert list(answer.shown) == [item.id for item in world.catalogue.items(range(world.settings.slate_size))]


@pytest.mark.parametrize(
    ("reply", "abstained"),
    [("Sorry, nothing in our catalogue fits that.", True), ("How long may it take?", False),
     ("Nothing fits all of it, but here is one:\n1. Siege of Ruby", False)],
)  # fmt: skip
async def test_an_abstention_is_read_off_its_words(world: World, reply: str, abstained: bool) -> None:
    with agent_server(lambda request: request.stream(reply)) as server:
        async with agent(world, server.url) as contestant:
            assert (await contestant.answer("t", "a wargame for 900 players")).abstained is abstained


def late(request: Request) -> None:
    time.sleep(SHORT_S + 1)
    request.stream(GOOD)


def broken_off(request: Request) -> None:
    request.send("text/event-stream", [chunk("How about Siege")], length=5000)


def nested(request: Request) -> None:
    request.send("application/json", [b"[" * 100_000 + b"]" * 100_000])


SSE = "text/event-stream"
LATE = f"no answer within {SHORT_S} s"
FAULTS: dict[str, tuple[Behaviour, str]] = {
    "late": (late, LATE),
    "drips for ever": (lambda r: r.send(SSE, for_ever(chunk("la "), 0.05)), LATE),
    "keeps alive for ever": (lambda r: r.send(SSE, for_ever(b": ping\n\n", 0.05)), LATE),
    "streams for ever": (lambda r: r.send(SSE, for_ever(chunk("la " * 500))), f"longer than {MOST_CHARS:,} characters"),
    "one line for ever": (lambda r: r.send(SSE, for_ever(b"data: " + b"x" * MOST_BYTES)), "longer than"),
    "one body for ever": (lambda r: r.send("application/json", for_ever(b"[" * 99_999)), "longer than"),
    "error for ever": (lambda r: r.send("text/plain", for_ever(b"no " * 99_999), 500), "longer than"),
    "500": (lambda r: r.send("text/plain", [b"Internal Server Error"], 500), "it answered 500 twice"),
    "404": (lambda r: r.send("application/json", [b'{"error": {"message": "no model"}}'], 404), "it answered 404"),
    "hangs up": (lambda _: None, "the connection broke off"),
    "breaks off": (broken_off, "the connection broke off"),
    "stream that is not JSON": (lambda r: r.send(SSE, [b"data: {broken\n\n"]), "can't be read"),
    "body that is not JSON": (lambda r: r.send("application/json", [b"{broken"]), "can't be read"),
    "nested for ever": (nested, "can't be read"),
    "bytes": (lambda r: r.send(SSE, [b"data: \xff\xfe\x00\n\n"]), "can't be read"),
    "a picture": (lambda r: r.send("image/png", [b"\x89PNG\r\n\x1a\n" * 50]), "can't be read"),
    "control characters": (lambda r: r.send(SSE, [chunk("a\x00\x01\x02")]), "its answer is not text"),
    "half a character": (lambda r: r.send(SSE, [chunk("\ud83d")]), "its answer is not text"),
    "a page": (lambda r: r.send("text/html", [b"<html><body>Hello</body></html>"]), "it sent a web page"),
    "nothing": (lambda r: r.send(SSE, []), "its answer is empty"),
    "spaces": (lambda r: r.send(SSE, [chunk("  \n")]), "its answer is empty"),
    "no answer in it": (lambda r: r.send(SSE, [event({"choices": 5}), event([1]), event(None)]), "its answer is empty"),
    "no text in it": (lambda r: r.send(SSE, [chunk({"a": [1]}), chunk(7), event({"choices": [None]})]), "is empty"),
    "an error in the stream": (lambda r: r.send(SSE, [chunk("a"), event({"error": {"message": "no"}})]), "an error"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_no_answer_becomes_a_reason_in_time(world: World, fault: str) -> None:
    behave, reason = FAULTS[fault]
    async with asyncio.timeout(60):
        error, _ = await heard(world, behave, SHORT_S if reason == LATE else TIMEOUT_S)
    assert reason in error


async def test_nobody_there_is_said(world: World) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        async with agent(world, url) as contestant:
            assert (await contestant.answer("t", "hi")).error == "it can't be reached"


async def test_a_server_s_fault_is_asked_once_more(world: World) -> None:
    answers = [500, 200]

    def second_time(request: Request) -> None:
        status = answers.pop(0)
        request.send("text/plain", [b"oops"], status) if status == 500 else request.stream(GOOD)

    error, requests = await heard(world, second_time)
    assert (error, len(requests)) == ("", 2)
    error, requests = await heard(world, FAULTS["500"][0])
    assert ("500" in error, len(requests)) == (True, 2)


async def test_a_message_that_got_no_answer_is_not_told_again(world: World) -> None:
    def only_politely(request: Request) -> None:
        if "please" in request.messages[-1]["content"]:
            request.stream(GOOD)
        else:
            request.send("text/plain", [], 404)

    with agent_server(only_politely) as server:
        async with agent(world, server.url) as contestant:
            assert (await contestant.answer("t", "a wargame")).error
            assert not (await contestant.answer("t", "a wargame please")).error
    assert [m["content"] for m in server.requests[-1].messages[1:]] == ["a wargame please"]


async def test_its_key_goes_to_it_alone_and_nowhere_else(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SHOP_KEY", "sk-very-secret")
    caplog.set_level("DEBUG")

    def tells(request: Request) -> None:
        if "page" in request.messages[-1]["content"]:
            request.stream(f"Your header was {request.headers['authorization']}.")
        else:
            request.send("application/json", [b'{"error": {"message": "wrong key sk-very-secret"}}'], 401)

    with agent_server(tells) as server:
        made = agents([f"shop={server.url}", f"other={server.url}"], keys=["shop=SHOP_KEY"])
        answers = []
        for entry in made:
            async with entry.open(world) as contestant:
                answers += [await contestant.answer("t", message) for message in ("a page", "an error")]
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer sk-very-secret"] * 2 + ["Bearer none"] * 2
    assert answers[0].reply == "Your header was Bearer [key]."
    assert answers[1].error == "it answered 401"
    assert "very-secret" not in f"{answers} {made} {[entry.said for entry in made]} {caplog.text}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"urls": ["http://localhost:1/v1"]}, "--agent takes NAME=VALUE"),
        ({"urls": ["a="]}, "--agent takes NAME=VALUE"),
        ({"urls": ["a/b=http://localhost:1/v1"]}, "--agent takes NAME=VALUE"),
        ({"urls": ["a=localhost:1/v1"]}, "URL of the agent 'a' is none"),
        ({"urls": ["a=ftp://localhost/v1"]}, "URL of the agent 'a' is none"),
        ({"urls": ["a=http://me:pw@localhost/v1"]}, "--agent-key-env a=VARIABLE"),
        ({"urls": ["a=http://localhost/v1?key=1"]}, "--agent-key-env a=VARIABLE"),
        ({"urls": ["a=http://x/v1", "a=http://y/v1"]}, "names 'a' twice"),
        ({"urls": ["a=http://x/v1"], "models": ["b=m"]}, "--agent-model names 'b'"),
        ({"urls": ["a=http://x/v1"], "keys": ["a=NO_SUCH_VARIABLE"]}, "NO_SUCH_VARIABLE is not set"),
    ],
)
def test_what_names_no_agent_is_refused_in_a_sentence(given: dict[str, list[str]], said: str) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        agents(**given)  # type: ignore[arg-type]
    assert "pw" not in str(caught.value)
