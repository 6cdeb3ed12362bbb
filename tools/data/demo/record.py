"""Turns a joined film into one record of the catalogue; what no source knows is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from tools.data.demo import words
from tools.data.demo.catalogue import Film
from tools.data.demo.sources import Rating, WikidataFilm
from tools.data.demo.titles import Title, parse_title, title_key, without_film_note

CAST_SHOWN = 12
Record = dict[str, Any]


def film_records(films: Iterable[Film], ratings: Iterable[Rating], wikidata: Iterable[WikidataFilm]) -> list[Record]:
    """One record a film, keys in the order of `schema.yaml`."""
    stars: dict[int, list[float]] = {}
    for rating in ratings:
        stars.setdefault(rating.movie, []).append(rating.stars)
    casts = Counter(name for film in wikidata for name in words.people(film.cast))
    return [_record(film, stars, casts) for film in films]


def _record(film: Film, stars: Mapping[int, list[float]], casts: Mapping[str, int]) -> Record:
    given = stars.get(film.rated.movie, []) if film.rated else []
    title = _title(film)
    record: Record = {
        "id": film.id,
        "title": title.shown,
        "also_known_as": list(title.others),
        "year": _year(film),
        "genres": words.genres(*(source.genres for source in film[1:] if source)),
        "runtime": _runtime(film),
        "mpaa": words.audience(*(source.mpaa for source in (film.wikidata, film.imdb) if source)),
        **(_details(film.wikidata, casts) if film.wikidata else {}),
        "rating": round(fmean(given), 2) if given else None,
        "ratings": len(given),
    }
    return {name: value for name, value in record.items() if value is not None and value != []}


def _details(film: WikidataFilm, casts: Mapping[str, int]) -> Record:
    return {
        "directors": words.people(film.directors),
        "writers": words.people(film.writers),
        "cast": _best_known(words.people(film.cast), casts),
        "languages": words.languages(film.languages),
        "countries": words.countries(film.countries),
        "metacritic": film.metacritic,
        "tomatometer": film.tomatometer,
        # The table writes 0 where nothing is recorded, too; only with an awards entry is 0 knowledge.
        "oscars": film.oscars if film.awards else None,
    }


def _best_known(cast: list[str], casts: Mapping[str, int]) -> list[str]:
    """At most twelve of the cast: those seen in most films, since the source's order is the alphabet's."""
    return sorted(cast, key=lambda name: (-casts[name], name))[:CAST_SHOWN]


def _year(film: Film) -> int | None:
    if film.rated and film.rated.year is not None:
        return film.rated.year
    return film.wikidata.year if film.wikidata else None


def _runtime(film: Film) -> int | None:
    """Minutes, from Wikidata where it knows them."""
    if film.wikidata and film.wikidata.runtime is not None:
        return round(film.wikidata.runtime)
    return film.imdb.minutes if film.imdb else None


def _title(film: Film) -> Title:
    """MovieLens' title where it has one; Wikidata's joins the others where it is another name."""
    wikidata = without_film_note(film.wikidata.title) if film.wikidata else ""
    if film.rated is None:
        return Title(wikidata, (), wikidata)
    title = parse_title(film.rated.title)
    if wikidata and title_key(wikidata) == title_key(title.full):
        title = Title(title.full, (), title.full)  # what stood in parentheses belongs to the title
    names: dict[str, str] = {}
    for name in (title.shown, *title.others, wikidata):
        names.setdefault(title_key(name), name)
    others = [name for key, name in names.items() if key and name != title.shown]
    return Title(title.shown, tuple(others), title.full)
