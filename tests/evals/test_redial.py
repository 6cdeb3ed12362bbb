"""The suites over ReDial's dialogues: what is read, what is scored, and that nothing tested was learned."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from labs import Shows, held

from agent.settings import Settings
from evals.measures import estimate
from evals.suites.interactive import InteractiveSuite
from evals.suites.nextitem import NextItemSuite
from evals.tasks.redial import DIALOGUES, MOVIES, TURNS, is_tested, read_turns, write_catalogue
from evals.world import Lab, World
from tools.errors import BadInputError

REDIAL = Path(__file__).parents[3] / "shared" / "data" / "redial"
TESTED = next(str(n) for n in range(100) if is_tested(str(n)))
OTHER = next(str(n) for n in range(100) if not is_tested(str(n)))


def movie(name: str, **fields: list[str]) -> dict[str, object]:
    return {"name": name, "genre": ["drama"], "director": ["Ann Lee"], "writer": [], "star": [], **fields}


def turn(number: int, context: list[str], rec: list[str]) -> dict[str, object]:
    return {"dialog_id": TESTED, "turn_id": number, "context": context, "rec": rec}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Six movies, three turns of a tested dialogue, and likes of that one and another."""
    folder = tmp_path / "redial"
    folder.mkdir()
    movies = {str(n): movie(f"Film {name} (19{70 + n})") for n, name in enumerate(["One", "Two", "Ten", "Red", "Sea"])}
    movies["9"] = movie("Film One (1970)", genre=["comedy"])
    (folder / MOVIES).write_text(json.dumps(movies))
    turns = [
        turn(2, ["", "Hi!", "a drama please"], ["Film One (1970)", "Film Two (1971)"]),
        turn(
            4, ["hi", "Film Ten (1972)?", "no, something like Film Red (1973)"], ["Film Ten (1972)", "Film Sea (1974)"]
        ),
        turn(6, ["", "Hi!"], ["Film Sea (1974)"]),
        {**turn(2, ["hi", "hello", "anything"], ["Film Sea (1974)"]), "dialog_id": OTHER},
    ]
    (folder / TURNS).write_text("".join(json.dumps(row) + "\n" for row in turns))
    answers = {"0": {"liked": 1}, "1": {"liked": 0}, "2": {"liked": 2}}
    rows = [{"conversationId": name, "initiatorQuestions": answers} for name in (TESTED, OTHER)]
    (folder / DIALOGUES).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


@pytest.fixture
def lab(data: Path, world_settings: Settings, tmp_path: Path) -> Lab:
    return Lab(world_settings.model_copy(update={"home": tmp_path / "home"}), data, tmp_path / "scratch")


@pytest.fixture
def nextitem(lab: Lab) -> Iterator[tuple[NextItemSuite, World]]:
    suite = NextItemSuite()
    with suite.world(lab) as world:
        yield suite, world


def test_the_seekers_words_the_targets_and_what_was_named_are_read(data: Path) -> None:
    first, second = read_turns(data / "redial")
    assert first.said == ("a drama please",)
    assert first.targets == (("0", "9"), ("1",)), "a name may stand twice"
    assert first.named == (False, False)
    assert second.said == ("hi", "no, something like Film Red (1973)")
    assert second.named == (True, False), "the recommender named it, too"


def test_likes_are_known_of_the_dialogues_that_are_never_tested(data: Path, tmp_path: Path) -> None:
    sources = write_catalogue(data / "redial", tmp_path / "out")
    assert sources.interactions
    assert sources.interactions.read_text().splitlines()[1:] == [f"{OTHER},0,5", f"{OTHER},1,1"]


async def test_each_target_counts_and_new_ones_once_more(nextitem: tuple[NextItemSuite, World]) -> None:
    suite, world = nextitem
    samples = sorted(suite.samples(world, 0, False), key=lambda sample: sample.id)
    assert world.settings.slate_size == 50
    outcomes = await held(suite, samples, Shows("4", "9", "2"), world)
    first, second = (outcome.values for outcome in outcomes)
    assert (first["found@1"], first["found@10"], first["targets"]) == (0, 1, 2)
    assert first["gain@10"] == pytest.approx(1 / math.log2(3))
    assert (second["found@1"], second["found@10"], second["new found@10"], second["new targets"]) == (1, 2, 1, 1)
    groups = {"a": outcomes}
    said = {m.name: estimate(m, groups).value for m in suite.measures}
    assert (said["Recall@10"], said["Recall@1"], said["new Recall@10"]) == (3 / 4, 1 / 4, 2 / 3)
    assert said["named before"] == 1 / 4
    (nothing,) = await held(suite, samples[:1], Shows(), world)
    assert nothing.values["found@50"] == 0


async def test_what_was_named_is_not_sought_and_both_modes_have_the_same_target(lab: Lab) -> None:
    suite = InteractiveSuite()
    with suite.world(lab) as world:
        for seed in range(5):
            free, attribute = sorted(suite.samples(world, seed, True), key=lambda s: s.body.mode, reverse=True)
            assert (free.body.mode, attribute.body.mode) == ("free", "attribute")
            assert free.body.target == attribute.body.target != "2"
        found, late = await held(suite, [free, attribute], Shows("3", free.body.target), world)
        assert (found.values["free@1"], found.values["free@10"], late.values["attribute@50"]) == (0, 1, 1)
        assert "attribute@1" not in found.values, "a mode's measures are over its own samples"
        (never,) = await held(suite, [free], Shows("3"), world)
        assert (never.values["free@50"], never.values["turns"], len(never.exchanges)) == (0, 6, 5)
        assert all(o.values["leaks sent"] == 0 for o in (found, late, never))


def test_files_that_are_absent_or_wrong_are_said(data: Path, lab: Lab, tmp_path: Path) -> None:
    assert NextItemSuite().missing(lab) == ""
    empty = Lab(lab.settings, tmp_path / "nothing", tmp_path)
    assert "--data" in NextItemSuite().missing(empty)
    assert "--data" in InteractiveSuite().missing(empty)
    (data / "redial" / TURNS).write_text('{"dialog_id": "1"}\n')
    with pytest.raises(BadInputError, match=r"line 1: the field 'context'"):
        read_turns(data / "redial")
    (data / "redial" / MOVIES).write_text("[1]")
    with pytest.raises(BadInputError, match=r"movies\.json can't be read"):
        read_turns(data / "redial")


@pytest.mark.skipif(not REDIAL.exists(), reason="ReDial's dialogues are not on this machine")
def test_the_published_split_is_read_whole() -> None:
    turns = read_turns(REDIAL)
    assert (len(turns), len({one.dialogue for one in turns})) == (1_397, 510)
    assert sum(len(one.targets) for one in turns) == 1_829
    assert sum(sum(one.named) for one in turns) == 149
