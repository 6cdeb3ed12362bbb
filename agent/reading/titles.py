"""Titles in a message: which items are named, and whether they were liked, disliked or already seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from agent.reading.lexicon import (
    AT_HOME,
    BAD,
    CLAUSE_END,
    DISLIKED,
    DROPPED,
    LIKED,
    NAME,
    NAME_WITH_YEAR,
    NEGATORS,
    NO_THANKS,
    SEEN,
    THEN_HATED,
    THEN_LOVED,
    TURNED_DOWN,
    clause_before,
    content_words,
    starts_sentence,
)
from agent.reading.spans import Taken
from agent.reading.spelling import is_common, is_english
from tools.data.catalogue import Catalogue
from tools.grounding import Span, Titles
from tools.text import fold, normalise, stem_phrase, words_with_spans

Kind = Literal["liked", "disliked", "seen", "rejected"]
_QUOTED = re.compile(r"[\"“«]([^\"“”«»]{2,80})[\"”»]|(?<!\w)['‘]([^'‘’]{2,80})['’](?!\w)")
_YEAR_BEHIND = re.compile(r"^\s*[,(\[]?\s*(?:from\s+)?((?:18|19|20)\d\d)\b\s*[)\]]?")
_NAME_AFTER_CUE = re.compile(
    r"(?P<cue>\b(?:liked?|loved?|enjoyed|similar to|hated?|adored?|favou?rite(?: is)?|tell me about)\s+)"
    rf"(?P<name>{NAME})"
)
_HAVE = re.compile(r"\b(?:do you have|have you got|got)\s+(?P<name>[A-Z][\w'’-]*(?:\s+[A-Z\d][\w'’-]*)*)\s*[?.!]*$")
"""A name that a question for it ends in."""
_SAW = re.compile(r"\bsaw\s+(?:the\s+)?$", re.IGNORECASE)
_LISTED = re.compile(r"(?<=\w)\s*[^\w\s]?\s*,\s*(?:(?:and|or|nor|plus|also|&)\s+)?(?:the\s+)?$", re.IGNORECASE)
_NEXT_OF_LIST = re.compile(r"\s*(?:(?:and|or|nor|plus|also|&)\s+)?(?:the\s+)?", re.IGNORECASE)
"""Between a comma and the next of a list: nothing else is said of it."""
_LED_BY = re.compile(r"(?:(?:I|We|And|But|Also|Yes|No|Have|Seen|Saw|Watched|Liked?|Loved?|Hated?|Enjoyed)\s+)+(?=\S)")
"""At the beginning of a sentence, before a name."""
MOST_NAMES = 20
"""With years, in one message: each that is unknown is compared with all titles."""
LONG_WORD = 5
"""In letters: a longer word that is no English and is a title is that title, however it is written: `goodfellas`."""
FAMOUS, WELL_KNOWN = 0.01, 0.1
"""Share of the items: in small letters, too, titles of several words are theirs, or of one in a question about it."""
WELL_KNOWN_NAME = 0.05
"""Share of the names: whose surname is a title, too, is meant by it, unless the item is better known."""
_AFTER_CHARS = 40
LONGEST_VALUE = 5
"""In words."""
_JOINS = re.compile(r"^\s*(?:,|and|or|&|,\s*and)\s*(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """An item that a message names."""

    start: int
    end: int
    position: int
    kind: Kind

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands."""
        return self.start, self.end


@dataclass(frozen=True)
class TitleReading:
    """The items named, and titles that the catalogue does not have."""

    named: tuple[Named, ...]
    unknown: tuple[tuple[int, int, str], ...]
    """(start, end, as typed)."""


