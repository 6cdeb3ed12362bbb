"""The throughput bench: what conversations asked is asked again by bare workers, and both are counted alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from planner_stub import Stub, planner_stub

from agent.settings import Settings
from evals.bench.serving import Load, ServingRow, measure_serving, send, serving_table
from tools.errors import UnavailableError

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")  # inspect-ai's streams

PLAN = '{"plan":["recommend"]}'


@pytest.fixture
def stub() -> Iterator[Stub]:
    with planner_stub() as running:
        running.says(PLAN)
        yield running


def test_the_same_requests_are_sent_by_conversations_and_by_bare_workers(stub: Stub, world_settings: Settings) -> None:
    stub.delay_s = 0.02
    (row,) = measure_serving(world_settings, stub.url, at_once=[2], each=1)
    asked = [request for request in stub.requests if request["max_tokens"] > 1]  # warming up asks for one token
    talked = [str(request["messages"]) for request in asked if "cache_salt" not in request]
    bare = [str(request["messages"]) for request in asked if "cache_salt" in request]
    assert len(talked) == row.conversations.requests == row.bare.requests >= 8
    assert sorted(talked) == sorted(bare)
    assert row.conversations.completion_tokens == row.bare.completion_tokens == 3 * len(bare)
    assert row.ratio > 0
    assert row.bare.seconds >= 0.02 * len(bare) / 2, "no more than two at once"
    for load in (row.conversations, row.bare):
        assert 0.02 * load.requests / load.seconds <= load.in_flight <= 2


async def test_bare_workers_say_who_does_not_answer(stub: Stub) -> None:
    stub.status = 500
    with pytest.raises(UnavailableError, match=re.escape(stub.url)):
        await send(stub.url, [{"messages": [], "max_tokens": 5}], 1)


def test_the_table_names_where_the_target_is_missed() -> None:
    full, half = Load(10, 400, 10.0, 80.0), Load(10, 400, 20.0, 80.0)
    lines = list(serving_table([ServingRow(1, full, full), ServingRow(8, half, full)]))
    assert "| 1 | 10 | 1.00 | 1.00 | 40.0 | 40.0 | 8.00 | 8.00 | 1.000 |" in lines
    assert "| 8 | 10 | 0.50 | 1.00 | 20.0 | 40.0 | 4.00 | 8.00 | 0.500 |" in lines
    assert lines[-1].endswith("below it at 8 at once.")
