"""Short answers: yes, no, no matter; and what is said of what was just shown: taken, turned down, known already.

What they mean depends on what was said before: the same `no` answers a question, or turns a recommendation down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.reading.lexicon import ANOTHER, SEEN, is_negated

Asked = Literal["field", "confirm", "which", ""]
Says = Literal["yes", "no", "any", ""]
Verdict = Literal["taken", "rejected", "seen"]

_START = r"^[\s\W]*(?:(?:oh|well|hmm+|um+|so|ah|er+|sorry|actually|honestly|thanks|thank you)\b[\s\W]*)*"
_YES = re.compile(
    _START + r"(?:yes|yeah|yep|yup|sure|ok(?:ay)?|fine|of course|go ahead|absolutely|definitely|please do|no problem"
    r"|why not|go for it|certainly|no (?:objections?|worries|issues?)|not a problem|(?:it['’]?s |is )no problem"
    r"|y(?=\W*$)|(?:that(?:['’]s| is| would be)|it(?:['’]s| is)|i(?:['’]m| am)) (?:\w+ )?"
    r"(?:fine|ok(?:ay)?|all right|alright|good)"
    r"|all right|alright|i don['’]?t mind(?! if not))\b",
    re.IGNORECASE,
)
_NO = re.compile(
    _START + r"(?:no(?! (?:objections?|problems?|worries|issues?|complaints?)\b)|nope|nah"
    r"|not really|rather not|i(?:['’]d| would) (?:rather|prefer) not|please don['’]?t|better not"
    r"|absolutely not|definitely not|not (?:this time|today|tonight))\b|^\W*n\W*$",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(?:not (?:all right|alright|ok(?:ay)?|fine|acceptable|good)|too much|wo(?:n['’]?t| not) do"
    r"|(?:do|does)(?:n['’]?t| not) (?:want|work)|can(?:['’]?t|not) have|i['’]?m afraid)\b",
    re.IGNORECASE,
)
"""To `is that all right?`: no, in other words."""
_ANY = re.compile(
    r"\b(?:no (?:particular |strong |real )?(?:preferences?|opinion|idea)"
    r"|(?:do|does|would)n['’]?t (?:really |much )?(?:care|mind|matter|know|have (?:a |any |one)\w*)"
    r"|not (?:really )?(?:picky|particular|fussy|sure|important)|what ?ever|wherever|whoever"
    r"|whenever|idk|dunno|i(?:['’]m| am) (?:pretty )?(?:easy|flexible|open)|not particularly"
    r"|(?:every|any)thing(?:['’]s| is)? (?:good|fine|ok(?:ay)?|welcome)|all (?:\w+ )?(?:are )?(?:welcome|fine|good)"
    r"|(?:is|are)(?:n['’]?t| not) (?:really )?(?:an issue|a problem|a concern|a factor|relevant|important)"
    r"|(?:is|are) irrelevant|means? nothing|who cares|could(?:n['’]?t| not) care less|makes? no difference"
    r"|not fussed|never look at|(?:do|does)(?:n['’]?t| not) (?:really )?interest|as \w+ as it (?:likes|wants|takes)"
    r"|or not,? (?:it['’]?s|it is|i)|any(?:thing| \w+)?(?:['’]s| is) (?:fine|good|ok(?:ay)?)"
    r"|any(?:thing| \w+)? (?:works|goes|will do|would do|is ok(?:ay)?)|up to you"
    r"|you (?:choose|decide|pick)|surprise me|open to (?:any\w*|all)|all (?:are )?the same to me"
    r"|any of (?:them|those|these)|no limits?|nothing (?:specific|particular|in particular))\b"
    r"|^[\s\W]*(?:any(?:thing|one|body|where)?|either|none|skip|pass|all|both)[\s\W]*$",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:(?:i|we)(?:['’]ll| will) (?:take|watch|try|have|get|go (?:with|for)|read|play|buy)"
    r" (?:it|that|this|(?=the\b|number\b|#|option\b|nr\b|first\b|second\b|third\b))|going with (?:it|that|this|the)"
    r"|(?:sounds|looks|seems) (?:\w+ )?(?:good|great|perfect|fun|right|lovely|interesting|like a plan)"
    r"|(?:that|it|this)(?:['’]s| is) (?:\w+ )?(?:perfect|it|great|the one|exactly)|works for me|that works"
    r"|(?:one|option|first|second|third|fourth|fifth|last|\d)"
    r" (?:is|would be) (?:\w+ )?(?:perfect|it|the one|exactly|great)"
    r"|(?:great|good|nice|perfect|excellent|lovely) (?:pick|choice|suggestion|recommendation|find)"
    r"|that(?:['’]ll| will) do\b|i accept|give (?:it|that|this) a (?:go|try|watch|shot)"
    r"|exactly what (?:i|we)|(?:i|we) choose|(?:i|we)(?:['’]ll| will) choose|watching (?:it|that|this)"
    r"|putting (?:it|that|this) on|delighted with|you(?:['’]ve| have) convinced|what we(?:['’]re| are) watching"
    r"|right up my (?:street|alley)|happy with (?:it|that|this)|count me in|hell yeah|no complaints|a winner"
    r"|(?:shall|going to|gonna|wanna) (?:see|watch|read|play|try) (?:it|that|this)|love it|i(?:['’]?m| am) in"
    r"|let['’]?s (?:watch|go with|take|do|try) (?:it|that|this|(?=the\b|number\b|#))|deal|sold)\b"
    r"|\b(?:one|first|second|third|fourth|fifth|last|\d) it is\W*$"
    r"|^\W*ok(?:ay)?,? (?:the|number|nr|option|#)\b.{0,15}\bthen\W*$",
    re.IGNORECASE,
)
_BARE_YES = re.compile(
    _START + r"(?:yes|yeah|yep|yup|sure|ok(?:ay)?|fine|perfect|great|excellent|lovely|wonderful|awesome|cool)\b"
    r"(?:[\s\W]*(?:please|thanks|thank you|then|fine|sure|great|perfect|that|one|it)\b)*[\s\W]*$",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\?|\b(?:more (?:like|of|in)|others?|what else|similar"
    r"|but|though|however|except|unless|instead|only if|not|n['’]t|kids?|child(?:ren)?|son|daughter|year old)\b",
    re.IGNORECASE,
)
"""What makes a yes no clear one."""
_SEEN_IT = re.compile(
    r"\b(?:seen|saw|watched|read|played|own|know)\s+(?:(?:both|all|most) of )?"
    r"(?P<what>it|that|this|them|those|these)\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"\b(?:(?:have|has|had)(?:n['’]?t| not)|never) (?:seen|watched|read|played|tried) (?:it|that|this)\b", re.IGNORECASE
)
_KNOWN = re.compile(
    r"^\W*(?:already )?(?:seen|watched|read|played)\b(?: it| that| this)?\W|\bdid (?:see|watch|read"
    r"|play)\b.*\balready\b|\b(?:watched|seen|read) list\b"
    r"|\b(?:viewed|finished|rewatched) (?:it|that|this)\b",
    re.IGNORECASE,
)
_REJECTED = re.compile(
    _START + r"(?:no|nope|nah|pass|next)\b(?=\s*(?:$|[^\w\s]|(?:not|i|that|this|it|thanks?|thank|sorry|please)\b))"
    r"|\bnot (?:(?:feeling|keen on|into|sold on|loving|crazy about|convinced by) )?"
    r"(?:that|this|it|these|those|them)(?=\s*(?:$|[^\w\s]|ones?\b))"
    r"|\b(?:rather not|nah,? (?:too|not|i))\b"
    r"|\bnot (?:for me|quite|really|interested|what i|my thing|my cup|convinced|keen)\b"
    r"|\b(?:do|did|does|would|is|are)n['’]?t (?:really |quite )?"
    r"(?:like|want|fancy|feel like|appeal|work|fit|sound|do it)"
    r"(?: for me| to me| it| that| this| these| those| them)\b"
    r"|\b(?:that|it|this)(?: one)? (?:does|is|did|wo|would)n['’]?t (?:really |quite )?"
    r"(?:appeal|work|fit|sound|do|it|what|right)\b"
    r"|\b(?:do|did)(?:n['’]?t| not) (?:really |quite )?like(?=\s*(?:$|[.,;!]))"
    r"|\b(?:none of (?:these|those|them)|neither of)\b"
    r"|\bmeh\b|\b(?:hard )?pass\b(?= *(?:$|[^\w\s]|on (?:it|that|this)))|\bskip (?:it|that|this)\b|\byu+c?k\b"
    r"|\btry again\b|\bkeep looking\b"
    r"|\bno,? (?:thanks|thx|thank you)\b|\babsolutely not\b|\b(?:alternative|other (?:one|suggestion|idea))s?\b"
    r"|\b(?:got|have|is there) (?:anything|something) (?:better|else)\b|\bi told you\b|\bcan(?:['’]?t"
    r"|not) stand (?:it|that|this)\b"
    r"|\b(?:(?:it|this|that)(?: one)? )?(?:i )?(?:do|does)(?:n['’]?t| not) (?:want(?: to)?|please me"
    r"|wanna watch (?:it|that|this))(?=\s*(?:$|[.,;!]|either))",
    re.IGNORECASE,
)
CUES = (_YES, _NO, _ANY, _TAKEN, _BARE_YES, _REJECTED, _SEEN_IT)
"""What these words say is an answer, and nothing to search for."""


@dataclass(frozen=True)
class Answer:
    """What a short answer says; `verdict` is of what was shown last."""

    says: Says = ""
    verdict: Verdict | Literal[""] = ""


def read_answer(message: str, asked: Asked, shown: int) -> Answer:
    """What a message answers.

    Args:
        asked: which kind of question the last reply ended in; empty for none.
        shown: how many items were shown and not judged yet.
    """
    says = _says(message, asked) if asked in ("field", "confirm") else ""
    return Answer(says, _verdict(message, shown) if shown and not says else "")


def _says(message: str, asked: Asked) -> Says:
    if asked == "confirm":
        is_clear = not _RESERVED.search(_YES.sub(" ", _ANY.sub(" ", message))) and not _ANY.search(message)
        return (
            "no"
            if _NO.search(message) or _REFUSES.search(message)
            else "yes"
            if _YES.search(message) and is_clear
            else ""
        )
    return "any" if _ANY.search(message) else "no" if _NO.search(message) else "yes" if _YES.search(message) else ""


def _verdict(message: str, shown: int) -> Verdict | Literal[""]:
    seen = _SEEN_IT.search(message)
    seen = None if seen and is_negated(message, seen.start()) else seen
    if _UNSEEN.search(message):
        return "rejected" if _REJECTED.search(message) else "taken" if is_taken(message) else ""
    of_all = seen is not None and seen["what"].lower() in ("them", "those", "these")
    known = _KNOWN.search(message) or SEEN.search(message)
    if of_all or (shown == 1 and (seen or (known and not is_negated(message, known.end())))):
        return "seen"
    if _REJECTED.search(message) or (shown == 1 and ANOTHER.search(message)):
        return "rejected"
    return "taken" if shown == 1 and (_BARE_YES.match(message) or is_taken(message)) else ""


def is_taken(message: str) -> bool:
    """Whether it accepts something without reserve."""
    match = _TAKEN.search(message)
    return match is not None and not (_RESERVED.search(message[match.start() :]) or is_negated(message, match.start()))
