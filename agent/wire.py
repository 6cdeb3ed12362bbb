"""A plan as the model writes it, and the JSON schema that it is decoded under.

Every token is time, so a plan is a list of short strings, the intent first, and says only what is not a matter of
course: `{"plan":["recommend","kinds=Wargame","minutes<60","avoid kinds=Party","like Siege of Ruby"]}`. To recommend
is to filter and to rank by preference; other steps are named. The schema is built from the catalogue's schema, with
its real values, and each string and list is bounded, so that an invalid plan, or an endless one, cannot be decoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.fields import Fields
from agent.plan import (
    AIMS,
    INTENTS,
    LISTED_VALUES,
    MAX_PARTS,
    QUERY_LENGTH,
    TITLE_LENGTH,
    Intent,
    Plan,
    Step,
    orders,
)
from tools.constraints import Constraint, Value
from tools.data.schema import FieldSpec, Schema

_STEPS = {"search": "search_items", "similar": "similar_items", "rank": "rank_items", "diversify": "diversify",
          "lookup": "lookup_item"}  # fmt: skip
_IN_ORDER = ("filter_items", "search_items", "similar_items", "rank_items", "diversify", "lookup_item")
_TITLES = ("like", "dislike", "seen")
_FILTER, _RANK = Step(tool="filter_items"), Step(tool="rank_items", argument="preference")
_WISH = re.compile(r"(?:(prefer|avoid) )?([a-z][a-z0-9_]*)(<=|>=|!=|=|<|>)(.+)", re.DOTALL)
MOST_CHARS = 20_000
"""Of all values that are listed: 200 fields of 60 values each then compile in 5 seconds, for 27 with all of them."""
_UNSAFE = re.compile(r'["\\|\x00-\x1f]')
"""What stands for something else in JSON or between values; a value with it can't be listed."""


def plan_schema(fields: Fields) -> dict[str, Any]:
    """The JSON schema of a plan over these fields."""
    listed = _listed(fields)
    open_ended = [field.name for field in fields.schema.askable if field.is_category and field.name not in listed]
    wishes = [shape for field in fields.schema.askable for shape in _wish_shapes(fields, field, listed)]
    title, query = _text(TITLE_LENGTH), _text(QUERY_LENGTH)
    if open_ended:  # together: a long text is slow to compile
        wishes.append(f"({'|'.join(open_ended)})!?={_text(TITLE_LENGTH)}")
    parts = [
        f"(prefer |avoid )?({'|'.join(wishes)})" if wishes else "",
        f"({'|'.join(_TITLES)}|similar|lookup) {title}",
        f"search {query}",
        f"rank ({'|'.join(map(re.escape, orders(fields)))})",
        f"diversify ({'|'.join(AIMS)})",
    ]
    part = {"type": "string", "pattern": f"^({'|'.join(filter(None, parts))})$"}
    plan = {
        "type": "array",
        "prefixItems": [{"enum": list(INTENTS)}],
        "items": part,
        "minItems": 1,
        "maxItems": 1 + MAX_PARTS,
    }
    return {"type": "object", "properties": {"plan": plan}, "required": ["plan"], "additionalProperties": False}


