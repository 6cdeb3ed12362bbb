"""Comparisons without a number: `shorter`, `not too old`, `the cheapest`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from agent.reading.lexicon import REMARKED, clause_before, is_negated
from agent.reading.spans import Found, phrases
from tools.constraints import Constraint
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec
from tools.text import normalise, singular

CUE_CHARS = 40
"""How far before a word its `more` or `less` is looked for."""
_MUCH_LESS_DECILE, _LESS_DECILE, _MORE_DECILE = 3, 5, 7
_SOMEWHAT = r"(?:a bit|a little|kind of|kinda|rather|quite|pretty|really|way|very|so)"
_TOO = re.compile(
    r"\btoo\s+$|\b(?:it|that|this|they|those|these|one)(?:['’]s|\s+(?:is|are|was|were|looks?|sounds?|seems?))\s+"
    rf"{_SOMEWHAT}\s+$",
    re.IGNORECASE,
)
"""Before an adjective: a complaint."""
_DEGREE = re.compile(
    rf"(?:\bnot\s+)?\b(?:too|so|that|as|more|less)\s+$|\b(?:not|no)\s+$|\b{_SOMEWHAT}\s+$", re.IGNORECASE
)
_NOT_QUITE = re.compile(r"\b(?:less|not (?:so|that|as))\s+$", re.IGNORECASE)
_MEASURED = re.compile(
    r"(?:\d(?:\s?[a-z]{1,8})?|\b(?:years?|hours?|minutes?|days?|nights?|weeks?))[\s-]*$", re.IGNORECASE
)
"""`two hours long`, `8 years old`, `all day long`: an adjective that only goes with its measure."""
_OF_TIME = re.compile(r"\s+(?:days?|nights?|weeks?|months?|years?|time|while|ago|since)\b", re.IGNORECASE)
_OF_THE_LIST = re.compile(
    r"\s+(?:mix|mixture|variety|range|selection|idea|deal|luck|question|news|bye|day|night|evening|morning"
    r"|weekend|time)\b",
    re.IGNORECASE,
)
"""`a good mix`, `good bye`: said of no item."""
_NEW_PLACE = re.compile(r"\s+(?:york|zealand|orleans|jersey|delhi|england|mexico|years?)\b", re.IGNORECASE)
"""Behind `new`: it is a name."""
_OF_THE_DAY = frozenset({"early", "late"})
"""Said of the hour more often than of an item, unlike `earlier` and `later`."""


def read_adjectives(message: str, catalogue: Catalogue, slate: Sequence[Item]) -> list[Found]:
    """Comparisons with no number: `shorter`, `not too old`. Against the shown slate, or the catalogue's spread."""
    found = []
    for phrase, start, end in sorted(phrases(message), key=lambda phrase: phrase[1:]):
        for field in catalogue.schema.askable:
            side = side_of(field, phrase)
            if (
                side
                and not re.match(r"\s*than\s+[$€£]?\s?\d", message[end:])
                and not _compares_nothing(message, start, end)
                and not (field.role == "quality" and side == ">" and _is_judgement(message, start))
            ):
                found.append(Found(start, end, (_relative(message, (start, end), field, side, catalogue, slate),)))
                break
    return found


def read_order(message: str, catalogue: Catalogue) -> tuple[tuple[int, int, str, FieldSpec], ...]:
    """Superlatives that ask for an order: where they stand, and `lowest price` or `highest year`."""
    ordered = [field for field in catalogue.schema.askable if field.is_ordered] if _ORDERS.search(message) else []
    found = [order for field in ordered if (order := _by_label(message, field))]
    for phrase, start, end in phrases(message):
        for field in catalogue.schema.askable:
            side = superlative_of(field, phrase)
            if side and not is_negated(message, start):
                found.append((start, end, f"{'highest' if side == '>' else 'lowest'} {field.name}", field))
                break
    return tuple(found[:1])


