"""A turn's time outside the LLM, beside what its bare tools take: what the agent costs on top of them."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from agent.build import open_agent, open_current_shelf
from agent.settings import Settings
from agent.trace import Answered, Checked, Event, PlanMade, ToolRan
from agent.turn import Agent
from evals.bench.ingest import write_generated
from tools.data.ingest import ingest
from tools.progress import OnStep, silent
from tools.shelf import Shelf


def script(shelf: Shelf) -> list[str]:
    """Six messages over any catalogue: likes, a bound, a kind, a text search, a why, a fact."""
    catalogue = shelf.catalogue
    first, second = (shelf.titles.title(int(p)) for p in (-shelf.popular).argsort(kind="stable")[:2])
    number = next((f for f in catalogue.schema.askable if f.unit and catalogue.spread(f.name)), None)
    kind = next((v for f in catalogue.schema.askable if f.is_category for v, _ in catalogue.vocabulary(f.name, 1)), "")
    return [
        f'I loved "{first}" and "{second}", something like that',
        f"under {catalogue.spread(number.name)[6]:.0f} {number.unit}" if number else "something else",
        f"no {kind}",
        "something about a journey home",
        "why the first one?",
        f'tell me about "{second}"',
    ]


def measure_turns(
    settings: Settings, repeats: int, items: int | None = None, on_step: OnStep = silent
) -> Iterator[str]:
    """The report, line by line.

    Args:
        items: over so many generated items, ten interactions each, instead of the catalogue in service.
    """
    with tempfile.TemporaryDirectory() as scratch:
        apart = settings.model_copy(update={"home": Path(scratch)})
        if items:
            apart = apart.model_copy(update={"catalogue": "generated"})
            ingest(write_generated(Path(scratch), items, 10 * items, settings.seed), apart.catalogue_home, on_step)
        shelf = open_current_shelf(apart if items else settings)
        timed = asyncio.run(_hold(apart, shelf, repeats))
        shelf.close()
    turns = [events for events, _ in timed]
    planner = settings.planner_url or "none (fallback)"
    yield f"{len(turns)} turns over {shelf.catalogue.size:,} items, planner: {planner}"
    outside = [ms - sum(e.llm_ms for e in events if isinstance(e, Answered)) for events, ms in timed]
    tools = [sum(e.ms for e in events if isinstance(e, ToolRan)) for events in turns]
    reading = [sum(e.reading_ms for e in events if isinstance(e, PlanMade)) for events in turns]
    checks = [sum(e.ms for e in events if isinstance(e, Checked)) for events in turns]
    for name, values in (("outside the LLM", outside), ("  tools", tools), ("  reading", reading), ("  check", checks)):
        yield f"{name:<18} p50 {statistics.median(values):6.1f} ms   p95 {_p95(values):6.1f} ms"
    yield f"outside the LLM is {statistics.median(outside) / max(statistics.median(tools), 1e-9):.1f} x the bare tools"
    answers = [e for events in turns for e in events if isinstance(e, Answered)]
    llm = [e.llm_ms for e in answers if e.llm_calls]
    if llm:
        tokens, calls = [e.completion_tokens for e in answers], [e.llm_calls for e in answers]
        yield f"{'LLM':<18} p50 {statistics.median(llm):6.0f} ms   p95 {_p95(llm):6.0f} ms"
        yield f"completion tokens a turn: median {statistics.median(tokens):.0f}"
        yield f"LLM calls a turn: median {statistics.median(calls):.0f}, at most {max(calls)}"


async def _hold(settings: Settings, shelf: Shelf, repeats: int) -> list[tuple[list[Event], float]]:
    async with open_agent(settings, shelf, settings.planner_url) as agent:
        await agent.warm_up()
        await _conversation(agent, script(shelf))  # the first one warms the page cache
        return [turn for _ in range(repeats) for turn in await _conversation(agent, script(shelf))]


async def _conversation(agent: Agent, messages: list[str]) -> list[tuple[list[Event], float]]:
    """Each turn's events, and its milliseconds until its checkpoint was written."""
    thread, timed = uuid.uuid4().hex, []
    for message in messages:
        began = time.perf_counter()
        events = [event async for event in agent.turn(thread, message)]
        timed.append((events, (time.perf_counter() - began) * 1000))
    return timed


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]
