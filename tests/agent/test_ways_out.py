"""Where nothing fits, what the reply says of it is true: also for who turned down all that there was."""

from __future__ import annotations

from pathlib import Path

from talk import talk
from worlds import games

from agent.build import open_agent
from agent.settings import Settings
from tools.constraints import Constraint
from tools.contract import Wishes
from tools.relax import ladder
from tools.shelf import Shelf


async def test_in_a_conversation_nothing_untrue_is_said_when_all_that_fits_was_turned_down(
    world_settings: Settings, shelf: Shelf, tmp_path: Path
) -> None:
    both = [
        number
        for number, game in enumerate(games())
        if game.get("minutes", 999) <= 30 and "Wargame" in game["kinds"]  # type: ignore[operator]
    ]
    turns_needed = -(-len(both) // 5)
    async with open_agent(world_settings.model_copy(update={"home": tmp_path}), shelf, None) as agent:
        turns = await talk(agent, "t", "a wargame, at most 30 minutes", *["none of these"] * turns_needed)
        (never,) = await talk(agent, "u", "a wargame and a party game")
    assert {item for turn in turns for item in turn.slate} == {f"g{number}" for number in both}
    assert turns[-1].slate == []
    assert "never go together" not in turns[-1].reply
    assert "without “at most 30 minutes” there are" in turns[-1].reply
    assert never.reply.count("never go together") == 1


def test_the_nearest_to_a_date_is_a_date(books: Shelf) -> None:
    romance = Constraint(field="subjects", op="=", value="Romance", words="romance")
    old = Constraint(field="published", op="<", value="1800", words="before 1800")
    found = {one.words: one.instead for one in ladder(books, Wishes((romance, old))).relaxations}
    assert found["before 1800"] == ("1815-12-23",)
