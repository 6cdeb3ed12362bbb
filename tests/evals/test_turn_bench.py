"""The bench of a turn: every part has a figure, over the catalogue in service or a generated one."""

from __future__ import annotations

import re

import pytest

from agent.settings import Settings
from evals.bench.turn import measure_turns


@pytest.mark.parametrize(("items", "said"), [(None, 120), (150, 150)], ids=["in service", "generated"])
def test_a_figure_for_each_part(world_settings: Settings, items: int | None, said: int) -> None:
    first, *lines = measure_turns(world_settings, repeats=1, items=items)
    assert first == f"6 turns over {said} items, planner: none (fallback)"
    parts = {line[:15].strip(): float(re.findall(r"p50 +([\d.]+) ms", line)[0]) for line in lines if "p50" in line}
    assert set(parts) == {"outside the LLM", "tools", "reading", "check"}
    assert parts["outside the LLM"] > max(parts["tools"], parts["reading"], parts["check"]) > 0