def read_titles(
    message: str, catalogue: Catalogue, titles: Titles, shown: frozenset[int] = frozenset()
) -> TitleReading:
    """Find the titles of a message. Words that only happen to be a title are left alone.

    Args:
        shown: the items that were shown: their titles of several words need no capitals.
    """
    quoted = [(m.start(), m.end(), m.group(1) or m.group(2)) for m in _QUOTED.finditer(message)]
    named: list[Named] = []
    unknown = []
    for start, end, text in quoted:
        match = titles.find(text)
        if match:
            named.append(Named(start, end, match.position, kind_of(message, start, end)))
        else:
            unknown.append((start, end, text))
    inside = [(start, end) for start, end, _ in quoted]
    taken = Taken(message, inside)
    spans = [s for s in titles.spot(message) if taken.is_free(s.start, s.end)]
    for start, end, position in _with_years(message, spans, titles):
        if not taken.is_free(start, end):
            continue
        if position is not None:
            named.append(Named(start, end, position, kind_of(message, start, end)))
        else:
            unknown.append((start, end, message[start:end].rpartition("(")[0].rstrip()))
        inside.append((start, end))
        spans = [s for s in spans if s.end <= start or end <= s.start]
    spans = _but_parts_of_values(message, spans, catalogue)
    kinds = _small_words(catalogue, spans, message)
    for span in sorted(spans, key=lambda s: s.start):
        is_shown = not shown.isdisjoint(span.positions) and len(content_words(message[span.start : span.end])) > 1
        is_named = is_shown or _is_title(message, span, kinds, named, titles, catalogue)
        if is_named or _has_its_year(message, span, titles):
            named.append(_ground(message, span, titles))
    unknown.extend(_longer_names(message, spans, named))
    for span in spans:  # `Alien or Heat`: beside a title, what may be another word is one too
        kind = kinds.get(_bare(message, span))
        may_be = kind is None or (kind == "synonym" and message[span.start].isupper())
        if may_be and any(_JOINS.match(message[span.end : n.start]) for n in named if n.start > span.end):
            named.append(_ground(message, span, titles))
    taken = Taken(message, [*inside, *((n.start, n.end) for n in named)])
    for match_ in [*_NAME_AFTER_CUE.finditer(message), *_HAVE.finditer(message)]:
        start, end = match_.span("name")
        if (
            not _is_count(message, start, end)
            and taken.is_free(start, end)
            and not _names_a_value(catalogue, match_["name"])
        ):
            found = titles.find(match_["name"])
            if found:
                named.append(Named(start, end, found.position, kind_of(message, start, end)))
            elif not match_["name"].replace(" ", "").isdigit():
                unknown.append((start, end, match_["name"]))
    return TitleReading(tuple(_as_listed(message, sorted(named, key=lambda n: n.start))), tuple(unknown))


def _as_listed(message: str, named: Sequence[Named]) -> Iterator[Named]:
    """Of titles that are listed, `seen A, B and C`, what is said of the first is said of each that has nothing else."""
    last: Named | None = None
    for name in named:
        is_next = last is not None and _JOINS.match(message[last.end : name.start]) is not None
        if last and is_next and name.kind == "liked" and not LIKED.search(message[last.end : name.start]):
            name = replace(name, kind=last.kind)
        yield name
        last = name


def _with_years(message: str, spans: Sequence[Span], titles: Titles) -> Iterator[tuple[int, int, int | None]]:
    """Names with a year behind them, `Moana (2016)`: from where to where, and the item, if one is called so."""
    for match in islice(NAME_WITH_YEAR.finditer(message), MOST_NAMES):
        if any(s.start < match.start() and s.end == match.end("name") for s in spans):
            continue  # part of a longer title
        year, bare = int(match["year"]), _LED_BY.sub("", match["name"])
        meant = [_of_that_year(name, year, titles) for name in dict.fromkeys((match["name"], bare))]
        position = next((position for position in meant if position is not None), None)
        yield match.end("name") - len(bare), match.end(), position


def _of_that_year(name: str, year: int, titles: Titles) -> int | None:
    """The item of a name that a year stands behind; words before it may have capitals: `I Saw Braveheart (1995)`.

    A name with no word of its own needs its year: `It (2017)` is not the `It` of 1990.
    """
    match = titles.find(f"{name} ({year})")
    is_telling = match is not None and match.how != "fuzzy" and content_words(name)
    if match and (is_telling or titles.is_of_year(match.position, year)):
        return match.position
    ends = [titles.best(span.positions, year) for span in titles.spot(name) if span.end == len(name)]
    return next((position for position in ends if titles.is_of_year(position, year)), None)


def kind_of(message: str, start: int, end: int) -> Kind:
    """What a message says of something that it names: the cue nearest before it decides, else it was liked.

    Of what was seen, what was thought of it: `I saw Heat and loved it`.
    """
    kind, behind = _kind_of(message, start, end), message[end : end + 2 * _AFTER_CHARS]
    if kind == "seen" and THEN_LOVED.match(behind):
        return "liked"
    return "disliked" if kind == "seen" and THEN_HATED.match(behind) else kind


