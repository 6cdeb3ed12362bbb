"""Values named together: alternatives, and lists that are refused as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.reading.spans import Found
from tools.constraints import Constraint, words_of
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec

OR = re.compile(
    r"^[\s.…]*(?:,?\s*(?:and/)?or\b,?\s*(?:(?:failing that|let['’]s say|else|maybe|perhaps|even|sure"
    r"|from|by|with|an?|the)\b,?\s*)*|/)\s*$",
    re.IGNORECASE,
)
_OR_MAYBE = re.compile(r"\bor (?:maybe|perhaps)\b", re.IGNORECASE)
_AND = re.compile(r"^\s*(?:,?\s*and(?: the)?|&|n)\s*$", re.IGNORECASE)
_COMMA = re.compile(r"^\s*,\s*$")


def refused_together(message: str, found: list[Found]) -> list[Found]:
    """`no horror, war or crime`: a list that `and` or `or` ends is refused as a whole."""
    for row, first in enumerate(found):
        (wish,) = first.constraints
        last = row
        joiners = list[str]()
        while last + 1 < len(found) and (joiner := _LISTED.match(message[found[last].end : found[last + 1].start])):
            (other,) = found[last + 1].constraints
            if (other.field, other.op, other.strength) != (wish.field, "=", "must") or not _refuses(wish):
                break
            joiners.append(joiner.group())
            last += 1
        if joiners and joiners[-1].strip(" ,"):
            for place in range(row + 1, last + 1):
                (other,) = found[place].constraints
                said = message[found[place].start : found[place].end]
                refused = other.model_copy(update={"op": wish.op, "strength": wish.strength, "words": said})
                found[place] = replace(found[place], constraints=(refused,))
    return found


def _refuses(wish: Constraint) -> bool:
    return (wish.op, wish.strength) in (("!=", "must"), ("=", "avoid"))


_LISTED = re.compile(r"^\s*(?:,?\s*(?:and|or|nor|&)|,)\s*(?:a\s+|an\s+|the\s+)?$", re.IGNORECASE)


def any_of_these(found: Sequence[Found]) -> list[Found]:
    """`A, B, C: any of these`: the wishes for one field as one that any of the values meets."""
    joined: dict[str, Found] = {}
    for f in found:
        (wish,) = f.constraints
        if wish.op == "=" and wish.strength == "must" and wish.field in joined:
            (first,) = joined[wish.field].constraints
            values = tuple(dict.fromkeys((*words_of(first.value), *words_of(wish.value))))
            both = first.model_copy(update={"value": values, "words": f"{first.words}, {wish.words}"})
            joined[wish.field] = Found(joined[wish.field].start, f.end, (both,))
        else:
            joined[wish.field if wish.op == "=" and wish.strength == "must" else str(f.start)] = f
    return list(joined.values())


ANY_OF = re.compile(
    r"\b(?:any|either|one) of (?:these|those|them|the)\b|\beither(?: one)?(?: is)? (?:fine|works|ok)", re.IGNORECASE
)


def alternatives(message: str, found: list[Found], catalogue: Catalogue) -> list[Found]:
    """`A or B`, `A, B or C`, and a list of values of which one is enough, as one constraint that any of them meets."""
    joined: list[Found] = []
    nouns = "|".join(map(re.escape, catalogue.schema.nouns))
    for this in reversed(found):  # from the end: a comma is an `or` if an `or` follows in the list
        after = joined[-1] if joined else None
        if after and _same_wish(this, after, message[this.end : after.start]):
            between = re.sub(rf"\b(?:{nouns}|rated)\b", "", message[this.end : after.start], flags=re.IGNORECASE)
            if _joins(between, after, catalogue.schema.field(this.constraints[0].field)):
                first, second = this.constraints[0], after.constraints[0]
                values = tuple(dict.fromkeys((*words_of(first.value), *words_of(second.value))))
                words = message[this.end - len(first.words) : after.end]
                both = first.model_copy(update={"value": values, "words": words})
                joined[-1] = Found(this.start, after.end, (both,))
                continue
        joined.append(this)
    return joined[::-1]


def _joins(between: str, after: Found, field: FieldSpec | None) -> bool:
    """Whether what stands between two values makes them alternatives."""
    if OR.match(between) or (_COMMA.match(between) and isinstance(after.constraints[0].value, tuple)):
        return True
    is_single = field is not None and field.type == "category"
    is_access = field is not None and field.role == "availability"  # who has two needs one of them
    return (is_single and len(between) <= 6) or (is_access and bool(_AND.match(between) or _COMMA.match(between)))


def _same_wish(one: Found, other: Found, between: str) -> bool:
    """Whether two values may be alternatives; what is preferred stays so over the commas of its list, and `or maybe`
    prefers nothing.
    """
    (wish,), (after,) = one.constraints, other.constraints
    is_list = isinstance(after.value, tuple) and (wish.strength, after.strength) == ("prefer", "must")
    is_list |= _OR_MAYBE.search(between) is not None and (wish.strength, after.strength) == ("must", "prefer")
    return (wish.field, wish.op) == (after.field, after.op) and (wish.strength == after.strength or is_list)
