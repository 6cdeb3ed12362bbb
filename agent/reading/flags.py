"""Yes-or-no fields that a message names."""

from __future__ import annotations

import re

from agent.reading.lexicon import is_negated, is_soft, negation_start
from agent.reading.spans import Found
from tools.constraints import Constraint, Strength
from tools.data.catalogue import Catalogue


def read_flags(message: str, catalogue: Catalogue) -> list[Found]:
    """Yes-or-no fields that a message names: `in stock`, `not discontinued`, `nothing out of stock`."""
    found = []
    for field in catalogue.schema.askable:
        names = field.names if field.type == "flag" else []
        if field.type == "flag" and field.role == "availability":
            names.append("available")
        for name in sorted(names, key=len, reverse=True):
            opposite = rf"|(?P<out>out of {re.escape(name[3:])})" if name.startswith("in ") else ""
            match = re.search(
                rf"\b(?:{re.escape(name)}{opposite})\b|\b(?P<un>un){re.escape(name)}\b", message, re.IGNORECASE
            )
            if match:
                left_out = re.match(r"\s+(?:\w+\s+)?out\b(?! of)", message[match.end() :], re.IGNORECASE)
                denied = is_negated(message, match.start()) or left_out is not None
                is_out = match["un"] is not None or (bool(opposite) and match["out"] is not None)
                start = negation_start(message, match.start()) if denied else match.start()
                strength: Strength = "prefer" if is_soft(message, *match.span()) else "must"
                wish = Constraint(
                    field=field.name,
                    op="=",
                    value=denied == is_out,
                    strength=strength,
                    words=message[start : match.end()],
                )
                found.append(Found(start, match.end(), (wish,)))
                break
    return found