def _kind_of(message: str, start: int, end: int) -> Kind:
    before, after = clause_before(message, start), CLAUSE_END.split(message[end : end + _AFTER_CHARS], maxsplit=1)[0]
    last: tuple[int, Kind] = (-1, "liked")
    cues: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("rejected", NEGATORS),
        ("liked", LIKED),
        ("seen", SEEN),
        ("disliked", DISLIKED),
    )
    for kind, cue in cues:
        for match in cue.finditer(before):
            if match.end() >= last[0]:
                last = match.end(), kind
    if last[0] < 0 and _SAW.search(before):
        return "seen"
    if last[0] < 0 and (SEEN.search(after) or AT_HOME.search(after)):
        return "seen"
    if last[0] < 0 and (DROPPED.search(before) or NO_THANKS.match(message[end:])):
        return "rejected"
    if last[0] < 0 and BAD.match(after):
        return "disliked"
    if last[1] == "liked" and TURNED_DOWN.match(after):
        return "disliked"
    if last[0] < 0 and (listed := _LISTED.search(message[:start])) and _NEXT_OF_LIST.fullmatch(before):
        return _kind_of(message, listed.start(), listed.start())  # `seen that, the first, and the second`
    return last[1]


def _small_words(catalogue: Catalogue, spans: Sequence[Span], message: str) -> dict[str, str]:
    """Which of these stretches name kinds of items (values of a small vocabulary), by their names or by synonyms.

    `romantic comedy` names two of them, `scary movie` one.
    """
    plain = catalogue.schema.spoken
    bares = [_bare(message, span) for span in spans]
    norms = {bare: [stem_phrase(word) for word in bare.split() if word not in plain] for bare in bares}
    small = catalogue.kinds(sorted({part for bare, parts in norms.items() for part in (bare, *parts)}))
    kinds = {w.norm: "name" if w.norm == stem_phrase(normalise(w.value)) else "synonym" for w in small}
    several = {bare: "synonym" for bare, parts in norms.items() if " " in bare and parts and {*parts} <= {*kinds}}
    return several | kinds


def _bare(message: str, span: Span) -> str:
    """What is written there, without the article of one of a kind: `a Romance` is no title."""
    return fold(message[span.start : span.end]).removeprefix("a ").removeprefix("an ")


def _but_parts_of_values(message: str, spans: Sequence[Span], catalogue: Catalogue) -> list[Span]:
    """Those that are no part of a longer value: in `Oliver Platt` is no `Oliver`."""
    words = words_with_spans(message)
    longer: dict[str, list[tuple[int, int]]] = {}
    for first in range(len(words)):
        for last in range(first + 1, min(first + LONGEST_VALUE, len(words))):
            begin, end = words[first][1], words[last][2]
            if any(begin <= s.start and s.end <= end and (begin, end) != (s.start, s.end) for s in spans):
                norm = stem_phrase(" ".join(word for word, _, _ in words[first : last + 1]))
                longer.setdefault(norm, []).append((begin, end))
    askable = {field.name for field in catalogue.schema.askable}
    values = {word.norm for word in catalogue.words(sorted(longer)) if word.field in askable}
    inside = [place for norm in values for place in longer[norm]]
    return [s for s in spans if not any(a <= s.start and s.end <= b and b - a > s.end - s.start for a, b in inside)]


def _names_a_value(catalogue: Catalogue, name: str) -> bool:
    return bool(catalogue.words([fold(name)])) or fold(name).split()[-1] in catalogue.name_parts


