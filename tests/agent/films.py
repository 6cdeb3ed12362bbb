"""A made-up catalogue of films, ingested as a team's own file would be: series of titles, plots, certificates."""

from __future__ import annotations

import json
from pathlib import Path

from agent.build import open_current_shelf
from agent.settings import Settings
from tools.data.ingest import Sources, ingest
from tools.data.versions import CatalogueHome
from tools.shelf import Shelf

COLUMNS = ("title", "year", "genres", "director", "minutes", "content_rating", "description")
ALIENS = "A crew far from home meets aliens on a dead moon."
ROAD = "Two brothers drive across the country to bury their father."
FILMS = [
    ("Star Harbour", 1978, ["Adventure", "Science Fiction"], "Ida Holm", 121, "PG", "A farm boy joins the fleet."),
    ("Star Harbour II", 1981, ["Adventure", "Science Fiction"], "Ida Holm", 124, "PG", "The fleet is betrayed."),
    ("Star Harbour: The Last Tide", 1984, ["Adventure", "Science Fiction"], "Otto Brandt", 131, "PG", "One battle."),
    ("Harbour Lights", 1990, ["Drama", "Romance"], "Ida Holm", 98, "PG-13", "A keeper and a painter share a winter."),
    ("The Visitors", 1979, ["Horror", "Science Fiction"], "Otto Brandt", 117, "R", ALIENS),
    ("Moon Base Nine", 1995, ["Comedy", "Science Fiction"], "Lena Fox", 92, "PG", "A janitor hides an alien."),
    ("The Quiet Orbit", 2001, ["Drama", "Science Fiction"], "Lena Fox", 140, "PG-13", "Alienated, a pilot waits."),
    ("Robot Rodeo", 2008, ["Comedy", "Animation", "Science Fiction"], "Max Perl", 88, "G", "Robots run a ranch."),
    ("Long Way Down", 1999, ["Drama"], "Otto Brandt", 110, "R", ROAD),
    ("Salt and Sand", 2005, ["Drama"], "Ida Holm", 102, "PG-13", "A village waits for rain."),
    ("The Cellar", 1987, ["Horror"], "Otto Brandt", 95, "R", "Clowns live under the house."),
    ("The Attic", 1992, ["Horror"], "Nora Quist", 91, "NC-17", "Something upstairs is awake."),
    ("Pardon My Goat", 2012, ["Comedy"], "Max Perl", 85, "PG", "A goat is elected mayor."),
    ("Two Left Shoes", 2015, ["Comedy", "Romance"], "Lena Fox", 99, "PG-13", "A dance teacher can't dance."),
    ("The Tin Whistle", 2018, ["Animation", "Adventure"], "Nora Quist", 80, "G", "A mouse sets out to find music."),
    ("Snow Letters", 2011, ["Animation", "Drama"], "Nora Quist", 94, "G", "A girl writes to the winter."),
    ("Night Market", 2003, ["Thriller"], "Max Perl", 108, "R", "A cook sees too much."),
    ("The Ferryman", 1996, ["Thriller", "Drama"], "Nora Quist", 113, "PG-13", "A passenger never gets off."),
    ("Paper Crown", 2009, ["Comedy", "Drama"], "Ida Holm", 97, "PG", "A boy plays a king in a school play."),
    ("Ten Green Doors", 2020, ["Thriller"], "Lena Fox", 104, "NC-17", "Behind each door is a choice."),
]  # fmt: skip


def films(folder: Path) -> Shelf:
    """The opened catalogue."""
    path = folder / "films.jsonl"
    rows = [{"id": f"f{number}", **dict(zip(COLUMNS, film, strict=True))} for number, film in enumerate(FILMS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ingest(Sources(path, None), CatalogueHome(folder, "films"))
    return open_current_shelf(Settings(home=folder, catalogue="films"))
