"""Values that are asked for by the item that has them: `by that designer`, `the director of X`, `the same author`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.reading.numbers import Found
from agent.reading.titles import Named
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec

_OF = re.compile(r"^\s*(?:of|as|from|in|behind|who (?:made|did|wrote|directed|designed))\s+(?:the\s+)?$", re.IGNORECASE)
_OF_CHARS = 30


def read_shared(
    message: str, catalogue: Catalogue, named: Sequence[Named], pointed: Sequence[Item]
) -> tuple[list[Found], list[Named]]:
    """Constraints to the values of an item, and the items that are named for nothing else.

    Args:
        pointed: what `that` can mean, the likeliest first.
    """
    found: list[Found] = []
    used: list[Named] = []
    for field in catalogue.schema.askable:
        names = [re.escape(name) for name in dict.fromkeys([field.label, field.name.replace("_", " "), *field.words])]
        if not field.is_category:
            continue
        noun = rf"(?P<noun>(?:{'|'.join(names)})s?)\b"
        for match in re.finditer(rf"\b(?P<how>that|this|the|the same|same)\s+{noun}", message, re.IGNORECASE):
            name = _named_after(message, match.end(), named)
            item = catalogue.item(name.position) if name else None
            if item is None and match["how"].lower() != "the" and pointed:
                item = pointed[0]
            if item is None or not item.words(field.name):
                continue
            end = name.end if name else match.end()
            found.append(Found(match.start(), end, (_has_the_same(item, field, message[match.start() : end]),)))
            used += [name] if name else []
    return found, used


def _named_after(message: str, end: int, named: Sequence[Named]) -> Named | None:
    near = (name for name in named if 0 < name.start - end <= _OF_CHARS)
    return next((name for name in near if _OF.match(message[end : name.start])), None)


def _has_the_same(item: Item, field: FieldSpec, words: str) -> Constraint:
    values = item.words(field.name)
    return Constraint(field=field.name, op="=", value=values if len(values) > 1 else values[0], words=words)