def _is_title(
    message: str, span: Span, kinds: dict[str, str], named: Sequence[Named], titles: Titles, catalogue: Catalogue
) -> bool:
    text = message[span.start : span.end]
    kind = kinds.get(_bare(message, span))
    if kind and not (kind == "synonym" and text[:1].isupper() and _follows_cue(message, span, named)):
        return False
    content = content_words(text)
    if text in _PRONOUNS or (
        text.islower() and len(content) == 1 and is_common(content[0]) and _is_taste(message, span)
    ):
        return False
    if _is_count(message, span.start, span.end):
        return False
    if _is_looked_up(message, span):
        return True
    if not content:
        is_name = span.words > 1 and text.istitle() and not starts_sentence(message, span.start)
        return is_name and titles.is_famous(span.positions, WELL_KNOWN)
    if len(content) == 1 and content[0].isdigit() and not _follows_cue(message, span, named):
        return False
    if _goes_on(message, span):
        return False
    capitals = all(part[:1].isupper() or part[:1].isdigit() for part in text.split() if fold(part) in content)
    whole = len(text.strip()) == len(message.strip(" .!?"))
    if len(content) >= 2:
        after = message[span.end :]
        is_spoken_of = _follows_cue(message, span, named) or _VERDICT_BEHIND.match(after) or _ALIKE_BEHIND.match(after)
        is_famous = titles.is_famous(span.positions, FAMOUS)
        return bool(capitals or whole or is_spoken_of or is_famous or len(content) >= 3)
    is_known = titles.is_famous(span.positions, WELL_KNOWN)
    if is_known and _asks_of(message, span):
        return True
    people = catalogue.name_parts.get(content[0], []) if len(content) == 1 else []
    is_of_somebody = any(one.count >= catalogue.fame(WELL_KNOWN_NAME) for one in people)
    is_liked = kind_of(message, span.start, span.end) == "liked"
    if (whole or (is_of_somebody and is_liked)) and people and not titles.is_famous(span.positions, FAMOUS):
        return False  # `hitchcock`: somebody's name
    if len(content) == 1 and _PLACE_BEFORE.search(message[: span.start]):
        return False  # `set in Paris`
    is_strange = len(content[0]) > LONG_WORD and not is_english(content[0])
    is_judged = capitals and _VERDICT_BEHIND.match(message[span.end :]) is not None
    return (
        whole
        or _follows_cue(message, span, named)
        or is_judged
        or is_strange
        or (capitals and not starts_sentence(message, span.start))
    )


def _longer_names(message: str, spans: Sequence[Span], named: Sequence[Named]) -> Iterator[tuple[int, int, str]]:
    """Titles that the catalogue lacks and that begin with one that it has: `I've seen Queen of Katwe`."""
    for span in spans:
        is_cut = _goes_on(message, span) and _follows_cue(message, span, named)
        if whole := _NAME.match(message, span.start) if is_cut else None:
            yield span.start, whole.end(), whole.group()


def _goes_on(message: str, span: Span) -> bool:
    """Whether it only begins a longer name: `Queen of Katwe` is not `The Queen`."""
    return message[span.start].isupper() and _NAME_GOES_ON.match(message, span.end) is not None


_PLACE_BEFORE = re.compile(r"\b(?:in|from|near|around)\s+$", re.IGNORECASE)
_NAME = re.compile(NAME)
_NAME_GOES_ON = re.compile(r"\s+(?:of|for|to)\s+(?:the\s+)?[A-Z]")
_PRONOUNS = frozenset(
    {"it", "them", "they", "her", "him", "she", "he", "us", "me", "you", "that", "this", "these", "those"}
)


def _is_taste(message: str, span: Span) -> bool:
    """`my wife hates blood`: said of a common thing in general, and of no title."""
    return _TASTE.search(message[: span.start]) is not None


_TASTE = re.compile(
    r"\b(?:(?:hate|love|enjoy|adore|dislike)s?|likes|(?:I|we|they|you) like|into|fans? of"
    r"|can['’]?t (?:stand|handle|take))\s+$",
    re.IGNORECASE,
)
_TURNED_AWAY = re.compile(r"\b(?:no|not|without|except|but not|anything but|own|have|saw)\b", re.IGNORECASE)
"""Cues that a title of several words follows, however it is written."""
_ASKED_ABOUT = re.compile(
    r"\b(?:about|than|is|was|directed|wrote|made|why(?: not)?|isn['’]?t|wasn['’]?t)\b", re.IGNORECASE
)
"""Cues that only a title written as a name follows: `longer than three hours` is none."""


_VERDICT_BEHIND = re.compile(
    r"\s+(?:was|is|were|wasn['’]?t|isn['’]?t)\s+(?:\w+\s+){0,2}"
    r"(?:great|good|amazing|awesome|brilliant|fun|fantastic|excellent|lovely|perfect|ok(?:ay)?|bad"
    r"|terrible|awful|boring|dull|horrible|my fav\w+|our fav\w+|the best|the worst|too \w+|not)\b"
    r"|\s+(?:bored|sucked|rocked|blew)\b",
    re.IGNORECASE,
)


_ALIKE_BEHIND = re.compile(r"[\s-](?:style|like|esque|type|vibes?|ish)\b", re.IGNORECASE)
"""`star wars style`, `Heat-like`."""


