"""Names that the catalogue lacks: said to be unknown, with the nearest that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from tools.data.catalogue import Catalogue
from tools.text import fold, normalise

NEAREST = 3
CLOSE = 75.0
"""Likeness in percent from which another name is worth telling."""
_WORD = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]*"
_BY = re.compile(rf"\b[Bb]y\s+({_WORD}(?:\s+(?:{_WORD}|de|da|di|la|le|van|von|der|den))*)")
"""A name as people write one: with capitals."""


def unknown_names(message: str, query: str, catalogue: Catalogue) -> Iterator[tuple[str, str, list[str]]]:
    """What the field of makers is called, each `by NAME` that it does not have, and the names that are nearest.

    Args:
        query: what no field could be made of: a name that is known is not in it.
    """
    field = catalogue.schema.with_role("creator")
    left = {*query.split()}
    if field is None or not left:
        return
    for match in _BY.finditer(message):
        name = match[1].rstrip(".'’-")
        if {*normalise(name).split()} <= left:
            values = {value: fold(value) for value, _ in catalogue.vocabulary(field.name)}
            near = process.extract(fold(name), values, scorer=fuzz.WRatio, limit=NEAREST, score_cutoff=CLOSE)
            yield field.label, name, [value for _, _, value in near]
