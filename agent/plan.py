"""The plan: what the model returns for a message, as a type and as the JSON schema that it is decoded under.

On the wire a plan is short, since every token is time: a constraint is [field, op, value, strength], a step is
[tool, argument]. The schema is built from the catalogue's schema, with real values and ranges, and each string
and list is bounded, so that an invalid plan, or an endless one, cannot be decoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.constraints import Constraint, Op, Strength
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec

Intent = Literal["recommend", "explain", "lookup", "chat"]
INTENTS: tuple[Intent, ...] = get_args(Intent)

MAX_CONSTRAINTS = 4
MAX_TITLES = 3
MAX_STEPS = 5
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


def plan_schema(catalogue: Catalogue) -> dict[str, Any]:
    """The JSON schema of a plan over this catalogue."""
    constraints = [shape for field in catalogue.schema.askable for shape in _constraint_shapes(catalogue, field)]
    titles = {"type": "array", "items": _string(TITLE_LENGTH), "maxItems": MAX_TITLES}
    steps = [
        _tuple({"const": "filter_items"}),
        _tuple({"const": "search_items"}, _string(QUERY_LENGTH)),
        _tuple({"const": "similar_items"}, _string(TITLE_LENGTH)),
        _tuple({"const": "rank_items"}, {"enum": orders(catalogue)}),
        _tuple({"const": "diversify"}, {"enum": list(AIMS)}),
        _tuple({"const": "lookup_item"}, _string(TITLE_LENGTH)),
    ]
    properties = {
        "intent": {"enum": list(INTENTS)},
        "want": {"type": "array", "items": {"anyOf": constraints}, "maxItems": MAX_CONSTRAINTS},
        "liked": titles,
        "disliked": titles,
        "steps": {"type": "array", "items": {"anyOf": steps}, "maxItems": MAX_STEPS},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def orders(catalogue: Catalogue) -> list[str]:
    """What a plan may rank by: the views that the catalogue allows, and each ordered field from either end."""
    dated = any(field.is_temporal for field in catalogue.schema.fields)
    views = [view for view in ORDERS if dated or view != "recency"]
    ordered = [field.name for field in catalogue.schema.askable if field.is_ordered and catalogue.spread(field.name)]
    return [*views, *(f"{end} {name}" for name in ordered for end in ("lowest", "highest"))]


def _constraint_shapes(catalogue: Catalogue, field: FieldSpec) -> list[dict[str, Any]]:
    name, strength = {"const": field.name}, {"enum": ["must", "prefer", "avoid"]}
    if field.type == "flag":
        return [_tuple(name, {"const": "="}, {"type": "boolean"}, strength)]
    if field.is_category:
        listed = 0 < catalogue.vocabulary_size(field.name) <= LISTED_VALUES
        values = [value for value, _ in catalogue.vocabulary(field.name)] if listed else []
        value = {"enum": values} if listed else _string(TITLE_LENGTH)
        return [_tuple(name, {"enum": ["=", "!="]}, value, strength)]
    spread = catalogue.spread(field.name)
    if not spread:
        return []
    digits = len(str(int(max(abs(spread[0]), abs(spread[-1])))))
    number = {"type": "string" if field.type == "date" else "integer"}
    bound = {"pattern": "^[12][0-9]{3}$"} if field.type == "date" else _range(spread, digits)
    return [_tuple(name, {"enum": ["<", "<=", ">", ">=", "="]}, {**number, **bound}, strength)]


def _range(spread: list[float], digits: int) -> dict[str, int]:
    """The known range, widened to whole powers of ten, so that `0 to 10` stays sayable over 1.3 to 9.2."""
    return {"minimum": min(0, int(spread[0])), "maximum": 10**digits}


def _string(length: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": length}


def _tuple(*parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "prefixItems": list(parts),
        "minItems": len(parts),
        "maxItems": len(parts),
        "items": False,
    }


def plan_to_wire(plan: Plan) -> str:
    """A plan as the model writes it; the worked examples in the prompt are made with this."""
    steps = [[step.tool, step.argument] if step.argument else [step.tool] for step in plan.steps]
    body = {
        "intent": plan.intent,
        "want": [[c.field, c.op, _plain(c.value), c.strength] for c in plan.constraints],
        "liked": list(plan.liked),
        "disliked": list(plan.disliked),
        "steps": steps,
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Wire(BaseModel):
    """The shapes on the wire."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    intent: Intent
    want: list[tuple[str, Op, bool | float | str | list[str], Strength]]
    liked: list[str]
    disliked: list[str]
    steps: list[tuple[str] | tuple[str, str]]


def plan_from_wire(text: str) -> Plan:
    """Read what a model wrote.

    Raises:
        ValueError: it is not a plan; says where.
    """
    try:
        wire = _Wire.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error
    return Plan(
        intent=wire.intent,
        constraints=tuple(
            Constraint(field=name, op=op, value=tuple(v) if isinstance(v, list) else v, strength=strength)
            for name, op, v, strength in wire.want
        ),
        liked=tuple(title for title in wire.liked if title.strip()),
        disliked=tuple(title for title in wire.disliked if title.strip()),
        steps=tuple(Step(tool=step[0], argument=(step[1:] or ("",))[0]) for step in wire.steps),
    )
