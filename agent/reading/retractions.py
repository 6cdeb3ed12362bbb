"""What a message takes back, corrects or widens of earlier wishes: `forget the year`, `any price`, `no wait, X`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from agent.reading.lexicon import RETRACTS, ROLE_WORDS
from tools.data.schema import FieldSpec, Role, Schema

Change = Literal["", "corrects", "widens"]
_CORRECTS = re.compile(
    r"\b(?:no,? wait|wait,? no|wait[,.]|scratch that|(?:sorry|no),? (?:i )?mean[t]?|i mean[t]?"
    r"|make (?:it|that)|instead(?! of)|change (?:it|that) to|let['’]?s (?:do|try|go (?:for|with)|make it)"
    r"|rather\s+(?=by|from|with|under|over|in)|^[\s\W]*(?:(?:ok|well|and|hmm+|then)[\s,]+)*(?:what|how) about"
    r"|correction|changed? my mind|on second thoughts?)",
    re.IGNORECASE,
)
_MIDWAY = re.compile(
    r"[.,;!?–-]\s*(?:(?:oh|er+|uh+|hmm+)[\s,]*)?(?:no,? wait|wait,? no|wait[,.]|scratch that|(?:sorry,? )?i mean[t]?\b"
    r"|or rather|no,? (?:make (?:it|that)|sorry)|on second thoughts?)[\s,.!:…-]*",
    re.IGNORECASE,
)
"""Within a message: what follows replaces what stands before."""
_WIDENS = re.compile(
    r"^[\s\W]*(?:(?:and|ok|well|hmm+)[\s,]+)*or\b(?! rather\b)",
    re.IGNORECASE,
)
_AS_WELL = re.compile(r"\b(?:what|how) about\b[^.,;!?]{2,40}\b(?:too|as well|also)\W*$", re.IGNORECASE)
_UNDO = re.compile(
    r"\b(?:undo(?: that| it| this| the last(?: one| change)?)?|take (?:that|it) back"
    r"|go back(?: to (?:before|what I had))?|revert(?: that| it)?"
    r"|forget (?:that|it|what I just said)(?=\s*(?:$|[.,;!?])))",
    re.IGNORECASE,
)
_LIMIT = r"(?:\s+(?:limit|cap|filter|restriction|constraint|bound|requirement|range|thing)s?)?"
_OF_NO_MATTER = (
    r"(?:does\s?n['’]?t|does not|do\s?n['’]?t|do not|no longer)\s+(?:really\s+|actually\s+)?matters?"
    r"|(?:is|are)(?:n['’]?t| not)\s+(?:that\s+|so\s+|really\s+|all that\s+)?important|(?:is|are)\s+(?:unimportant"
    r"|irrelevant|up to you)"
    r"|can be (?:anything|whatever)"
)
_TAIL = r"(?:\s+(?:any\s?more|any longer|after all|to (?:me|us)|at all))*"


@dataclass(frozen=True)
class TakenBack:
    """What is taken back, and where the message says so."""

    spans: tuple[tuple[int, int], ...] = ()
    phrases: tuple[str, ...] = ()
    """Words of wishes that no longer hold."""
    fields: tuple[str, ...] = ()
    """Fields of which every wish is dropped."""
    undo: bool = False
    """Whether the last message is taken back."""
    change: Change = ""
    """How what is wished now goes with earlier wishes for the same field."""
    replaced_until: int = 0
    """What stands before this place in the message is replaced by what follows."""


@dataclass
class _Found:
    spans: list[tuple[int, int]] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


def read_retractions(message: str, schema: Schema) -> TakenBack:
    """What a message takes back; a field by any of its names, its unit or adjectives."""
    found = _Found()
    for spec in schema.askable:
        for match in _freed(spec).finditer(message):
            found.spans.append(match.span())
            found.fields.append(spec.name)
    phrases = [m for m in RETRACTS.finditer(message) if not any(_overlap(m.span(), span) for span in found.spans)]
    undo = _UNDO.search(message)
    midway = list(_MIDWAY.finditer(message))
    spans = [*found.spans, *(m.span() for m in phrases), *([undo.span()] if undo else [])]
    is_wider = _AS_WELL.search(message) or (_WIDENS.match(message) and not _CORRECTS.search(message))
    change: Change = "widens" if is_wider else "corrects" if _CORRECTS.search(message) else ""
    return TakenBack(
        spans=tuple(spans),
        phrases=tuple(m["what"] for m in phrases),
        fields=tuple(dict.fromkeys(found.fields)),
        undo=undo is not None and not phrases and not found.fields,
        change=change,
        replaced_until=midway[-1].end() if midway else 0,
    )


def _freed(spec: FieldSpec) -> re.Pattern[str]:
    """Everything that says that no value of a field is wished for any more."""
    unit = [spec.unit] if spec.unit and spec.role != "price" else []
    names = (*spec.names, *ROLE_WORDS.get(spec.role or "", []), *unit)
    return _freed_by(names, (*spec.more, *spec.less), spec.role, spec.is_temporal)


@lru_cache(maxsize=256)
def _freed_by(
    names: tuple[str, ...], comparatives: tuple[str, ...], role: Role | None, is_temporal: bool
) -> re.Pattern[str]:
    noun = rf"(?:{_any_of(names)})s?{_LIMIT}"
    adjectives = [a.removeprefix("more ").removeprefix("less ") for a in comparatives]
    bases = {base for a in adjectives for base in (a, *_bases(a))} | ({"much"} if role == "price" else set())
    if bases:
        how = rf"how (?:{_any_of(sorted(bases))}|many {noun})"
        how = rf"(?:{how}|when)" if is_temporal else how
    else:
        how = rf"(?:which|what) {noun}"
    the = r"(?:(?:the|that|this|my|its|any|a)\s+)?"
    of = r"(?:who|by whom)" if role == "creator" else r"(?!)"
    return re.compile(
        rf"\b{the}{noun}\s+(?:{_OF_NO_MATTER}){_TAIL}"
        r"|\b(?:do|does)(?:n['’]?t| not)\s+(?:really\s+)?(?:care|matter|mind)\s+"
        rf"(?:about\s+|for\s+)?(?:{the}(?:which |what )?{noun}\b|{how}\b[^,.;!?]*|{of}\b[^,.;!?]*)"
        rf"|\b(?:no longer|stop)\s+(?:care|caring)\s+about\s+{the}{noun}\b"
        rf"|\bany\s+{noun}\s+(?:is|are|will|would|works?|goes)"
        r"(?:\s+(?:be|do|fine|ok(?:ay)?|good|great|all right|alright))*"
        rf"|\b(?:remove|lift|drop|clear|delete|loosen|skip)\s+{the}{noun}\b"
        rf"|\bno\s+{noun.replace(_LIMIT, '')}\s+(?:limit|cap|restriction)s?\b"
        rf"|\bno (?:limit|restriction)s? (?:on|of|for)\s+{the}{noun}"
        rf"|\b(?:regardless of|whatever|no matter)\s+{the}(?:{noun}\b|{how}\b)",
        re.IGNORECASE,
    )


def _bases(adjective: str) -> Sequence[str]:
    """`longer` -> `long`, `pricier` -> `pricy`."""
    stem = adjective.removesuffix("er")
    return () if stem == adjective else (stem[:-1] + "y",) if stem.endswith("i") else (stem, stem + "e")


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted({*words}, key=len, reverse=True) if word) or r"(?!)"


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
