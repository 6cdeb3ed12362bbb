"""A whole conversation without a model, over real files: what is shown, remembered, refused and relaxed."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace

import pytest
from grounding_check import ungrounded
from talk import Turn, items_of, talk

from agent.build import open_agent
from agent.nodes.plan import Preferences
from agent.settings import Settings
from agent.turn import Agent
from agent.user import User
from tools.constraints import satisfies
from tools.contract import ToolResult
from tools.errors import BadInputError, UnavailableError
from tools.filter import FilterItems
from tools.shelf import Shelf


async def known(agent: Agent, thread: str) -> Preferences:
    """What the thread's checkpoint knows."""
    state = await agent._graph.aget_state({"configurable": {"thread_id": thread}})
    return Preferences.model_validate(state.values.get("preferences", {}))


async def holds(agent: Agent, thread: str, turn: Turn, shelf: Shelf) -> bool:
    """Whether every item shown satisfies every must of the thread."""
    musts = [c for c in (await known(agent, thread)).constraints if c.strength == "must"]
    return all(
        satisfies(item.values, must, field) is True
        for item in items_of(shelf, turn.slate)
        for must in musts
        if (field := shelf.catalogue.schema.field(must.field))
    )


async def test_a_conversation_of_three_turns(agent: Agent, shelf: Shelf) -> None:
    messages = [
        "I loved Siege of Ruby, something like that from the 90s",
        "shorter please, and no family games",
        "not the first one",
    ]
    turns = []
    for number, message in enumerate(messages, start=1):
        (turn,) = await talk(agent, "t", message)
        turns.append(turn)
        assert turn.slate
        assert await holds(agent, "t", turn, shelf)
        assert ungrounded(turn.reply, messages[:number], items_of(shelf, turn.slate), shelf.catalogue) == []
        assert "g0" not in turn.slate  # what was named is known already
    first, second, third = (items_of(shelf, turn.slate) for turn in turns)
    assert all(1990 <= item.values["year"] <= 1999 for item in first)
    minutes = sorted(item.values["minutes"] for item in first if "minutes" in item.values)
    assert all(item.values["minutes"] < minutes[len(minutes) // 2] for item in second)
    assert all("Family" not in item.values["kinds"] for item in (*second, *third))
    assert second[0].id not in {item.id for item in third}
    assert sum("Wargame" in item.values["kinds"] for item in first) >= 4  # the taste of what was liked


async def test_later_words_win(agent: Agent, shelf: Shelf) -> None:
    turns = await talk(
        agent, "t", "a wargame under 60 minutes", "under 100 minutes is fine", "no wargames", "forget the minutes"
    )
    last = items_of(shelf, turns[-1].slate)
    assert all("Wargame" not in item.values["kinds"] for item in last)
    assert [c.words for c in (await known(agent, "t")).constraints] == ["no wargames"]
    turns = await talk(agent, "t", "start over")
    assert (await known(agent, "t")).is_vague


async def test_others_are_shown_when_others_are_asked_for(agent: Agent) -> None:
    first, second, third = await talk(agent, "t", "a wargame", "something else", "I've played the first two")
    assert set(first.slate).isdisjoint(second.slate)
    assert set(second.slate[:2]).isdisjoint(third.slate)


async def test_why_is_answered_from_what_was_said(agent: Agent) -> None:
    shown, why, again = await talk(agent, "t", "I loved Siege of Ruby; under 50 minutes", "why the second one?", "why?")
    title = shown.reply.splitlines()[2].split(" — ")[0].removeprefix("2. ")
    lines = why.reply.splitlines()
    assert lines[0] == f"Why {title}:"
    assert any(re.fullmatch(r"- \d+ minutes: you said “under 50 minutes”", line) for line in lines)
    assert again.reply.count("Why ") == len(shown.slate)
    assert why.slate == []
    assert why.plan.intent == "explain"


async def test_a_question_leaves_the_slate_and_the_wishes_as_they_are(agent: Agent) -> None:
    shown, _, _ = await talk(
        agent, "t", "a wargame under an hour", "how long is the first one?", "tell me about Banter of Jade"
    )
    before = await known(agent, "t")
    (why,) = await talk(agent, "t", "why the last one?")
    assert why.reply.startswith(f"Why {shown.reply.splitlines()[-1].split(' — ')[0][3:]}")
    assert await known(agent, "t") == before


async def test_it_is_what_was_last_talked_about(agent: Agent) -> None:
    turns = await talk(
        agent,
        "t",
        "a wargame",
        "tell me about Banter of Jade",
        "how long is it?",
        "why the first one?",
        "how long is it?",
    )
    assert turns[2].reply == "Banter of Jade (1996): 95 minutes."
    title = turns[0].reply.splitlines()[1].split(" — ")[0].removeprefix("1. ")
    assert turns[4].reply.startswith(f"{title}: ")


async def test_what_is_looked_for_by_text_stays_until_it_is_taken_back(agent: Agent, shelf: Shelf) -> None:
    _, cheaper, forgotten = await talk(agent, "t", "a game played with dice", "cheaper", "forget the dice")
    assert all("dice" in item.values["description"] for item in items_of(shelf, cheaper.slate))
    assert [tool.tool for tool in forgotten.tools] == ["filter_items", "rank_items"]


async def test_nothing_fits_and_what_would_help_is_counted_rightly(agent: Agent, shelf: Shelf) -> None:
    messages = ["a wargame by Ada Quill under 20 minutes and under $12"]
    (turn,) = await talk(agent, "t", *messages)
    assert turn.slate == []
    assert turn.reply.startswith(
        "Nothing in the catalogue fits “wargame”, “Ada Quill”, “under 20 minutes” and “under $12” together."
    )
    constraints = (await known(agent, "t")).constraints
    offered = re.findall(r"without “([^”]+)” there (?:is|are) (\d+) game", turn.reply)
    assert offered
    for words, count in offered:
        rest = [constraint for constraint in constraints if constraint.words != words]
        assert len(shelf.catalogue.filter(rest)) == int(count)
    assert len(turn.checks[-1].relaxations) == len(offered)


async def test_following_the_advice_leads_to_what_was_promised(agent: Agent) -> None:
    stuck_ones = (
        "a wargame by Ada Quill under 20 minutes and under $12",
        "I have 15 minutes; a party game",
        "$5 or less, farming",
    )
    for message in stuck_ones:
        (stuck,) = await talk(agent, message, message)
        assert stuck.slate == []
        advice = re.search(r"Say (?:which to forget: )?“(forget .+?)”", stuck.reply)
        assert advice, stuck.reply
        (turn,) = await talk(agent, message, advice.group(1))
        assert turn.slate, turn.reply


async def test_two_threads_share_nothing(agent: Agent) -> None:
    await talk(agent, "one", "I loved Siege of Ruby; a wargame under an hour")
    (other,) = await talk(agent, "two", "why the first one?")
    two = await known(agent, "two")
    assert two.is_vague
    assert two.excluded == []
    assert other.plan.intent != "explain"
    await talk(agent, "two", "farming from the 90s", "not the first one")
    assert {c.words for c in (await known(agent, "one")).constraints} == {"wargame", "under an hour"}
    assert (await known(agent, "one")).rejected == []
    assert [trace.thread for trace in agent.traces.of("one")] == ["one"]


async def test_many_conversations_side_by_side_do_not_wait_for_each_others_writes(agent: Agent) -> None:
    async def seconds(user: str) -> float:
        began, messages = time.monotonic(), ("a wargame", "under 60 minutes", "remember that", "something else")
        for message in messages:
            _ = [event async for event in agent.turn(f"thread of {user}", message, User(id=user))]
        return time.monotonic() - began

    after_each_other = sum([await seconds(f"early{number}") for number in range(16)])
    waited = await asyncio.gather(*(seconds(f"late{number}") for number in range(16)))
    assert max(waited) < after_each_other + 8, "SQLite's lock is waited for up to 10 s"


async def test_the_same_messages_give_the_same_slates(agent: Agent) -> None:
    messages = ["I loved Siege of Ruby, but shorter than an hour", "cheaper", "something else", "a game about dice"]
    one, two = await talk(agent, "one", *messages), await talk(agent, "two", *messages)
    assert [turn.slate for turn in one] == [turn.slate for turn in two]
    assert [turn.reply for turn in one] == [turn.reply for turn in two]


async def test_a_new_process_goes_on_with_the_thread(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        (shown,) = await talk(agent, "t", "I loved Siege of Ruby; under an hour")
    async with open_agent(settings, shelf, None) as agent:
        assert [trace.turn for trace in agent.traces.of("t")] == [1]
        why, other = await talk(agent, "t", "why the second one?", "not the second one")
        assert {c.words for c in (await known(agent, "t")).constraints} == {"under an hour"}
        assert [trace.turn for trace in agent.traces.of("t")] == [1, 2, 3]
    title = items_of(shelf, shown.slate)[1].values["title"]
    assert why.reply.startswith(f"Why {title} (")
    assert shown.slate[1] not in other.slate
    assert len(other.slate) == 5


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "The message is empty."), (" \n\t ", "The message is empty."),
        ("x" * 8_001, "8,001 characters; at most 8,000"),
        ("\x00\x01\x02\x03PNG", "The message is not text."), ("\ufffd" * 20 + "abc", "The message is not text."),
    ],
)  # fmt: skip
async def test_a_message_that_cannot_be_read_is_refused_and_the_thread_is_as_it_was(
    agent: Agent, message: str, reason: str
) -> None:
    await talk(agent, "t", "a wargame")
    before = await agent._graph.aget_state({"configurable": {"thread_id": "t"}})
    with pytest.raises(BadInputError, match=re.escape(reason)) as refused:
        await talk(agent, "t", message)
    assert refused.value.way_out
    after = await agent._graph.aget_state({"configurable": {"thread_id": "t"}})
    assert (after.values, after.config) == (before.values, before.config)
    assert len(agent.traces.of("t")) == 1


