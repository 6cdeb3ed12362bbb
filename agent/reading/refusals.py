"""What is not wanted and no field names: a series by how its titles begin, a topic by the words of the texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.reading.answers import CUES as ANSWERS
from agent.reading.lexicon import STOP_WORDS, is_soft
from agent.reading.spans import Found, Taken
from agent.reading.spelling import is_common
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue
from tools.data.schema import Schema
from tools.text import normalise_title, words_with_spans

LONGEST = 5
"""In words: no series and no topic has a longer name."""
LEAST_IN_SERIES = 2
"""So many titles that begin alike are a series."""
MOST_OF_ALL = 0.6
"""Words that a larger share of the items has say nothing about any of them."""
_CUE = (
    r"(?:no(?: more)?|without|(?:nothing|not) (?:about|with|from|involving|featuring)|not another|nothing to do with"
    r"|(?:any|every)thing but|except(?: for)?|excluding?|avoid|hates?|dislikes?|(?:can(?:no|['’])t|can not) stand"
    r"|rather not(?: (?:have|see|watch|play|read))?|(?:sick|tired) of|fed up with|allergic to"
    r"|(?:do|does|would)(?:n['’]?t| not) (?:want|like|fancy)(?: to (?:see|watch|read|play|have))?)"
)
_FILLER = "any(?:thing)?|something|more|the|an?|all|of|that|those|these|about|with|in|from|featuring|involving"
_JOINER = re.compile(r"(?:\s*,\s*|\s+)(?:(?:or|nor|and)\s+)(?:any\s+|an?\s+|the\s+)?", re.IGNORECASE)
_IDIOMS = frozenset(
    {"rush", "hurry", "limit", "limits", "doubt", "clue", "budget", "chance", "offence", "pressure", "fuss"}
    | {"strings", "longer", "exception", "exceptions", "reason", "nonsense", "spoilers", "thanks", "joke"}
)
"""`no rush`: nothing that an item is about."""
Words = Sequence[tuple[str, int, int]]


def read_refusals(message: str, catalogue: Catalogue, taken: Taken, rejected: Sequence[tuple[int, int]]) -> list[Found]:
    """`no star wars`, `nothing about clowns or robots`. What no item has is left alone: there is nothing to leave out.

    Args:
        taken: what means something else.
        rejected: where titles among it stand that are turned down; the whole of one may name a series.
    """
    words = words_with_spans(message)
    answers = Taken(message, [m.span() for cue in ANSWERS for m in cue.finditer(message)])
    ends, found = dict(rejected), list[Found]()
    for cue in _pattern(catalogue.schema).finditer(message):
        place, wishes = cue.end(), list[Constraint]()
        if cue["bare"] and not _is_named(message, _from(message, words, place), catalogue.schema):
            continue
        while behind := _from(message, words, place):
            title = ends.get(behind[0][1], 0)
            run = _run(behind, [word for word in behind if word[2] <= title or taken.is_free(*word[1:])])
            wish = _series(message, run, catalogue, title)
            if wish is None and answers.is_free(*behind[0][1:]) and not title:
                wish = _topic(message, run, catalogue)
            if wish is None:
                break
            end = behind[0][1] + len(wish.words)
            wishes.append(wish)
            joiner = _JOINER.match(message, end)
            place = joiner.end() if joiner else len(message)
        if wishes:
            found.append(Found(cue.start(), end, tuple(_said(message, cue.start(), end, wish) for wish in wishes)))
    return found


def _pattern(schema: Schema) -> re.Pattern[str]:
    """A refusal, up to what is refused."""
    nouns = "|".join(map(re.escape, [schema.item, schema.items, *schema.item_words]))
    return re.compile(rf"\b(?:{_CUE}|(?P<bare>not))\s+(?:(?:{_FILLER}|{nouns})\s+)*", re.IGNORECASE)


def _is_named(message: str, run: Words, schema: Schema) -> bool:
    """Whether a name stands behind a bare `not`: `not poirot`, `not the dragon tattoo ones`, but not `not too dark`."""
    if not run:
        return False
    nouns = "|".join(["ones?", *map(re.escape, schema.nouns)])
    is_of_items = re.match(rf"(?:[\w'’-]+\s+){{1,3}}(?:{nouns})\b", message[run[0][1] :], re.IGNORECASE)
    return is_of_items is not None or message[run[0][1]].isupper() or not is_common(run[0][0])


def _from(message: str, words: Words, place: int) -> list[tuple[str, int, int]]:
    """The words that stand at a place, one after the other without a sign between."""
    row = next((row for row, word in enumerate(words) if place <= word[1] <= place + 1), len(words))
    behind = [*words[row : row + LONGEST]]
    ends = [n for n in range(1, len(behind)) if not re.fullmatch(r"[\s-]+", message[behind[n - 1][2] : behind[n][1]])]
    return behind[: ends[0]] if ends else behind


def _run(behind: Words, free: Words) -> Words:
    """Its first words, as far as they are free."""
    return behind[: next((n for n, word in enumerate(behind) if word not in free), len(behind))]


def _series(message: str, run: Words, catalogue: Catalogue, least: int) -> Constraint | None:
    """The longest name that several titles begin with; a single word has to be written as one.

    Args:
        least: where the title ends that is named there: `not Siege of Ruby` is not about Sieges.
    """
    for length in range(len(run), 0, -1):
        text = message[run[0][1] : run[length - 1][2]]
        if run[length - 1][2] < least or run[length - 1][0] in STOP_WORDS or (length == 1 and not text[0].isupper()):
            continue
        name = normalise_title(text)
        same = {item for norm, item in catalogue.all_titles if norm == name or norm.startswith(f"{name} ")}
        if len(same) >= LEAST_IN_SERIES:
            return Constraint(field=catalogue.schema.title.name, op="!=", value=name, words=text)
    return None


def _topic(message: str, run: Words, catalogue: Catalogue) -> Constraint | None:
    """Words that some items' texts have, one after the other."""
    nouns = {catalogue.schema.item, catalogue.schema.items, *catalogue.schema.item_words}
    run = _run(run, [word for word in run if word[0] not in STOP_WORDS | nouns | _IDIOMS and len(word[0]) > 2])
    if not run:
        return None
    text = message[run[0][1] : run[-1][2]]
    field = catalogue.schema.with_role("description") or catalogue.schema.title
    wish = Constraint(field=field.name, op="=", value=text.lower(), words=text)
    has = int(catalogue.meeting(wish).sum())
    return wish.model_copy(update={"op": "!="}) if 0 < has <= MOST_OF_ALL * catalogue.size else None


def _said(message: str, start: int, end: int, wish: Constraint) -> Constraint:
    soft = {"op": "=", "strength": "avoid"} if is_soft(message, end - 1) else {}
    return wish.model_copy(update={"words": message[start:end], **soft})
