"""Sessions: the last item of a history is sought by somebody who says only true things of it and never its name."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from labs import Shows, held

from agent.elicit import Question
from agent.policy import Confirmation, Policies
from agent.questions import ask
from agent.settings import Settings
from evals.contestants.floors import Echo, Popular
from evals.contestants.ours import ours
from evals.groups import activity
from evals.held_out import left_out
from evals.suites.session import MOST_TURNS, SLATE, TOLD, SessionSuite
from evals.users.forms import PLAIN
from evals.users.seeker import Seeker
from evals.world import Lab, World
from tools.data.training import load_training
from tools.shelf import Shelf


@pytest.fixture
def lab(world_settings: Settings, tmp_path: Path) -> Lab:
    return Lab(world_settings, tmp_path, tmp_path)


@pytest.fixture
def suite() -> SessionSuite:
    return SessionSuite()


@pytest.fixture
def world(lab: Lab, suite: SessionSuite) -> Iterator[World]:
    with suite.world(lab) as opened:
        yield opened


def test_the_recommenders_have_seen_everything_but_each_persons_last_like(lab: Lab, world: World, shelf: Shelf) -> None:
    whole = load_training(lab.settings.catalogue_home.current().models)
    home = world.shelf.catalogue.path.parent
    rest = load_training(home / "models")
    had = set(zip(whole.user.tolist(), whole.item.tolist(), strict=True))
    has = set(zip(rest.user.tolist(), rest.item.tolist(), strict=True))
    left = left_out(whole)
    assert had - has == {(one.person, one.last) for one in left}
    assert len(left) == 60
    for one in left:
        assert one.last == whole.sequences[one.person][-1]
        assert one.liked == tuple(whole.sequences[one.person][:-1])
    assert world.shelf.people.sum() == whole.item.size - len(left)
    items = range(shelf.catalogue.size)
    assert [i.values for i in world.catalogue.items(items)] == [i.values for i in shelf.catalogue.items(items)]


def test_the_fit_is_made_once_for_a_version_and_leaves_the_catalogue_in_service_alone(lab: Lab, world: World) -> None:
    before = lab.settings.catalogue_home.current()
    with lab.without_last() as again:
        assert again.catalogue.version == world.catalogue.version
        assert again.catalogue.size == 120
        assert not again.shelf.degraded, "it can be searched by meaning"
    assert lab.settings.catalogue_home.current() == before


def test_people_and_what_they_say_are_drawn_by_the_seed(world: World, suite: SessionSuite) -> None:
    quick = suite.samples(world, 0, True)
    assert [s.body for s in quick] == [s.body for s in suite.samples(world, 0, True)]
    assert [s.id for s in quick] != [s.id for s in suite.samples(world, 1, True)]
    assert len({s.group for s in suite.samples(world, 0, False)}) == 60, "everybody once"
    for sample in quick:
        assert len(sample.body.told) == TOLD
        assert sample.body.target not in sample.body.told


async def test_found_at_once_found_late_and_never_found(lab: Lab, world: World, suite: SessionSuite) -> None:
    sample = suite.samples(world, 0, True)[0]
    wanted = world.catalogue.item(sample.body.target).id
    others = [f"g{n}" for n in range(120) if f"g{n}" != wanted][: SLATE - 1]
    (first,) = await held(suite, [sample], Shows(wanted, *others), world)
    (late,) = await held(suite, [sample], Shows(*others, wanted, after=2), world)
    (never,) = await held(suite, [sample], Shows(*others), world)
    (echo,) = await held(suite, [sample], Echo(), world)
    found = [(o.values["hit@1"], o.values["hit@5"], o.values["turns"]) for o in (first, late, never, echo)]
    assert found == [(1, 1, 1), (0, 1, 3), (0, 0, MOST_TURNS + 1), (0, 0, MOST_TURNS + 1)]
    assert [len(o.exchanges) for o in (first, late, never)] == [1, 3, MOST_TURNS]
    assert first.slices["popularity"] in ("head", "tail", "cold")
    data = load_training(lab.settings.catalogue_home.current().models)
    person = next(one for one in left_out(data) if f"person-{one.person}" == sample.id)
    assert first.slices["likes"] == activity(len(person.liked) + 1)


async def test_no_title_of_what_is_wanted_is_sent_and_ours_beats_the_floors(world: World, suite: SessionSuite) -> None:
    samples = suite.samples(world, 0, True)[:12]
    async with ours("fallback", "", None).open(world) as agent:
        outcomes = await held(suite, samples, agent, world)
        again = await held(suite, samples, agent, world)
    popular = await held(suite, samples, Popular(world), world)
    for sample, outcome in zip(samples, outcomes, strict=True):
        title = str(world.catalogue.item(sample.body.target).values["title"]).lower()
        assert not any(title in one.message.lower() for one in outcome.exchanges)
        assert outcome.values["leaks sent"] == 0
    assert [o.values for o in outcomes] == [o.values for o in again], "same seed, same numbers"
    assert sum(o.values["hit@5"] for o in outcomes) > sum(o.values["hit@5"] for o in popular)


def test_a_catalogue_without_interactions_has_no_sessions(tmp_path: Path) -> None:
    nowhere = Settings(home=tmp_path, catalogue="none")
    assert "no catalogue" in SessionSuite().missing(Lab(nowhere, tmp_path, tmp_path))


def seekers(shelf: Shelf, policies: Policies | None = None, volunteers: bool = True) -> Iterator[tuple[Seeker, int]]:
    for position in range(shelf.catalogue.size):
        target = shelf.catalogue.item(position)
        yield Seeker(target, shelf.catalogue, policies or Policies(), f"{position}", volunteers=volunteers), position


def question(shelf: Shelf, field: str, *values: str) -> str:
    return ask(Question(kind="confirm" if values else "field", field=field, values=values), shelf.catalogue)


def test_a_question_is_answered_from_the_items_field(shelf: Shelf) -> None:
    for person, position in seekers(shelf):
        values = shelf.catalogue.item(position).values
        assert any(kind in person.reply(question(shelf, "kinds"), []) for kind in values["kinds"])
        assert values["designer"] in person.reply(question(shelf, "designer"), [])
        assert f"{int(values['year']) // 10 * 10}s" in person.reply(question(shelf, "year"), [])
        said = person.reply(question(shelf, "minutes"), [])
        if "minutes" not in values:
            assert said in PLAIN.any
        else:
            number = next(int(word.rstrip("+.")) for word in said.split() if word.rstrip("+.").isdigit())
            is_low = any(word in said.lower() for word in ("most", "longer than", "max", "up to"))
            assert values["minutes"] <= number if is_low else values["minutes"] >= number, said


def test_a_confirmation_is_given_for_what_the_item_is_and_refused_for_what_it_is_not(shelf: Shelf) -> None:
    policies = Policies(confirm=(Confirmation(field="kinds", values=("Wargame", "Party")),))
    for person, position in seekers(shelf, policies):
        is_war = "Wargame" in shelf.catalogue.item(position).words("kinds")
        assert (person.reply(question(shelf, "kinds", "Wargame"), []) in PLAIN.agrees) == is_war


def test_what_is_turned_down_is_turned_down_for_a_true_reason(shelf: Shelf) -> None:
    rng, reasons = random.Random(0), 0
    for person, position in seekers(shelf):
        target = shelf.catalogue.item(position)
        others = [n for n in range(shelf.catalogue.size) if n != position]
        for _ in range(4):
            shown = shelf.catalogue.items(rng.sample(others, 5))
            said = person.reply("How about these?", shown)
            reasons += said not in PLAIN.rejections
            for word, field, sign in (("shorter", "minutes", -1), ("newer", "year", 1), ("cheaper", "price", -1)):
                if word in said:
                    values = [i.values[field] for i in shown if field in i.values]
                    assert all(sign * target.values[field] > sign * value for value in values)
            for kind in {kind for n in others for kind in shelf.catalogue.item(n).words("kinds")}:
                if kind in said:
                    is_against = any(
                        word in said.lower().split() for word in ("no", "not", "don't", "without", "anything")
                    )
                    assert (kind in target.words("kinds")) != is_against
    assert reasons > 300


def test_nothing_is_said_twice(shelf: Shelf) -> None:
    for person, position in seekers(shelf):
        shown = shelf.catalogue.items([n for n in range(6) if n != position][:5])
        said = [said for _ in range(4) if (said := person.reply("", shown)) not in PLAIN.rejections]
        assert len(set(said)) == len(said)


def test_who_volunteers_nothing_only_answers(shelf: Shelf) -> None:
    for person, position in seekers(shelf, volunteers=False):
        target = shelf.catalogue.item(position)
        shown = shelf.catalogue.items([n for n in range(6) if n != position][:5])
        assert person.reply("How about these?", shown) in PLAIN.rejections
        assert target.values["designer"] in person.reply(question(shelf, "designer"), [])
        assert target.values["designer"] in person.reply(f"How about these? {question(shelf, 'designer')}", shown)


def test_the_opening_names_what_was_liked_and_one_thing_that_the_item_is(shelf: Shelf) -> None:
    liked = shelf.catalogue.items(np.arange(3))
    for person, position in seekers(shelf):
        if position > 2:
            said = person.opening(liked)
            assert all(str(item.values["title"]) in said for item in liked)
            assert said.count(".") >= 2
