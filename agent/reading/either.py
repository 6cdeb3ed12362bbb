"""Wishes about two fields of which one is enough: `a comedy or something by her`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agent.reading.spans import Found
from tools.data.schema import Schema

_FILLER = (
    r"something|anything|maybe|perhaps|else|just|at least|any|some|an?|the|ones?"
    r"|that(?:['’]s| is| are)?|which(?: is| are)?"
    r"|by|from|with|in|on|of|for|starring|rated"
)


def one_of_two(message: str, found: Sequence[Found], schema: Schema) -> list[Found]:
    """Wishes joined by `or`, each of one field and demanded, as one that either of them meets."""
    either, joined = _pattern(schema), list[Found]()
    for this in sorted(found, key=lambda f: f.start):
        last = joined[-1] if joined else None
        if last and _is_one(last) and _is_one(this) and either.fullmatch(message[last.end : this.start]):
            joined[-1] = _joined(message, last, this)
        else:
            joined.append(this)
    return joined


def both_taken(message: str, found: Sequence[Found], schema: Schema) -> tuple[str, ...]:
    """The words of wishes joined by `or` that could not be taken so: `by her or from the 90s`, which has two bounds."""
    either = _pattern(schema)
    pairs = [pair for pair in pairwise(found) if either.fullmatch(message[pair[0].end : pair[1].start])]
    return tuple(dict.fromkeys(f.constraints[0].words for pair in pairs if all(map(_is_demanded, pair)) for f in pair))


def _pattern(schema: Schema) -> re.Pattern[str]:
    nouns = "|".join(map(re.escape, [schema.item, schema.items, *schema.item_words]))
    return re.compile(rf"\s*,?(?:\s+(?:{nouns}))?,?\s*\bor(?:\s+(?:{_FILLER}|{nouns}))*\s*", re.IGNORECASE)


def _is_one(found: Found) -> bool:
    """Whether it demands a value or a bound of one field, rather than refuse one."""
    return len(found.constraints) == 1 and _is_demanded(found)


def _is_demanded(found: Found) -> bool:
    return all(wish.strength == "must" and wish.op != "!=" for wish in found.constraints)


def _joined(message: str, first: Found, second: Found) -> Found:
    (one,), (other,) = first.constraints, second.constraints
    start = min(first.start, first.end - len(one.words))
    said = one.model_copy(update={"either": (*one.either, other), "words": message[start : second.end]})
    return replace(first, end=second.end, constraints=(said,))