def _wish_shapes(fields: Fields, field: FieldSpec, listed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if field.type == "flag":
        yield f"{field.name}=(true|false)"
    elif field.is_category:
        if field.name in listed:
            value = f"({'|'.join(map(re.escape, listed[field.name]))})"
            yield f"{field.name}!?={value}(\\|{value}){{0,2}}"
    elif spread := fields.spread(field.name):
        digits = len(str(int(max(abs(spread[0]), abs(spread[-1])))))
        number = "[12][0-9]{3}" if field.type == "date" else f"{'-?' if spread[0] < 0 else ''}[0-9]{{1,{digits}}}"
        fraction = "" if field.type == "date" or field.role == "year" else "(\\.[0-9]{1,2})?"
        yield f"{field.name}(<|<=|>|>=|!?=){number}{fraction}"


def _listed(fields: Fields) -> dict[str, list[str]]:
    """The values that are listed, by field: of small vocabularies, the smallest first, as many as can be compiled."""
    small = [f for f in fields.schema.askable if f.is_category and 0 < fields.vocabulary_size(f.name) <= LISTED_VALUES]
    listed, left = dict[str, list[str]](), MOST_CHARS
    for field in sorted(small, key=lambda one: fields.vocabulary_size(one.name)):
        values = [value for value, _ in fields.vocabulary(field.name) if not _UNSAFE.search(value)]
        left -= sum(map(len, values))
        if values and left >= 0:
            listed[field.name] = values
    return listed


def _text(length: int) -> str:
    return f'[^"\\\\]{{1,{length}}}'


def plan_to_wire(plan: Plan) -> str:
    """A plan as the model writes it; the worked examples and the draft in the prompt are made with this."""
    parts = _parts(plan)[: 1 + MAX_PARTS]
    return json.dumps({"plan": parts}, separators=(",", ":"), ensure_ascii=False)


def _parts(plan: Plan) -> list[str]:
    """What is written of a plan: its intent, its wishes, its titles, and the steps that are no matter of course."""
    parts = [plan.intent, *(_said(constraint) for constraint in plan.constraints)]
    for kind, titles in zip(_TITLES, (plan.liked, plan.disliked, plan.seen), strict=True):
        parts += [f"{kind} {title}" for title in titles]
    names = {tool: name for name, tool in _STEPS.items()}
    return parts + [f"{names[step.tool]} {step.argument}" for step in plan.steps if step not in (_FILTER, _RANK)]


def _said(constraint: Constraint) -> str:
    value = constraint.value
    if isinstance(value, bool):
        said = str(value).lower()
    elif isinstance(value, float):
        said = f"{value:.12g}"
    else:
        said = value if isinstance(value, str) else "|".join(value)
    lead = "" if constraint.strength == "must" else f"{constraint.strength} "
    return f"{lead}{constraint.field}{constraint.op}{said}"


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    plan: list[str]


def plan_from_wire(text: str, schema: Schema) -> Plan:
    """Read what a model wrote, for a catalogue of this schema: it says which values are numbers.

    Raises:
        ValueError: it is not a plan; says where.
    """
    try:
        parts = _Wire.model_validate_json(text).plan
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error
    intent = _intent(parts)
    constraints: list[Constraint] = []
    titles: dict[str, list[str]] = {kind: [] for kind in _TITLES}
    steps: list[Step] = []
    for number, part in enumerate(parts[1:], start=1):
        kind, _, rest = part.partition(" ")
        if kind in titles:
            titles[kind] += [rest.strip()] if rest.strip() else []
        elif kind in _STEPS:
            steps.append(Step(tool=_STEPS[kind], argument=rest.strip()))
        elif wish := _WISH.fullmatch(part):
            constraints.append(_constraint(wish, schema))
        else:
            raise ValueError(f"plan.{number}: {part!r} is no wish, title or step")
    if intent == "recommend":
        steps += [_FILTER, *([] if any(step.tool == "rank_items" for step in steps) else [_RANK])]
    steps.sort(key=lambda step: _IN_ORDER.index(step.tool))
    liked, disliked, seen = (tuple(titles[kind]) for kind in _TITLES)
    return Plan(
        intent=intent, constraints=tuple(constraints), liked=liked, disliked=disliked, seen=seen, steps=tuple(steps)
    )


def _intent(parts: list[str]) -> Intent:
    for intent in INTENTS:
        if parts[:1] == [intent]:
            return intent
    raise ValueError("plan.0: a plan begins with its intent")


def _constraint(wish: re.Match[str], schema: Schema) -> Constraint:
    lead, name, op, said = wish.groups()
    value = _value(said, schema.field(name))
    return Constraint.model_validate({"field": name, "op": op, "value": value, "strength": lead or "must"})


def _value(said: str, field: FieldSpec | None) -> Value:
    """As the field has it; what it can't be stays text, and grounding drops it."""
    if field and field.type == "flag" and said in ("true", "false"):
        return said == "true"
    if field and field.type == "number":
        try:
            number = float(said)
        except ValueError:
            return said
        return number if abs(number) < float("inf") else said
    values = tuple(value for value in said.split("|") if value)
    return values if len(values) > 1 else said
