"""The plan on the wire: its schema takes what the reading makes and nothing else, and a broken plan is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from heard import hear
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tiny import tiny_schema

from agent.plan import MAX_PARTS, Plan, Step
from agent.preferences import Preferences
from agent.prompt import system_prompt, user_prompt, worked_examples
from agent.repair import ground
from agent.training.material import Domain, MadeUpField
from agent.wire import MOST_CHARS, plan_from_wire, plan_schema, plan_to_wire
from tools.data.catalogue import Item
from tools.shelf import Shelf

SCHEMA = tiny_schema()
MESSAGES = [
    "something like Siege of Ruby under 60 minutes", "a wargame from the 90s, no party games", "I hated Banter of Ruby",
    "not in stock, by Ada Quill", "preferably farming", "less humor", "a game about pirates", "hello", "why?",
    "the cheapest wargame", "a varied list of wargames",
    "between 30 and 60 minutes", "at least two hours and at most $30", "tell me about Siege of Ruby",
]  # fmt: skip


def reference(message: str, shelf: Shelf) -> Plan:
    """The plan that a perfect model would make of a message."""
    grounded, _ = ground(None, hear(message, shelf), shelf.catalogue, shelf.titles)
    return Plan(
        intent=grounded.intent,
        constraints=grounded.constraints,
        liked=tuple(map(shelf.titles.title, grounded.liked)),
        disliked=tuple(map(shelf.titles.title, grounded.disliked)),
        steps=grounded.steps,
    )


def is_valid(shelf: Shelf, plan: Any) -> bool:
    return bool(Draft202012Validator(plan_schema(shelf.catalogue)).is_valid(plan))


@pytest.mark.parametrize("message", MESSAGES)
def test_the_schema_takes_every_reference_plan(shelf: Shelf, message: str) -> None:
    plan = reference(message, shelf)
    wire = plan_to_wire(plan)
    assert is_valid(shelf, json.loads(wire))
    again = plan_from_wire(wire, shelf.catalogue.schema)
    assert plan_to_wire(again) == wire
    assert [c.key for c in again.constraints] == [c.key for c in plan.constraints]


def test_the_schema_takes_the_prompts_own_examples(shelf: Shelf, books: Shelf) -> None:
    for catalogue in (shelf, books):
        examples = worked_examples(catalogue)
        assert len(examples) == 3
        for message, plan in examples:
            assert is_valid(catalogue, json.loads(plan_to_wire(plan))), message
            assert f"Message: {message}\nPlan: {plan_to_wire(plan)}" in system_prompt(catalogue)


@pytest.mark.parametrize(
    "parts",
    [
        ["delete"], ["recommend", "kinds=Romance"], ["recommend", "kinds<Party"], ["recommend", "description=x"],
        ["recommend", "maybe kinds=Party"], ["recommend", "minutes<sixty"], ["recommend", f"minutes<{10**9}"],
        ["recommend", "kinds=Party extra"], ["recommend", "kinds="], ["recommend", "in_stock=yes"],
        ["recommend", *["kinds=Party"] * (MAX_PARTS + 1)], ["recommend", f"like {'x' * 61}"],
        ["recommend", "drop_table"], ["recommend", "search "], ["recommend", "rank random"], ["kinds=Party"], [],
        ["recommend", "rank lowest kinds"], ["recommend", "rank lowest"], ["recommend", "diversify exposure"],
        ["recommend", "similar "], ["recommend", "explain Party"], ["recommend", "recommend"],
        ["recommend", 'like "Emma"'],
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_no_plan(shelf: Shelf, parts: list[str]) -> None:
    assert is_valid(shelf, {"plan": ["recommend", "avoid kinds=Party|Humor", "price<=9.5", "in_stock=false"]})
    assert not is_valid(shelf, {"plan": parts})


@pytest.mark.parametrize("body", [{}, {"plan": ["chat"], "sql": "DROP TABLE items"}, ["chat"]])
def test_the_schema_asks_for_a_plan_and_nothing_else(shelf: Shelf, body: Any) -> None:
    assert not is_valid(shelf, body)


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def test_the_schema_takes_each_order_that_the_catalogue_has(shelf: Shelf, books: Shelf) -> None:
    for catalogue, by in ((shelf, "lowest price"), (shelf, "recency"), (books, "highest pages"), (books, "similarity")):
        assert is_valid(catalogue, {"plan": ["recommend", "similar Emma", f"rank {by}", "diversify calibration"]}), by
    assert not is_valid(books, {"plan": ["recommend", "rank lowest price"]})


def test_a_schema_of_200_fields_is_bounded_and_takes_every_value() -> None:
    names = [f"feature_{n}" for n in range(200)]
    values = {name: [f"{name} has a long value {n}" for n in range(60)] for name in names}
    made = [MadeUpField(name=name, type="category", values=values[name]) for name in names]
    wide = Domain(
        item="part",
        items="parts",
        fields=[MadeUpField(name="title", type="text", role="title"), *made],
        titles=["Bolt"],
    )
    schema = plan_schema(wide)
    assert len(json.dumps(schema)) < 3 * MOST_CHARS
    valid = Draft202012Validator(schema)
    for name in names:
        assert valid.is_valid({"plan": ["recommend", f"{name}={values[name][-1]}"]}), name
    assert not valid.is_valid({"plan": ["recommend", f"{names[0]}=no such value"]}), "the first ones are listed"
    assert not valid.is_valid({"plan": ["recommend", "nothing=x"]})


def test_nothing_in_the_schema_is_endless(shelf: Shelf, books: Shelf) -> None:
    for catalogue in (shelf.catalogue, books.catalogue):
        for node in nodes(plan_schema(catalogue)):
            if node.get("type") == "string":
                assert re.fullmatch(r"\^(?:[^*+]|\\[*+])*\$", node["pattern"]), node
            if node.get("type") == "array":
                assert 0 < node["maxItems"] <= 11, node
            if node.get("type") in ("integer", "number"):
                assert node["minimum"] < node["maximum"] < 10**7, node
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert set(node["required"]) == set(node["properties"])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "JSON"), ("no", "JSON"), ("{", "JSON"), (plan_to_wire(Plan())[:-4], "JSON"),
        ("[" * 5_000, "JSON"), ("null", "object"), ("[]", "object"), ("{}", "plan"), ('{"plan":[]}', "plan.0"),
        ('{"plan":["delete"]}', "plan.0"), ('{"plan":"chat"}', "plan"), ('{"plan":["chat",1]}', "plan.1"),
        ('{"plan":["recommend","kinds"]}', "plan.1"), ('{"plan":["recommend","kinds~Party"]}', "plan.1"),
        ('{"plan":["chat"],"more":1}', "more"),
    ],
)  # fmt: skip
def test_a_broken_plan_is_refused_and_the_place_said(shelf: Shelf, text: str, place: str) -> None:
    with pytest.raises(ValueError, match=rf"(?s)^.*{re.escape(place)}"):
        plan_from_wire(text, shelf.catalogue.schema)


def test_values_are_read_as_their_fields_have_them(shelf: Shelf) -> None:
    parts = ["recommend", "like ", "like Siege of Ruby", "kinds=Party|Humor", "price<9.5", "in_stock=false"]
    parts += ["minutes<nan", "minutes<inf", "minutes<soon", "colour=red"]
    plan = plan_from_wire(json.dumps({"plan": parts}), shelf.catalogue.schema)
    assert plan.liked == ("Siege of Ruby",)
    values = [constraint.value for constraint in plan.constraints]
    assert values == [("Party", "Humor"), 9.5, False, "nan", "inf", "soon", "red"]


def test_to_recommend_is_to_filter_and_to_rank_and_only_the_rest_is_said(shelf: Shelf) -> None:
    usual = Plan(steps=(Step(tool="filter_items"), Step(tool="rank_items", argument="preference")))
    assert plan_to_wire(usual) == '{"plan":["recommend"]}'
    assert plan_from_wire('{"plan":["recommend"]}', shelf.catalogue.schema) == usual
    said = plan_from_wire('{"plan":["recommend","rank popularity","search dice"]}', shelf.catalogue.schema)
    assert [step.tool for step in said.steps] == ["filter_items", "search_items", "rank_items"]


NEARLY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["plan", "x"]), inner),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.text(max_size=60) | NEARLY.map(json.dumps))
def test_whatever_a_model_writes_is_a_plan_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(plan_from_wire(text, SCHEMA), Plan)


def test_the_prompt_of_a_turn_is_short_and_says_what_is_known(shelf: Shelf, shown: list[Item]) -> None:
    known = Preferences().with_constraints(
        hear("a wargame under 60 minutes", shelf).constraints, shelf.catalogue.schema
    )
    prompt = user_prompt("shorter", known, shown, "title")
    assert prompt == (
        "Known: must kinds = Wargame; must minutes < 60\n"
        "Shown: 1. Legion of Ruby; 2. Frontier of Ruby; 3. Giggle of Ruby\nMessage: shorter\nPlan:"
    )
    assert user_prompt("hello", Preferences(), [], "title") == "Message: hello\nPlan:"


def test_the_shared_part_of_the_prompt_never_changes(shelf: Shelf) -> None:
    assert system_prompt(shelf) == system_prompt(shelf)
    assert "- kinds: " in system_prompt(shelf)
    assert "- minutes: 15 to 160 minutes" in system_prompt(shelf)
