"""All suites and contestants, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.contestants.contract import Entry
from evals.contestants.floors import FLOORS
from evals.contestants.ours import ours
from evals.suite import Suite
from evals.suites.attack import Attack
from evals.suites.cost import TurnCost
from evals.suites.dialogue import TauRec
from evals.suites.grounding import Grounding
from evals.suites.interactive import InteractiveSuite
from evals.suites.nextitem import NextItemSuite
from evals.suites.offline import Offline
from evals.suites.session import SessionSuite
from evals.suites.tooluse import ToolUse, ToolUseTauRec, ToolUseWritten
from tools.errors import BadInputError

_ALL: tuple[Suite[Any], ...] = (
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


def chosen_suites(names: Sequence[str]) -> list[Suite[Any]]:
    """The suites of these names, `all` for every one.

    Raises:
        BadInputError: there is none of a name.
    """
    for name in names:
        if name not in SUITES and name != "all":
            raise BadInputError(f"There is no suite {name!r}.", f"Take all, or of {', '.join(SUITES)}.")
    return [suite for name, suite in SUITES.items() if "all" in names or name in names]


def chosen_entries(names: Sequence[str], planner_url: str | None) -> list[Entry]:
    """The contestants of these names.

    Raises:
        BadInputError: there is none of a name, or it has no planner.
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
    return [made[name] for name in dict.fromkeys(names)]
