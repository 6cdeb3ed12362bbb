"""The English that the reading knows: function words, cues and comparators. Nothing here is about any catalogue."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from tools.text import normalise, words_with_spans

STOP_WORDS = frozenset(
    """a about above actually after again all almost also am an and another any anybody anyone anything are around as
    ask at be because been before being below best between bit both but by can cannot cant come could couldnt day
    definitely did didnt different do does doesnt doing done dont down each easy else enough especially even ever
    every everyone everything except family far feel few fewer find fine first for forget friend friends from fun
    get gets getting girlfriend boyfriend give go going good got great had happy has goes have having he hello help her
    here hers hey hi him his how husband i id if ill im in instead into is isnt it its ive just kid kids kind kinds
    know last later less let lets like liked likes listen little long look looking looks lot lots love loved made
    make many may maybe me mean might mine mood more morning most much must my myself need never new nice night no
    none not nothing now of off ok okay old on once one ones only open option or other others our out over own
    particular people perhaps pick picks please possible prefer preferably pretty quite rather really recommend
    recommendation recommendations right said same say see seen set several she should show similar so some someone
    something somewhat son daughter soon sorry sort stuff such suggest suggestion suggestions sure take tell than
    thank thanks that thats the their them then there these they thing things think this those though time to today
    together tomorrow tonight too tried try two type under until up us use very want wanted wants was wasnt watch
    watched watching way we week weekend well went were what whats when where which while who whole whom why wife
    will with within without wont work would wouldnt yeah year years yes yet you your yours release released made
    set starring featuring directed written called named titled rated rating minutes minute hours hour mins min
    decade era century early mid late story stories plot theme
    enjoyed enjoy hated hate dislike favourite favorite fan ideally possibly
    shorter longer newer older recent either neither nor already exactly better worse whatever mind play plays
    playing played read reading buy buying own designed created composed published
    hmm hm haha hahaha lol hiya howdy oops ugh wow yay yep yup nah nope aha ahem er um uh pls plz thx ty btw tbh
    imo imho
    ppl sth smth gonna wanna gotta kinda sorta dunno lemme gimme ya u ur im ive id dont doesnt didnt isnt wasnt wont
    cool awesome amazing excellent brilliant wonderful lovely perfect decent interesting boring bored dull
    bad awful terrible horrible rubbish crap garbage trash stupid dumb useless annoying ridiculous
    course thought thoughts meant wrong mistake mixed confused confusing changed wait hold stop hang correction
    says saying said tells told asked asking answer reply wonder wondering believe guess suppose hope hoping
    guest guests buddy mate mates guys folks couple group everybody nobody
    takes lasts costs spend spending budget afford worth value deal
    available currently tonight's weekend's evening afternoon morning lunch dinner sunday saturday friday monday tuesday
    wednesday thursday rainy
    list lists show shows showed shown catalogue catalog database result results item items choice choices
    check checking search searching browse browsing asking wish wishes wishing fancy fancied craving
    somewhere sometime sometimes usually often always honestly basically literally seriously totally absolutely
    exact specific specifically particularly mainly mostly simply especially certainly truly
    bring brings put puts keep keeps leave leaves turn turns happen happens seems seem sounds sound
    im ill shall must mustnt needn neednt shouldnt shan havent hasnt hadnt arent werent aint whatevs
    hes shes theyre youre weve theyve youve theyll youll theyd youd hed theres heres whos wheres hows yesterday ago
    etc eg ie vs versus per via idk adult picky fussy easy flexible hurry cares certificate tops insist proper
    minimum maximum preference preferences opinion opinions idea ideas big huge based""".split()  # noqa: SIM905
)
"""Words that say nothing about what the item is about; what is left of a message without them is searched for."""

RUN_TOGETHER = {
    "atleast": "at least",
    "atmost": "at most",
    "alot": "a lot",
    "abit": "a bit",
    "upto": "up to",
    "incase": "in case",
    "infact": "in fact",
    "ofcourse": "of course",
    "nomore": "no more",
    "aswell": "as well",
    "eachother": "each other",
    "romcom": "romantic comedy",
    "romcoms": "romantic comedies",
    "dramedy": "comedy drama",
    "nuthin": "nothing",
    "nothin": "nothing",
    "nowt": "nothing",
    "tonite": "tonight",
}
"""What people write as one word."""
_NO_MORE = r"(?!\s+(?:I|we|no|not|also|preferably|ideally|maybe|please|rather|make|keep|it|with|only)\b)"
"""Behind `any game but`: the sentence does not go on about something else."""
_PRAISE = r"(?:fault|beat|resist)"
"""What nobody can is good: `can't beat it`."""
NEGATORS = re.compile(
    r"\b(?:no(?! problem| wait\b|, wait\b|,? (?:i|we) (?:mean|meant|want|wanted|said|need|asked)\b)"
    r"|(?<!why )not(?! only\b| just\b| necessarily\b| mind\b| happen to\b"
    r"| (?:have|need) to\b)"
    r"|non|without|w/o|except|excluding|exclude|avoid|hate[sd]?|dislikes?"
    r"|nothing(?! wrong| against| but| beats| tops| compares)|nor|neither"
    rf"|cannot(?! (?:{_PRAISE}|wait)\b)|(?:any|every)(?:thing|body|one) (?:but|bar|save)|none of"
    r"|with the exception of"
    rf"|any(?: \w+){{1,4}} but{_NO_MORE}"
    r"|(?:other|(?:body|one|thing) else|another(?: \w+){0,2}) than|(?:apart|aside) from"
    r"|(?:steer(?:ing)?|stay(?:ing)?|keep(?:ing)?|well|far) (?:clear of|away from)"
    r"|never(?! (?:tried|played|seen|read|watched|had|owned|heard|mind)\b)"
    r"|(?:do|does|did|is|are|was|were|ca|wo|should|would|could)n['’]?t"
    rf"(?! mind\b| get enough\b| wait\b| (?:you|there)\b| happen to\b| {_PRAISE}\b"
    r"| (?:really )?(?:have|need) to (?:be|have|come|take|cost)\b| necessarily\b)"
    r"|sick of|tired of|fed up with|allergic to|leave out|skip|spare me|0%|zero|instead of"
    r"|rather(?: \w+){0,4} than)\b",
    re.IGNORECASE,
)
SOFTENERS = re.compile(
    r"\b(?:prefer(?:ably|ence)?|pref|ideally|maybe|perhaps|possibly|if possible|if you can|would be nice|a bonus"
    r"|(?<=\w )rather|care (?:much |a lot )?for|better(?= not\b)|kind of|a bit|a little)\b",
    re.IGNORECASE,
)
_OF_THE_NEXT = re.compile(r"\bnon$|\ban?\s+(?:not|no)$", re.IGNORECASE)
"""A negation of one word: `a non-smoking room`."""
_SOFT_BEHIND = re.compile(
    r"(?:\s+[\w'’]+)?,?\s+(?:if (?:at all )?possible|if (?:you|we) can|if you have (?:any|one|the choice)"
    r"|if there(?:['’]s| is| are) any|where possible|for preference|given the choice|in an ideal world"
    r"|would be (?:nice|great|good|lovely|ideal|a bonus|a plus))\b"
    r"|,?\s+(?:maybe|perhaps|possibly|ideally|pref(?:erably|erred)?)\s*(?=$|[.,;!?])",
    re.IGNORECASE,
)
_BEHIND_CHARS = 60
CLAUSE_END = re.compile(
    r"[;!?\n]|[.,](?!\d)|(?<!\w)\d\)|\b(?:but|however|though|unless)\b"
    r"|\band(?=\s+(?:(?:I|we)\s+)?(?:love|like|want|prefer|need|enjoy|more|also|with)\b)",
    re.IGNORECASE,
)
"""Where a negation stops counting."""

LIKED = re.compile(
    r"\b(?:lov(?:e|es|ed|ing)|lik(?:e|es|ed)|enjoy(?:s|ed)?|ador(?:e|es|ed)|similar to|fans? of"
    r"|favou?rites?(?: is| are)?|into|same vein as|along the lines of|reminds? me of|in the style of|more of"
    rf"|(?:can['’]?t|cannot) get enough of|(?:can['’]?t|cannot|couldn['’]?t) {_PRAISE})\b",
    re.IGNORECASE,
)
NAME = r"(?:[A-Z][\w'’-]*|\d+)(?::?\s+(?:(?:of|the|and|in|a|to|for)\s+)*(?:[A-Z][\w'’-]*|\d+)){0,11}"
"""Words that are written as a name."""
NAME_WITH_YEAR = re.compile(rf"\b(?P<name>{NAME})\s*\((?P<year>(?:18|19|20)\d\d)\)")
"""A title, whether or not it is known: `Moana (2016)`."""
DISLIKED = re.compile(
    r"\b(?:hat(?:e|es|ed)|dislik(?:e|es|ed)|f(?:e|a)ll asleep (?:during|in|at|watching)"
    r"|(?:did|do|does|was|is)(?:n['’]?t| not) (?:really )?(?:like|love|enjoy|care for|into|a fan)"
    r"|not (?:a fan|into|like)|nothing like|unlike|bored by|couldn['’]?t stand|can['’]?t stand"
    r"|never (?:really )?(?:liked|loved|enjoyed|got into|cared for))\b",
    re.IGNORECASE,
)
SEEN = re.compile(
    r"\b(?:(?:ha(?:ve|s|d)|(?:i|we|they)['’]?ve|s?he['’]s|already|just)\s+(?:already |just |also |only )?"
    r"(?:seen|watched|read|tried|finished|bought|played|own|owned)|already (?:seen|watched|read|know|own|ha(?:ve|s))"
    r"|saw (?=\d|the\b|it\b|that\b|this\b|them\b|those\b|these\b|both\b|all\b)"
    r"|(?:seen|watched|read|know) (?:it|that|them)? ?already"
    r"|(?:I|we)(?: already)? (?:own|know|saw|watched|finished))\b|(?:^|[.,;!?])\W*(?:already )?(?:saw|seen|watched)\b",
    re.IGNORECASE,
)
AT_HOME = re.compile(r"\b(?:at home|on (?:my|our|the) (?:shelf|shelves)|in (?:my|our) collection)\b", re.IGNORECASE)
"""Behind something named: it is known."""
_OF_IT = (
    r"(?:\s+(?:it|that|this|them|those|these|both|all)\b)?(?:\s+(?:a lot|so much|very much|all|both|too)\b)*"
    r"(?=\s*(?:$|[.,;:!?)]|(?:so|and|but|very|now|even)\b))"
)
_THEN = r"[^.!?]{0,40}?(?:[,.!]|\band\b|\bbut\b)\s*(?:(?:I|we|really|absolutely|quite|totally|just|all|also)\s+)*"
_IT_WAS = r"(?:it|they|both)(?: all)? (?:was|were) (?:(?:really|so|very|pretty|quite|all) )*"
THEN_LOVED = re.compile(
    rf"{_THEN}(?:(?:loved|liked|enjoyed|adored){_OF_IT}"
    rf"|{_IT_WAS}(?:great|good|amazing|awesome|brilliant|fantastic|excellent|lovely|perfect|wonderful|fun)\b"
    r"|(?:it|they) blew (?:me|us|my mind)\b)",
    re.IGNORECASE,
)
"""Behind something that was seen: `and loved it`."""
THEN_HATED = re.compile(
    rf"{_THEN}(?:(?:hated|disliked|did(?:n['’]?t| not) (?:like|enjoy|care for)|could(?:n['’]?t| not) stand){_OF_IT}"
    rf"|{_IT_WAS}(?:bad|terrible|awful|boring|dull|horrible|rubbish|dreadful)\b)",
    re.IGNORECASE,
)
"""Behind something that was seen: `but didn't like it`."""
DROPPED = re.compile(r"\b(?:drop|remove|lose|ditch)\s+(?:the\s+)?$", re.IGNORECASE)
"""Before something named: it is not wanted."""
NO_THANKS = re.compile(r"\W*\b(?:no,? thank(?:s| you)|nope|nah)\b", re.IGNORECASE)
"""Behind it: the same."""
BAD = re.compile(
    r"^\s*(?:(?:was|is|were)\s+(?:\w+\s+){0,2}(?:bad|boring|awful|terrible|dull|horrible|the worst|rubbish|crap)"
    r"|bored|sucked|sucks)\b",
    re.IGNORECASE,
)
"""Behind something named: it was not liked."""
TURNED_DOWN = re.compile(
    r"^\s*(?:(?:is|was|are|were)n['’]?t\b"
    r"|(?:is|was|are|were|looks?|sounds?|seem(?:s|ed)?)\s+(?:(?:just|way|much|a bit)\s+)?"
    r"(?:too|not|bad|boring|awful|terrible|dull)\b)",
    re.IGNORECASE,
)
"""Behind something named: it is not wanted."""

ASIDES = re.compile(
    r"\b(?:sorry (?:for|about)|excuse|pardon|forgive) (?:my|the) (?:(?:bad|poor|broken) )?\w+"
    r"|\b(?:i['’]?m|i am|you['’]?re|you are)(?: not)?(?: \w+)? (?:good|great|bad|new) (?:at|with|here|to)\b[^.,;!?]*"
    r"|\b(?:i['’]?m|i am|we['’]re|we are)(?: \w+)? (?:good|great|fine|well)(?=\W*(?:$|[.,;!?]|and you|thanks?|how are))"
    r"|\bon (?:my|our) (?:\w+[\s-])?list\b",
    re.IGNORECASE,
)
"""What people say of themselves or of the assistant: no wish, whatever it names."""
WHY = re.compile(
    r"(?<!see )(?<!understand )(?<!that['’]s )\b(?:why|how come|explain|what ma(?:kes|de)|reason(?:s|ing)?"
    r"|on what grounds|what(?:['’]s| is) wrong with|shouldn['’]?t(?=.* be (?:on|in|there))|how did you come up)\b",
    re.IGNORECASE,
)
SOCIAL = re.compile(
    r"\b(?:hi|hello|hey|good (?:morning|evening|afternoon|night)|thanks?|thank you|cheers|bye|goodbye|great|perfect"
    r"|awesome|nice|cool|ok(?:ay)?|how are you|who are you|what can you do|help|happy (?:new year|holidays|birthday)"
    r"|(?:and )?(?:you|same)(?: to you)? too|you as well"
    r"|have a (?:good|nice|great) (?:day|night|evening|weekend|one|time)|good ?bye|take care|you['’]?re welcome)\b",
    re.IGNORECASE,
)
PERMITS = re.compile(
    r"^\s*(?:\w+\s+)?(?:is|are|would be|['’]s)\s+(?:also |actually |totally |just |quite )?"
    r"(?:fine|ok(?:ay)?|all right|alright|allowed|no problem|not a problem)\b",
    re.IGNORECASE,
)
"""Behind a value: it is allowed, not asked for."""
ALLOWS = re.compile(
    r"\b(?:(?:do|does|would)(?:n['’]?t| not) mind(?: if)?|not (?:only|just)|nothing (?:against|wrong with)"
    r"|(?:ok(?:ay)?|fine|cool|happy|open|all right|alright) (?:with|to)|(?:could|can|may|might) (?:also |even )?be)"
    r"\s+(?:[\w'’]+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a value: the same."""