def _by_label(message: str, field: FieldSpec) -> tuple[int, int, str, FieldSpec] | None:
    """`sort by price, lowest first`, `highest rating first`, but not `maximum price 20`."""
    names = "|".join(re.escape(name) for name in sorted(field.names, key=len, reverse=True))
    way = r"(?:[\s,]+(?:from\s+(?:the\s+)?)?(?P<way>\w+))?"
    sorts = rf"\b(?:sort|order|rank)(?:ed)?\s+(?:\w+\s+)?by\s+(?:the\s+)?(?:{names})\b{way}"
    ends = rf"\b(?P<end>{_HIGH}|{_LOW})\s+(?:{names})s?\b(?!\s*(?:of|is|:|=)?\s*[$€£]?\d)"
    match = re.search(rf"{sorts}|{ends}", message, re.IGNORECASE)
    if match is None or is_negated(message, match.start()):
        return None
    said = match["end"] or match["way"] or ""
    is_low = re.fullmatch(rf"{_LOW}|ascending|bottom|cheapest", said, re.IGNORECASE) is not None
    is_low |= not re.fullmatch(rf"{_HIGH}|descending", said, re.IGNORECASE) and field.role in ("price", "duration")
    return match.start(), match.end(), f"{'lowest' if is_low else 'highest'} {field.name}", field


_HIGH, _LOW = r"(?:highest|maximum|greatest|biggest|top|most(?! people))", r"(?:lowest|minimum|smallest|least|fewest)"
_ORDERS = re.compile(rf"\b(?:sort|order|rank|{_HIGH}|{_LOW})", re.IGNORECASE)


def positives(word: str) -> list[str]:
    """What a comparative or superlative compares: scarier -> scary, darkest -> dark, bigger -> big."""
    ending = "est" if word.endswith("est") else "er"
    stem = word.removesuffix(ending)
    if stem == word or len(stem) < 3:
        return []
    if stem.endswith("i"):
        return [stem[:-1] + "y"]
    return [stem, stem + "e", *([stem[:-1]] if stem[-1] == stem[-2] else [])]


_DEGREES = ("", "more", "most", "less", "least")
_MORE_OF = {"higher": ">", "better": ">", "more": ">", "greater": ">", "lower": "<", "fewer": "<", "smaller": "<"}
"""Before a field's name: `higher ratings`."""


def side_of(field: FieldSpec, phrase: str) -> str:
    """Which side of a field's values an adjective names: `longer`, `long`, `longest`, `highly rated`."""
    if not field.is_ordered:
        return ""
    if field.role == "quality" and phrase in ("well rated", "highly rated", "well reviewed", "highly reviewed"):
        return ">"
    degree, _, name = phrase.partition(" ")
    if degree in _MORE_OF and singular(name) in {singular(known.lower()) for known in field.names}:
        return _MORE_OF[degree]
    sides = _sides(tuple(field.more), tuple(field.less))
    return next((sides[stem] for stem in (phrase, *positives(phrase)) if stem in sides), "")


@lru_cache(maxsize=256)
def _sides(more: tuple[str, ...], less: tuple[str, ...]) -> Mapping[str, str]:
    """The side that each form of a field's adjectives names; `award-winning` is two words here."""
    sides: dict[str, str] = {}
    for side, other, adjectives in ((">", "<", more), ("<", ">", less)):
        for adjective in map(normalise, adjectives):
            degree, _, base = adjective.rpartition(" ")
            if degree not in _DEGREES:
                degree, base = "", adjective
            for form in (base, *(stem for stem in positives(base) if stem not in _OF_THE_DAY)):
                sides.setdefault(form, other if degree == "less" else side)
    return sides


def superlative_of(field: FieldSpec, phrase: str) -> str:
    """Which end of a field's values a superlative asks for: `cheapest`, `most popular`, `highest rated`."""
    first, _, second = phrase.partition(" ")
    if field.role == "quality" and second in ("rated", "scored", "reviewed") and first in _BEST:
        return _BEST[first]
    if field.role == "quality" and phrase in ("best", "worst") and side_of(field, phrase):
        return _BEST[phrase]
    if first in ("most", "least") and second:
        side = side_of(field, second)
        return side if first == "most" else {"<": ">", ">": "<"}.get(side, "")
    return side_of(field, phrase) if not second and phrase.endswith("est") and positives(phrase) else ""


