"""Ask or recommend: a question narrows, is about what nobody spoke of, and is asked once and not too often."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import Turn, items_of, talk

from agent.build import open_agent
from agent.elicit import LEAST_GAIN, SURE_ENOUGH, entropy, narrowings
from agent.hidden import Belief
from agent.settings import Settings
from agent.trace import Decided
from agent.turn import Agent
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.shelf import Shelf

KINDS = FieldSpec(name="kinds", type="categories")
MINUTES = FieldSpec(name="minutes", type="number")
STOCK = FieldSpec(name="in_stock", type="flag")


def having(field: FieldSpec, values: Sequence[Any]) -> list[Item]:
    """Items with these values of a field; None for unknown."""
    return [Item(row, f"i{row}", {} if value is None else {field.name: value}) for row, value in enumerate(values)]


def bits(field: FieldSpec, values: Sequence[Any]) -> float:
    return entropy(field, having(field, values))


@asynccontextmanager
async def asking(
    most: int, settings: Settings, shelf: Shelf, rules: str = "one_at_a_time: true"
) -> AsyncIterator[Agent]:
    """An agent that may ask so often before it recommends."""
    path = settings.home / "rules.yaml"
    path.write_text(rules, encoding="utf-8")
    changed = settings.model_copy(update={"policies": path, "max_questions": most})
    async with open_agent(changed, shelf, None) as agent:
        yield agent


def decided(turn: Turn) -> Decided:
    return next(event for event in turn.events if isinstance(event, Decided))


def asked_of(turns: Sequence[Turn]) -> list[str]:
    """The fields that were asked about, in order; what has to be confirmed left out."""
    found = [event for turn in turns for event in turn.events if isinstance(event, Decided) and event.question]
    return [e.question["field"] for e in found if e.question and e.question["kind"] == "field"]


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        (KINDS, [["A"], ["B"], ["C"], ["D"]], 2.0),
        (KINDS, [["A"], ["A"], ["A"], ["B"]], 0.8113),
        (KINDS, [["A"], ["A"]], 0.0),
        (KINDS, [["A", "B"], ["A", "B"]], 0.0),  # two values, and no item told from another
        (KINDS, [["A", "B"], ["A", "C"]], 0.5),  # half of what can be named halves them
        (KINDS, [["A", "B"], ["A"]], 0.3333),
        (KINDS, [["A", "B"], ["A", "B"], ["C"], ["C"]], 1.0),
        (KINDS, [["A"], None, ["B"]], 1.0),
        (KINDS, [], 0.0),
        (MINUTES, [10, 20, 30, 40], 1.0),
        (MINUTES, [10, 10, 40, 40], 1.0),
        (MINUTES, [10, 40, 40], 0.9183),
        (MINUTES, [10, 10, 40], 0.9183),
        (MINUTES, [30, 30, 30], 0.0),
        (MINUTES, [None, 30], 0.0),
        (MINUTES, [None, None], 0.0),
        (STOCK, [True, False], 1.0),
        (STOCK, [True, True, True], 0.0),
        (FieldSpec(name="published", type="date"), ["1990-01-01", "1991", "2001-05", "2003"], 1.0),
    ],
)  # fmt: skip
def test_entropy_by_hand(field: FieldSpec, values: list[Any], expected: float) -> None:
    assert bits(field, values) == pytest.approx(expected, abs=1e-4)


@given(st.lists(st.integers(-50, 50) | st.none(), max_size=30))
def test_a_bound_halves_at_best_from_either_side(values: list[int | None]) -> None:
    found = bits(MINUTES, values)
    assert 0 <= found <= 1
    assert found == pytest.approx(bits(MINUTES, [None if value is None else -value for value in values]))
    assert (found > 0) == (len({value for value in values if value is not None}) > 1)


@given(st.lists(st.sets(st.sampled_from("ABCDE")).map(sorted), max_size=20))
def test_values_that_tell_items_apart_count_and_no_others(values: list[list[str]]) -> None:
    found = bits(KINDS, values)
    differing = {tuple(words) for words in values if words}
    assert 0 <= found <= math.log2(max(1, len(values))) + 1e-9
    assert (found > 0) == (len(differing) > 1)
    twins = [[*words, *(f"{word} too" for word in words)] for words in values]
    assert found == pytest.approx(bits(KINDS, twins)), "a value that always comes with another tells no more"


@given(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=20))
def test_of_single_values_it_is_their_entropy(values: list[str]) -> None:
    shares = [values.count(value) / len(values) for value in set(values)]
    assert bits(KINDS, [[value] for value in values]) == pytest.approx(-sum(p * math.log2(p) for p in shares))


def test_the_most_narrowing_question_comes_first(shelf: Shelf) -> None:
    items = shelf.catalogue.items(range(120))
    found = narrowings(shelf, items, ())
    assert found[0].field.name == "kinds"
    assert [one.bits for one in found] == sorted((one.bits for one in found), reverse=True)
    assert min(one.bits for one in found) >= LEAST_GAIN
    names = {one.field.name for one in found}
    assert {"price", "minutes"} <= names
    assert not {"title", "description"} & names, "nobody answers with a text"
    assert "designer" not in names, "few people have one in mind"


def test_what_was_spoken_of_is_not_asked(shelf: Shelf) -> None:
    items = shelf.catalogue.items(range(120))
    usual = [one.field.name for one in narrowings(shelf, items, ())]
    for name in usual:
        assert [one.field.name for one in narrowings(shelf, items, {name})] == [n for n in usual if n != name]
    assert narrowings(shelf, items, usual) == []


def test_what_would_tell_the_candidates_hardly_apart_is_not_asked(shelf: Shelf) -> None:
    alike = [item for item in shelf.catalogue.items(range(120)) if item.words("kinds") == ("Wargame", "Strategy")]
    assert len(alike) == 20
    names = [one.field.name for one in narrowings(shelf, alike, ())]
    assert "kinds" not in names, "all of them are strategic wargames"
    assert "minutes" in names
    assert narrowings(shelf, alike[:1], ()) == []
    assert narrowings(shelf, [], ()) == []
    nearly = [*alike, shelf.catalogue.item(1)]
    assert entropy(KINDS, nearly) > 0
    assert "kinds" not in [one.field.name for one in narrowings(shelf, nearly, ())], "one of 21 is not worth a turn"


def test_the_chance_that_one_of_several_will_do(shelf: Shelf) -> None:
    belief = Belief(shelf, ())
    items = shelf.catalogue.items(range(120))
    one = belief.chance_of_any(items[:1])
    assert belief.chance_of_any([]) == 0.0
    assert one == pytest.approx(float(belief.chances(items[:1])[0]))
    assert belief.chance_of_any([items[0]] * 50) == pytest.approx(one), "the same item again is no other chance"
    alone = belief.chances(items)
    together = belief.chance_of_any(items)
    assert max(alone) < together < 1 - float(np.prod(1 - alone)), "what rules one out rules out those like it"


@pytest.mark.parametrize("most", [0, 1, 2, 4])
async def test_no_more_is_asked_than_the_setting_allows(settings: Settings, shelf: Shelf, most: int) -> None:
    async with asking(most, settings, shelf) as agent:
        turns = await talk(agent, "t", "I need a game", *["no preference"] * 5)
    fields = asked_of(turns)
    assert len(fields) <= most
    assert bool(fields) == bool(most)
    assert [bool(turn.slate) for turn in turns[: len(fields) + 1]] == [False] * len(fields) + [True]


async def test_in_a_long_conversation_nothing_is_asked_twice(settings: Settings, shelf: Shelf) -> None:
    said = ["I need a game", "no", "whatever", "something else", "no, not that one", "I don't mind", "under 2 hours",
            "hello", "why?", "cheaper", "no thanks", "another one", "what do you know about me?", "forget the minutes",
            "no wargames", "nope", "not for me", "something longer", "any", "no"]  # fmt: skip
    async with asking(20, settings, shelf) as agent:
        turns = await talk(agent, "t", *said)
    fields = asked_of(turns)
    assert len(fields) >= 2
    assert len(set(fields)) == len(fields)
    sentences = [turn.reply for turn in turns if decided_a_question(turn)]
    assert len(set(sentences)) == len(sentences)


def decided_a_question(turn: Turn) -> bool:
    return bool(asked_of([turn]))


async def test_after_starting_over_there_is_room_for_questions_again(settings: Settings, shelf: Shelf) -> None:
    async with asking(1, settings, shelf) as agent:
        turns = await talk(agent, "t", "I need a game", "no preference", "start over", "any game")
    assert asked_of(turns[:2]) == ["kinds"]
    assert asked_of(turns[2:]) == ["kinds"]


@pytest.mark.parametrize(
    ("message", "spoken"),
    [
        ("a wargame", {"kinds"}),
        ("under 60 minutes", {"minutes"}),
        ("a wargame under $40", {"kinds", "price"}),
        ("at least 30 minutes, something in stock", {"minutes", "in_stock"}),
    ],
)
async def test_what_a_person_said_is_not_asked_of_them(
    settings: Settings, shelf: Shelf, message: str, spoken: set[str]
) -> None:
    async with asking(5, settings, shelf) as agent:
        turns = await talk(agent, "t", message, *["no preference"] * 5)
    assert not spoken & set(asked_of(turns))
    assert turns[-1].slate


async def test_who_only_says_what_they_do_not_want_may_be_asked_what_they_want(
    settings: Settings, shelf: Shelf
) -> None:
    async with asking(5, settings, shelf) as agent:
        turns = await talk(agent, "t", "no wargames", *["no, not that one"] * 8)
    assert "kinds" in asked_of(turns)
    assert all("Wargame" not in item.words("kinds") for turn in turns for item in items_of(shelf, turn.slate))
    likely = [words for turn in turns for words in decided(turn).likely]
    assert likely
    assert not [words for words in likely if "Wargame" in words], "who wants none is not thought to want them"


async def test_it_asks_while_it_is_unsure_and_shows_something_once_it_is_sure(settings: Settings, shelf: Shelf) -> None:
    async with asking(20, settings, shelf) as agent:
        (told,) = await talk(agent, "told", "a wargame, 60 to 120 minutes, under $60, in stock")
        first, *rest = await talk(agent, "vague", "I need a game", "any", *["no, not that one"] * 10)
    assert told.slate
    assert (decided(told).chance or 0) >= SURE_ENOUGH
    assert asked_of([first]) == ["kinds"], "who has said nothing is asked, however likely it is that the best pleases"
    asks = [bool(asked_of([turn])) for turn in rest]
    unsure = [(decided(turn).chance or 0) < SURE_ENOUGH for turn in rest]
    assert any(asks)
    assert all(doubt for ask, doubt in zip(asks, unsure, strict=True) if ask)
    last_question = len(asks) - 1 - asks[::-1].index(True)
    assert not any(doubt and not ask for ask, doubt in zip(asks[:last_question], unsure, strict=False))
    assert not asked_of(rest[last_question + 1 :]), "all that is worth a turn was asked"


async def test_beside_a_slate_the_first_turn_may_ask_and_the_next_do_not(settings: Settings, shelf: Shelf) -> None:
    async with asking(5, settings, shelf, "") as agent:
        vague, answered, known = await talk(agent, "t", "I need a game", "farming", "under an hour")
        (clear,) = await talk(agent, "u", "a wargame")
    assert len(vague.slate) == 5
    assert asked_of([vague]) == ["kinds"]
    assert vague.reply.splitlines()[-1].startswith("Any particular kinds")
    assert all("Farming" in item.words("kinds") for item in items_of(shelf, answered.slate))
    assert asked_of([answered, known, clear]) == []
