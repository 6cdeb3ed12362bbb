"""Messages that ask for no item: greetings, thanks, what the assistant is, insults, and what it knows nothing of."""

from __future__ import annotations

import re
from typing import Literal

Talk = Literal["which", "greeting", "thanks", "ability", "hostile", "off_topic", "other", "profile", "forget_me", ""]
"""`other`: a planner took it for talk, and the words don't say which."""

_THANKS = re.compile(r"\b(?:thanks?|thank you|thx|cheers|great|perfect|awesome|bye|goodbye)\b", re.IGNORECASE)
_ABILITY = re.compile(
    r"\b(?:what (?:can|do) you (?:do|know|offer)|who (?:are|made) you|what are you"
    r"|how (?:do|does) (?:you|this|it) work|are you (?:a |an )?(?:real|human|robot|bot|ai|person)"
    r"|(?:can|could) you help(?: me)?[?.!]*$|^[\s\W]*help[\s\W]*$)",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"\b(?:what (?:do|did) you (?:know|remember|have) (?:about|on|of) me|what(?:['’]s| is) in my profile|my profile"
    r"|do you (?:know|remember) me|who am i)\b",
    re.IGNORECASE,
)
_FORGET_ME = re.compile(
    r"\b(?:forget|delete|erase|wipe|remove)\b.{0,30}\b(?:about me|my (?:profile|data|history|account)|me)[\s.!]*$",
    re.IGNORECASE,
)
_HOSTILE = re.compile(
    r"\b(?:you(?:['’]re| are| r)?|u(?: r)?|this (?:bot|thing|app) is) "
    r"(?:(?:a|an|so|such a|really|totally|fucking|the) )*(?:stupid|dumb|useless|idiot\w*|moron\w*|terrible|awful"
    r"|worst|suck\w*|garbage|trash|crap|pathetic|annoying)\b"
    r"|\b(?:shut up|fuck (?:you|off)|screw you|go to hell|i hate you)\b",
    re.IGNORECASE,
)
_COMMANDS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|prompts?|rules)\b|\bsystem prompt\b"
    r"|\b(?:jailbreak|developer mode|pretend (?:to be|you are|you're)|act as an?)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"^[\s\W]*(?:(?:please|hey|so|ok|and)\b[\s\W]*)*(?:what(?:['’]s| is| are| was| time| day)"
    r"|who(?:['’]s| is| was| won)|when (?:is|was|did|does|will)|where (?:is|are|can|do)"
    r"|how (?:do|can|to|is|are|was|old is|tall|far)|why (?:is|are|do|does)"
    r"|(?:can|could|will|would) you (?:write|translate|calculate|solve|sing|code|book|call|order|explain)"
    r"|tell me (?:a|an|your)\b|write|translate|calculate|solve|sing)\b",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"\b(?:recommend\w*|suggest\w*|something|anything|show|find|looking|want|watch|pick|similar|like that|good|best"
    r"|popular|trending|everybody|everyone|most people|latest|have|new)\b",
    re.IGNORECASE,
)


def read_talk(message: str, is_social: bool, is_about_items: bool) -> Talk:
    """Which kind of talk a message is; empty where it may well ask for an item.

    Args:
        is_social: whether nothing but greetings and function words is in it.
        is_about_items: whether it names an item, a kind of item, a field or one of their values.
    """
    if _COMMANDS.search(message):
        return "off_topic"
    if _FORGET_ME.search(message):
        return "forget_me"
    if _PROFILE.search(message):
        return "profile"
    if _HOSTILE.search(message) and not is_about_items:
        return "hostile"
    if _ABILITY.search(message) and not is_about_items:
        return "ability"
    if is_social:
        return "thanks" if _THANKS.search(message) else "greeting"
    if _ELSEWHERE.match(message) and not (is_about_items or _WANTS.search(message)):
        return "off_topic"
    return ""
