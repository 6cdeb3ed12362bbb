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

from agent.plan import MAX_CONSTRAINTS, Plan, Step, plan_from_wire, plan_schema, plan_to_wire
from agent.preferences import Preferences
from agent.prompt import system_prompt, user_prompt, worked_examples
from agent.repair import ground
from tools.data.catalogue import Item
from tools.shelf import Shelf

EMPTY = {"intent": "recommend", "want": [], "liked": [], "disliked": [], "steps": []}
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
    again = plan_from_wire(wire)
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
    "change",
    [
        {"intent": "delete"}, {"want": [["kinds", "=", "Romance", "must"]]},
        {"want": [["kinds", "<", "Party", "must"]]},
        {"want": [["description", "=", "x", "must"]]}, {"want": [["kinds", "=", "Party", "maybe"]]},
        {"want": [["minutes", "<", "sixty", "must"]]}, {"want": [["minutes", "<", 10**9, "must"]]},
        {"want": [["kinds", "=", "Party", "must", "extra"]]}, {"want": [["kinds", "=", "Party"]]},
        {"want": [["in_stock", "=", "yes", "must"]]},
        {"want": [["kinds", "=", "Party", "must"]] * (MAX_CONSTRAINTS + 1)},
        {"liked": ["x" * 61]}, {"liked": ["a", "b", "c", "d"]}, {"steps": [["drop_table"]]},
        {"steps": [["search_items"]]},
        {"steps": [["rank_items", "random"]]}, {"steps": [["filter_items"]] * 6}, {"sql": "DROP TABLE items"},
        {"steps": [["rank_items", "lowest kinds"]]}, {"steps": [["rank_items", "lowest"]]},
        {"steps": [["diversify", "exposure"]]}, {"steps": [["similar_items"]]}, {"steps": [["explain_item", "Party"]]},
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_no_plan(shelf: Shelf, change: dict[str, Any]) -> None:
    assert is_valid(shelf, EMPTY)
    assert not is_valid(shelf, {**EMPTY, **change})


@pytest.mark.parametrize("part", list(EMPTY))
def test_the_schema_asks_for_every_part(shelf: Shelf, part: str) -> None:
    assert not is_valid(shelf, {name: value for name, value in EMPTY.items() if name != part})


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
        steps = [["filter_items"], ["similar_items", "Emma"], ["rank_items", by], ["diversify", "calibration"]]
        assert is_valid(catalogue, {**EMPTY, "steps": steps}), by
    assert not is_valid(books, {**EMPTY, "steps": [["rank_items", "lowest price"]]})


def test_nothing_in_the_schema_is_endless(shelf: Shelf, books: Shelf) -> None:
    for catalogue in (shelf.catalogue, books.catalogue):
        for node in nodes(plan_schema(catalogue)):
            if node.get("type") == "string":
                fixed = re.fullmatch(r"\^[^*+]*\$", node.get("pattern", ""))
                assert fixed or 0 < node["maxLength"] <= 200, node
            if node.get("type") == "array":
                assert 0 < node["maxItems"] <= 10, node
            if node.get("type") in ("integer", "number"):
                assert node["minimum"] < node["maximum"] < 10**7, node
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert set(node["required"]) == set(node["properties"])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "JSON"), ("no", "JSON"), ("{", "JSON"),
        (plan_to_wire(Plan(steps=(Step(tool="filter_items"),)))[:-9], "JSON"),
        ("[" * 5_000, "JSON"), ("null", "object"), ("[]", "object"), ("{}", "intent"),
        (json.dumps({**EMPTY, "intent": "delete"}), "intent"), (json.dumps({**EMPTY, "want": {}}), "want"),
        (json.dumps({**EMPTY, "want": [["kinds", "=", "Party"]]}), "want.0"),
        (json.dumps({**EMPTY, "want": [["kinds", "~", "Party", "must"]]}), "want.0.1"),
        (json.dumps({**EMPTY, "want": [["kinds", "=", None, "must"]]}), "want.0.2"),
        (json.dumps({**EMPTY, "want": [[3, "=", "Party", "must"]]}), "want.0.0"),
        (json.dumps({**EMPTY, "liked": "Siege of Ruby"}), "liked"), (json.dumps({**EMPTY, "liked": [1]}), "liked.0"),
        (json.dumps({**EMPTY, "disliked": None}), "disliked"),
        (json.dumps({**EMPTY, "steps": ["filter_items"]}), "steps.0"),
        (json.dumps({**EMPTY, "steps": [[]]}), "steps.0"),
        (json.dumps({**EMPTY, "steps": [["a", "b", "c"]]}), "steps.0"),
        (json.dumps({**EMPTY, "more": 1}), "more"),
        (json.dumps({**EMPTY, "want": [["minutes", "<", float("nan"), "must"]]}), "want.0.2"),
    ],
)  # fmt: skip
def test_a_broken_plan_is_refused_and_the_place_said(text: str, place: str) -> None:
    with pytest.raises(ValueError, match=rf"(?s)^.*{re.escape(place)}"):
        plan_from_wire(text)


def test_empty_titles_are_left_out_and_several_values_stay_several() -> None:
    body = {**EMPTY, "liked": ["", " ", "Siege of Ruby"], "want": [["kinds", "=", ["Party", "Humor"], "must"]]}
    plan = plan_from_wire(json.dumps(body))
    assert plan.liked == ("Siege of Ruby",)
    assert plan.constraints[0].value == ("Party", "Humor")


NEARLY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*EMPTY, "x"]), inner),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.text(max_size=60) | NEARLY.map(json.dumps))
def test_whatever_a_model_writes_is_a_plan_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(plan_from_wire(text), Plan)


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
