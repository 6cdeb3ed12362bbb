"""Values that are asked for by the item that has them: `by that designer`, `whoever made X`, `the same year as X`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.reading.lexicon import is_negated, negation_start
from agent.reading.spans import Found
from agent.reading.titles import Named
from tools.constraints import Constraint, Op, Value
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec

_MADE = r"(?:made|did|wrote|directed|designed|created|composed|built|produced)"
_OF = re.compile(
    rf"^\s*(?:(?:\w+\s+){{0,2}}(?:of|as|from|in|behind|who {_MADE})|{_MADE})\s+(?:the\s+)?$", re.IGNORECASE
)
_WHOEVER = re.compile(
    r"\b(?:whoever|the\s+(?:person|people|guys?|ones?|man|woman|team|makers?|creators?)(?:\s+who|\s+that)?)"
    rf"(?=\s+(?:{_MADE}|of|behind)\b)",
    re.IGNORECASE,
)
_BY_THEM = re.compile(r"\b(?<=by\s)(?:him|her|them|the same (?:guy|person|people|one|man|woman|lady))\b", re.IGNORECASE)
"""`anything else by her?`: of whoever made what was last talked about."""
_OF_CHARS = 40


@dataclass(frozen=True)
class _Mention:
    """Where a field of an item is spoken of."""

    start: int
    end: int
    how: str
    """`that`, `the same`, `the`; folded."""


def read_shared(
    message: str, catalogue: Catalogue, named: Sequence[Named], pointed: Sequence[Item]
) -> tuple[list[Found], list[int], list[Named]]:
    """Constraints to the values of an item; the positions of such items; and those that are named for nothing else.

    Args:
        pointed: what `that` can mean, the likeliest first.
    """
    found: list[Found] = []
    sources: list[int] = []
    used: list[Named] = []
    for field in catalogue.schema.askable:
        for mention in _mentions(message, field):
            name = _named_after(message, mention.end, named)
            item = catalogue.item(name.position) if name else None
            if item is None and mention.how != "the" and pointed and (field.role == "creator" or "same" in mention.how):
                item = pointed[0]
            if item is None or item.values.get(field.name) in (None, []):
                continue
            if name and field.type == "categories" and field.role is None and len(item.words(field.name)) > 1:
                continue  # `the same kind of game as X`, which is of three: what is like X has most of them
            sources.append(item.position)
            used += [name] if name else []
            found.append(_has_the_same(message, mention, name.end if name else mention.end, item, field))
    return found, sources, used


def _mentions(message: str, field: FieldSpec) -> Iterator[_Mention]:
    names = field.names if field.is_category or field.is_ordered else []
    how = r"that|this|the|the same|same" if field.is_category else r"the same|same"
    noun = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"
    for match in re.finditer(rf"\b(?P<how>{how})\s+(?:{noun})s?\b", message, re.IGNORECASE):
        yield _Mention(match.start(), match.end(), match["how"].lower())
    for match in _BY_THEM.finditer(message) if field.role == "creator" else ():
        yield _Mention(match.start(), match.end(), "that")
    for match in _WHOEVER.finditer(message) if field.role == "creator" else ():
        yield _Mention(match.start(), match.end(), "the")


def _named_after(message: str, end: int, named: Sequence[Named]) -> Named | None:
    near = (name for name in named if 0 < name.start - end <= _OF_CHARS)
    return next((name for name in near if _OF.match(message[end : name.start])), None)


def _has_the_same(message: str, mention: _Mention, end: int, item: Item, field: FieldSpec) -> Found:
    negated = is_negated(message, mention.start)
    start = negation_start(message, mention.start) if negated else mention.start
    values = item.words(field.name) if field.is_category else ()
    value: Value = (values if len(values) > 1 else values[0]) if values else item.values[field.name]
    op: Op = "!=" if negated else "="
    return Found(mention.start, end, (Constraint(field=field.name, op=op, value=value, words=message[start:end]),))
