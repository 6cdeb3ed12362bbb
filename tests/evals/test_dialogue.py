"""The dialogue suite: people say what their task lets them say, and what is scored is what happened."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from tiny import tiny_schema

from agent.elicit import Question
from agent.policy import Availability, Confirmation, Disclosure, Policies, Rule
from agent.questions import ask
from agent.settings import Settings
from agent.user import ANONYMOUS, User
from evals.contestants.contract import Contestant, Heard
from evals.contestants.ours import ours
from evals.house_rules import Turn, broken_policies
from evals.measures import estimate, pass_hat
from evals.outcome import Outcome
from evals.report.markdown import run_report
from evals.runlog import Run
from evals.runner import Order, run_suites
from evals.suites.dialogue import MOST_TURNS, TauRec, Trial, converse, trials
from evals.tasks.task import Reveal, Task, Wish
from evals.tasks.tau_rec import read_tasks
from evals.users import phrases
from evals.users.forms import PLAIN
from evals.users.rule_user import RuleUser
from evals.world import Lab, World
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.errors import BadInputError
from tools.shelf import Shelf

TAU_REC = Path(__file__).parents[3] / "shared" / "data" / "tau-rec"
ONE = Policies(one_at_a_time=True)
SEEDS = range(40)


def wish(field: str, op: str, value: object, reveal: Reveal = "volunteer") -> Wish:
    return Wish(constraint=Constraint.model_validate({"field": field, "op": op, "value": value}), reveal=reveal)


WAR = wish("kinds", "=", "Wargame")
LENGTH = wish("minutes", "<=", 60.0, "on_ask")
PRICE = wish("price", "<=", 47.0, "hidden")
TASK = Task(id="t", wishes=(WAR, LENGTH, PRICE), remarks=("prefers wooden pieces",))


def people(shelf: Shelf, task: Task = TASK, policies: Policies = ONE) -> Iterator[RuleUser]:
    for seed in SEEDS:
        yield RuleUser(task, shelf.catalogue, policies, seed)


def question(shelf: Shelf, field: str, *values: str) -> str:
    """As the agent words it."""
    return ask(Question(kind="confirm" if values else "field", field=field, values=values), shelf.catalogue)


def meeting(shelf: Shelf, task: Task, breaks: Sequence[str] = ()) -> Item:
    """The first item that breaks exactly the wishes about these fields."""
    items = shelf.catalogue.items(range(shelf.catalogue.size))
    return next(i for i in items if [c.field for c in task.breaks(i, shelf.catalogue)] == list(breaks))


def test_what_is_volunteered_is_said_at_once_and_nothing_else(shelf: Shelf) -> None:
    first = [person.first() for person in people(shelf)]
    assert all("Wargame" in message for message in first)
    assert not any("60" in message or "47" in message for message in first)
    assert {"I prefer wooden pieces." in message for message in first} == {True, False}
    assert len(set(first)) > 10, "in many words"


def test_who_volunteers_nothing_only_opens(shelf: Shelf) -> None:
    task = Task(id="quiet", wishes=(LENGTH, PRICE))
    for person in people(shelf, task):
        assert person.first() in {phrases.with_article(o.format(item="game")) for o in PLAIN.openings}


def test_what_waits_for_a_question_is_said_when_its_field_is_asked_about(shelf: Shelf) -> None:
    for person in people(shelf):
        assert "60" in person.reply(question(shelf, "minutes"), []).message
        for other in ("price", "designer", "year", "in_stock"):
            assert person.reply(question(shelf, other), []).message in PLAIN.any
        said = person.reply(question(shelf, "kinds"), []).message
        assert "Wargame" in said
        assert "60" not in said


def test_what_is_hidden_is_never_said(shelf: Shelf) -> None:
    names = [field.name for field in shelf.catalogue.schema.askable]
    wrong = meeting(shelf, TASK, ["price"])
    for person in people(shelf):
        said = [person.first(), *(person.reply(question(shelf, name), []).message for name in names)]
        said += [person.reply("How about that one?", [wrong]).message]
        assert not any("47" in message or "price" in message.lower() for message in said)


def test_the_first_item_that_meets_all_wishes_is_taken_and_others_are_not(shelf: Shelf) -> None:
    right = meeting(shelf, TASK)
    for person in people(shelf):
        taken = person.reply("How about that one?", [right])
        assert (taken.message in PLAIN.taken, taken.ending) == (True, "accepted")
        for breaks in (["price"], ["minutes"], ["kinds"]):
            turned_down = person.reply("How about that one?", [meeting(shelf, TASK, breaks)])
            assert (turned_down.message in PLAIN.rejections, turned_down.ending) == (True, "")


def test_an_item_of_which_a_wish_is_unknown_is_not_taken(shelf: Shelf) -> None:
    item = next(i for i in shelf.catalogue.items(range(120)) if "minutes" not in i.values)
    assert "minutes" in [c.field for c in TASK.breaks(item, shelf.catalogue)]


def test_what_was_seen_is_not_taken_again(shelf: Shelf) -> None:
    right = meeting(shelf, TASK)
    task = TASK.model_copy(update={"user": User(seen=(right.id,))})
    for person in people(shelf, task):
        assert person.reply("How about that one?", [right]).message in PLAIN.seen


def test_several_at_once_are_judged_only_where_the_house_shows_several(shelf: Shelf) -> None:
    right, wrong = meeting(shelf, TASK), meeting(shelf, TASK, ["price"])
    for person in people(shelf):
        assert person.reply("Here are two.", [wrong, right]).message in PLAIN.only_one
    for person in people(shelf, policies=Policies()):
        assert person.reply("Here are two.", [wrong, right]).ending == "accepted"


CONFIRM = Policies(one_at_a_time=True, confirm=(Confirmation(field="kinds", values=("Wargame", "Party")),))


@pytest.mark.parametrize(
    ("wishes", "asked", "answers"),
    [
        ((), ("Wargame",), PLAIN.agrees),
        ((WAR,), ("Wargame",), PLAIN.agrees),
        ((WAR,), ("Party",), PLAIN.refuses),
        ((wish("kinds", "!=", "Wargame"),), ("Wargame",), PLAIN.refuses),
        ((wish("kinds", "!=", "Wargame"),), ("Party",), PLAIN.agrees),
        ((wish("kinds", "!=", "Wargame", "on_ask"),), ("Wargame",), PLAIN.refuses),
        ((LENGTH,), ("Wargame",), PLAIN.agrees),
    ],
)
def test_leave_is_given_unless_a_wish_speaks_against_it(
    shelf: Shelf, wishes: tuple[Wish, ...], asked: tuple[str, ...], answers: tuple[str, ...]
) -> None:
    for person in people(shelf, Task(id="leave", wishes=wishes), CONFIRM):
        assert person.reply(question(shelf, "kinds", *asked), []).message in answers


def test_the_same_seed_says_the_same_and_another_other_words(shelf: Shelf) -> None:
    def said(seed: int) -> list[str]:
        person = RuleUser(TASK, shelf.catalogue, ONE, seed)
        return [person.first(), *(person.reply(question(shelf, "minutes"), []).message for _ in range(5))]

    assert said(3) == said(3)
    assert len({tuple(said(seed)) for seed in SEEDS}) > 30


@pytest.mark.parametrize(
    ("op", "value", "says", "never"),
    [
        ("<", 60.0, r"(?:under|below|less than) 60", r"at most|or less|up to|at least|longer|more"),
        (">", 60.0, r"(?:over|above|more than) 60", r"at least|or more|no less|under|below|less"),
        ("<=", 1_500_000.0, "1500000", r"e\+|under|below"),
        (">=", 7.5, r"7\.5", r"over|above|under|below"),
        ("!=", 1999.0, "1999", r"^label \S+$|at least|at most"),
        ("=", 1999.0, "1999", r"not|but|at least|at most"),
    ],
)
def test_a_bound_is_said_as_it_is_meant(shelf: Shelf, op: str, value: float, says: str, never: str) -> None:
    for role in (None, "duration", "quality"):
        field = FieldSpec.model_validate({"name": "label", "type": "number", "role": role, "unit": "units"})
        for seed in SEEDS:
            c = Constraint.model_validate({"field": "label", "op": op, "value": value})
            said = phrases.phrase([c], field, shelf.catalogue.schema, random.Random(seed))
            assert re.search(says, said), said
            assert not re.search(never, said), said


def test_a_date_is_said_too(shelf: Shelf) -> None:
    wanted = Constraint(field="published", op=">=", value="1990")
    field = FieldSpec(name="published", type="date")
    assert "1990" in phrases.phrase([wanted], field, shelf.catalogue.schema, random.Random(0))


HOUSE = Policies(
    one_at_a_time=True,
    availability=Availability(field="kinds"),
    confirm=(Confirmation(field="kinds", values=("Wargame",)),),
    disclose=(Disclosure(field="in_stock", value=True, say="in our shop"),),
)
SCHEMA = tiny_schema(
    FieldSpec(name="kinds", type="categories"),
    FieldSpec(name="in_stock", type="flag"),
    FieldSpec(name="price", type="number"),
    FieldSpec(name="published", type="date"),
)
OWNER = User(seen=("seen",), available=("Wargame", "Farming"))
PEACEFUL = Item(0, "plain", {"kinds": ["Farming"], "in_stock": False})
WARLIKE = Item(1, "warlike", {"kinds": ["Wargame"], "in_stock": False})
ASKS = "What fits best has kinds Wargame: is that all right?"


def broken(*turns: Turn, policies: Policies = HOUSE) -> list[str]:
    return list(broken_policies(turns, Task(id="t", wishes=(), user=OWNER), policies, SCHEMA))


def item(item_id: str, kind: str = "Farming", in_stock: bool = False) -> Item:
    return Item(2, item_id, {"kinds": [kind], "in_stock": in_stock})


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ([Turn("hi", "How about Plain?", [PEACEFUL])], ""),
        ([Turn("hi", "Here you go.", [PEACEFUL, item("other")])], "several at once"),
        ([Turn("hi", "How about it?", [item("seen")])], "seen was seen already"),
        ([Turn("hi", "How about it?", [item("odd", "Party")])], "odd is not available"),
        ([Turn("hi", "How about it?", [item("ad", in_stock=True)])], "ad was shown without its disclosure"),
        ([Turn("hi", "How about it (in our shop)?", [item("ad", in_stock=True)])], ""),
        ([Turn("hi", "How about it?", [WARLIKE])], "warlike was shown before Wargame was confirmed"),
        ([Turn("hi", ASKS, []), Turn(PLAIN.agrees[0], "How about it?", [WARLIKE])], ""),
        ([Turn("hi", ASKS, []), Turn(PLAIN.refuses[0], "How about it?", [WARLIKE])], "before Wargame was confirmed"),
        ([Turn("hi", ASKS, []), Turn(PLAIN.refuses[0], "How about it?", [PEACEFUL])], ""),
        ([Turn("hi", ASKS, [WARLIKE])], "before Wargame was confirmed"),
        ([Turn("hi", "I have a Wargame. Any price?", []), Turn(PLAIN.agrees[0], "How about it?", [WARLIKE])],
         "before Wargame was confirmed"),
        ([Turn("hi", "Are Wargames all right?", []), Turn(PLAIN.agrees[0], "How about it?", [WARLIKE])],
         "before Wargame was confirmed"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_found_and_no_other(turns: list[Turn], said: str) -> None:
    found = broken(*turns)
    assert len(found) == bool(said)
    assert said in "".join(found)


@pytest.mark.parametrize(
    ("rule", "kept", "broken_by"),
    [
        (Rule(field="price", op="<=", value=20), {"price": 20.0}, {"price": 20.5}),
        (Rule(field="price", op="<=", value=20), {"price": 1.0}, {}),
        (Rule(field="in_stock", op="=", value=True), {"in_stock": True}, {"in_stock": False}),
        (Rule(field="kinds", op="=", value=("Party", "Family")), {"kinds": ["War", "Family"]}, {"kinds": ["War"]}),
        (Rule(field="kinds", op="!=", value="War"), {"kinds": ["Party"]}, {"kinds": ["Party", "War"]}),
        (Rule(field="kinds", op="!=", value="War"), {"kinds": ["Party"]}, {"kinds": []}),
        (Rule(field="published", op=">=", value="2001"), {"published": "2001-01-05"}, {"published": "2000-12-31"}),
        (Rule(field="published", op="=", value="2001"), {"published": "2001-01-05"}, {"published": "2002"}),
    ],
)
def test_a_rule_of_the_house_s_own_is_kept_or_broken(
    rule: Rule, kept: dict[str, Any], broken_by: dict[str, Any]
) -> None:
    policies = Policies(rules=(rule.model_copy(update={"say": "as it should be"}),))
    shown = [Item(0, "good", {"title": "Good", **kept}), Item(1, "bad", {"title": "Bad", **broken_by})]
    said = broken(Turn("hi", "Good and Bad", shown), policies=policies)
    assert said == ["bad breaks the rule as it should be"]


def test_in_a_slate_each_item_needs_its_own_disclosure() -> None:
    slate = HOUSE.model_copy(update={"one_at_a_time": False})
    ads = [item("one", in_stock=True), item("two", in_stock=True), PEACEFUL]
    assert broken(Turn("hi", "1. One (in our shop) 2. Two (in our shop) 3. Plain", ads), policies=slate) == []
    assert len(broken(Turn("hi", "1. One (in our shop) 2. Two 3. Plain", ads), policies=slate)) == 1


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_pass_k_is_the_share_of_the_draws_of_k_trials_that_all_passed(count: int) -> None:
    for passes in range(count + 1):
        outcomes = [True] * passes + [False] * (count - passes)
        for k in range(1, count + 1):
            draws = [all(draw) for draw in combinations(outcomes, k)]
            assert pass_hat(passes, count, k) == pytest.approx(np.mean(draws))


def test_pass_k_by_hand() -> None:
    assert pass_hat(6, 8, 2) == pytest.approx(15 / 28)
    assert pass_hat(6, 8, 4) == pytest.approx(15 / 70)
    assert pass_hat(3, 8, 4) == 0.0


def outcomes_of(*passes: bool) -> list[Outcome]:
    return [Outcome(values={"passes": float(good)}) for good in passes]


def test_pass_k_is_the_mean_over_tasks_and_few_trials_say_nothing_of_many() -> None:
    held = {"easy": outcomes_of(True, True, True, True), "hard": outcomes_of(True, True, False, False)}
    figures = {m.name: estimate(m, held).value for m in TauRec.measures if m.k}
    assert figures == pytest.approx({"pass^1": 0.75, "pass^2": (1 + 1 / 6) / 2, "pass^4": 0.5})
    few = {"easy": outcomes_of(True, True)}
    assert [m.name for m in TauRec.measures if m.k and estimate(m, few).groups] == ["pass^1", "pass^2"]


@pytest.fixture
def world(world_settings: Settings, shelf: Shelf, tmp_path: Path) -> World:
    settings = world_settings.model_copy(update={"home": tmp_path})
    return World(settings, shelf, Policies(one_at_a_time=True, disclose=HOUSE.disclose))


@pytest.fixture
async def agent(world: World) -> AsyncIterator[Contestant]:
    async with ours("fallback", "ours", None).open(world) as opened:
        yield opened


NOWHERE = Task(id="no", wishes=(WAR, wish("kinds", "=", "Party")), is_impossible=True)


async def test_a_conversation_ends_with_what_was_wished_for_taken(agent: Contestant, world: World) -> None:
    outcome = await converse(Trial(TASK, 1), agent, world)
    assert outcome.notes == ["ending: accepted"]
    assert (outcome.values["passes"], outcome.values["right"], outcome.values["policies kept"]) == (1, 1, 1)
    last = world.catalogue.items(world.catalogue.positions_of(outcome.exchanges[-1].shown))[-1]
    assert TASK.breaks(last, world.catalogue) == []
    assert outcome.exchanges[0].message == RuleUser(TASK, world.catalogue, world.policies, 1).first()
    assert len(outcome.exchanges) == outcome.values["turns"] <= MOST_TURNS
    assert all(one.reply and one.events and len(one.titles) == len(one.shown) for one in outcome.exchanges)
    assert outcome.slices == {"wishes": "fewer than 5", "reveal": "with hidden", "answer": "some"}


async def test_what_does_not_exist_is_rightly_not_recommended(agent: Contestant, world: World) -> None:
    outcome = await converse(Trial(NOWHERE, 0), agent, world)
    assert (outcome.notes, outcome.values["passes"]) == (["ending: abstained"], 1)
    assert not any(one.shown for one in outcome.exchanges)
    assert outcome.slices["answer"] == "none"


class Scripted(Contestant):
    """Always gives this answer."""

    name = "scripted"

    def __init__(self, *shown: str, reply: str = "Hello! Tell me more.", **more: Any) -> None:
        self._heard = Heard(reply, shown, **more)

    async def answer(self, thread: str, message: str, user: User = ANONYMOUS) -> Heard:
        return self._heard


async def test_a_greeting_is_no_abstention(world: World) -> None:
    outcome = await converse(Trial(NOWHERE, 0), Scripted(), world)
    assert (outcome.notes, outcome.values["right"]) == (["ending: gave up"], 0)


async def test_to_abstain_from_what_exists_is_wrong(world: World) -> None:
    outcome = await converse(Trial(TASK, 0), Scripted(reply="Nothing fits.", abstained=True), world)
    assert (outcome.notes, outcome.values["right"], outcome.values["passes"]) == (["ending: abstained"], 0, 0)


async def test_who_fails_to_answer_has_not_abstained(world: World) -> None:
    outcome = await converse(Trial(NOWHERE, 0), Scripted(reply="", abstained=True, error="it was late"), world)
    assert (outcome.notes, outcome.values["passes"]) == (["ending: gave up"], 0)
    assert outcome.exchanges[0].error == "it was late"


async def test_the_right_item_against_the_house_rules_does_not_pass(world: World) -> None:
    right = next(i for i in world.catalogue.items(range(120)) if i.values["in_stock"])
    task = Task(id="any", wishes=(wish("in_stock", "=", True),))
    silently = await converse(Trial(task, 0), Scripted(right.id), world)
    assert (silently.values["right"], silently.values["policies kept"], silently.values["passes"]) == (1, 0, 0)
    assert "broken" in silently.notes[1]
    openly = await converse(Trial(task, 0), Scripted(right.id, reply="That one (in our shop)."), world)
    assert openly.values["passes"] == 1


async def test_nobody_talks_for_ever(world: World, shelf: Shelf) -> None:
    wrong = meeting(shelf, TASK, ["price"])
    outcome = await converse(Trial(TASK, 0), Scripted(wrong.id), world)
    assert (outcome.notes[0], outcome.values["turns"], outcome.values["passes"]) == ("ending: gave up", MOST_TURNS, 0)


def test_each_task_is_tried_so_often_in_other_words(world: World) -> None:
    tasks = [TASK, Task(id="u", wishes=(wish("kinds", "=", "Farming"),))]
    samples = trials(tasks, 5, 3)
    assert [sample.group for sample in samples] == ["t"] * 3 + ["u"] * 3
    assert len({sample.id for sample in samples}) == 6
    first = [RuleUser(sample.body.task, world.catalogue, ONE, sample.body.seed).first() for sample in samples]
    assert len({*first[:3]}) == 3


BODY: dict[str, Any] = {
    "id": "a", "user_id": "me", "user_history": {"me": {"watched": ["g1"]}}, "user_services": ["Hulu"],
    "soft_preferences": ["likes dice"], "no_valid_recommendation": False,
    "constraints": [
        {"constraint": {"field": "kinds", "op": "not_contains", "value": "Party"}, "reveal": "volunteer"},
        {"constraint": {"field": "kinds", "op": "in", "value": ["War", "Farm"]}, "reveal": "hidden"},
        {"constraint": {"field": "minutes", "op": "<=", "value": 60}, "reveal": "on_ask"},
    ],
}  # fmt: skip


def write_task(folder: Path, body: str) -> Path:
    (folder / "tasks").mkdir(exist_ok=True)
    (folder / "tasks" / "one.json").write_text(body, encoding="utf-8")
    return folder


def test_a_task_is_read_as_its_file_has_it(tmp_path: Path) -> None:
    (task,) = read_tasks(write_task(tmp_path, json.dumps(BODY)))
    assert [(w.constraint.op, w.constraint.value, w.reveal) for w in task.wishes] == [
        ("!=", "Party", "volunteer"),
        ("=", ("War", "Farm"), "hidden"),
        ("<=", 60, "on_ask"),
    ]
    assert (task.user.seen, task.user.available, task.remarks) == (("g1",), ("Hulu",), ("likes dice",))
    assert not task.is_impossible


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "one.json, line 1"),
        ("[]", "missing or of the wrong kind"),
        (json.dumps({**BODY, "user_history": None}), "missing or of the wrong kind"),
        (json.dumps({k: v for k, v in BODY.items() if k != "constraints"}), "'constraints' is missing"),
        (json.dumps({**BODY, "constraints": [{"constraint": {"field": "a", "op": "~", "value": 1}, "reveal": "x"}]}),
         "one.json: op:"),
        (json.dumps({**BODY, "constraints": [{**BODY["constraints"][0], "reveal": "shouted"}]}), "one.json: reveal:"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_task_is_refused_by_name(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(said)):
        read_tasks(write_task(tmp_path, body))


def test_a_folder_without_tasks_and_a_file_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no tasks in"):
        read_tasks(tmp_path)
    write_task(tmp_path, "").joinpath("tasks", "one.json").write_bytes(b'{"id": "\xff"}')
    with pytest.raises(BadInputError, match=r"one\.json is not UTF-8"):
        read_tasks(tmp_path)


@pytest.mark.skipif(not TAU_REC.is_dir(), reason="needs tau-Rec's data in ../shared/data/tau-rec")
@pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")  # inspect-ai leaves streams open
def test_the_suite_runs_over_tau_rec_s_own_files(tmp_path: Path) -> None:
    names = {path.stem: read_task(path) for path in sorted((TAU_REC / "tasks").glob("*.json"))}
    impossible = next(name for name, body in names.items() if body["no_valid_recommendation"])
    hidden = next(name for name, body in names.items() if any(c["reveal"] == "hidden" for c in body["constraints"]))
    (tmp_path / "tasks").mkdir()
    shutil.copyfile(TAU_REC / "catalog.json", tmp_path / "catalog.json")
    for name in {min(names), hidden, impossible}:
        shutil.copyfile(TAU_REC / "tasks" / f"{name}.json", tmp_path / "tasks" / f"{name}.json")
    shutil.copytree(tmp_path, tmp_path / "data" / "tau-rec", ignore=lambda *_: ["data"])
    run, shares = held_at(tmp_path)
    assert sorted(line.group for line in run.lines) == sorted({min(names), hidden, impossible})
    assert all(line.outcome.exchanges and line.outcome.values["policies kept"] for line in run.lines)
    assert "ending: abstained" in next(line.outcome.notes for line in run.lines if line.group == impossible)
    assert (shares == sorted(shares), shares[-1]) == (True, 1.0)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["evaluation"], "apart from the user's own"
    assert any(row.startswith(f"| fallback | {len(run.lines)} | 1.000 ") for row in run_report(run))
    again, _ = held_at(tmp_path)
    assert again.lines == run.lines, "what is finished is not held again"


def held_at(folder: Path) -> tuple[Run, list[float]]:
    shares = list[float]()
    (folder / "scratch").mkdir(exist_ok=True)
    lab = Lab(Settings(home=folder / "home"), folder / "data", folder / "scratch")
    order = Order([TauRec()], [ours("fallback", "ours", None)], is_quick=True)
    return run_suites(order, lab, folder / "run", lambda _, share: shares.append(share)), shares


def read_task(path: Path) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))
