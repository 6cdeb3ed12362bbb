"""What a planner is taught: the material is whole, messages mean what they were made of, and repeat with their seed."""

from __future__ import annotations

import json
import random
from itertools import islice

import pytest
from jsonschema import Draft202012Validator

from agent.training.compose import Composer
from agent.training.lessons import digest, is_held_out, lessons, varied
from agent.training.material import Domain, load_bank, load_domains, load_held_out_domains
from agent.training.own import FEWEST_TITLES, domain_of
from agent.wire import plan_from_wire, plan_schema, plan_to_wire
from tools.errors import BadInputError
from tools.shelf import Shelf

DOMAINS = load_domains() | load_held_out_domains()
PLACES = {"value", "value2", "value3", "n", "n2", "unit", "label", "name", "decade", "item", "items"}


@pytest.mark.parametrize("name", DOMAINS)
def test_all_that_people_say_of_a_field_names_a_value_that_it_has(name: str) -> None:
    domain = DOMAINS[name]
    assert len(set(domain.titles)) == len(domain.titles) >= 80
    for field in domain.fields:
        assert {*field.synonyms.values(), *field.idioms.values()} <= set(field.values), field.name
        assert field.type not in ("category", "categories") or len(field.values) > 1, field.name
        assert field.type not in ("number", "date") or field.low < field.high, field.name
        assert field.type != "flag" or field.yes, field.name


def test_phrases_leave_only_places_open_that_are_filled() -> None:
    bank = load_bank()
    for wish in (*bank.wishes, *bank.plain):
        for phrase in (*wish.before, *wish.after, *wish.alone, *wish.answer):
            opened = {part.split("}")[0] for part in phrase.split("{")[1:]}
            assert opened <= PLACES, phrase


def test_every_plan_fits_the_schema_of_its_fields_and_survives_the_wire() -> None:
    for name, domain in DOMAINS.items():
        for lesson in islice(lessons({name: domain}, load_bank(), seed=3), 2):
            schema = Draft202012Validator(plan_schema(lesson.domain))
            for asked, wire in lesson.turns:
                assert "{" not in asked.replace('{"', ""), asked
                assert plan_to_wire(plan_from_wire(wire, lesson.domain.schema)) == wire
                assert schema.is_valid(json.loads(wire)), (name, asked, wire)


