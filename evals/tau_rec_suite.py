"""The dialogue suite on tau-Rec's own data: its catalogue ingested like any user's, its policy as settings."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from agent.build import open_agent, open_current_shelf
from agent.settings import Settings
from evals.dialogue import Trial, hold
from evals.tasks.tau_rec import POLICIES, read_tasks
from tools.data.ingest import Sources, ingest
from tools.progress import OnStep, silent, within

_INGESTED = 0.1
"""The share of the progress that the ingest takes."""


def run_tau_rec(settings: Settings, folder: Path, trials: int, on_step: OnStep = silent) -> list[Trial]:
    """All tasks of a folder with catalog.json and tasks/, each so many times, in a home of its own.

    Raises:
        BadInputError: the folder does not hold such files; names what is wrong.
    """
    tasks = read_tasks(folder)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        policies = home / "policies.yaml"
        policies.write_text(POLICIES.model_dump_json(), encoding="utf-8")  # JSON is YAML
        apart = settings.model_copy(update={"home": home, "catalogue": "tau-rec", "policies": policies})
        ingest(Sources(folder / "catalog.json"), apart.catalogue_home, within(on_step, 0.0, _INGESTED))
        shelf = open_current_shelf(apart)
        try:

            async def run() -> list[Trial]:
                async with open_agent(apart, shelf, apart.planner_url) as agent:
                    await agent.warm_up()
                    return [t async for t in hold(agent, tasks, trials, apart.seed, within(on_step, _INGESTED, 1.0))]

            return asyncio.run(run())
        finally:
            shelf.close()
