"""Written messages over tau-Rec's catalogue, each with what it asks for in tau-Rec's operators."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from evals.requests.label import Label, Request, Slot, slots_of
from evals.tasks.tau_rec import OPS
from tools.constraints import Constraint
from tools.data.schema import Schema

_NONE_OF = ("not_contains", "!=", "not_in")


@cache
def openings() -> tuple[dict[str, Any], ...]:
    """The first messages of imagined people: `say`, and `expect` as (field, operator, value)."""
    return tuple(yaml.safe_load((files("evals") / "data" / "openings.yaml").read_text(encoding="utf-8")))


def slots_expected(row: dict[str, Any], schema: Schema) -> frozenset[Slot]:
    """What a message asks for; strict bounds and strengths are not told apart there."""
    wishes = [Constraint.model_validate({"field": f, "op": OPS.get(op, op), "value": v}) for f, op, v in row["expect"]]
    return slots_of(wishes, schema, is_loose=True)


def written_requests(schema: Schema) -> list[Request]:
    """The openings as requests of one message."""
    return [
        Request("opening", ((row["say"], Label(frozenset({"recommend"}), slots_expected(row, schema), is_loose=True)),))
        for row in openings()
    ]
