"""Unsaid wishes: what is turned down makes its like less likely to please, and what was spoken of is not guessed at."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from talk import items_of, talk

from agent.build import open_agent
from agent.hidden import KNOWN, Belief, Chances, has_a_wish, options
from agent.settings import Settings
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.shelf import Shelf


def everything(shelf: Shelf) -> list[Item]:
    return shelf.catalogue.items(range(shelf.catalogue.size))


def those(shelf: Shelf, is_meant: Callable[[Item], bool]) -> list[Item]:
    return [item for item in everything(shelf) if is_meant(item)]


def wargames(shelf: Shelf) -> list[Item]:
    return those(shelf, lambda item: "Wargame" in item.words("kinds"))


def change(shelf: Shelf, rejected: list[Item], items: list[Item], spoken: Collection[str] = ()) -> float:
    """How much likelier some items are to please after a rejection than before, on average: 1 for no change."""
    before, after = Belief(shelf, spoken), Belief(shelf, spoken)
    after.turned_down(rejected)
    return float(np.mean(after.chances(items) / before.chances(items)))


def field_of(shelf: Shelf, name: str) -> FieldSpec:
    field = shelf.catalogue.schema.field(name)
    assert field is not None
    return field


def carried(belief: Belief, name: str) -> float:
    """The chance that a field carries a wish."""
    return sum(chance for wish, chance in belief.likely(most=99, least=0.0) if wish.field == name)


def test_after_several_long_games_the_short_ones_are_likelier_than_the_long(shelf: Shelf) -> None:
    long = those(shelf, lambda item: item.values.get("minutes", 0) >= 135)
    short = those(shelf, lambda item: item.values.get("minutes", 999) <= 40)
    rejected, others = long[::4][:4], [item for item in long if item not in long[::4][:4]]
    assert change(shelf, rejected, short) > 2 * change(shelf, rejected, others)
    belief = Belief(shelf, ())
    belief.turned_down(rejected)
    bounds = [wish for wish, _ in belief.likely(most=9, least=0.05) if wish.field == "minutes"]
    assert [wish.op for wish in bounds] == ["<="]


def test_each_rejection_more_sharpens_it(shelf: Shelf) -> None:
    war = wargames(shelf)
    farming = those(shelf, lambda item: "Farming" in item.words("kinds"))
    ratios = []
    for count in range(4):
        belief = Belief(shelf, ())
        belief.turned_down(war[3 : 3 + count])
        ratios.append(belief.chances(farming).mean() / belief.chances(war[10:]).mean())
    assert ratios == sorted(ratios)
    assert ratios[-1] > ratios[0] + 0.2


def test_the_same_whether_told_at_once_or_one_by_one(shelf: Shelf) -> None:
    rejected, items = wargames(shelf)[:3], everything(shelf)
    at_once, one_by_one = Belief(shelf, ()), Belief(shelf, ())
    at_once.turned_down(rejected)
    for item in rejected:
        one_by_one.turned_down([item])
    np.testing.assert_allclose(at_once.chances(items), one_by_one.chances(items))


def test_what_was_spoken_of_is_hardly_guessed_at(shelf: Shelf) -> None:
    assert carried(Belief(shelf, ()), "minutes") < carried(Belief(shelf, ()), "kinds")
    assert max(chance for w, chance in Belief(shelf, ("kinds",)).likely(99, 0.0) if w.field == "kinds") <= KNOWN
    long = those(shelf, lambda item: item.values.get("minutes", 0) >= 135)[:4]
    spoken, unspoken = Belief(shelf, ("minutes",)), Belief(shelf, ())
    for belief in (spoken, unspoken):
        belief.turned_down(long)
    assert carried(spoken, "minutes") < carried(unspoken, "minutes") / 2
    short = those(shelf, lambda item: item.values.get("minutes", 999) <= 40)
    assert change(shelf, long, short, ("minutes",)) / change(shelf, long, long, ("minutes",)) < change(
        shelf, long, short
    ) / change(shelf, long, long)


def test_the_more_was_said_the_surer_it_is_that_an_item_pleases(shelf: Shelf) -> None:
    items, fields = everything(shelf), [field.name for field in shelf.catalogue.schema.askable]
    means = [Belief(shelf, fields[:known]).chances(items).mean() for known in range(len(fields) + 1)]
    assert means[0] < 0.6
    assert means == sorted(means)
    assert means[-1] > 0.85


def test_what_is_unknown_of_an_item_makes_it_less_likely_to_please(shelf: Shelf) -> None:
    """Somebody with a limit on the minutes can't be sure of a game that does not say how many it takes."""
    item = next(item for item in everything(shelf) if 50 <= item.values.get("minutes", 0) <= 70)
    untold = Item(item.position, item.id, {name: v for name, v in item.values.items() if name != "minutes"})
    known, unknown = Belief(shelf, ()).chances([item, untold])
    assert unknown < known - 0.05
    belief = Belief(shelf, ())
    belief.turned_down([untold])
    assert carried(belief, "minutes") > carried(Belief(shelf, ()), "minutes")
    nothing = Item(0, "x", {"title": "Blank"})
    assert 0 < Belief(shelf, ()).chances([nothing])[0] < unknown


