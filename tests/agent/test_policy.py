"""House rules: kept for every item that is shown, said where they have to be, and refused where they make no sense."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from talk import Turn, items_of, talk

from agent.build import open_agent
from agent.policy import load_policies, standard_policies
from agent.settings import Settings
from agent.trace import Decided
from agent.turn import Agent
from agent.user import ANONYMOUS, User
from tools.data.schema import FieldSpec, Schema
from tools.errors import BadInputError
from tools.shelf import Shelf


@pytest.fixture
def settings(world_settings: Settings, tmp_path: Path) -> Settings:
    return world_settings.model_copy(update={"home": tmp_path, "max_questions": 0})


@asynccontextmanager
async def under(rules: str, settings: Settings, shelf: Shelf) -> AsyncIterator[Agent]:
    """An agent under the house rules of this YAML."""
    path = settings.home / "rules.yaml"
    path.write_text(rules, encoding="utf-8")
    async with open_agent(settings.model_copy(update={"policies": path}), shelf, None) as agent:
        yield agent


async def say(agent: Agent, *messages: str, user: User = ANONYMOUS, thread: str = "t") -> list[Turn]:
    return [Turn(m, [event async for event in agent.turn(thread, m, user)]) for m in messages]


async def test_one_at_a_time_shows_one_and_a_rejected_one_never_again(settings: Settings, shelf: Shelf) -> None:
    async with under("one_at_a_time: true", settings, shelf) as agent:
        turns = await say(agent, "a wargame", *["no, not that one"] * 6)
    shown = [turn.slate[0] for turn in turns]
    assert all(len(turn.slate) == 1 for turn in turns)
    assert len(set(shown)) == len(shown)
    assert all("Wargame" in item.words("kinds") for item in items_of(shelf, shown))


async def test_what_the_user_knows_is_not_shown_unless_the_house_says_so(settings: Settings, shelf: Shelf) -> None:
    async with under("", settings, shelf) as agent:
        (first,) = await say(agent, "a wargame")
        (second,) = await say(agent, "a wargame", user=User(seen=tuple(first.slate)), thread="u")
        assert not set(first.slate) & set(second.slate)
    async with under("exclude_seen: false", settings, shelf) as agent:
        (third,) = await say(agent, "a wargame", user=User(seen=tuple(first.slate)), thread="v")
        assert third.slate == first.slate


async def test_only_what_the_user_has_access_to_is_shown(settings: Settings, shelf: Shelf) -> None:
    async with under("availability: {field: kinds, say: in your club}", settings, shelf) as agent:
        (turn,) = await say(agent, "something under an hour", user=User(available=("Farming", "Humor")))
        assert turn.slate
        assert all({"Farming", "Humor"} & set(item.words("kinds")) for item in items_of(shelf, turn.slate))
        (nothing,) = await say(agent, "a wargame", user=User(available=("Farming",)), thread="u")
        assert nothing.slate == []
        assert "in your club (Farming)" in nothing.reply
        (rule,) = nothing.tools[0].summary["house"]
        assert re.fullmatch(r"must kinds = Farming: \d+ left out", rule), "the trace says what the house demanded"
        (anybody,) = await say(agent, "a wargame", thread="v")
        assert anybody.slate


CONFIRM = "one_at_a_time: true\nconfirm: [{field: kinds, values: [Wargame]}]"


async def test_what_needs_a_yes_is_shown_after_it_and_not_before(settings: Settings, shelf: Shelf) -> None:
    async with under(CONFIRM, settings, shelf) as agent:
        asked, shown = await say(agent, "a wargame", "yes, that's fine")
        assert asked.slate == []
        assert "Wargame" in asked.reply
        assert asked.reply.endswith("?")
        assert "Wargame" in items_of(shelf, shown.slate)[0].words("kinds")
        again = (await say(agent, "no, not that one"))[0]
        assert again.slate, "once is enough"


async def test_after_a_no_it_is_never_shown(settings: Settings, shelf: Shelf) -> None:
    async with under(CONFIRM, settings, shelf) as agent:
        turns = await say(agent, "a strategy game", *["no"] * 12)
    shown = [item for turn in turns for item in items_of(shelf, turn.slate)]
    assert shown
    assert all("Wargame" not in item.words("kinds") for item in shown)
    assert sum("all right" in turn.reply for turn in turns) == 1


async def test_in_a_slate_what_needs_a_yes_is_held_back(settings: Settings, shelf: Shelf) -> None:
    async with under("confirm: [{field: kinds, values: [Wargame]}]", settings, shelf) as agent:
        held, shown = await say(agent, "a strategy game", "sure")
    assert held.slate
    assert not any("Wargame" in item.words("kinds") for item in items_of(shelf, held.slate))
    assert "Wargame: is that all right?" in held.reply
    (decided,) = [event for event in held.events if isinstance(event, Decided)]
    assert decided.held
    assert all(line.endswith(": kinds Wargame") for line in decided.held)
    assert not {line.split(":")[0] for line in decided.held} & {*held.slate}
    assert any("Wargame" in item.words("kinds") for item in items_of(shelf, shown.slate))


async def test_a_disclosure_stands_beside_its_item_and_beside_no_other(settings: Settings, shelf: Shelf) -> None:
    async with under("disclose: [{field: in_stock, value: true, say: in our shop}]", settings, shelf) as agent:
        (turn,) = await say(agent, "a strategy game under two hours")
    rows = turn.reply.splitlines()[1:]
    items = items_of(shelf, turn.slate)
    assert {item.values["in_stock"] for item in items} == {True, False}, "the slate shows both cases"
    assert [("(in our shop)" in row) for row in rows] == [item.values["in_stock"] for item in items]


async def test_a_rule_of_the_house_is_not_for_the_user_to_forget(settings: Settings, shelf: Shelf) -> None:
    async with under('rules: [{field: price, op: "<=", value: 20, say: at most $20}]', settings, shelf) as agent:
        cheap, nothing = await say(agent, "a wargame", "over $50")
    assert all(item.values["price"] <= 20 for item in items_of(shelf, cheap.slate))
    assert cheap.slate
    assert nothing.slate == []
    assert "at most $20" in nothing.reply
    assert "without “at most" not in nothing.reply


async def test_a_thread_of_somebody_else_is_refused(settings: Settings, shelf: Shelf) -> None:
    async with open_agent(settings, shelf, None) as agent:
        await say(agent, "a wargame", user=User(id="ann"))
        for other in (User(id="bob"), ANONYMOUS):
            with pytest.raises(BadInputError, match="not yours"):
                await say(agent, "what did I like?", user=other)
        (mine,) = await say(agent, "shorter", user=User(id="ann"))
        assert mine.slate


async def test_without_a_file_the_roles_decide() -> None:
    fields = [
        FieldSpec(name="title", type="text", role="title"),
        FieldSpec(name="ad", type="flag", role="sponsored"),
        FieldSpec(name="shops", type="categories", role="availability"),
    ]
    policies = standard_policies(Schema(id_column="id", fields=fields))
    assert policies.availability is not None
    assert (policies.availability.field, policies.disclose[0].field) == ("shops", "ad")
    assert standard_policies(Schema(id_column="id", fields=fields[:1])).disclose == ()


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("confirm: [{field: colour, values: [red]}]", "no field 'colour'"),
        ("confirm: [{field: price, values: [red]}]", "type number"),
        ("confirm: [{field: kinds, values: []}]", "confirm.0.values"),
        ("availability: {field: minutes}", "type number"),
        ('rules: [{field: kinds, op: "<", value: Wargame}]', "type categories"),
        ('rules: [{field: price, op: "~", value: 3}]', "rules.0.op"),
        ("disclose: [{field: price, value: true, say: x}]", "type number"),
        ("sponsored: yes", "sponsored"),
        ("a: [", "not a YAML file"),
        ("- 1", "valid dictionary"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(shelf: Shelf, tmp_path: Path, rules: str, said: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(rules, encoding="utf-8")
    with pytest.raises(BadInputError, match=said) as refused:
        load_policies(path, tmp_path, shelf.catalogue.schema)
    assert str(path) in str(refused.value)


def test_a_file_beside_the_schema_is_found_and_a_named_one_must_be_there(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "policies.yaml").write_text("one_at_a_time: true", encoding="utf-8")
    assert load_policies(None, tmp_path, shelf.catalogue.schema).one_at_a_time
    with pytest.raises(BadInputError, match="no policy file"):
        load_policies(tmp_path / "other.yaml", tmp_path, shelf.catalogue.schema)


async def test_a_question_is_asked_once_and_an_answer_of_any_kind_is_taken(settings: Settings, shelf: Shelf) -> None:
    asking = settings.model_copy(update={"max_questions": 3})
    async with under("one_at_a_time: true", asking, shelf) as agent:
        turns = await say(agent, "I need a game", *["no preference"] * 5)
    questions = [turn.reply for turn in turns if not turn.slate]
    assert 1 <= len(questions) <= 3
    assert len(set(questions)) == len(questions)
    assert turns[-1].slate


async def test_the_answer_to_a_question_is_about_its_field(settings: Settings, shelf: Shelf) -> None:
    asking = settings.model_copy(update={"max_questions": 5})
    async with under("one_at_a_time: true", asking, shelf) as agent:
        answers = {
            "kinds": "farming or humor",
            "minutes": "60",
            "price": "40 at most",
            "designer": "whoever",
            "year": "any",
        }
        message, known = "I need a game", list[str]()
        for _ in range(6):
            (turn,) = await talk(agent, "t", message)
            if turn.slate:
                break
            field = next(f for f in answers if f in turn.reply or (f == "minutes" and "duration" in turn.reply))
            known.append(field)
            message = answers[field]
    item = items_of(shelf, turn.slate)[0]
    assert "kinds" in known
    assert set(item.words("kinds")) & {"Farming", "Humor"}
    assert "minutes" not in known or item.values["minutes"] <= 60
    assert "price" not in known or item.values["price"] <= 40


async def test_a_user_of_the_interactions_is_shown_more_of_their_taste_and_nothing_that_they_used(
    settings: Settings, shelf: Shelf
) -> None:
    known, stranger = User(id="u3"), User(id="somebody new")  # u3 plays what u0 does: every third game, from the first
    used = {shelf.catalogue.item(position).id for position in shelf.logs.of("u3").used}
    assert len(used) == 14
    async with under("", settings, shelf) as agent:
        (mine,) = await say(agent, "recommend me something", user=known)
        (theirs,) = await say(agent, "recommend me something", user=stranger, thread="u")
    assert not used & {*mine.slate}
    assert all(item.position % 3 == 0 for item in items_of(shelf, mine.slate))
    assert "as you did" in mine.reply
    assert mine.slate != theirs.slate
    assert "as you did" not in theirs.reply
    async with under("exclude_seen: false", settings, shelf) as agent:
        (again,) = await say(agent, "recommend me something", user=known, thread="v")
    assert used & {*again.slate}
