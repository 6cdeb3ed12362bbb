"""Some of what was shown is fine and the others are not: `only one of them is fine`, `only the second one`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.reading.heard import Before
from agent.reading.lexicon import ORDINALS
from agent.reading.mentions import Mentions

_SOME = r"(?:one|two|three|four|some|a few|a couple)"
_OF_THEM = r"\s+of\s+(?:them|these|those|the\s+\w+)"
_WILL_DO = r"(?:is|are|was|were|looks?|sounds?|seems?|works?|appeals?|interests?|fits?|will do|would do)"
_ONLY_SOME = re.compile(
    rf"\b(?:only|just)\s+{_SOME}(?:{_OF_THEM})?\s+{_WILL_DO}\b"
    rf"|\bonly\s+(?:like|want|fancy|care for|need)\s+{_SOME}{_OF_THEM}\b"
    rf"|\b(?:like|fancy)\s+only\s+{_SOME}{_OF_THEM}\b"
    rf"|\b{_SOME}{_OF_THEM}\s+{_WILL_DO}\b[^?]*\b(?:others?|rest)\b[^?]*\b(?:not|no|isn['’]?t|aren['’]?t|don['’]?t)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\b(?:only|just)\s+(?:(?:like|want|fancy)\s+)?$", re.IGNORECASE)
_BARE = re.compile(rf"\W*(?:the\s+)?(?:#\s?)?(?P<which>[1-9]\d?|{'|'.join(ORDINALS)})\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """What of the slate is fine; items are positions."""

    is_open: bool = False
    """Whether it was not said which."""
    chosen: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    """Those that are not fine, which is known once the others are."""


NO_CHOICE = Choice()


def read_choice(message: str, before: Before, said: Mentions) -> Choice:
    """What a message chooses of the slate, where it says that only some of it is fine, or was asked which."""
    shown = [item.position for item in before.slate]
    is_only = _ONLY_SOME.search(message) is not None and not message.rstrip().endswith("?")
    rows = [row for reference, row in said.pointed if is_only or _ONLY.search(message[: reference.start])]
    if before.question == "which" and not rows:
        rows = said.rows or [before.slate[row] for row in _bare(message, len(shown))]
    named = [n.position for n in said.named if n.position in shown and (is_only or before.question == "which")]
    chosen = tuple(dict.fromkeys([*(item.position for item in rows), *named]))
    if chosen:
        return Choice(chosen=chosen, others=tuple(one for one in shown if one not in chosen))
    return Choice(is_open=is_only and before.unjudged > 1)


def _bare(message: str, shown: int) -> list[int]:
    """`2`, `the second`: a row, where it was asked which."""
    match = _BARE.fullmatch(message)
    if match is None:
        return []
    which = match["which"].lower()
    row = int(which) - 1 if which.isdigit() else ORDINALS[which] % shown
    return [row] if row < shown else []
