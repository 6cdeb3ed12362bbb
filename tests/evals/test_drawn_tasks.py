"""Tasks drawn from a catalogue: the same for the same seed, sensible, and impossible only where they say so."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny import tiny_catalogue as opened_catalogue
from tiny import tiny_schema

from agent.elicit import Question
from agent.policy import Availability, Policies, Rule
from agent.questions import ask
from agent.settings import Settings
from evals.contestants.contract import Contestant, Entry
from evals.contestants.floors import FLOORS
from evals.contestants.ours import ours
from evals.measures import estimate
from evals.outcome import Outcome
from evals.suites.dialogue import Dialogue, converse
from evals.tasks.draw import LEAST, draw_tasks, matching, popularity
from evals.tasks.likely import MOST_SHARE, round_numbers
from evals.tasks.persona import STYLES, Persona
from evals.tasks.task import Task, Wish
from evals.users.forms import FORMS
from evals.users.phrases import phrase
from evals.users.rule_user import RuleUser
from evals.users.typos import slip
from evals.world import World
from tools.constraints import Constraint, words_of
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.errors import BadInputError
from tools.shelf import Shelf

SEEDS = range(3)


@pytest.fixture
def world(world_settings: Settings, shelf: Shelf, tmp_path: Path) -> World:
    return World(world_settings.model_copy(update={"home": tmp_path}), shelf, Policies())


@pytest.fixture(scope="module")
def drawn(world_settings: Settings, shelf: Shelf) -> list[Task]:
    return [task for seed in SEEDS for task in draw_tasks(World(world_settings, shelf, Policies()), seed, 40)]


def everything(shelf: Shelf) -> list[Item]:
    return shelf.catalogue.items(range(shelf.catalogue.size))


def test_the_same_seed_draws_the_same_samples_and_another_seed_others(world: World) -> None:
    first, again, other = (Dialogue().samples(world, seed, is_quick=False) for seed in (5, 5, 6))
    assert first == again
    assert [sample.body.task.wishes for sample in first] != [sample.body.task.wishes for sample in other]


def test_a_quick_run_is_a_part_of_the_whole(world: World) -> None:
    whole, quick = (Dialogue().samples(world, 0, is_quick) for is_quick in (False, True))
    assert (len(whole), len({sample.group for sample in whole}), len(quick)) == (160, 40, 24)
    assert {sample.id: sample.body for sample in quick}.items() <= {sample.id: sample.body for sample in whole}.items()
    assert len({sample.id for sample in whole}) == 160


def test_some_item_meets_each_task_that_has_an_answer_and_not_too_many_do(drawn: list[Task], shelf: Shelf) -> None:
    items = everything(shelf)
    for task in drawn:
        if not task.is_impossible:
            found = [i for i in items if i.id not in task.user.seen and not task.breaks(i, shelf.catalogue)]
            assert LEAST <= len(found) <= shelf.catalogue.size // 10, task


def test_impossible_tasks_really_are_and_would_not_be_with_one_wish_less(drawn: list[Task], shelf: Shelf) -> None:
    items = everything(shelf)
    impossible = [task for task in drawn if task.is_impossible]
    assert 0.1 <= len(impossible) / len(drawn) <= 0.2
    for task in impossible:
        assert all(task.breaks(item, shelf.catalogue) for item in items)
        assert not any(wish.reveal == "hidden" for wish in task.wishes), "nobody could know that nothing fits"
        for field in {wish.constraint.field for wish in task.wishes}:
            left = task.model_copy(update={"wishes": [w for w in task.wishes if w.constraint.field != field]})
            assert any(not left.breaks(item, shelf.catalogue) for item in items)


def test_wishes_are_about_different_fields_and_say_what_people_say(drawn: list[Task], shelf: Shelf) -> None:
    catalogue = shelf.catalogue
    sizes = {len({wish.constraint.field for wish in task.wishes}) for task in drawn}
    assert sizes == {2, 3, 4, 5}
    for task in drawn:
        for constraint in task.constraints:
            field = catalogue.schema.field(constraint.field)
            assert field is not None
            if field.is_category:
                counts = dict(catalogue.vocabulary(field.name))
                assert all(3 <= counts[word] <= MOST_SHARE * catalogue.size for word in words_of(constraint.value))
            elif field.is_ordered and not field.is_temporal:
                assert constraint.value in round_numbers(catalogue.spread(field.name))
    ops = {(c.op, type(c.value).__name__) for task in drawn for c in task.constraints}
    assert {("=", "str"), ("!=", "str"), ("=", "tuple"), (">=", "float"), ("<=", "float")} <= ops


def test_all_kinds_of_people_are_among_them(drawn: list[Task]) -> None:
    assert {task.persona.style for task in drawn} == {*STYLES}
    assert {wish.reveal for task in drawn for wish in task.wishes} == {"volunteer", "on_ask", "hidden"}
    for trait in ("first_said", "remarks"):
        assert {bool(getattr(task, trait)) for task in drawn} == {True, False}
    assert {bool(task.user.seen) for task in drawn} == {True, False}
    assert {bool(task.persona.typos) for task in drawn} == {True, False}


def test_a_hidden_wish_can_be_told_from_what_is_turned_down(drawn: list[Task], shelf: Shelf) -> None:
    """Some of what meets all that may be said meets it too, and some does not."""
    for task in (task for task in drawn if any(wish.reveal == "hidden" for wish in task.wishes)):
        said = [wish.constraint for wish in task.wishes if wish.reveal != "hidden"]
        assert 0 < len(shelf.catalogue.filter(task.constraints)) < len(shelf.catalogue.filter(said))


def test_the_house_rules_hold_for_what_meets_a_task(world: World) -> None:
    rules = Policies(rules=(Rule(field="price", op="<=", value=70),), availability=Availability(field="designer"))
    house = World(world.settings, world.shelf, rules)
    for task in draw_tasks(house, 0, 14):
        assert "designer" not in [c.field for c in task.constraints], "it is the account that knows"
        for item in world.catalogue.items(matching(task.constraints, task.user, house)):
            assert item.values["price"] <= 70
            assert item.values["designer"] in task.user.available


def test_a_catalogue_that_is_too_small_is_refused_by_name(world: World, tmp_path: Path) -> None:
    with opened_catalogue(tmp_path, tiny_schema(FieldSpec(name="size", type="number")), [{"size": 1.0}] * 3) as small:
        shelf = Shelf(**{**vars(world.shelf), "catalogue": small, "people": np.zeros(3, dtype=np.int64)})
        with pytest.raises(BadInputError, match="catalogue 'games': it has too few items or fields"):
            draw_tasks(World(world.settings, shelf, Policies()), 0, 4)


def test_popularity_is_that_of_the_median_item(world: World) -> None:
    order = np.argsort(world.shelf.people, kind="stable")
    assert [popularity(part, world) for part in (order[:5], order[-5:])] == ["tail", "head"]


def questions(shelf: Shelf) -> list[str]:
    asked = [Question(kind="field", field=field.name) for field in shelf.catalogue.schema.askable]
    return [*(ask(one, shelf.catalogue) for one in asked), "Anything else that matters?"]


def all_said(task: Task, shelf: Shelf, seed: int) -> Iterator[str]:
    """Whatever this person can be brought to say."""
    person = RuleUser(task, shelf.catalogue, Policies(), seed)
    yield person.first()
    wrong = [item for item in everything(shelf) if task.breaks(item, shelf.catalogue)]
    for question in questions(shelf):
        yield person.reply(question, []).message
        yield person.reply(f"How about these?\n{question}", wrong[:5]).message
        yield person.reply("How about this?", wrong[-1:]).message


def test_a_hidden_wish_is_never_said_in_any_style(shelf: Shelf) -> None:
    hidden = Wish(constraint=Constraint(field="price", op="<=", value=40.0), reveal="hidden")
    open_one = Wish(constraint=Constraint(field="kinds", op="=", value="Wargame"), reveal="volunteer")
    for style in STYLES:
        persona = Persona(style=style, typos=0.4, reasons=1.0)
        task = Task(id=style, wishes=(open_one, hidden), persona=persona)
        for seed in range(10):
            said = " ".join(all_said(task, shelf, seed))
            assert "40" not in said
            assert not re.search(r"price|cheap|expensive", said, re.IGNORECASE), said
            assert "Wargame" in said


def test_hidden_values_of_drawn_tasks_are_never_said(drawn: list[Task], shelf: Shelf) -> None:
    for task in drawn:
        hidden = [wish.constraint for wish in task.wishes if wish.reveal == "hidden"]
        open_words = {w for c in task.constraints if c not in hidden for w in words_of(c.value)}
        secret = {w for c in hidden for w in words_of(c.value) if not isinstance(c.value, float | bool)} - open_words
        if secret:
            said = " ".join(all_said(task, shelf, 0))
            assert not [word for word in secret if word in said]


def test_the_same_seed_says_the_same_in_every_style(drawn: list[Task], shelf: Shelf) -> None:
    for task in drawn[:20]:
        assert list(all_said(task, shelf, 4)) == list(all_said(task, shelf, 4))


def test_a_slip_changes_one_longer_word_and_names_no_other_value(shelf: Shelf) -> None:
    known = shelf.catalogue.value_words | shelf.catalogue.schema.spoken
    text = "I'd like a Wargame or Farming, at most 60 minutes by Bruno Vance, in stock"
    slipped = 0
    for seed in range(300):
        wrong = slip(text, shelf.catalogue, random.Random(seed))
        changed = [(a, b) for a, b in zip(text.split(), wrong.split(), strict=True) if a != b]
        assert len(changed) <= 1
        for was, became in changed:
            slipped += 1
            assert len(was.strip(",.")) >= 6
            assert became.strip(",.").lower() not in known
        assert re.findall(r"\d+", wrong) == re.findall(r"\d+", text)
    assert slipped > 200


def test_no_slip_where_another_value_is_as_near(tmp_path: Path) -> None:
    rows = [{"side": "Eastern"}, {"side": "Western"}]
    with opened_catalogue(tmp_path, tiny_schema(FieldSpec(name="side", type="category")), rows) as catalogue:
        typed = {slip("Western", catalogue, random.Random(seed)) for seed in range(300)}
    assert len(typed) > 5
    assert not {"Eastern", "Estern", "Wastern"} & typed


@pytest.mark.parametrize("text", ["a war", "60 min", "", "R, PG-13 or G"])
def test_short_values_are_never_mistyped(text: str, shelf: Shelf) -> None:
    assert {slip(text, shelf.catalogue, random.Random(seed)) for seed in range(50)} == {text}


def changed_mind(style: str) -> Task:
    return Task(
        id=f"mind {style}",
        wishes=(Wish(constraint=Constraint(field="kinds", op="=", value="Farming"), reveal="volunteer"),),
        first_said=Constraint(field="kinds", op="=", value="Wargame"),
        persona=Persona.model_validate({"style": style}),
    )


@pytest.mark.parametrize("style", STYLES)
def test_who_changes_their_mind_says_one_value_first_and_corrects_it_next(style: str, shelf: Shelf) -> None:
    task = changed_mind(style)
    right = next(item for item in everything(shelf) if "Farming" in item.words("kinds"))
    for seed in range(10):
        person = RuleUser(task, shelf.catalogue, Policies(), seed)
        first = person.first()
        assert "Wargame" in first
        assert "Farming" not in first
        corrected = person.reply("Nothing fits.", [])
        assert "Farming" in corrected.message
        assert not corrected.ending
        assert person.reply("How about this?", [right]).ending == "accepted"


def test_people_lose_their_patience(shelf: Shelf) -> None:
    wish = Wish(constraint=Constraint(field="kinds", op="=", value="Farming"), reveal="volunteer")
    task = Task(id="short", wishes=(wish,), persona=Persona(style="terse", patience=10))
    wrong = [item for item in everything(shelf) if "Farming" not in item.words("kinds")]
    person = RuleUser(task, shelf.catalogue, Policies(), 0)
    assert [person.reply("These?", wrong[:5]).ending for _ in range(2)] == ["", "gave up"]


def test_a_reason_says_what_all_that_was_shown_breaks(shelf: Shelf) -> None:
    wish = Wish(constraint=Constraint(field="kinds", op="=", value="Farming"), reveal="on_ask")
    task = Task(id="why", wishes=(wish,), persona=Persona(style="everyday", reasons=1.0))
    items = everything(shelf)
    wrong = [item for item in items if "Farming" not in item.words("kinds")]
    for seed in range(10):
        assert "Farming" in RuleUser(task, shelf.catalogue, Policies(), seed).reply("These?", wrong[:3]).message


def test_a_question_that_comes_with_a_slate_is_answered(shelf: Shelf) -> None:
    wish = Wish(constraint=Constraint(field="kinds", op="=", value="Farming"), reveal="on_ask")
    task = Task(id="both", wishes=(wish,), persona=Persona(style="everyday"))
    wrong = [item for item in everything(shelf) if "Farming" not in item.words("kinds")][:2]
    asked = ask(Question(kind="field", field="kinds"), shelf.catalogue)
    lines = [f"{n}. {item.values['title']}? kinds {item.words('kinds')}" for n, item in enumerate(wrong, start=1)]
    for seed in range(10):
        person = RuleUser(task, shelf.catalogue, Policies(), seed)
        assert "Farming" not in person.reply("\n".join(lines), wrong).message, "a title is no question"
        assert "Farming" in person.reply("\n".join([*lines, asked]), wrong).message


@pytest.mark.parametrize("style", STYLES)
def test_every_form_can_be_said_of_every_kind_of_field(style: str, shelf: Shelf) -> None:
    forms = FORMS[style]  # type: ignore[index]
    schema = shelf.catalogue.schema
    fields = [
        FieldSpec.model_validate({"name": "label", "type": kind, "role": role, "unit": unit})
        for kind, role, unit in [
            ("number", None, None), ("number", "duration", "minutes"), ("number", "price", "euros"),
            ("number", "quality", None), ("number", "year", None), ("date", None, None),
        ]
    ]  # fmt: skip
    for field in fields:
        low, high = ("1990", "1999") if field.type == "date" else (1990.0, 1999.0)
        bounds = [Constraint.model_validate({"field": "label", "op": o, "value": low}) for o in ("<", "<=", ">", ">=")]
        ends = [Constraint(field="label", op=">=", value=low), Constraint(field="label", op="<=", value=high)]
        for wishes in [*([bound] for bound in bounds), ends]:
            for seed in range(20):
                said = phrase(wishes, field, schema, random.Random(seed), forms)
                assert "1990" in said, said
                assert not re.search(r"[{}]|  ", said), said


async def share_of_passes(entry: Entry, world: World) -> float:
    outcomes: dict[str, list[Outcome]] = {}
    async with entry.open(world) as contestant:
        for sample in Dialogue().samples(world, 0, is_quick=True):
            outcomes.setdefault(sample.group, []).append(await hold(contestant, world, sample))
    return estimate(Dialogue.measures[0], outcomes).value


async def hold(contestant: Contestant, world: World, sample: object) -> Outcome:
    return await Dialogue().hold(sample, contestant, world, 0)  # type: ignore[arg-type]


async def test_floors_get_little_and_our_agent_much_more(world: World) -> None:
    floors = {floor.name: await share_of_passes(floor, world) for floor in FLOORS}
    ours_gets = await share_of_passes(ours("fallback", "ours", None), world)
    assert floors["echo"] == 0
    assert floors["popular"] < 0.6, "a fifth of this small world is shown before patience ends"
    assert ours_gets > floors["popular"] + 0.2


async def test_an_outcome_can_be_sliced(world: World) -> None:
    samples = Dialogue().samples(world, 0, is_quick=True)
    async with ours("fallback", "ours", None).open(world) as agent:
        outcome = await Dialogue().hold(samples[0], agent, world, 0)
        assert (await converse(samples[0].body, agent, world)).values == outcome.values
    assert {"wishes", "reveal", "answer", "persona", "slips"} <= outcome.slices.keys()
