"""One vocabulary for the three sources: genres, age ratings, languages, countries, people.

What is merged stands in these tables. A label that no table names stays as its source writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

GENRES: dict[str, str | None] = {
    "Family": "Children",  # Wikidata's and IMDb's word for MovieLens' Children
    "IMAX": None,  # a picture format, not a genre
    "(no genres listed)": None,
}
"""Source label -> the catalogue's genre; None: no genre. Everything else the sources already write alike."""

AUDIENCES = {
    "M": "PG",  # the MPA renamed M to GP in 1970 and to PG in 1972
    "GP": "PG",
    "M/PG": "PG",
    "X": "NC-17",  # renamed in 1990
}
"""Former MPA ratings -> the rating of today."""

LANGUAGES: dict[str, str | None] = {
    "American English": "English",
    "Australian English": "English",
    "Brazilian Portuguese": "Portuguese",
    "Egyptian Arabic": "Arabic",
    "Moroccan Arabic": "Arabic",
    "Classical Arabic": "Arabic",
    "Flemish Dutch": "Dutch",
    "Modern Greek": "Greek",
    "Modern Hebrew": "Hebrew",
    "Quebec French": "French",
    "Ayacucho Quechua": "Quechua",
    "Yue Chinese": "Cantonese",
    "Standard Chinese": "Mandarin",
    "Putonghua": "Mandarin",
    "Standard Taiwanese Mandarin": "Mandarin",
    "Kurdish language": "Kurdish",
    "Neapolitan language": "Neapolitan",
    "Egyptian language": "Ancient Egyptian",
    "parseltongue": "Parseltongue",
    "artistic language": None,
    "multiple languages": None,
}
"""Wikidata's label -> the catalogue's language; None: says nothing."""

COUNTRIES: dict[str, str | None] = {
    "People's Republic of China": "China",
    "Republic of China": "Taiwan",
    "Taiwan Island": "Taiwan",
    "British Hong Kong": "Hong Kong",
    "Kingdom of the Netherlands": "Netherlands",
    "Kingdom of Italy": "Italy",
    "Kingdom of Great Britain": "United Kingdom",
    "Wales": "United Kingdom",
    "Occupied Palestinian territory": "Palestine",
    "Federal Republic of Yugoslavia": "Yugoslavia",
    "Socialist Federal Republic of Yugoslavia": "Yugoslavia",
    "Georgian SSR": "Georgia",
    "The Bahamas": "Bahamas",
}
"""Wikidata's label -> the catalogue's country."""

_SUFFIX = re.compile(r"^(?:Jr\.?|Sr\.?|[IVX]+|\d+(?:st|nd|rd|th) .+)$")
_SUFFIX_STARTS = frozenset("JSIVX0123456789")


def genres(*labels: Iterable[str]) -> list[str]:
    """The union of several sources' genres in the catalogue's words, by alphabet.

    >>> genres(["Children", "IMAX"], ["Family", "Comedy"])
    ['Children', 'Comedy']
    """
    return sorted(set(_mapped((label for group in labels for label in group), GENRES)))


def audience(*ratings: str | None) -> str | None:
    """The first age rating that a source knows, in today's words.

    >>> audience(None, "GP"), audience(None, None)
    ('PG', None)
    """
    known = next((rating for rating in ratings if rating), None)
    return None if known is None else AUDIENCES.get(known, known)


def languages(text: str) -> list[str]:
    """The languages in a Wikidata string, in its order.

    >>> languages("Standard Chinese, Mandarin, English")
    ['Mandarin', 'English']
    """
    return list(dict.fromkeys(_mapped(_parts(text), LANGUAGES)))


def countries(text: str) -> list[str]:
    """The countries in a Wikidata string, in its order."""
    return list(dict.fromkeys(_mapped(_parts(text), COUNTRIES)))


def people(text: str) -> list[str]:
    """The persons in a Wikidata string, in its order, with suffixes put back to their names.

    >>> people("George Tillman, Jr., RZA, list of Harry Potter cast members")
    ['George Tillman Jr.', 'RZA']
    """
    names = list[str]()
    for part in _parts(text):
        if names and part[0] in _SUFFIX_STARTS and _SUFFIX.match(part):
            gap = " " if part[0] in "JS" else ", "
            names[-1] = f"{names[-1]}{gap}{part}"
        elif not part.startswith("list of "):
            names.append(part)
    return list(dict.fromkeys(names))


def _parts(text: str) -> list[str]:
    return [part for part in text.split(", ") if part]


def _mapped(labels: Iterable[str], table: dict[str, str | None]) -> list[str]:
    return [value for label in labels if (value := table.get(label, label)) is not None]