NEEDLESS = re.compile(
    r"\b(?:(?:do|does)(?:n['’]?t| not) (?:really |actually )?(?:have|need) to(?: be| have| come)?"
    r"|need(?:n['’]?t| not)(?: be| have)?|(?:do|does)(?:n['’]?t| not) necessarily (?:have to )?(?:be|need)?"
    r"|not necessarily)"
    r"\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a value: it is not demanded, nor excluded."""
_SAID_OF = (
    r"(?:['’](?:s|re)|\s+(?:is|was|are|were|looks?|sounds?|seems?))\s+"
    r"(?:(?:an?|the|so|very|really|pretty|quite|such|super|kind of|kinda|a bit|also|just)\s+){0,3}"
)
REMARKED = re.compile(
    r"^\W*(?:(?:yes|yeah|oh|no|but|and|so|hm+|well|haha|lol|i have|i know|i think|i heard|actually)\b[\s,]*)*"
    rf"(?:it|that|this|those|they|these|(?:the )?others?|both)(?: one)?{_SAID_OF}$",
    re.IGNORECASE,
)
"""Before a value, from the beginning of its clause: it is said of what was shown."""
IS_NO = re.compile(
    r"^\W*(?:(?:no|but|hey|um+|er+|well|wait)\b[\s,]*)*(?:that|this|these|those|they|it|number \w+|the \w+(?: one)?)"
    r"(?:['’]?s\s+not|\s+(?:is|are|was|were)(?:n['’]?t|\s+not)|\s+ain['’]?t)"
    r"\s+(?:really\s+|even\s+|exactly\s+)?an?\s+$",
    re.IGNORECASE,
)
"""Before a value: a complaint about what was shown, `that's not a comedy`."""
SAID_OF = re.compile(_SAID_OF, re.IGNORECASE)
"""Between an item that is named and a value."""
LESS_THAN = re.compile(r"\bmore\s+(?:[\w'’-]+\s+){1,3}than\s+$", re.IGNORECASE)
"""Before a value: `more ideas than explosions`."""
TOO_MUCH = re.compile(r"\b(?:less|fewer|too|not (?:so|that|as|too))\s+$", re.IGNORECASE)
"""Before a word: less of it is wanted."""
RELATIONS = (
    r"(?:wife|husband|partner|girlfriend|boyfriend|friends?|kids?|son|daughter|child(?:ren)?|baby|mum|mom|dad|mother"
    r"|father|brothers?|sisters?|roommates?|flatmates?|colleagues?|parents?|grand(?:ma|pa|mother|father|parents)|niece"
    r"|nephew|uncle|aunt|cousins?|family|boss|teacher)"
)
COMPANY = re.compile(
    rf"\b(?:my|our|his|her|their)\s+(?:(?!{RELATIONS})\w+\s+){{0,3}}{RELATIONS}\b|\b(?:present"
    rf"|gift)\b(?=\s+for\b)|\ba (?:present|gift)\b",
    re.IGNORECASE,
)
"""Who it is for, or who speaks: nothing to search for."""
IS_GIFT = re.compile(r"\b(?:present|gift) for\b", re.IGNORECASE)
"""It is for somebody alone: what they like is what is wanted."""
OTHERS_TASTE = re.compile(
    rf"\b(?:my|our)\s+(?:\w+\s+)?{RELATIONS}\b[^.!?]{{0,20}}?"
    r"\b(?:likes?|loves?|wants?|prefers?|enjoys?|(?:is|are) into)\b",
    re.IGNORECASE,
)
"""Somebody besides the speaker has wishes: then no one's are demands."""
ANOTHER = re.compile(
    r"\b(?:another|others|something else|anything else|different ones?"
    r"|more (?:options|suggestions|like (?:this|that|these|those))|next"
    r"|none of (?:these|those|them)|show me more|what else|nothing else|surprise me)\b",
    re.IGNORECASE,
)
REMEMBER = re.compile(
    r"^[\s\W]*(?:(?:please|and|also|ok|so)\b[\s\W]*)*(?:remember|keep in mind|note|don['’]?t forget)\b"
    r"(?:\s+(?:that|this|for))?",
    re.IGNORECASE,
)
"""What follows is to be kept beyond this conversation."""
START_OVER = re.compile(
    r"\b(?:something (?:completely|totally|entirely) (?:different|else)"
    r"|start (?:over|again|afresh)|forget (?:everything|all (?:of )?that)|from scratch|new search)\b",
    re.IGNORECASE,
)

RETRACTS = re.compile(
    r"\b(?:forget|drop|ignore|never ?mind|scrap|scratch|lose|don['’]?t care about)\s+(?:about\s+)?"
    r"(?:the |that |any )?"
    r"(?P<what>(?:(?! and (?:show|give|find|recommend|suggest|tell|return|make|I|we)\b)[^,.;!?]){2,60})",
    re.IGNORECASE,
)
"""Takes back a wish said before."""

_ORDINAL_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
ORDINALS = {
    **{word: row for row, word in enumerate(_ORDINAL_WORDS)},
    **{f"{row + 1}{ending}": row for row in range(20) for ending in ("st", "nd", "rd", "th")},
    **dict(zip(("one", "two", "three", "four", "five"), range(5), strict=True)),
    "last": -1,
}
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBER_WORDS = {word: number for number, word in enumerate(_SMALL)}
NUMBER_WORDS |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
NUMBER_WORDS |= {f"{ten}-{one}": NUMBER_WORDS[ten] + NUMBER_WORDS[one] for ten in _TENS for one in _SMALL[1:10]}
ROLE_WORDS = {
    "price": ["price", "priced", "cost", "costing", "budget"],
    "quality": ["rating", "rated", "stars", "score", "scored"],
}
"""What people call a field of that role, whatever its own words are."""
MONEY_WORDS = "dollars?|bucks?|euros?|pounds?|quid|usd|eur|gbp"
SPENDING = frozenset({"pay", "spend", "cost", "costs", "last", "lasts", "run", "runs"})
"""Verbs of what an item takes: `I don't want to pay more than`."""
UNIT_ABBREVIATIONS = {"minutes": ["min", "mins"], "hours": ["hr", "hrs"], "grams": ["g"], "kilograms": ["kg"]}
DECADE_WORDS = {
    "twenties": 20,
    "thirties": 30,
    "forties": 40,
    "fifties": 50,
    "sixties": 60,
    "seventies": 70,
    "eighties": 80,
    "nineties": 90,
    "noughties": 0,
}


_CLAUSE_CHARS = 200
_SENTENCE_END = re.compile(r"(?:^|[.!?]\s*)$")


def content_words(text: str) -> list[str]:
    """The words of a title that are no function words, folded."""
    return [word for word in normalise(text).split() if word not in STOP_WORDS]


def starts_sentence(message: str, start: int) -> bool:
    """Whether a sentence begins at a place: a capital there need not be a name's."""
    return _SENTENCE_END.search(message[:start]) is not None


def clause_before(message: str, start: int) -> str:
    """What stands before a place in the same clause, as far as it matters; `anything but` keeps its `but`."""
    ends = _clause_ends(message)
    row = bisect_right(ends, start)
    return message[max(ends[row - 1] if row else 0, start - _CLAUSE_CHARS) : start]


@lru_cache(maxsize=16)
def _clause_ends(message: str) -> tuple[int, ...]:
    """Found once a message: a long one asks for the clause of each of its words."""
    return tuple(match.end() for match in CLAUSE_END.finditer(message) if not _is_except(message, match))


_EXCEPT = re.compile(r"(?:(?:any|every)(?:thing|body|one)|\bany(?: \w+){1,4})\s+$", re.IGNORECASE)


def _is_except(message: str, end: re.Match[str]) -> bool:
    before = message[max(0, end.start() - 40) : end.start()]
    return (
        end.group().lower() == "but"
        and _EXCEPT.search(before) is not None
        and re.match(_NO_MORE, message[end.end() :], re.IGNORECASE) is not None
    )


def is_negated(message: str, start: int, reach: int = 5) -> bool:
    """Whether a negation stands within `reach` words before a place, in the same clause, and reaches as far."""
    before = " ".join(clause_before(message, start).split()[-reach:])
    found = list(NEGATORS.finditer(before))
    return bool(found) and not _is_spent(before, found[-1])


def _is_spent(before: str, negation: re.Match[str]) -> bool:
    """Whether a negation was of what stands behind it: `not X preferably Y`, `a non-X Y`, `a not X Y`."""
    between = before[negation.end() :]
    soft = SOFTENERS.search(between)
    is_of_next = _OF_THE_NEXT.search(before[: negation.end()]) is not None
    until = len(between) if is_of_next else soft.start() if soft else 0
    return any(word not in STOP_WORDS for word, _, _ in words_with_spans(between[:until]))


def negation_start(message: str, start: int) -> int:
    """Where the negation that governs a place begins; the place itself if there is none."""
    before = clause_before(message, start)
    found = list(NEGATORS.finditer(before))
    return start - len(before) + found[-1].start() if found else start


def is_soft(message: str, start: int, end: int | None = None) -> bool:
    """Whether the clause before a place makes what follows a preference and not a demand; or what stands behind it.

    Args:
        end: where that ends.
    """
    is_hedged = end is not None and _SOFT_BEHIND.match(message[end : end + _BEHIND_CHARS]) is not None
    return is_hedged or SOFTENERS.search(clause_before(message, start)) is not None