async def test_the_longest_message_and_odd_characters_are_answered(agent: Agent) -> None:
    for message in (
        "word " * 1_600,
        "a wargame\x07 under an hour",
        "half \ud83c a pair",
        "'; DROP TABLE items; --",
        "%s {0} \\",
    ):
        (turn,) = await talk(agent, "t", message[:8_000])
        assert turn.reply
    assert len(agent.traces.of("t")) == 5


async def test_without_the_dense_index_the_answer_still_comes_and_the_trace_says_so(
    settings: Settings, shelf: Shelf
) -> None:
    degraded = replace(shelf, dense=None, embedder=None, degraded=("The dense index can't be opened.",))
    async with open_agent(settings, degraded, None) as agent:
        (turn,) = await talk(agent, "t", "a game played with dice")
    (search,) = [tool for tool in turn.tools if tool.tool == "search_items"]
    assert search.summary["by"] == "lexical (The dense index is off.)"
    assert search.error == ""
    assert all("dice" in item.values["description"] for item in items_of(shelf, turn.slate))
    assert len(turn.slate) == 5


class Broken(FilterItems):
    """A tool that is down, or lets through what it should not."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def run(self, arguments, shelf, wishes, candidates):  # type: ignore[no-untyped-def]
        if self._error:
            raise self._error
        return ToolResult(candidates, {})


async def test_what_a_tool_lets_through_the_critic_removes(agent: Agent, shelf: Shelf) -> None:
    agent.parts.tools["filter_items"] = Broken()
    (turn,) = await talk(agent, "t", "I loved Siege of Ruby; farming games")
    assert await holds(agent, "t", turn, shelf)
    assert any(line.endswith("must kinds = Farming") for line in turn.checks[0].removed)


async def test_a_tool_that_fails_is_said_in_the_trace_and_breaks_nothing_that_was_asked(
    agent: Agent, shelf: Shelf
) -> None:
    for number, error in enumerate((UnavailableError("The index is away."), TimeoutError("too slow"))):
        agent.parts.tools["filter_items"] = Broken(error)
        (turn,) = await talk(agent, f"t{number}", "I loved Siege of Ruby; farming games")
        assert await holds(agent, f"t{number}", turn, shelf)
        assert str(error) in turn.tools[0].error


async def test_a_search_that_finds_nothing_is_given_up_openly(agent: Agent, shelf: Shelf) -> None:
    (turn,) = await talk(agent, "t", "wargames about quantum chromodynamics")
    assert turn.reply.startswith(
        "I found nothing about “quantum chromodynamics”, so I went by the rest of what you said."
    )
    assert len(turn.slate) == 5
    assert await holds(agent, "t", turn, shelf)
    assert [bool(check.replan) for check in turn.checks] == [True, False]
    (alone,) = await talk(agent, "u", "quantum chromodynamics")
    assert alone.reply.startswith("Nothing in the catalogue fits “quantum chromodynamics”.")


async def test_what_is_not_english_is_owned_up_to(agent: Agent) -> None:
    for message in ("Ich hätte gerne ein Strategiespiel", "我想要一个游戏", "asdf qwer zxcv hjkl"):
        (turn,) = await talk(agent, "t", message)
        assert turn.reply.startswith("I could not make out what you would like: I read English best.")
        assert turn.slate == []


async def test_a_turn_that_is_given_up_leaves_the_thread_as_it_was(agent: Agent) -> None:
    await talk(agent, "t", "a wargame")
    stream = agent.turn("t", "farming under an hour")
    await anext(stream)
    await stream.aclose()
    assert len(agent.traces.of("t")) == 1
    assert {c.words for c in (await known(agent, "t")).constraints} == {"wargame"}
    (turn,) = await talk(agent, "t", "why the first one?")
    assert turn.plan.intent == "explain"


async def test_conversations_that_cannot_be_opened_say_the_way_out(settings: Settings, shelf: Shelf) -> None:
    settings.threads_file.write_bytes(b"not a database, by no means one" * 40)
    with pytest.raises(UnavailableError, match=r"threads\.db.*can't be opened") as failure:
        async with open_agent(settings, shelf, None):
            pass
    assert "TASTEMAKER_HOME" in failure.value.way_out


async def test_why_not_names_the_wish_that_is_broken_and_forgetting_it_brings_the_item(agent: Agent) -> None:
    messages = ["a wargame under 50 minutes", "why not Siege of Jade?"]
    shown, why = await talk(agent, "t", *messages)
    assert "g15" not in shown.slate
    lines = why.reply.splitlines()
    assert lines[0] == "Why Siege of Jade (1995) is not there:"
    assert "- it is 90 minutes: you said “under 50 minutes”" in lines
    ways = [line for line in lines if "forget under 50 minutes" in line]
    if ways:
        place = int(ways[0].rstrip(".").split()[-1])
        (after,) = await talk(agent, "t", "forget under 50 minutes")
        assert after.slate[place - 1] == "g15"


async def test_why_not_of_what_only_fits_less_says_its_place(agent: Agent, shelf: Shelf) -> None:
    _, why = await talk(agent, "t", "I loved Siege of Ruby", "why not Banter of Coral?")
    assert "others fit better: it would be number" in why.reply
    assert why.slate == []
    _, again = await talk(agent, "two", "I loved Siege of Ruby", "why not Siege of Ruby?")
    assert "you know it already" in again.reply


async def test_as_many_are_shown_as_are_asked_for(agent: Agent) -> None:
    three, again, ten = await talk(agent, "t", "give me three games", "shorter", "top 10 games")
    assert [len(turn.slate) for turn in (three, again, ten)] == [3, 5, 10]
    assert "Here are 3 widely liked games" in three.reply


async def test_what_few_are_about_comes_first_and_the_rest_of_the_wish_fills_up(agent: Agent, shelf: Shelf) -> None:
    turn, later = await talk(agent, "t", "siege wargames under 40 minutes", "newer than 1990")
    items = items_of(shelf, turn.slate)
    assert "Only 3 of them are about “siege”" in turn.reply
    assert ["Siege" in str(item.values["title"]) for item in items] == [True, True, True, False, False]
    assert all("Wargame" in item.words("kinds") and item.values["minutes"] < 40 for item in items)
    assert "siege" not in later.reply
    (asked,) = await talk(agent, "about", "wargames about sieges under 40 minutes")
    assert len(asked.slate) == 3, "a topic that is asked for narrows"


async def test_what_is_named_as_not_wanted_is_left_out_without_a_verdict(agent: Agent) -> None:
    (plain,) = await talk(agent, "plain", "a wargame")
    (without,) = await talk(agent, "without", "a wargame, but not Siege of Jade")
    assert "g15" in plain.slate
    assert [one for one in plain.slate if one != "g15"] == without.slate[:4]
    assert (await known(agent, "without")).passed == ["g15"]