_BEST = {"best": ">", "highest": ">", "top": ">", "worst": "<", "lowest": "<"}


_BETTER_ONE = re.compile(r"\s*(?:$|[^\w\s]|(?:ones?|than|rated|reviewed|options?)\b)", re.IGNORECASE)
"""Behind a `better` that begins a clause: it compares; `better not`, `better from Spain` say what is wanted instead."""
_TOPIC = re.compile(
    r"\b(?:about|to do with|theme is|subject of|deals? with|centred on|where)\s+(?:an?\s+|the\s+)?$", re.IGNORECASE
)
"""Before an adjective: it is of what items are about, `long walks`."""


def _is_judgement(message: str, start: int) -> bool:
    """`that one is pretty good`, `not good`: said of something. Worse ones nobody asks for."""
    return REMARKED.search(clause_before(message, start)) is not None or is_negated(message, start)


def _compares_nothing(message: str, start: int, end: int) -> bool:
    """`as long as`, `so far`, `feel-good`, `how long`, `a long day`: adjectives that compare nothing, or ask."""
    before, after = message[max(0, start - CUE_CHARS) : start], message[end : end + CUE_CHARS]
    if _NOT_QUITE.search(before):
        return False
    as_or_how = re.search(
        r"(?:\b(?:(?:as|so|how|no|any|good)\s+|feel[\s-])|(?:\bwould|['’]d) be\s+)$", before, re.IGNORECASE
    )
    is_better = message[start:end].lower() == "better"
    is_correction = is_better and not clause_before(message, start).strip() and not _BETTER_ONE.match(after)
    the_better = re.search(r"\bthe\s+$", before, re.IGNORECASE) and re.search(
        r"\bthe \w+ the\s+$", before, re.IGNORECASE
    )
    return any(
        (
            the_better,
            is_correction,
            _TOPIC.search(before),
            as_or_how,
            re.match(r"\s+as\b", after),
            _MEASURED.search(before),
            _OF_TIME.match(after),
            message[start:end].lower() == "new" and _NEW_PLACE.match(after),
            _OF_THE_LIST.match(after),
        )
    )


def _relative(
    message: str,
    span: tuple[int, int],
    field: FieldSpec,
    side: str,
    catalogue: Catalogue,
    slate: Sequence[Item],
) -> Constraint:
    start, end = span
    before = message[max(0, start - CUE_CHARS) : start]
    negated, too_much = is_negated(message, start), _TOO.search(before) is not None
    if negated or too_much or _NOT_QUITE.search(before):
        side = "<" if side == ">" else ">"
    cue = _DEGREE.search(before)
    words = message[start - len(cue.group()) if cue else start : end]
    shown = sorted(item.values[field.name] for item in slate if field.name in item.values)
    spread = catalogue.spread(field.name)
    comparative = re.search(r"\b(?:more|less)\s+$", before, re.IGNORECASE)
    is_comparative = too_much or comparative or message[start:end].lower().endswith("er")
    if shown and is_comparative and not negated:
        return Constraint(field=field.name, op="<" if side == "<" else ">", value=shown[len(shown) // 2], words=words)
    decile = {
        "<": _LESS_DECILE if negated else _MUCH_LESS_DECILE,
        ">": _LESS_DECILE if negated else _MORE_DECILE,
    }[side]
    edge = spread[decile] if spread else 0.0
    if side == "<" and field.role == "popularity" and edge == spread[0]:  # half of the items may never have been used
        edge = next((value for value in spread if value > edge), edge)
    value: float | str = str(int(edge)) if field.type == "date" else float(round(edge)) if field.is_temporal else edge
    return Constraint(field=field.name, op="<=" if side == "<" else ">=", value=value, strength="prefer", words=words)
