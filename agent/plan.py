"""The plan: what a message asks for, as a type. `agent/wire.py` has it as the model writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from agent.fields import Fields
from tools.constraints import Constraint

Intent = Literal["recommend", "explain", "lookup", "chat"]
INTENTS: tuple[Intent, ...] = get_args(Intent)

MAX_CONSTRAINTS = 4
MAX_PARTS = 10
"""Wishes, titles and steps of a plan, together."""
TITLE_LENGTH = 60
QUERY_LENGTH = 60
ORDERS = ("preference", "popularity", "similarity", "recency")
AIMS = ("mmr", "calibration")
"""What `diversify` may aim at in a plan: less of the same, or the mix of what was liked."""
LISTED_VALUES = 60
"""A vocabulary of up to this many values is listed in the schema; in a larger one, values are free text."""


class Step(BaseModel):
    """One tool call."""

    model_config = ConfigDict(frozen=True)

    tool: str
    argument: str = ""


def query_of(steps: Iterable[Step]) -> str:
    """What is searched for by text; empty where nothing is."""
    return next((step.argument for step in steps if step.tool == "search_items"), "")


class Plan(BaseModel):
    """What a message asks for, and which tools are to do it."""

    model_config = ConfigDict(frozen=True)

    intent: Intent = "recommend"
    constraints: tuple[Constraint, ...] = ()
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def query(self) -> str:
        """What is searched for by text; empty where nothing is."""
        return query_of(self.steps)


def orders(catalogue: Fields) -> list[str]:
    """What a plan may rank by: the views that the catalogue allows, and each ordered field from either end."""
    dated = any(field.is_temporal for field in catalogue.schema.fields)
    views = [view for view in ORDERS if dated or view != "recency"]
    ordered = [field.name for field in catalogue.schema.askable if field.is_ordered and catalogue.spread(field.name)]
    return [*views, *(f"{end} {name}" for name in ordered for end in ("lowest", "highest"))]
