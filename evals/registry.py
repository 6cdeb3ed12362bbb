"""All suites and contestants, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.contestants.contract import Entry
from evals.contestants.floors import FLOORS
from evals.contestants.ours import ours
from evals.own_scorer import Scored, load_scorer
from evals.suite import Suite
from evals.suites.attack import Attack
from evals.suites.cost import TurnCost
from evals.suites.dialogue import Dialogue, TauRec
from evals.suites.grounding import Grounding
from evals.suites.interactive import InteractiveSuite
from evals.suites.nextitem import NextItemSuite
from evals.suites.offline import Offline
from evals.suites.own_tasks import OwnTasks
from evals.suites.session import SessionSuite
from evals.suites.tooluse import ToolUse, ToolUseTauRec, ToolUseWritten
from tools.errors import BadInputError

_ALL: tuple[Suite[Any], ...] = (
    Dialogue(),
    TauRec(),
    SessionSuite(),
    NextItemSuite(),
    InteractiveSuite(),
    ToolUse(),
    ToolUseWritten(),
    ToolUseTauRec(),
    Grounding(),
    Attack(),
    Offline(),
    TurnCost(),
)
SUITES = {suite.name: suite for suite in _ALL}
CONTESTANTS = {
    "planner": "ours, planned by the model in one call",
    "steps": "ours, tools chosen by the model step by step",
    "fallback": "ours, planned without a model",
    **{floor.name: floor.said for floor in FLOORS},
}
NEED_A_PLANNER = ("planner", "steps")
DEFAULT = ("planner", "fallback", "popular", "echo")
BESIDE_AGENTS = ("fallback", "popular", "echo")
"""Who is scored beside agents elsewhere, where nobody is named."""


def chosen_suites(names: Sequence[str], tasks: Path | None = None, scorer: Path | None = None) -> list[Suite[Any]]:
    """The suites of these names, `all` for every one; with a file of tasks, those too.

    Args:
        scorer: a Python file that scores their conversations too.

    Raises:
        BadInputError: there is none of a name, or none is named at all; or the scorer can't be loaded.
    """
    for name in names:
        if name not in SUITES and name != "all":
            raise BadInputError(f"There is no suite {name!r}.", f"Take all, or of {', '.join(SUITES)}.")
    found = [suite for name, suite in SUITES.items() if "all" in names or name in names]
    found += [OwnTasks(tasks)] if tasks else []
    if not found:
        raise BadInputError(
            "No suite is named.", f"Take all, of {', '.join(SUITES)}, or tasks of your own: --tasks FILE."
        )
    own = load_scorer(scorer) if scorer else None
    return [Scored(suite, own) for suite in found] if own else found


def chosen_entries(names: Sequence[str], planner_url: str | None, agents: Sequence[Entry] = ()) -> list[Entry]:
    """The contestants of these names, agents elsewhere before them.

    Raises:
        BadInputError: there is none of a name, or it has no planner; or an agent has the name of one of ours.
    """
    made = {
        "planner": ours("planner", CONTESTANTS["planner"], planner_url),
        "steps": ours("steps", CONTESTANTS["steps"], planner_url, "step-by-step"),
        "fallback": ours("fallback", CONTESTANTS["fallback"], None),
        **{floor.name: floor for floor in FLOORS},
    }
    for name in names:
        if name not in made:
            raise BadInputError(f"There is no contestant {name!r}.", f"Take of {', '.join(made)}.")
        if name in NEED_A_PLANNER and not planner_url:
            raise BadInputError(f"The contestant {name!r} needs a planner.", "Name its server with --planner-url.")
    for agent in agents:
        if agent.name in made:
            raise BadInputError(f"There is a contestant {agent.name!r} already.", "Give your agent another name.")
    return [*agents, *(made[name] for name in dict.fromkeys(names))]
