"""A ready agent from settings: opens the catalogue, the thread store and the planner, and closes them again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from threadpoolctl import threadpool_limits

from agent.budget import Budget
from agent.chooser import Chooser
from agent.graph import build_graph
from agent.keeper import Keeper
from agent.memory import ProfileStore
from agent.parts import Parts
from agent.planner import Planner
from agent.policy import load_policies
from agent.settings import Settings
from agent.threads import open_threads
from agent.trace import TraceStore
from agent.turn import Agent
from agent.writer import Writer
from tools.errors import UnavailableError
from tools.registry import standard_tools
from tools.shelf import Shelf, open_shelf


def open_current_shelf(settings: Settings) -> Shelf:
    """The catalogue in service under these settings."""
    return open_shelf(settings.catalogue_home.current())


@asynccontextmanager
async def open_agent(settings: Settings, shelf: Shelf, planner_url: str | None) -> AsyncIterator[Agent]:
    """An agent over an open catalogue. Without a planner's URL, every plan is the fallback plan
    and every reply is worded by the template.

    Raises:
        BadInputError: the house rules can't be read, or don't go with this catalogue.
        UnavailableError: the file of conversations can't be opened.
    """
    policies = load_policies(settings.policies, settings.catalogue_home.folder, shelf.catalogue.schema)
    try:
        traces = TraceStore(settings.threads_file)
        profiles = ProfileStore(settings.threads_file, settings.catalogue) if settings.memory else None
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(
            f"The conversations in {settings.threads_file} can't be opened ({error}).",
            "Move the file away, or set TASTEMAKER_HOME to another folder.",
        ) from error
    tools, by_step = standard_tools(), settings.planning == "step-by-step"
    planner = Planner(settings, shelf, planner_url) if planner_url and not by_step else None
    chooser = Chooser(settings, shelf, tools, planner_url) if planner_url and by_step else None
    writer = Writer(settings, planner_url) if planner_url and settings.writer == "model" else None
    try:
        # A product for one person is too small to share between cores, and vLLM needs the others.
        with threadpool_limits(1, "blas"):
            async with open_threads(settings.threads_file) as threads:
                keeper = Keeper(threads, traces, profiles, threads.lock)
                parts = Parts(settings, shelf, tools, policies, keeper, Budget(settings), planner, chooser, writer)
                yield Agent(build_graph(settings, keeper.threads), parts)
    finally:
        for asked in (planner, chooser, writer):
            if asked:
                await asked.close()
        traces.close()
        if profiles:
            profiles.close()
