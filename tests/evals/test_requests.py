"""Labelled requests: a grammar says what it means, a label is held against a plan part by part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.plan import Plan, Step
from agent.preferences import Preferences
from agent.wire import plan_to_wire
from evals.requests.annotated import INTENTS_FILE, SLOTS_FILE, read_dialogues
from evals.requests.grammar import Grammar
from evals.requests.label import Label, Slot, slots_of
from evals.requests.score import FLOOR, IN_A_PLAN, RECOMMEND, Understood, as_it_came, as_used, counted
from tools.constraints import Constraint
from tools.errors import BadInputError
from tools.shelf import Shelf
from tools.text import normalise

WAR = Slot("kinds", "=", frozenset({"wargame"}))
SHORT = Slot("minutes", "<=", 60.0)


def constraint(field: str, op: str, value: object, strength: str = "must") -> Constraint:
    return Constraint.model_validate({"field": field, "op": op, "value": value, "strength": strength})


WARGAME, AN_HOUR = constraint("kinds", "=", "Wargame"), constraint("minutes", "<=", 60)
RIGHT = Label(frozenset({"recommend"}), frozenset({WAR, SHORT}), lists=frozenset({("liked", "g3")}), tools=RECOMMEND)
WELL = Understood("recommend", (WARGAME, AN_HOUR), frozenset({("liked", "g3")}), RECOMMEND)


def plan_made(raw: str) -> dict[str, Any]:
    return {
        "kind": "plan",
        "raw": raw,
        "intent": "recommend",
        "steps": [["filter_items"], ["rank_items", "preference"]],
    }


def test_all_that_is_right_is_counted_as_right(shelf: Shelf) -> None:
    counts = counted(WELL, RIGHT, shelf)
    for part in ("exact", "intent", "tools"):
        assert counts[part] == counts[f"{part} of"] == 1
    for part in ("slot", "field+op", "field", "value", "title", "title+list"):
        assert 2 * counts[f"{part} right"] == counts[f"{part} both"] > 0


@pytest.mark.parametrize(
    ("got", "wrong"),
    [
        (Understood("chat", (WARGAME, AN_HOUR), WELL.lists, RECOMMEND), {"intent"}),
        (Understood("recommend", (WARGAME,), WELL.lists, RECOMMEND), {"slot", "field+op", "field", "value"}),
        (Understood("recommend", (WARGAME, constraint("minutes", ">=", 60)), WELL.lists, RECOMMEND),
         {"slot", "field+op"}),
        (Understood("recommend", (WARGAME, constraint("minutes", "<=", 90)), WELL.lists, RECOMMEND),
         {"slot", "value"}),
        (Understood("recommend", (WARGAME, constraint("minutes", "<=", 60, "prefer")), WELL.lists, RECOMMEND),
         {"slot"}),
        (Understood("recommend", (WARGAME, AN_HOUR), frozenset({("disliked", "g3")}), RECOMMEND), {"title+list"}),
        (Understood("recommend", (WARGAME, AN_HOUR), frozenset({("liked", "g4")}), RECOMMEND),
         {"title", "title+list"}),
        (Understood("recommend", (WARGAME, AN_HOUR), WELL.lists, RECOMMEND[::-1]), {"tools"}),
        (Understood("recommend", (WARGAME, AN_HOUR), WELL.lists, RECOMMEND[:1]), {"tools"}),
    ],
)  # fmt: skip
def test_what_is_wrong_costs_its_own_part(shelf: Shelf, got: Understood, wrong: set[str]) -> None:
    counts = counted(got, RIGHT, shelf)
    assert counts["exact"] == 0
    shares = {part for part in ("intent", "tools") if counts[part] < counts[f"{part} of"]}
    parts = ("slot", "field+op", "field", "value", "title", "title+list")
    assert shares | {part for part in parts if 2 * counts[f"{part} right"] < counts[f"{part} both"]} == wrong


def test_what_is_not_labelled_is_not_scored(shelf: Shelf) -> None:
    assert set(counted(WELL, Label(frozenset({"recommend"})), shelf)) == {"intent", "intent of"}
    only = Label(pairs=frozenset({("kinds", "wargame")}), fields=frozenset({"kinds"}), titles=frozenset({"g3"}))
    counts = counted(WELL, only, shelf)
    assert (counts["value right"], counts["value said"]) == (1, 1), "minutes were not annotated"
    assert (counts["title right"], counts["title both"]) == (1, 2)
    assert "slot right" not in counts
    assert "exact" not in counts


def test_a_verdict_on_all_that_was_shown_is_no_named_title(shelf: Shelf) -> None:
    named = Label(titles=frozenset({"g3"}))
    got = Understood(lists=frozenset({("liked", "g3"), ("rejected", "g7")}))
    assert counted(got, named, shelf)["title said"] == 2
    assert counted(got, named.over(["g3", "g7"]), shelf)["title said"] == 1


def test_a_reference_is_to_what_was_shown() -> None:
    label = Label(lists=frozenset({("seen", "#2")}))
    assert label.rows == [1]
    assert label.over(["g5", "g9"]).lists == {("seen", "g9")}


def test_arguments_count_where_they_are_labelled_and_more_of_a_kind_is_as_good_as_ranking(shelf: Shelf) -> None:
    label = Label(tools=(RECOMMEND[0], Step(tool="rank_items")), optional=frozenset({"similar_items"}))
    steps = (RECOMMEND[0], Step(tool="similar_items", argument="Siege of Ruby"), RECOMMEND[1])
    assert counted(Understood(tools=steps), label, shelf)["tools"] == 1
    dear = Label(tools=(RECOMMEND[0], Step(tool="rank_items", argument="highest price")))
    assert counted(Understood(tools=RECOMMEND), dear, shelf)["tools"] == 0


def test_the_model_s_plan_is_read_as_it_came(shelf: Shelf) -> None:
    title = shelf.titles.title(3)
    wishes = (constraint("kinds", "=", "wargame"), constraint("kinds", "=", "Party", "avoid"))
    plan = Plan(constraints=wishes, liked=(title.lower(), "No Such Game"), steps=RECOMMEND)
    raw = as_it_came(plan_made(plan_to_wire(plan)), shelf)
    assert raw is not None
    assert raw.lists == {("liked", "g3"), ("liked", "No Such Game")}
    assert slots_of(raw.constraints, shelf.catalogue.schema) == {
        WAR,
        Slot("kinds", "!=", frozenset({"party"}), "avoid"),
    }
    label = Label(lists=frozenset({("liked", "g3"), ("rejected", "g9")}))
    counts = counted(raw, label, shelf, IN_A_PLAN)
    assert (counts["title+list due"], counts["title+list said"]) == (1, 2), "a plan has no list of what is rejected"
    assert as_it_came(plan_made('{"intent":'), shelf) is None


def test_what_was_used_is_what_is_known_more_than_before() -> None:
    old = WARGAME.model_copy(update={"turn": 1})
    before = Preferences(constraints=[old], liked=["g1"], seen=["g2"])
    again = WARGAME.model_copy(update={"turn": 2})
    after = Preferences(constraints=[again, AN_HOUR], liked=["g1", "g3"], rejected=["g2"], passed=["g8"])
    used = as_used([{"kind": "begin"}, plan_made("")], before, after)
    assert used.constraints == (again, AN_HOUR), "what is said again is said in this message too"
    assert used.lists == {("liked", "g3"), ("rejected", "g2")}
    assert (used.intent, used.tools) == ("recommend", RECOMMEND)
    chosen = {"kind": "steps", "steps": [["filter_items"]]}
    assert as_used([plan_made(""), chosen], before, before).tools == RECOMMEND[:1]


def test_loosely_a_bound_is_the_same_whether_strict_or_not(shelf: Shelf) -> None:
    schema = shelf.catalogue.schema
    strict, bound = (slots_of([constraint("minutes", op, 60)], schema, is_loose=True) for op in ("<", "<="))
    assert strict == bound == {SHORT}
    none = slots_of([constraint("kinds", "!=", ("Party", "Humor"))], schema, is_loose=True)
    assert none == {Slot("kinds", "!=", frozenset({word})) for word in ("party", "humor")}


def test_every_kind_of_request_says_what_its_label_says(shelf: Shelf) -> None:
    requests = Grammar(shelf).requests(seed=0, each=12)
    assert {request.kind for request in requests} == set(Grammar(shelf).kinds())
    for request in requests:
        for message, label in request.turns:
            words = normalise(message)
            for slot in label.slots or ():
                for _, value in slot.pairs:
                    said = str(value) if not isinstance(value, bool | float) else f"{value:g}"
                    is_said_otherwise = isinstance(value, bool) or slot.field == "year"
                    assert is_said_otherwise or normalise(said) in words, (message, slot)
            for _, item in label.lists or ():
                if not item.startswith("#"):
                    (position,) = shelf.catalogue.positions_of([item])
                    assert shelf.titles.title(position) in message
    assert len({message for request in requests for message, _ in request.turns}) > 150


def test_the_same_seed_makes_the_same_requests_and_another_makes_others(shelf: Shelf) -> None:
    once, again, other = (Grammar(shelf).requests(seed, 5) for seed in (0, 0, 1))
    assert once == again
    assert once != other


def test_a_decade_and_a_range_have_both_ends(shelf: Shelf) -> None:
    for request in Grammar(shelf).requests(0, 10):
        if request.kind in ("decade", "range"):
            (_, label), *_ = request.turns
            low, high = sorted(label.slots or (), key=lambda slot: slot.op, reverse=True)
            assert (low.op, high.op) == (">=", "<=")
            assert float(str(low.value)) < float(str(high.value))


def test_a_floor_wishes_nothing(shelf: Shelf) -> None:
    counts = counted(FLOOR, RIGHT, shelf)
    assert (counts["intent"], counts["tools"], counts["exact"], counts["slot right"]) == (1, 1, 0, 0)


def write_annotated(folder: Path, acts: list[dict[str, Any]], said: str) -> Path:
    for file in (SLOTS_FILE, INTENTS_FILE):
        (folder / file).parent.mkdir(exist_ok=True)
    turn = {"participant": "USER", "utterance": said, "dialogue_acts": acts}
    other = {"participant": "AGENT", "utterance": "What do you like?", "dialogue_acts": []}
    dialogue = {"conversation_id": "1", "conversation": [other, turn]}
    (folder / SLOTS_FILE).write_text(json.dumps([dialogue]), encoding="utf-8")
    seeker = {"role": "seeker", "utterance_text": "Hi &amp; bye @1 <Orchard of Jade>", "sub-intent/action": ["OTH"]}
    intents = {"1": {"dialogue_info": {}}, "2": {"dialogue_info": {"S1": seeker}}}
    (folder / INTENTS_FILE).write_text(json.dumps(intents), encoding="utf-8")
    return folder


def test_annotations_are_put_into_the_catalogue_s_words(tmp_path: Path, shelf: Shelf) -> None:
    title = shelf.titles.title(3)
    acts = [
        {"intent": "IQU", "slot_values": [["TITLE", title, None, None], ["GENRE", "a nonsense", None, None]]},
        {"intent": "INQ", "slot_values": [["TITLE", shelf.titles.title(6), None, None]]},
    ]
    with_slots, with_intents = read_dialogues(write_annotated(tmp_path, acts, f"like {title}?"), shelf)
    ((said, label),) = with_slots.turns
    assert said == f"like {title}?"
    assert label.intents == {"recommend", "lookup", "explain"}
    assert label.titles == {"g3"}, "a title in a question is no matter of taste"
    assert "g6" in label.tolerated
    assert label.pairs == frozenset()
    assert with_intents.turns == (("Hi & bye Orchard of Jade", Label(frozenset({"chat"}))),)


def test_annotations_that_cannot_be_read_are_refused_by_name(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(BadInputError, match="annotated dialogues"):
        read_dialogues(tmp_path, shelf)
    write_annotated(tmp_path, [{"intent": "IQU"}], "hi")
    with pytest.raises(BadInputError, match="slot_values"):
        read_dialogues(tmp_path, shelf)


def test_every_word_of_a_wish_is_a_value_of_the_catalogue(shelf: Shelf) -> None:
    known = {normalise(value) for field in ("kinds", "designer") for value, _ in shelf.catalogue.vocabulary(field)}
    said = {
        v for r in Grammar(shelf).requests(0, 6) for _, label in r.turns for s in label.slots or () for _, v in s.pairs
    }
    assert {value for value in said if isinstance(value, str)} <= known
