"""Nations and languages: `a French comedy` is from there and in the language, `a foreign film` in another than most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agent.reading.lexicon import PERMITS, is_negated, is_soft, negation_start
from agent.reading.spans import Found, Taken
from tools.constraints import Constraint, Op, Strength
from tools.data.catalogue import Catalogue
from tools.text import normalise, stem_phrase

_IN_LANGUAGE = re.compile(r"\b(?:in|speak\w*|spoken|language|languages|subtitled|dubbed|audio|into)\s+$", re.IGNORECASE)
_LANGUAGE_BEHIND = re.compile(
    r"[\s-]*(?:languages?|speaking|speech|spoken|audio|sub(?:title|b)\w*|dub\w*)\b", re.IGNORECASE
)


def of_nation(message: str, wish: Found, catalogue: Catalogue) -> Found:
    """`a French comedy` is from there and in the language; `in French`, `French-speaking` and refusals are of that."""
    language, said = catalogue.schema.with_role("language"), wish.constraints[0]
    is_spoken = _IN_LANGUAGE.search(message[: wish.start]) or _LANGUAGE_BEHIND.match(message, wish.end)
    if language is None or said.field != language.name or said.is_refusal or is_spoken:
        return wish
    norm = stem_phrase(normalise(message[wish.start : wish.end]))
    others = [w for w in catalogue.kinds([norm]) if w.field != language.name]
    askable = {field.name for field in catalogue.schema.askable}
    from_there = [said.model_copy(update={"field": w.field, "value": w.value}) for w in others if w.field in askable]
    return replace(wish, constraints=(said, *from_there[:1]))


def foreign(message: str, taken: Taken, catalogue: Catalogue) -> Iterator[Found]:
    """`a foreign film`: in another language than most; `no subtitles`: in that."""
    language = catalogue.schema.with_role("language")
    most = catalogue.vocabulary(language.name, 1) if language and language.is_category else []
    nouns = "|".join(
        ["and", "or", "with", "but", "ones?", "stuff", "languages?", *map(re.escape, catalogue.schema.nouns)]
    )
    pattern = rf"\bforeign(?:[\s-]language)?(?=\W*$|[.,;!?]|[\s-](?:{nouns})\b)|\bsubtitle[sd]\b"
    match = re.search(pattern, message, re.IGNORECASE)
    if language and most and match and taken.is_free(*match.span()) and not PERMITS.match(message[match.end() :]):
        is_own = is_negated(message, match.start())
        start = negation_start(message, match.start()) if is_own else match.start()
        soft: Strength = "prefer" if is_soft(message, *match.span()) else "must"
        op: Op = "=" if is_own else "!="
        words = message[start : match.end()]
        wish = Constraint(field=language.name, op=op, value=most[0][0], strength=soft, words=words)
        yield Found(start, match.end(), (wish,))