def test_same_seed_same_lessons_and_another_seed_others() -> None:
    domains, bank = load_domains(), load_bank()
    first, again, other = (list(islice(lessons(domains, bank, seed), 3)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_held_out_phrase_is_never_taught() -> None:
    kept = [phrase for phrase in load_bank().phrases["frames"] if is_held_out(phrase)]
    assert kept, "some are kept for evaluation"
    parts = [max(phrase.split("{np}"), key=len).strip().lower() for phrase in kept]
    taught, tested = (
        [asked.lower() for lesson in islice(made, 40) for asked, _ in lesson.turns]
        for made in (lessons(load_domains(), load_bank(), 0, allow_held_out=held_out) for held_out in (False, True))
    )
    telling = [part for part in parts if len(part) > 12]
    assert not [part for part in telling for message in taught if part in message]
    assert any(part in message for message in tested for part in telling)


def test_no_list_of_phrases_is_held_out_as_a_whole_and_then_counted_as_unseen() -> None:
    bank = load_bank()
    lists = [options for wish in bank.wishes for options in (wish.before, wish.after, wish.alone, wish.answer)]
    taught = {
        phrase
        for options in [*lists, *bank.phrases.values()]
        if options and all(map(is_held_out, options))
        for phrase in options
    }
    assert taught, "some have one phrase, and that is held out by its hash"
    composer = Composer(DOMAINS["wines"], bank, random.Random(0), is_held_out, allow_held_out=True)
    for phrase in taught:
        assert composer._choice([phrase]) == phrase
    assert not composer._meaning.is_held_out


def test_a_lesson_speaks_only_of_the_fields_that_it_shows() -> None:
    for lesson in islice(lessons(load_domains(), load_bank(), 5), 30):
        shown = {line[2:].split(":")[0] for line in lesson.system.splitlines() if line.startswith("- ")}
        for _, wire in lesson.turns:
            for part in json.loads(wire)["plan"][1:]:
                said = part.removeprefix("prefer ").removeprefix("avoid ")
                if " " not in said.split("=")[0].split("<")[0].split(">")[0] and said != "diversify mmr":
                    assert said.split("=")[0].split("<")[0].split(">")[0].rstrip("!") in shown, (part, shown)


def test_a_plan_names_wishes_in_the_order_in_which_the_message_does() -> None:
    compared = 0
    for lesson in islice(lessons(load_domains(), load_bank(), 7), 150):
        for asked, wire in lesson.turns:
            message = asked.split("Message: ")[1].split("\nDraft: ")[0].lower()
            wishes = plan_from_wire(wire, lesson.domain.schema).constraints
            values = [wish.value.lower() for wish in wishes if isinstance(wish.value, str)]
            said = [message.index(value) for value in values if len(value) > 5 and message.count(value) == 1]
            assert said == sorted(said), (asked, wire)
            compared += len(said) > 1
    assert compared > 10


def test_a_draft_says_what_the_words_do_and_some_are_to_be_mended() -> None:
    drafts, plans = [], []
    for lesson in islice(lessons(load_domains(), load_bank(), 9), 30):
        assert all(asked.endswith("\nPlan:") and asked.count("\nDraft: ") == 1 for asked, _ in lesson.turns)
        drafts += [asked.split("\nDraft: ")[1].split("\n")[0] for asked, _ in lesson.turns]
        plans += [wire for _, wire in lesson.turns]
    right = sum(draft == plan for draft, plan in zip(drafts, plans, strict=True))
    assert 0.1 < right / len(plans) < 0.7
    said = [[json.loads(wire)["plan"] for wire in both] for both in zip(drafts, plans, strict=True)]
    parts = [{*draft} & {*plan[1:]} for draft, plan in said]
    assert sum(map(len, parts)) > len(plans) / 2, "most wishes and titles are in both"


def test_values_that_a_lesson_leaves_out_are_not_spoken_of() -> None:
    rng = random.Random(0)
    shops = [varied(DOMAINS["wines"], rng) for _ in range(40)]
    for field in [field for shop in shops for field in shop.fields]:
        assert {*field.synonyms.values(), *field.idioms.values(), *field.order} <= {*field.values}
    assert len({tuple(field.values) for shop in shops for field in shop.fields if field.type == "categories"}) > 3


def test_a_domain_is_read_like_a_catalogue() -> None:
    domain = Domain.model_validate(
        {
            "item": "kite", "items": "kites", "titles": ["Red Kite"],
            "fields": [
                {"name": "name", "type": "text", "role": "title"},
                {"name": "wind", "type": "category", "values": ["Light", "Strong"]},
                {"name": "span", "type": "number", "unit": "cm", "low": 50, "high": 250},
            ],
        }
    )  # fmt: skip
    assert domain.vocabulary("wind") == [("Light", 2), ("Strong", 1)]
    assert domain.vocabulary_size("wind") == 2
    assert (domain.spread("span")[0], domain.spread("span")[-1]) == (50.0, 250.0)
    assert domain.spread("wind") == []


def test_half_of_the_lessons_are_about_a_catalogue_of_one_s_own(shelf: Shelf) -> None:
    own, domains, bank = domain_of(shelf.catalogue, 0), load_domains(), load_bank()
    taught = list(islice(lessons(domains, bank, 2, own=own), 40))
    mine = [lesson for lesson in taught if lesson.domain.titles == own.titles]
    assert 10 <= len(mine) <= 30
    names, plans = set(), [plan_from_wire(wire, own.schema) for lesson in mine for _, wire in lesson.turns]
    for field in own.fields:
        if field.values:
            assert {*field.values} <= {value for value, _ in shelf.catalogue.vocabulary(field.name)}
    for title in {title for plan in plans for title in (*plan.liked, *plan.disliked, *plan.seen)}:
        assert shelf.titles.find(title), title
        names.add(title)
    assert len(names) > 5
    assert len({digest(domains, bank), digest(domains, bank, own), digest({}, bank, own)}) == 3


def test_a_catalogue_of_a_few_items_is_no_material(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    few = shelf.catalogue.all_titles[: FEWEST_TITLES - 1]
    monkeypatch.setitem(shelf.catalogue.__dict__, "all_titles", few)
    with pytest.raises(BadInputError, match="at least 10 titles"):
        domain_of(shelf.catalogue, 0)
