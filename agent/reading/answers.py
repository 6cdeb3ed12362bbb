"""Short answers: yes, no, no matter; and what is said of what was just shown: taken, turned down, known already.

What they mean depends on what was said before: the same `no` answers a question, or turns a recommendation down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.reading.lexicon import ANOTHER, SEEN

Verdict = Literal["taken", "rejected", "seen"]

_START = r"^[\s\W]*(?:(?:oh|well|hmm+|um+|so|ah|er+|sorry|actually|honestly|thanks|thank you)\b[\s\W]*)*"
_YES = re.compile(
    _START + r"(?:yes|yeah|yep|yup|sure|ok(?:ay)?|fine|of course|go ahead|absolutely|definitely|please do|no problem"
    r"|why not|(?:that(?:['’]s| is| would be)|it(?:['’]s| is)|i(?:['’]m| am)) (?:\w+ )?"
    r"(?:fine|ok(?:ay)?|all right|alright|good)"
    r"|all right|alright|i don['’]?t mind(?! if not))\b",
    re.IGNORECASE,
)
_NO = re.compile(
    _START + r"(?:no|nope|nah|not really|rather not|i(?:['’]d| would) (?:rather|prefer) not|please don['’]?t|better not"
    r"|absolutely not|definitely not|not (?:this time|today|tonight))\b",
    re.IGNORECASE,
)
_ANY = re.compile(
    r"\b(?:no (?:particular |strong |real )?(?:preferences?|opinion|idea)|(?:do|does|would)n['’]?t (?:really |much )?"
    r"(?:care|mind|matter|know|have (?:a |any |one)\w*)|not (?:really )?(?:picky|particular|fussy|sure|important)"
    r"|whatever"
    r"|any(?:thing)? (?:is fine|works|goes|will do|would do|is ok(?:ay)?)|up to you|you (?:choose|decide|pick)"
    r"|surprise me|open to (?:any\w*|all)|all (?:are )?the same to me|any of (?:them|those|these)|no limits?"
    r"|nothing (?:specific|particular|in particular))\b|^[\s\W]*(?:any(?:thing)?|either|none|skip|pass)[\s\W]*$",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:i(?:['’]ll| will) (?:take|watch|try|have|get|go (?:with|for)|read|play|buy) (?:it|that|this)"
    r"|(?:sounds|looks|seems) (?:\w+ )?(?:good|great|perfect|fun|right|lovely|interesting|like a plan)"
    r"|(?:that|it|this)(?:['’]s| is) (?:\w+ )?(?:perfect|it|great|the one|exactly)|works for me|that works"
    r"|i(?:['’]m| am) in"
    r"|let['’]?s (?:watch|go with|take|do|try) (?:it|that|this)|deal|sold)\b"
    + r"|"
    + _START
    + r"(?:yes|yeah|perfect|great|excellent|lovely|wonderful)\b(?! but\b)",
    re.IGNORECASE,
)
_REJECTED = re.compile(
    _START + r"(?:no|nope|nah|pass|next)\b(?=\s*(?:$|[^\w\s]|(?:not|i|that|this|it|thanks?|thank|sorry|please)\b))"
    r"|\bnot (?:(?:feeling|keen on|into|sold on|loving|crazy about|convinced by) )?"
    r"(?:that|this|it|these|those|them)(?=\s*(?:$|[^\w\s]|ones?\b))"
    r"|\bnot (?:for me|quite|really|interested|what i|my thing|my cup|convinced|keen)\b"
    r"|\b(?:do|did|does|would|is|are)n['’]?t (?:really |quite )?"
    r"(?:like|want|fancy|feel like|appeal|work|fit|sound|do it)"
    r"(?: for me| to me| it| that| this| these| those| them)\b"
    r"|\b(?:that|it|this)(?: one)? (?:does|is|did|wo|would)n['’]?t (?:really |quite )?"
    r"(?:appeal|work|fit|sound|do|it|what|right)\b"
    r"|\b(?:none of (?:these|those|them)|neither of)\b",
    re.IGNORECASE,
)
CUES = (_YES, _NO, _ANY, _TAKEN, _REJECTED)
"""What these words say is an answer, and nothing to search for."""


@dataclass(frozen=True)
class Answer:
    """What a short answer says; `verdict` is of what was shown last."""

    says: Literal["yes", "no", "any", ""] = ""
    verdict: Verdict | Literal[""] = ""


def read_answer(message: str, asked: bool, shown: int) -> Answer:
    """What a message answers.

    Args:
        asked: whether the last reply ended in a question.
        shown: how many items it showed.
    """
    says: Literal["yes", "no", "any", ""] = ""
    if asked:
        says = "any" if _ANY.search(message) else "no" if _NO.search(message) else "yes" if _YES.search(message) else ""
    verdict: Verdict | Literal[""] = ""
    if shown and not asked:
        if shown == 1 and SEEN.search(message):
            verdict = "seen"
        elif _REJECTED.search(message) or (shown == 1 and ANOTHER.search(message)):
            verdict = "rejected"
        elif shown == 1 and _TAKEN.search(message):
            verdict = "taken"
    return Answer(says, verdict)
