"""The critic sends a plan back where nothing is left: at most twice, a model's ideas first, never without a must."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from planner_stub import Stub
from talk import Turn, items_of, talk

from agent.build import open_agent
from agent.settings import Settings, load_settings
from agent.trace import PlanMade
from tools.contract import Scores
from tools.shelf import Shelf

SIMILAR = '{"title": "Banter of Ruby"}'


def says(stub: Stub, *steps: str) -> None:
    stub.says(json.dumps({"plan": ["recommend", *steps]}))


def reasons(turn: Turn) -> list[str]:
    return [check.replan for check in turn.checks]


@pytest.fixture
def settings(world_settings: Settings, tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path, catalogue=world_settings.catalogue)


@pytest.fixture
def nothing_is_alike(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    def alike(_shelf: Shelf, _positions: object) -> Scores:
        return np.zeros(shelf.catalogue.size, dtype=np.float32)

    monkeypatch.setattr("tools.similar.likeness", alike)
    return None  # type: ignore[return-value]


async def test_a_step_of_the_models_that_leaves_nothing_is_dropped_openly(
    settings: Settings, shelf: Shelf, stub: Stub, nothing_is_alike: None
) -> None:
    says(stub, "similar Siege of Ruby")
    async with open_agent(settings, shelf, stub.url) as agent:
        (turn,) = await talk(agent, "t", "I loved Siege of Ruby; a farming game")
    assert [tool.tool for tool in turn.tools] == [
        "filter_items", "similar_items", "rank_items", "filter_items", "rank_items"
    ]  # fmt: skip
    assert reasons(turn) == [
        "nothing that is left is like 'Siege of Ruby (1980)': tried again without similar_items", ""
    ]  # fmt: skip
    assert turn.reply.startswith(
        "Nothing that fits is of the kind of “Siege of Ruby (1980)”, so I went by the rest of what you said.\n"
    )
    assert len(turn.slate) == 5
    assert all("Farming" in item.values["kinds"] for item in items_of(shelf, turn.slate))


async def test_it_is_tried_again_at_most_twice_each_time_with_its_reason(
    settings: Settings, shelf: Shelf, stub: Stub, nothing_is_alike: None
) -> None:
    says(stub, "similar Siege of Ruby")
    message = "I loved Siege of Ruby; a farming game about quantum chromodynamics"
    async with open_agent(settings, shelf, stub.url) as agent:
        turn, later = await talk(agent, "t", message, "under 3 minutes")
    assert [bool(reason) for reason in reasons(turn)] == [True, True, False]
    assert "tried again without the search" in reasons(turn)[0]
    assert "tried again without similar_items" in reasons(turn)[1]
    assert turn.reply.count("so I went by the rest of what you said.") == 2
    assert len(turn.slate) == 5
    assert [event for event in turn.events if isinstance(event, PlanMade)] == [turn.plan]
    assert (later.slate, reasons(later)) == ([], [""]), "no must is given up"
    assert "“under 3 minutes”" in later.reply


async def test_what_a_model_narrowed_goes_before_what_the_person_is_looking_for(
    settings: Settings, shelf: Shelf, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.similar.MOST", 3)
    stub.calls([("similar_items", SIMILAR)])
    by_step = settings.model_copy(update={"planning": "step-by-step"})
    async with open_agent(by_step, shelf, stub.url) as agent:
        turn, more = await talk(agent, "t", "wargames about sieges", "under two hours")
    assert "tried again without similar_items" in reasons(turn)[0]
    assert len(reasons(turn)) == 2
    assert "Nothing that fits is of the kind of “Banter of Ruby”" in turn.reply
    assert turn.slate
    assert all("siege" in item.values["description"] for item in items_of(shelf, turn.slate))
    assert ("search_items", "sieges") in [(tool.tool, tool.argument) for tool in more.tools], "it is still looked for"
