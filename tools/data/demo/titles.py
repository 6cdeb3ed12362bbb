"""How film titles are cleaned for reading and flattened for joining.

Sources write one film as `Shawshank Redemption, The`, `The Shawshank Redemption` or
`Amelie (Fabuleux destin d'Amélie Poulain, Le)`. Readers get the clean title; the join gets keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_ARTICLES = (
    r"The|An?|La|Le|Les|L'|El|Los|Las|Il|Lo|I|Gli|Un|Une|Una|Un'|Uma|Um|Os?|As|Der|Die|Das|Den?|Det|Het|"
    r"Eine?|Een|En|Ett?"
)
_ARTICLE_LAST = re.compile(rf"^(?P<body>.+), (?P<article>{_ARTICLES})(?P<rest>: .*)?$")
_ARTICLE_FIRST = re.compile(r"^(?:The|A|An) (?=.)", re.IGNORECASE)
_LAST_GROUP = re.compile(r"^(?P<head>.*\S)\s+\((?P<inside>[^()]*(?:\([^()]*\)[^()]*)*)\)$")
_ALSO = re.compile(r"^a\.?k\.?a\.?:?\s+", re.IGNORECASE)
_FILM_NOTE = re.compile(r"\s+\((?:\d{4} )?(?:[a-z]+ )?film\)$")
_HALF_SENTENCE = re.compile(r"(?:\b(?:or|and)|[:,-])$", re.IGNORECASE)
_CONTINUES = re.compile(r"^(?:and|or|but)\b", re.IGNORECASE)
_SUBTITLE = re.compile(r"^(?P<head>.+?)(?::| - | – |,? or:? )\s*(?P<tail>.+)$", re.IGNORECASE)
_OWNER = re.compile(
    r"^(?!(?:it|he|she|that|what|who|there|here|let|every\w+|some\w+|any\w+|no\w+)'s )"
    r".{2,30}?(?:'s|s') (?P<rest>.+)$",
    re.IGNORECASE,
)
_NUMERALS = {"II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "Vol": "Volume"}
_NUMERAL = re.compile(rf"(?<=[\s:])(?:{'|'.join(_NUMERALS)})\b")
_IN_DEPTH = re.compile(r" (?:in )?3-?D\b")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_NOT_WORD = re.compile(r"[\W_]+")


class Title(NamedTuple):
    """A film's names: the one that is shown, the others, and the full one with its parentheses."""

    shown: str
    others: tuple[str, ...]
    full: str


def article_first(title: str) -> str:
    """The title with a trailing article moved to the front.

    >>> article_first("Shawshank Redemption, The"), article_first("Avventura, L'")
    ('The Shawshank Redemption', "L'Avventura")
    >>> article_first("Lord of the Rings, The: The Two Towers"), article_first("Paris, Texas")
    ('The Lord of the Rings: The Two Towers', 'Paris, Texas')
    """
    title = title.strip()
    found = _ARTICLE_LAST.match(title) if ", " in title else None
    if found is None:
        return title
    gap = "" if found["article"].endswith("'") else " "
    return f"{found['article']}{gap}{found['body']}{found['rest'] or ''}"


def parse_title(raw: str) -> Title:
    """Split a title from the other names that stand in parentheses behind it.

    >>> parse_title("City of Lost Children, The (Cité des enfants perdus, La)").others
    ('La Cité des enfants perdus',)
    >>> parse_title("Seven (a.k.a. Se7en)")[:2]
    ('Seven', ('Se7en',))
    >>> parse_title("Birdman: Or (The Unexpected Virtue of Ignorance)").shown
    'Birdman: Or (The Unexpected Virtue of Ignorance)'
    """
    full = " ".join(raw.split())
    head, groups = full, list[str]()
    while head.endswith(")") and (found := _LAST_GROUP.match(head)):
        if _HALF_SENTENCE.search(found["head"]) or _CONTINUES.match(found["inside"]):
            break
        head = found["head"]
        groups.insert(0, found["inside"])
    shown = article_first(head)
    others = [article_first(_ALSO.sub("", group.strip())) for group in groups]
    others = [other for other in dict.fromkeys(others) if other and other != shown]
    return Title(shown, tuple(others), article_first(full))


def without_film_note(title: str) -> str:
    """The title without an encyclopedia's note behind it.

    >>> without_film_note("Faust (2011 film)"), without_film_note("I Am Curious (Yellow)")
    ('Faust', 'I Am Curious (Yellow)')
    """
    return _FILM_NOTE.sub("", title.strip())


def title_key(title: str) -> str:
    """What two spellings of one title have in common: letters and digits, folded, in order.

    >>> title_key("Misérables, Les") == title_key("Les Miserables"), title_key("8½") == title_key("8 1/2")
    (True, True)
    >>> title_key("Lock, Stock & Two Smoking Barrels")
    'lockstockandtwosmokingbarrels'
    """
    text = article_first(title).replace("&", " and ").replace("olour", "olor")
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("½", " 1/2").casefold())
        text = "".join(letter for letter in text if not unicodedata.combining(letter)).translate(_LETTERS)
    return _NOT_WORD.sub("", text.casefold())


def has_article(title: str) -> bool:
    """Whether an English article stands at the front or behind the last comma."""
    return title.endswith((", The", ", A", ", An")) or bool(_ARTICLE_FIRST.match(title))


def loose_key(title: str) -> str:
    """The key without a leading English article, for titles that one source writes without it.

    >>> loose_key("The Birdcage") == loose_key("Birdcage"), loose_key("A") == title_key("A")
    (True, True)
    """
    return title_key(_ARTICLE_FIRST.sub("", article_first(title)))


def rewritten(title: str) -> Iterator[str]:
    """Other ways to write a title that only count in the same year: half of it, or its numerals as digits.

    >>> list(rewritten("Wallace & Gromit: A Close Shave"))
    ['Wallace & Gromit', 'A Close Shave']
    >>> list(rewritten("Jane Austen's Mafia!")), list(rewritten("Fright Night Part II"))
    (['Mafia!'], ['Fright Night Part 2'])
    """
    if found := _SUBTITLE.match(title):
        yield from (part for part in (found["head"], found["tail"]) if len(part) > 1)
    if found := _OWNER.match(title):
        yield found["rest"]
    yield from (
        other
        for other in (_NUMERAL.sub(lambda match: _NUMERALS[match[0]], title), _IN_DEPTH.sub("", title))
        if other != title
    )