_COUNTS = re.compile(r"\s*(?:minutes?|mins?|hours?|times?|days?|weeks?|years?|people|percent|%)", re.IGNORECASE)
"""Behind digits: they are no title."""


def _is_count(message: str, start: int, end: int) -> bool:
    return message[start:end].isdigit() and _COUNTS.match(message[end:]) is not None


_LOOKED_UP = re.compile(
    r"\b(?:(?:tell me (?:more )?|know )about|(?:more )?info(?:rmation)? (?:on|about|for)|details (?:on|of|for|about)"
    r"|(?:what|tell me|know|look up) (?:the )?[\w ]{2,30} of|^\W*(?:and )?(?:the )?[\w ]{2,30} of|wrong with"
    r"|remind me what|why(?: not| isn['’]?t| is)?"
    r"|(?:why did(?:n['’]?t)? you (?:suggest|pick|choose|show me)|what made you think of"
    r"|how come(?: you suggest)?|shouldn['’]?t|explain))\s+$",
    re.IGNORECASE,
)
"""Cues that a title of any words follows, up to the end of the message."""
_LAST_WORDS = re.compile(
    r"\s*(?:is|be|on the list|missing|there|please|pls|thanks?|[^\w\s]|\([^)]*\))*\s*$", re.IGNORECASE
)


_LABEL_BEHIND = re.compile(r"(?:\s*\(\d{4}\))?\s*:\s*[\w ]{2,30}\W*$")
"""`Heat: director?`"""


def _is_looked_up(message: str, span: Span) -> bool:
    before, after = message[: span.start], message[span.end :]
    if not before.strip() and _LABEL_BEHIND.match(after):
        return True
    is_name = not message[span.start : span.end].isdigit()
    return is_name and _LOOKED_UP.search(before) is not None and _LAST_WORDS.match(after) is not None


def _asks_of(message: str, span: Span) -> bool:
    """Whether a question for a fact is about it, or it is turned away: `who directed jaws`, `that isn't frozen`."""
    return _ASKED_OF.search(message[: span.start]) is not None


_ASKED_OF = re.compile(
    r"\b(?:who (?:directed|wrote|made|starred in|(?:is|was|['’]s) in)|how (?:long|old|good|scary) (?:is|was)"
    r"|when (?:was|did)|what year (?:was|is|did)|(?:isn|wasn|aren)['’]?t|(?:that|which|it)['’]?s not|but not"
    r"|other than|apart from|except)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


def _follows_cue(message: str, span: Span, named: Sequence[Named]) -> bool:
    """Whether `loved`, `like`, `seen`, `about` or another title stands right before."""
    before = clause_before(message, span.start)
    tail = re.sub(r"(?:\s|\b(?:the|a|an|both|really|all of)\b)*$", "", before[-40:], flags=re.IGNORECASE)
    for cue in (
        LIKED,
        SEEN,
        DISLIKED,
        *([_ASKED_ABOUT] if message[span.start].isupper() else []),
        *([_TURNED_AWAY] if len(content_words(message[span.start : span.end])) >= 2 else []),
    ):
        if any(match.end() == len(tail) for match in cue.finditer(tail)):
            return True
    previous = [n for n in named if n.end <= span.start]
    return bool(previous) and _JOINS.match(message[previous[-1].end : span.start]) is not None


def _ground(message: str, span: Span, titles: Titles) -> Named:
    year = _YEAR_BEHIND.match(message[span.end : span.end + _AFTER_CHARS])
    position = titles.best(span.positions, int(year.group(1)) if year else None)
    is_its_own = year is not None and (_is_items_year(titles, span, int(year.group(1))) or "(" in year.group())
    end = span.end + (year.end() if year and is_its_own else 0)
    alike = _ALIKE_BEHIND.match(message, end)
    end = alike.end() if alike else end
    return Named(span.start, end, position, kind_of(message, span.start, span.end))


def _has_its_year(message: str, span: Span, titles: Titles) -> bool:
    year, text = _YEAR_BEHIND.match(message[span.end : span.end + _AFTER_CHARS]), message[span.start : span.end]
    is_name = bool(content_words(text)) or not text.islower()  # `after 2010`
    return is_name and year is not None and _is_items_year(titles, span, int(year.group(1)))


def _is_items_year(titles: Titles, span: Span, year: int) -> bool:
    return titles.is_of_year(titles.best(span.positions, year), year)
