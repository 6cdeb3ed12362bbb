"""Bounds on values that have an order of their own: `up to PG-13`."""

from __future__ import annotations

import re

from agent.reading.spans import Found
from tools.constraints import words_of
from tools.data.schema import Schema

_UP_TO = re.compile(
    r"\b(?:up to|at most|max(?:imum)?(?: of)?"
    r"|no (?:more|higher|worse|stronger|harder) than|not (?:above|over|beyond|higher than)"
    r"|nothing (?:above|over|beyond|worse than|higher than|stronger than|past|more than|harder than))\s+(?:a\s+)?$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:at least|min(?:imum)?(?: of)?|no less than|nothing (?:below|under|less than))\s+(?:a\s+)?$",
    re.IGNORECASE,
)
_OR_LESS = re.compile(
    r"^\s*(?:or (?:less|lower|below|under|milder|easier)|at most|max(?:imum)?|tops|and (?:below|under))\b", re.I
)
_OR_MORE = re.compile(
    r"^\s*(?:or (?:more|higher|above|over|up)|at least|min(?:imum)?|and (?:above|up))\b", re.IGNORECASE
)


def on_ladder(message: str, found: Found, schema: Schema) -> Found:
    """`up to PG-13`, where a field's values have an order: all the values on that side of it."""
    (wish,) = found.constraints
    field = schema.field(wish.field)
    value = words_of(wish.value)[0]
    if field is None or value not in field.order:
        return found
    before, after, place = message[: found.start], message[found.end :], field.order.index(value)
    least, most = _AT_LEAST.search(before), _UP_TO.search(before)
    behind = _OR_LESS.match(after) or _OR_MORE.match(after)
    if not (least or most or behind):
        return found
    is_most = bool(most) or (not least and bool(_OR_LESS.match(after)))
    values = tuple(field.order[: place + 1] if is_most else field.order[place:])
    cue = most or least
    start, end = (cue.start() if cue else found.start), found.end + (behind.end() if behind else 0)
    wish = wish.model_copy(update={"op": "=", "value": values, "words": message[start:end]})
    return Found(start, end, (wish,))
