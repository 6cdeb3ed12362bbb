"""Builds the demo catalogue: two plain files that `tastemaker ingest` reads like anybody's own."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tools.data.demo.catalogue import join_films
from tools.data.demo.record import film_records
from tools.data.demo.sources import Rating, read_imdb, read_movielens, read_wikidata
from tools.data.demo.summary import DemoSummary, summarise
from tools.errors import UnavailableError

ITEMS_FILE = "items.jsonl"
INTERACTIONS_FILE = "interactions.csv"
SCHEMA_PATH = Path(__file__).with_name("schema.yaml")
"""The schema of the demo catalogue."""


def _silent(_step: str, _done: float) -> None:
    """Reports to nobody."""


def build_demo(folder: Path, on_step: Callable[[str, float], None] = _silent) -> DemoSummary:
    """Write `items.jsonl` and `interactions.csv` into a folder.

    Nothing is replaced before both files are complete.

    Args:
        folder: made if it isn't there.
        on_step: called with what is being done and the share done so far, 0 to 1.

    Raises:
        MissingError: the packages that carry the data are not installed.
        UnavailableError: the folder can't be written.
    """
    on_step("reading MovieLens", 0.0)
    rated, ratings = read_movielens()
    on_step("reading Wikidata", 0.15)
    wikidata = read_wikidata()
    on_step("reading ggplot2movies", 0.2)
    imdb = read_imdb()
    on_step("joining films", 0.3)
    films = join_films(rated, wikidata, imdb)
    records = film_records(films, ratings, wikidata)
    on_step("writing the catalogue", 0.9)
    _write(folder, records, ratings)
    on_step("done", 1.0)
    return summarise(films, records, ratings)


def _write(folder: Path, records: Iterable[Mapping[str, Any]], ratings: Iterable[Rating]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".demo-", dir=folder) as made:
            items, interactions = Path(made, ITEMS_FILE), Path(made, INTERACTIONS_FILE)
            _write_items(items, records)
            _write_interactions(interactions, ratings)
            items.replace(folder / ITEMS_FILE)
            interactions.replace(folder / INTERACTIONS_FILE)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnavailableError(f"Can't write to {folder}: {reason}.", "Choose another folder.") from error


def _write_items(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        _settle(file.fileno(), file.flush)


def _write_interactions(path: Path, ratings: Iterable[Rating]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("user", "item", "rating", "timestamp"))
        writer.writerows((row.user, f"ml:{row.movie}", row.stars, row.timestamp) for row in ratings)
        _settle(file.fileno(), file.flush)


def _settle(descriptor: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(descriptor)
