"""What is kept of a user: recalled for them and for nobody else, shown as sentences, and truly gone once forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from talk import Turn, items_of

from agent.build import open_agent
from agent.memory import ProfileStore
from agent.profile import Line
from agent.settings import Settings
from agent.turn import Agent
from agent.user import ANONYMOUS, User
from tools.constraints import Constraint
from tools.errors import BadInputError
from tools.shelf import Shelf

ANN, BOB = User(id="ann@example"), User(id="bob@example")
HATES = "remember that I hate wargames"


async def say(agent: Agent, user: User, thread: str, *messages: str) -> list[Turn]:
    return [Turn(m, [event async for event in agent.turn(thread, m, user)]) for m in messages]


def sentences(agent: Agent, user: User) -> list[str]:
    return [line.sentence for line in agent.profile(user)]


def kinds_of(shelf: Shelf, turn: Turn) -> set[str]:
    return {kind for item in items_of(shelf, turn.slate) for kind in item.words("kinds")}


def on_disk(settings: Settings) -> bytes:
    """All that the files of conversations hold, the write-ahead log among them."""
    return b"".join(path.read_bytes() for path in sorted(settings.home.glob("threads.db*")))


async def test_what_is_to_be_remembered_holds_in_the_next_conversation(agent: Agent, shelf: Shelf) -> None:
    (first,) = await say(agent, ANN, "one", HATES)
    assert first.reply.startswith("I'll remember that.")
    assert sentences(agent, ANN) == ["You avoid Wargame (“hate wargames”)."]
    (second, third) = await say(agent, ANN, "two", "a strategy game", "another one")
    assert second.reply.startswith("I remember from before: “hate wargames”.")
    assert "I remember" not in third.reply, "once is enough"
    for turn in (second, third):
        assert turn.slate
        assert "Strategy" in kinds_of(shelf, turn)
        assert "Wargame" not in kinds_of(shelf, turn)


async def test_it_is_nobody_else_s(agent: Agent, shelf: Shelf) -> None:
    (before,) = await say(agent, BOB, "b1", "a strategy game")
    await say(agent, ANN, "one", HATES, "I loved Siege of Ruby")
    await agent.remember("one", ANN)
    for user, thread in ((BOB, "b2"), (ANONYMOUS, "x")):
        (after,) = await say(agent, user, thread, "a strategy game")
        assert (after.slate, after.reply) == (before.slate, before.reply)
        assert sentences(agent, user) == []
    (told,) = await say(agent, BOB, "b3", "what do you know about me?")
    assert told.reply.startswith("I know nothing about you yet.")
    await agent.forget(BOB)
    assert len(sentences(agent, ANN)) == 2


async def test_what_was_liked_is_a_taste_and_is_not_shown_again(agent: Agent, shelf: Shelf) -> None:
    await say(agent, ANN, "one", "I loved Harvest of Ruby, I did not like Banter of Jade and I've played Siege of Ruby")
    await agent.remember("one", ANN)
    assert sorted(sentences(agent, ANN)) == [
        "You did not like Banter of Jade (1996).",
        "You know Siege of Ruby (1980) already.",
        "You liked Harvest of Ruby (1982).",
    ]
    (turn,) = await say(agent, ANN, "two", "a game please")
    assert turn.reply.startswith("Going by Harvest of Ruby (1982)")
    assert "Farming" in kinds_of(shelf, turn)
    assert not {"g2", "g16", "g0"} & set(turn.slate)


async def test_a_wish_of_one_evening_is_none_of_the_next_until_it_was_said_twice(agent: Agent, shelf: Shelf) -> None:
    for thread, recalled in (("one", False), ("two", False), ("three", True)):
        (turn,) = await say(agent, ANN, thread, "under 40 minutes")
        assert ("I remember" in turn.reply) == recalled
        await agent.remember(thread, ANN)
        await agent.remember(thread, ANN)  # the same conversation counts once
    (line,) = agent.profile(ANN)
    assert line.sentence == "You ask for minutes less than 40 minutes (“under 40 minutes”)."
    (soft,) = await say(agent, ANN, "four", "a wargame")
    assert "with “under 40 minutes” in mind" in soft.reply, "a taste, and no must"


async def test_later_words_win_here_too(agent: Agent, shelf: Shelf) -> None:
    await say(agent, ANN, "one", HATES)
    await say(agent, ANN, "two", "remember that I want a wargame")
    assert sentences(agent, ANN) == ["You ask for Wargame (“wargame”)."]
    (turn,) = await say(agent, ANN, "three", "under 2 hours")
    assert all("Wargame" in item.words("kinds") for item in items_of(shelf, turn.slate))


async def test_a_profile_is_told_as_it_is_kept(agent: Agent) -> None:
    await say(agent, ANN, "one", HATES, "remember that I loved Harvest of Ruby")
    (told,) = await say(agent, ANN, "two", "what do you know about me?")
    lines = told.reply.splitlines()
    assert lines[-2:] == [f"- {sentence}" for sentence in sentences(agent, ANN)]
    assert len(sentences(agent, ANN)) == 2


async def test_a_new_process_knows_it_still(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, ANN, "one", HATES)
    async with open_agent(settings, shelf, None) as agent:
        assert sentences(agent, ANN) == ["You avoid Wargame (“hate wargames”)."]
    async with open_agent(settings.model_copy(update={"memory": False}), shelf, None) as agent:
        assert sentences(agent, ANN) == []
        (turn,) = await say(agent, ANN, "two", HATES)
        assert turn.reply.startswith("I keep nothing about you between conversations.")


async def test_anonymous_users_leave_nothing_and_are_told_so(agent: Agent, settings: Settings) -> None:
    kept, told = await say(agent, ANONYMOUS, "x", HATES, "what do you know about me?")
    for turn in (kept, told):
        assert turn.reply.startswith("I keep nothing about you between conversations.")
    await agent.remember("x", ANONYMOUS)
    assert sentences(agent, ANONYMOUS) == []
    assert await agent.forget(ANONYMOUS) == 0
    (other,) = await say(agent, ANONYMOUS, "y", "a strategy game")
    assert "I remember" not in other.reply
    assert agent.parts.profiles is not None
    assert agent.parts.profiles.threads_of("") == []


@pytest.mark.parametrize("is_closed", [True, False], ids=["after closing", "while it still runs"])
async def test_all_that_was_forgotten_is_gone_from_the_files(settings: Settings, shelf: Shelf, is_closed: bool) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, ANN, "one", HATES, "I loved Harvest of Ruby", *["another one"] * 6)
        await agent.remember("one", ANN)
        await say(
            agent, ANN, "two", "a strategy game under an hour", "why the first one?", "what do you know about me?"
        )
        await say(agent, BOB, "three", "remember that I dislike humor")
        assert b"hate wargames" in on_disk(settings)
        assert await agent.forget(ANN) == 2
        assert sentences(agent, ANN) == []
        assert agent.traces.of("one") == agent.traces.of("two") == []
        if not is_closed:
            assert_gone(on_disk(settings), "hate wargames", "You avoid Wargame", "You liked", "under an hour", ANN.id)
        assert len(agent.traces.of("three")) == 1
    assert_gone(on_disk(settings), "hate wargames", "You avoid Wargame", "You liked", "under an hour", ANN.id)
    assert b"dislike humor" in on_disk(settings), "others keep theirs"


def assert_gone(held: bytes, *words: str) -> None:
    assert [word for word in words if word.encode() in held] == []


async def test_said_in_the_conversation_it_is_forgotten_with_it(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        *_, done = await say(agent, ANN, "one", HATES, "under an hour", "forget everything about me")
        assert done.reply.startswith("Done: I have forgotten all")
        (fresh,) = await say(agent, ANN, "one", "what do you know about me?")
        assert fresh.reply.startswith("I know nothing about you yet.")
    assert_gone(on_disk(settings), "hate wargames", "You avoid Wargame", "under an hour", "forget everything")


async def test_one_line_is_forgotten_with_all_conversations_that_knew_it_and_no_others(
    settings: Settings, shelf: Shelf
) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, ANN, "earlier", "something by Ada Quill")
        await say(agent, ANN, "said", HATES)
        await say(agent, ANN, "recalled", "a strategy game")
        await say(agent, ANN, "earlier", "what do you know about me?")
        await say(agent, ANN, "later", "remember that I want it under 2 hours")
        line = agent.profile(ANN)[0]
        assert line.sentence.startswith("You avoid Wargame")
        assert await agent.forget(ANN, line) == 4
        assert sentences(agent, ANN) == ["You ask for minutes less than 120 minutes (“under 2 hours”)."]
        await say(agent, BOB, "bob", "a strategy game")
        (next_one,) = await say(agent, ANN, "next", "a strategy game")
        assert "hate wargames" not in next_one.reply
        await agent.remember("next", ANN)
        assert len(sentences(agent, ANN)) == 2
    assert_gone(on_disk(settings), "hate wargames", "You avoid Wargame")


async def test_what_was_forgotten_does_not_come_back_from_a_conversation_that_goes_on(agent: Agent) -> None:
    await say(agent, ANN, "one", "I loved Harvest of Ruby")
    await agent.remember("one", ANN)
    await say(agent, ANN, "two", "under an hour")
    await agent.forget(ANN, agent.profile(ANN)[0])
    (turn,) = await say(agent, ANN, "two", "a strategy game")
    await agent.remember("two", ANN)
    assert "oing by" not in turn.reply
    assert not any("Harvest of Ruby" in sentence for sentence in sentences(agent, ANN))


async def test_the_opposite_said_later_is_forgotten_with_what_was_said_first(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, ANN, "one", HATES)
        await say(agent, ANN, "two", "remember that I want a wargame")
        assert await agent.forget(ANN, agent.profile(ANN)[0]) == 2
    assert_gone(on_disk(settings), "hate wargames", "want a wargame")


async def test_a_conversation_of_another_user_is_refused_and_left_as_it_was(agent: Agent, settings: Settings) -> None:
    await say(agent, ANN, "one", HATES)
    for other in (BOB, ANONYMOUS):
        with pytest.raises(BadInputError, match="not yours") as refused:
            await say(agent, other, "one", "what do you know about me?")
        assert "wargame" not in str(refused.value)
        await agent.forget(other)
    assert [trace.message for trace in agent.traces.of("one")] == [HATES]
    assert sentences(agent, ANN) == ["You avoid Wargame (“hate wargames”)."]
    await agent.forget(ANN)
    (turn,) = await say(agent, BOB, "one", "a strategy game")
    assert turn.slate, "what is forgotten is nobody's"


async def test_a_name_reserved_by_a_turn_that_never_came_is_not_another_s_to_forget(agent: Agent) -> None:
    for user in (BOB, ANONYMOUS):
        thread = f"shared name {user.id}"
        given_up = agent.turn(thread, "a wargame", ANN)
        await anext(given_up)
        await given_up.aclose()
        await say(agent, user, thread, "farming")
        await agent.forget(ANN)
        assert len(agent.traces.of(thread)) == 1
        (turn,) = await say(agent, user, thread, "why the first one?")
        assert turn.reply.startswith("Why ")


async def test_a_line_said_anew_stands_where_the_old_one_stood_and_the_old_one_is_gone(
    settings: Settings, shelf: Shelf
) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, ANN, "earlier", "something by Ada Quill")
        await say(agent, ANN, "one", HATES, "remember that I loved Harvest of Ruby")
        await say(agent, ANN, "told", "a strategy game")
        await say(agent, BOB, "bob", HATES)
        (new,) = await agent.amend(ANN, agent.profile(ANN)[0], "no party games at all")
        assert new.sentence == "You avoid Party (“no party”)."
        assert sentences(agent, ANN) == [new.sentence, "You liked Harvest of Ruby (1982)."]
        assert agent.traces.of("one") == agent.traces.of("told") == []
        assert len(agent.traces.of("earlier")) == 1
        assert sentences(agent, BOB) == ["You avoid Wargame (“hate wargames”)."]
        await agent.forget(BOB)
        assert_gone(on_disk(settings), "hate wargames", "You avoid Wargame")
        (turn,) = await say(agent, ANN, "next", "something under an hour")
        assert turn.reply.startswith("I remember from before: “no party”.")
        assert turn.slate
        assert "Party" not in kinds_of(shelf, turn)
    assert_gone(on_disk(settings), "hate wargames", "You avoid Wargame")


async def test_the_opposite_takes_a_line_s_place_and_nothing_of_the_old_one_is_left(
    settings: Settings, shelf: Shelf
) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, ANN, "one", HATES)
        await agent.amend(ANN, agent.profile(ANN)[0], "I want a wargame, at most 2 hours")
        assert sentences(agent, ANN) == [
            "You ask for Wargame (“wargame”).",
            "You ask for minutes at most 120 minutes (“at most 2 hours”).",
        ]
        assert agent.traces.of("one") == []
    assert_gone(on_disk(settings), "hate wargames")


async def test_where_nothing_can_be_kept_the_line_stays(agent: Agent) -> None:
    await say(agent, ANN, "one", HATES)
    for words in ("hello there", "  ", "horses"):
        with pytest.raises(BadInputError):
            await agent.amend(ANN, agent.profile(ANN)[0], words)
    assert sentences(agent, ANN) == ["You avoid Wargame (“hate wargames”)."]
    assert len(agent.traces.of("one")) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("nothing about dice", "You avoid dice (“nothing about dice”)."),
        (
            "a party game or something by Ada Quill",
            "You ask for Party or Ada Quill (“party game or something by Ada Quill”).",
        ),
    ],
)
async def test_topics_and_either_of_two_wishes_are_kept_as_they_were_meant(
    agent: Agent, shelf: Shelf, said: str, sentence: str
) -> None:
    await say(agent, ANN, "one", f"remember: {said}")
    assert sentences(agent, ANN) == [sentence]
    (turn,) = await say(agent, ANN, "two", "something under two hours")
    assert turn.slate
    for item in items_of(shelf, turn.slate):
        if "dice" in said:
            assert "dice" not in item.values["description"]
        else:
            assert "Party" in item.words("kinds") or item.values["designer"] == "Ada Quill"


def line(value: str, thread: str, op: str = "=", is_asked: bool = False) -> Line:
    wish = Constraint(field="kinds", op=op, value=value, words=f"{op} {value}")  # type: ignore[arg-type]
    return Line(kind="wish", sentence=f"You {op} {value}.", constraint=wish, threads=(thread,), is_asked=is_asked)


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "deeper" / "threads.db", "games")


def test_lines_stay_in_the_order_in_which_they_were_first_written(store: ProfileStore) -> None:
    store.remember("ann", [line("A", "1"), line("B", "1"), line("C", "1")])
    store.remember("ann", [line("A", "2", is_asked=True), line("D", "2")])
    assert [one.sentence for one in store.of("ann")] == ["You = A.", "You = B.", "You = C.", "You = D."]
    first = store.of("ann")[0]
    assert (first.threads, first.is_asked) == (("1", "2"), True)
    store.remember("ann", [line("A", "3")])
    assert store.of("ann")[0].is_asked, "asked for once is asked for"
    store.close()


def test_a_line_that_says_what_another_does_is_one_with_it_in_the_new_place(store: ProfileStore) -> None:
    store.remember("ann", [line("A", "1"), line("B", "2"), line("C", "3")])
    store.replace("ann", store.of("ann")[0], [line("C", "", is_asked=True).model_copy(update={"threads": ()})])
    assert [one.sentence for one in store.of("ann")] == ["You = C.", "You = B."]
    assert store.holding("ann", store.of("ann")[0]) == ["3"], "forgotten later, it takes its conversation along"
    store.close()


def test_profiles_of_several_catalogues_are_apart_and_forgotten_together(store: ProfileStore, tmp_path: Path) -> None:
    books = ProfileStore(tmp_path / "deeper" / "threads.db", "books")
    store.remember("ann", [line("A", "1")])
    assert books.of("ann") == []
    books.remember("ann", [line("A", "2")])
    books.forget("ann", books.of("ann")[0])
    assert len(store.of("ann")) == 1
    books.forget("ann")
    assert store.of("ann") == []
    store.close()
    books.close()


def test_a_line_read_earlier_is_forgotten_as_it_is_known_now(store: ProfileStore) -> None:
    store.remember("ann", [line("A", "1")])
    old = store.of("ann")[0]
    store.remember("ann", [line("A", "2")])
    store.tell("ann", "3", store.of("ann"))
    assert store.holding("ann", old) == ["1", "2", "3"]
    store.forget("ann", old)
    assert store.of("ann") == []
    store.close()
