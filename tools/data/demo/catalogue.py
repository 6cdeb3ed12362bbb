"""Which films the demo catalogue holds, and what each source knows of each.

The catalogue is the union of the rated MovieLens films and all Wikidata films. ggplot2movies' titles only add
to films of those two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tools.data.demo import words
from tools.data.demo.join import Candidate, join
from tools.data.demo.sources import ImdbFilm, RatedFilm, WikidataFilm
from tools.data.demo.titles import parse_title, without_film_note


class Film(NamedTuple):
    """One film of the catalogue with the row of each source that knows it."""

    id: str
    rated: RatedFilm | None = None
    wikidata: WikidataFilm | None = None
    imdb: ImdbFilm | None = None


def join_films(rated: Sequence[RatedFilm], wikidata: Sequence[WikidataFilm], imdb: Sequence[ImdbFilm]) -> list[Film]:
    """All films: those of MovieLens by its id, then the rest by IMDb id."""
    found = join([_of_movielens(film) for film in rated], [_of_wikidata(film) for film in wikidata])
    films = [
        Film(f"ml:{film.movie}", film, wikidata[found[here]] if here in found else None)
        for here, film in enumerate(rated)
    ]
    taken = set(found.values())
    rest = [film for here, film in enumerate(wikidata) if here not in taken]
    films += [Film(name, None, film) for name, film in zip(_wikidata_ids(rest), rest, strict=True)]
    found = join([_of_both(film) for film in films], [_of_imdb(film) for film in imdb])
    return [film._replace(imdb=imdb[found[here]]) if here in found else film for here, film in enumerate(films)]


def _wikidata_ids(films: Iterable[WikidataFilm]) -> list[str]:
    """One id a film; Wikidata has two entries for a few IMDb ids, and the second gets a number behind it."""
    seen, ids = Counter[str](), list[str]()
    for film in films:
        seen[film.imdb] += 1
        ids.append(f"wd:{film.imdb}" if seen[film.imdb] == 1 else f"wd:{film.imdb}-{seen[film.imdb]}")
    return ids


def _of_movielens(film: RatedFilm) -> Candidate:
    title = parse_title(film.title)
    return Candidate((title.shown, title.full), title.others, film.year, frozenset(words.genres(film.genres)))


def _of_wikidata(film: WikidataFilm) -> Candidate:
    kinds = frozenset(words.genres(film.genres))
    return Candidate((without_film_note(film.title),), (), film.year, kinds, film.runtime)


def _of_imdb(film: ImdbFilm) -> Candidate:
    title = parse_title(film.title)
    kinds = frozenset(words.genres(film.genres))
    return Candidate((title.shown, title.full), title.others, film.year, kinds, film.minutes, film.votes)


def _of_both(film: Film) -> Candidate:
    """A film under all its names, in the year of its first source."""
    parts = [_of_movielens(film.rated)] if film.rated else []
    parts += [_of_wikidata(film.wikidata)] if film.wikidata else []
    titles = dict.fromkeys(title for part in parts for title in part.titles)
    also = dict.fromkeys(title for part in parts for title in part.also)
    kinds = frozenset[str]().union(*(part.genres for part in parts))
    return Candidate(tuple(titles), tuple(also), parts[0].year, kinds, parts[-1].minutes)