def test_dates_categories_and_flags_of_another_catalogue_are_weighed_too(books: Shelf) -> None:
    items = books.catalogue.items(range(11))
    horror = [item for item in items if "Horror" in item.words("subjects")]
    others = [item for item in items if "Romance" in item.words("subjects")]
    assert change(books, horror, others) > change(books, horror, horror)
    dated = {option.wish.value for option in options(field_of(books, "published"), books.catalogue)}
    assert dated
    assert all(str(value).isdigit() and len(str(value)) == 4 for value in dated), "a year, and not a number of one"


@pytest.mark.parametrize("name", ["year", "kinds", "price", "designer", "in_stock", "minutes"])
def test_the_chances_of_a_field_s_wishes_add_up_to_one(shelf: Shelf, name: str) -> None:
    field = field_of(shelf, name)
    assert sum(option.chance for option in options(field, shelf.catalogue)) == pytest.approx(1.0)
    assert 0 < has_a_wish(field, shelf.catalogue) < 1


def test_nobody_is_thought_to_wish_for_something_little_known(shelf: Shelf) -> None:
    for role in ("popularity", "sponsored", "link"):
        field = FieldSpec(name="x", type="number" if role == "popularity" else "flag", role=role)  # type: ignore[arg-type]
        assert has_a_wish(field, shelf.catalogue) == 0.0


rejections = st.lists(st.lists(st.integers(0, 119), max_size=40), max_size=5)


@hypothesis(max_examples=20, deadline=None)
@given(rejections, st.sets(st.sampled_from(["kinds", "minutes", "price", "year"])), st.integers(0, 3))
def test_chances_are_chances_and_the_same_for_the_same_seed(
    shelf: Shelf, rounds: list[list[int]], spoken: set[str], seed: int
) -> None:
    def believed() -> tuple[Chances, list[tuple[object, float]]]:
        belief = Belief(shelf, spoken, seed)
        for positions in rounds:
            belief.turned_down(shelf.catalogue.items(positions))
        return belief.chances(everything(shelf)), list(belief.likely(9, 0.0))

    chances, likely = believed()
    again, alike = believed()
    assert chances.shape == (120,)
    assert (chances >= 0).all()
    assert (chances <= 1 + 1e-9).all()
    assert chances.tolist() == again.tolist()
    assert likely == alike
    assert [chance for _, chance in likely] == sorted((chance for _, chance in likely), reverse=True)


def test_seeds_differ_little(shelf: Shelf) -> None:
    one, two = (Belief(shelf, (), seed).chances(everything(shelf)) for seed in (0, 1))
    assert one.tolist() != two.tolist()
    assert np.abs(one - two).max() < 0.06


def test_somebody_who_turns_down_everything_again_and_again_is_still_answered(shelf: Shelf) -> None:
    belief = Belief(shelf, ())
    for _ in range(20):
        belief.turned_down(everything(shelf))
    chances = belief.chances(everything(shelf))
    assert np.isfinite(chances).all()
    assert (chances <= 1 + 1e-9).all()


async def test_in_a_conversation_what_is_turned_down_sinks(
    world_settings: Settings, shelf: Shelf, tmp_path: Path
) -> None:
    """`no` to a slate brings other kinds up, though no kind was ever spoken of."""
    settings = world_settings.model_copy(update={"home": tmp_path, "max_questions": 0})
    async with open_agent(settings, shelf, None) as agent:
        first, second = await talk(agent, "t", "something under 2 hours", "none of these")
    before, after = items_of(shelf, first.slate), items_of(shelf, second.slate)
    assert not {item.id for item in before} & {item.id for item in after}
    belief = Belief(shelf, ("minutes",), settings.seed)
    belief.turned_down(before)
    shown = belief.chances(after).mean()
    assert shown > belief.chances(before).mean()
    assert shown > belief.chances(those(shelf, lambda item: item.values.get("minutes", 999) < 120)).mean()


def test_who_said_what_they_do_not_want_is_not_thought_to_want_it(shelf: Shelf) -> None:
    unwanted = [Constraint(field="kinds", op="!=", value=("Wargame", "Party"))]
    others = those(shelf, lambda item: not {"Wargame", "Party"} & {*item.words("kinds")})
    guessing, told = Belief(shelf, ()), Belief(shelf, (), unwanted=unwanted)
    for belief in (guessing, told):
        belief.turned_down(others[:6])
    assert {"Wargame", "Party"} & {str(wish.value) for wish, _ in guessing.likely(9, 0.0)}
    assert not {"Wargame", "Party"} & {str(wish.value) for wish, _ in told.likely(9, 0.0)}
    assert told.chances(others[6:]).mean() > guessing.chances(others[6:]).mean()
