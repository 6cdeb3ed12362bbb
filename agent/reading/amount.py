"""How many items are asked for: `give me three`, `top 10 comedies`, `just one suggestion`."""

from __future__ import annotations

import re

from agent.reading.lexicon import NUMBER_WORDS
from tools.data.schema import Schema

MOST = 20
"""More are never shown at once."""
FAR_TOO_MANY = 50
"""A greater number is of something else: `only 90`."""
_WORDS = "|".join(word for word, number in NUMBER_WORDS.items() if 1 < number <= MOST)
_NUMBER = rf"(?P<number>[1-9]\d?|{_WORDS})"
_ONE = r"(?P<number>one|1|an?\s+single)"
_ASKED = (
    r"\b(?:give|show|recommend|suggest|list|find|name|send|get)(?:\s+(?:me|us))?"
    r"(?:\s+(?:the|your|only|just|maybe|about|like|another))?(?:\s+(?:top|best))?"
)


def read_amount(message: str, schema: Schema) -> tuple[int, tuple[int, int]]:
    """How many items, at most MOST, and where that is said; 0 where it is not."""
    nouns = "|".join(map(re.escape, schema.nouns))
    things = rf"(?:{nouns}|suggestions?|recommendations?|options?|ideas?|picks?|titles?)"
    measures = [field.unit for field in schema.fields if field.unit]
    measures += [word for field in schema.fields if field.is_ordered for word in field.words]
    measured = "|".join(map(re.escape, measures)) or "(?!)"
    no_measure = (
        rf"(?!\s*(?:[-–+:/.]|hours?\b|hrs?\b|minutes?\b|mins?\b|to\b|or\b|of\b|and a half\b|{measured})|[,.]?\d)"
    )
    patterns = (
        rf"{_ASKED}\s+{_NUMBER}\b{no_measure}(?!\s+(?:hours?|minutes?|stars?|years?|people|players?|one|ones)\b)",
        rf"\b(?:top|best)\s+{_NUMBER}\b(?!\s*(?:percent|%)){no_measure}",
        rf"^\W*(?:(?:just|only|maybe|the)\s+)*(?:(?:best|top)\s+)?{_NUMBER}\s+(?:[A-Za-z'’-]+\s+){{0,2}}{things}\b",
        rf"\b(?:just|only)\s+{_NUMBER}(?:\s+{things})?\s*(?:please|pls|thanks)?\W*$",
        r"\b(?:just|only)\s+(?P<number>one)\s*(?:please|pls|thanks)?\W*$",
        rf"(?:\b(?:just|only)|{_ASKED})\s+{_ONE}\s+{things}\b",
    )
    for pattern in patterns:
        match = re.search(pattern, message, re.IGNORECASE)
        if match:
            said = match["number"].lower()
            number = int(said) if said.isdigit() else NUMBER_WORDS.get(said, 1)
            return (min(number, MOST), match.span("number")) if number <= FAR_TOO_MANY else (0, (0, 0))
    return 0, (0, 0)
