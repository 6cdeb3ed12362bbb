"""The ranking suite: strangers stay strangers, taste beats popularity, and a bad ranker shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.settings import Settings
from evals.contestants.contract import Contestant, Heard
from evals.groups import activity
from evals.measures import estimate
from evals.runner import Order, run_suites
from evals.suites.offline import RECOMMENDERS, Offline
from evals.world import Lab, World
from tools.data.ingest import Sources, ingest
from tools.data.training import load_training
from tools.data.versions import CatalogueHome, Version
from tools.models.blend import Blend
from tools.models.contract import TrainingData
from tools.models.fit import fit_blend

SUITE = Offline()
HEADLINE = SUITE.measures[0]


@pytest.fixture(scope="module")
def lab(world_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(world_settings, Path("nowhere"), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def world(lab: Lab) -> Iterator[World]:
    with SUITE.world(lab) as opened:
        yield opened


@pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")  # inspect-ai leaves streams open
def test_recommenders_take_part_whoever_was_chosen_and_the_blend_beats_the_floor(lab: Lab, tmp_path: Path) -> None:
    run = run_suites(Order([SUITE], []), lab, tmp_path)
    assert run.contestants(SUITE.name) == list(RECOMMENDERS)
    values = {
        (name, m.name): estimate(m, run.groups(SUITE.name, name)).value for name in RECOMMENDERS for m in SUITE.measures
    }
    for measure in SUITE.measures[:3]:  # people of three tastes: one like tells which
        assert values["blend", measure.name] > values["popularity", measure.name] + 0.1
    assert all(0 <= value <= 1 for value in values.values())


def test_what_is_told_is_not_what_is_to_be_found(world: World) -> None:
    samples = SUITE.samples(world, 0, is_quick=False)
    training = load_training(Version(world.catalogue.path.parent).models)
    assert len(samples) == training.users // 5
    for sample in samples:
        person = int(sample.id.removeprefix("person-"))
        liked = set(training.item[training.user == person].tolist())
        assert sample.body.activity == activity(len(liked))
        for count, case in sample.body.cases.items():
            assert len(case.history.liked) == count
            assert {*case.history.liked, *case.relevant} == liked
            assert not case.relevant & {*case.history.liked}


class Fixed(Contestant):
    name = "fixed"

    def __init__(self, shown: tuple[str, ...]) -> None:
        self._shown = shown

    async def answer(self, thread: str, message: str, user: object = None) -> Heard:
        return Heard("", self._shown)


def test_the_measures_can_be_0_and_1(world: World) -> None:
    sample = SUITE.samples(world, 0, is_quick=False)[0]
    right = tuple(item.id for item in world.catalogue.items(sorted(sample.body.cases[1].relevant)[:10]))
    best = asyncio.run(SUITE.hold(sample, Fixed(right), world, 0)).values
    worst = asyncio.run(SUITE.hold(sample, Fixed(()), world, 0)).values
    assert (best["ndcg 1"], best["hit rate 1"]) == (1.0, 1.0)
    assert set(worst.values()) == {0.0}


def test_a_catalogue_without_interactions_is_not_scored(lab: Lab, tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("id,title\n1,One\n2,Two\n", encoding="utf-8")
    ingest(Sources(items), CatalogueHome(tmp_path, "bare"))
    bare = Lab(Settings(home=tmp_path, catalogue="bare"), Path("nowhere"), tmp_path / "scratch")
    assert "no interactions" in SUITE.missing(bare)
    assert SUITE.missing(lab) == ""


def test_recommenders_are_asked_of_everybody_however_few_a_model_is_asked_of(lab: Lab) -> None:
    assert not any(entry.waits for entry in SUITE.entries([]))


def test_the_recommenders_are_fitted_once_and_again_where_what_is_kept_is_broken(
    lab: Lab, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = lab.folder / "strangers" / lab.settings.catalogue
    fits: list[int] = []

    def counted(data: TrainingData) -> Blend:
        fits.append(data.users)
        return fit_blend(data)

    monkeypatch.setattr("evals.suites.offline.fit_blend", counted)
    with SUITE.world(lab):
        assert fits == [], "they are kept"
    next(kept.glob("itemknn*")).write_bytes(b"broken")
    with SUITE.world(lab):
        assert len(fits) == 1
    with SUITE.world(Lab(lab.settings, lab.data, lab.scratch, seed=1)):
        assert len(fits) == 2, "other strangers"
