"""What a field is for, guessed from its type and generic English column names, and the words that go with it.

A name is matched as a whole, never by a part of it, against patterns in order of preference; each role goes
to the one field that fits it best, links apart, of which there may be several.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from tools.data.columns import MIXED, PARSABLE, Column
from tools.data.schema import FieldSpec, FieldType, Role

BEST_RATING = 100
"""A field with larger values is a count, whatever its name."""
PROSE_LENGTH = 80
"""Texts that are longer than this on average describe."""


class _Hint(NamedTuple):
    """What a role expects: types, names (patterns, spaces between, the best first), and words to give it."""

    role: Role
    types: tuple[FieldType, ...]
    names: str
    words: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()


_WORDY: tuple[FieldType, ...] = ("category", "categories")
# Earlier roles take their column first: an age rating is no rating, a count of ratings neither.
_HINTS = (
    _Hint(
        "sponsored",
        ("flag",),
        r"(is_)?(sponsored|promoted|advertised|promotion)|(is_)?ad|paid_placement",
        ("sponsored", "promoted", "advertised"),
    ),
    _Hint(
        "description",
        ("text",),
        r"descriptions?|overview|synopsis|plot|summary|(short|long|product|item|full)_(description|text)"
        r" plot_\w+|abstract|blurb|extract|about|details|body|text|\w+_(description|summary)",
    ),
    _Hint(
        "audience",
        ("category", "categories", "number"),
        r"(content|age|maturity|mpaa|parental)_rating|mpaa\w*|pegi|fsk|esrb|certifica\w+|audience|rated"
        r" (min|minimum|recommended)_age|age(_(range|group|limit|min|from))?|ages",
        ("age rating",),
    ),
    _Hint(
        "availability",
        ("flag", "category", "categories"),
        r"in_stock|(is_)?available|availability|available_(on|at|in)|streaming\w*|where_to_\w+"
        r" (\w+_)?providers?|stores?|platforms?|services?",
        ("availability",),
    ),
    _Hint(
        "price",
        ("number",),
        r"price(_(usd|eur|gbp))?|(current|sale|unit|list|retail)_price|cost|\w+_price|msrp|rrp|fee",
        ("price", "cost"),
        ("more expensive", "dearer", "pricier"),
        ("cheaper", "less expensive", "more affordable"),
    ),
    _Hint(
        "duration",
        ("number",),
        r"(running_?time|run_?time|duration|length|play_?time|playing_?time|total_time|minutes|mins|hours|time)"
        r"(_(in_)?(min|mins|minutes|hours?|hrs?|h|s|secs?|seconds|ms|millis))?"
        r" \w+_(minutes|mins|duration|time)",
        ("length", "duration"),
        ("longer",),
        ("shorter", "quicker"),
    ),
    _Hint(
        "popularity",
        ("number",),
        r"popularity(_score)? (num|number_of|n|total)_?(ratings?|votes?)"
        r" (ratings?|votes?)_?(count|n|total)|votes \w+_votes?"
        r"|(num|number_of|n|total)_?(reviews?|sales|sold|orders|downloads|plays|views|users)"
        r" (reviews?|sales|sold|orders|downloads?|plays?|views?|users?)_?(counts?|n|total)"
        r"|reviews|downloads|plays|sales|sold|views|listeners|players|\w+_(ratings|reviews|votes)_count",
        ("popularity",),
        ("more popular", "better known", "well known", "famous", "mainstream"),
        ("less popular", "less known", "lesser known", "not well known", "obscure", "underrated", "hidden gems"),
    ),
    _Hint(
        "quality",
        ("number",),
        r"(avg|average|mean)_(rating|score|stars|vote)s?"
        r" (rating|score|stars|vote|review)s?_(avg|average|mean|score)"
        r" rating|score|stars|quality|\w+_(rating|score|stars)",
        ("rating", "score"),
        ("better", "better rated", "higher rated"),
        ("worse", "lower rated"),
    ),
    _Hint(
        "year",
        ("number",),
        r"year|\w+_year|year_\w+ published|released|publication|vintage|\w*date\w*",
        ("year",),
        ("newer", "more recent", "later"),
        ("older", "earlier"),
    ),
    _Hint(
        "creator",
        _WORDY,
        r"(authors?|artists?|creators?|directors?|composers?)(_names?)? brands?|designers?|makers?"
        r" writers?|manufacturer|studios?|publishers?|developers?|producers?|vendor|chefs?|by",
    ),
    _Hint(
        "performer",
        _WORDY,
        r"cast|(main_|lead_)?(actors?|actress(es)?|performers?)(_names?)? starring|stars|narrators?",
    ),
    _Hint("language", _WORDY, r"languages?|lang|(original_)?language(_code)?|locale", ("language",)),
)
LINK_NAME = re.compile(r"(\w+_)?(url|uri|link|href|image|img|poster|cover|thumbnail|picture|photo|website)s?(_\w+)?")
_UNIT_NAMES = {
    "minutes": ("minutes", "mins", "min"),
    "hours": ("hours", "hour", "hrs", "hr", "h"),
    "seconds": ("seconds", "secs", "sec", "s"),
    "milliseconds": ("ms", "millis", "milliseconds"),
}
_SIZES = {
    "pages": ("longer", "shorter"),
    "weight": ("heavier", "lighter"),
    "width": ("wider", "narrower"),
    "height": ("taller", "lower"),
    "size": ("bigger", "smaller"),
    "speed": ("faster", "slower"),
    "difficulty": ("harder", "easier"),
}
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "usd": "dollars", "eur": "euros", "gbp": "pounds"}


def names_a_role(name: str) -> bool:
    """Whether a column of this name has a use of its own, which an id has not."""
    return LINK_NAME.fullmatch(name) is not None or any(_rank(hint, name) is not None for hint in _HINTS)


def names_words(name: str) -> bool:
    """Whether a column of this name holds words of a vocabulary, such as people or languages."""
    return any("category" in hint.types and _rank(hint, name) is not None for hint in _HINTS)


def _rank(hint: _Hint, name: str) -> int | None:
    """How well a name fits a role: the place of the first pattern it matches, best first; None for none."""
    patterns = hint.names.split(" ")
    return next((place for place, pattern in enumerate(patterns) if re.fullmatch(pattern, name)), None)


def give_roles(fields: list[FieldSpec], columns: dict[str, Column]) -> None:
    """Each role to the field whose name fits best; then the words that people use in that role."""
    for hint in _HINTS:
        ranked = [(rank, spec) for spec in fields if (rank := _fit(hint, spec, fields, columns)) is not None]
        if ranked:
            _take_role(hint, min(ranked, key=lambda pair: pair[0])[1])
    for spec in fields:
        if spec.role is None and spec.type == "text" and _is_link(columns[spec.name]):
            spec.role, spec.askable = "link", False
        if spec.unit is None and spec.role in ("duration", "price"):
            column = columns[spec.name]
            spec.unit = _unit(column) if spec.role == "duration" else _currency(column)
        _size_words(spec)
    if not any(spec.role == "year" for spec in fields):
        _date_words([spec for spec in fields if spec.type == "date"])
    if not any(spec.role == "description" for spec in fields):
        _longest_text([spec for spec in fields if spec.type == "text" and spec.role is None], columns)


def _fit(hint: _Hint, spec: FieldSpec, fields: list[FieldSpec], columns: dict[str, Column]) -> int | None:
    if spec.role is not None or spec.type not in hint.types:
        return None
    rank = _rank(hint, spec.name)
    if rank is None or spec.type != "number" or not spec.askable:
        return rank
    if hint.role == "year" and not _are_years(columns[spec.name].numbers, spec.name):
        return None
    if hint.role == "quality" and columns[spec.name].numbers[-1] > BEST_RATING:
        return None
    names = {other.name for other in fields}
    if spec.name == "length" and names & {"width", "height", "depth"} and spec.unit is None:
        return None
    return rank


def _take_role(hint: _Hint, spec: FieldSpec) -> None:
    spec.role = hint.role
    if hint.words and (spec.type != "flag" or hint.role == "sponsored"):
        # The first word is the label read aloud, so the column's own name stays first.
        spec.words = list(dict.fromkeys([spec.name.replace("_", " "), *hint.words]))
    if spec.is_ordered:
        spec.more, spec.less = list(hint.more), list(hint.less)


def _are_years(values: list[float], name: str) -> bool:
    low = -4000 if "year" in name else 1000
    return sum(low <= value <= 2100 and value == int(value) for value in values) >= PARSABLE * len(values)


def _is_link(column: Column) -> bool:
    urls = column.share(lambda raw: str(raw).strip().startswith(("http://", "https://", "/"))) > 0.9
    return urls or (LINK_NAME.fullmatch(column.slug) is not None and not any(" " in text for text in column.texts))


def _unit(column: Column) -> str | None:
    """The unit that the name says, else minutes where the values look like minutes."""
    tail = column.slug.split("_")[-1]
    named = next((unit for unit, names in _UNIT_NAMES.items() if tail in names), None)
    middle = column.numbers[len(column.numbers) // 2]
    if named is None and not 10 <= middle <= 150:
        column.notes.append(f"{column.name}: nothing says in what unit it is; add one, such as unit: minutes.")
        return None
    return named or "minutes"


def _currency(column: Column) -> str | None:
    marks = Counter(mark for _, raw in column.sample for mark in "$€£" if mark in str(raw))
    common = max(marks, key=lambda mark: marks[mark], default="")
    marked = marks[common] > MIXED * len(column.sample)
    return _CURRENCIES.get(common if marked else column.slug.split("_")[-1])


def _size_words(spec: FieldSpec) -> None:
    size = next((word for word in spec.name.split("_") if word in _SIZES), None)
    if spec.type == "number" and spec.role is None and spec.askable and size is not None:
        more, less = _SIZES[size]
        spec.more, spec.less = [more], [less]
        spec.unit = spec.unit or ("pages" if size == "pages" else None)


def _date_words(dates: list[FieldSpec]) -> None:
    """One date is what newer and older mean: the one of release or publication, else the first."""
    first = sorted(dates, key=lambda spec: re.search(r"release|publi|issue", spec.name) is None)[:1]
    for spec in first:
        spec.more, spec.less = ["newer", "more recent", "later"], ["older", "earlier"]


def _longest_text(texts: list[FieldSpec], columns: dict[str, Column]) -> None:
    """Without a column named so, the longest prose is the description."""
    means = {spec.name: columns[spec.name].mean_length for spec in texts if spec.askable}
    longest = max(texts, key=lambda spec: means.get(spec.name, 0.0), default=None)
    if longest is not None and means.get(longest.name, 0.0) > PROSE_LENGTH:
        longest.role = "description"
