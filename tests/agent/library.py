"""A second made-up catalogue: books, for what the board games lack.

Words people use for a value, more authors than kinds, dates, one title borne by two books, and titles that are
everyday words.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.data.catalogue import Catalogue
from tools.data.items import ItemRow
from tools.data.logs import Logs
from tools.data.schema import FieldSpec, Schema
from tools.data.store import write_catalogue
from tools.data.training import training_data
from tools.grounding import Titles
from tools.models.facets import Facets
from tools.models.fit import fit_blend
from tools.models.popular import Popular
from tools.shelf import Shelf

SCHEMA = Schema(
    id_column="isbn",
    item="book",
    items="books",
    item_words=["novel", "novels"],
    fields=[
        FieldSpec(name="title", type="text", role="title"),
        FieldSpec(
            name="published", type="date", role="year", words=["published"], more=["newer", "recent"], less=["older"]
        ),
        FieldSpec(
            name="subjects",
            type="categories",
            words=["subjects", "subject"],
            synonyms={"funny": "Comedy", "scary": "Horror", "sci-fi": "Science fiction", "kids": "Children"},
        ),
        FieldSpec(name="author", type="category", role="creator", words=["author", "written by"]),
        FieldSpec(name="language", type="category", role="language", words=["language"]),
        FieldSpec(name="suits", type="category", role="audience", words=["suits"]),
        FieldSpec(name="pages", type="number", unit="pages", more=["longer"], less=["shorter"]),
        FieldSpec(name="stars", type="number", role="quality", words=["stars", "rating"], more=["good"]),
        FieldSpec(name="illustrated", type="flag"),
    ],
)
COLUMNS = ("title", "published", "subjects", "author", "language", "suits", "pages", "stars")
BOOKS = [
    ("Emma", "1815-12-23", ["Romance"], "Jane Austen", "English", "12+", 474, 4.1),
    ("Emma", "2014-11-06", ["Romance", "Comedy"], "Alexander Smith", "English", "12+", 361, 3.2),
    ("Up", "1999-04-01", ["Comedy"], "Joy Summers", "English", "U", 120, 3.9),
    ("Nobody", "1987-05-05", ["Thriller"], "Owen Gray", "English", "PG", 310, 4.4),
    ("It", "1986-09-15", ["Horror"], "Steven Wolf", "English", "R", 1138, 4.2),
    ("Home", "2008-09-02", ["Drama"], "Marilyn Stone", "English", "12+", 325, 4.0),
    ("1984", "1949-06-08", ["Science fiction"], "Eric Blair", "English", "12+", 328, 4.7),
    ("The Long Night", "1990-02-02", ["Horror", "Thriller"], "Steven Wolf", "English", "R", 402, 3.8),
    ("Pride and Plums", "1992", ["Romance", "Comedy"], "Jane Plum", "English", "PG", 288, 3.5),
    ("La Mer", "2001-01-01", ["Drama"], "Anne Petit", "French", "PG", 190, 4.3),
    ("A Romance", "1999-09-09", ["Drama"], "Kay Brill", "French", "R", 201, 2.9),
    ("Sister, Where Are You Going?", "2000-05-05", ["Drama"], "Kay Brill", "English", "PG", 222, 3.1),
    ("Robot Garden", "2017-03-03", ["Science fiction", "Children"], "Ada Quill", "English", "U", 96, 4.6),
]


def library(folder: Path) -> Shelf:
    """The opened catalogue, with no interactions and no dense index."""
    rows = [
        ItemRow(
            f"b{number}",
            dict(zip(COLUMNS, book, strict=True)) | {"illustrated": number % 2 == 0},
        )
        for number, book in enumerate(BOOKS)
    ]
    rows += [
        ItemRow(
            f"c{number}",
            {"title": f"Collected Letters {number}", "subjects": ["Letters"], "author": f"Writer {_name(number)}"},
        )
        for number in range(240)
    ]
    path = folder / "books.db"
    write_catalogue(path, SCHEMA, rows, {})
    catalogue = Catalogue(path)
    popular = np.zeros(len(rows), dtype=np.float32)
    popular[:4] = [0.9, 0.3, 0.2, 0.1]
    nobody = training_data(None, len(rows), None)
    blend = fit_blend(nobody)
    blend.members["popular"] = Popular(popular)
    people = np.zeros(len(rows), dtype=np.int64)
    titles, facets, logs = Titles(catalogue, popular), Facets(catalogue), Logs(nobody)
    return Shelf(catalogue, titles, blend, facets, people, None, None, None, logs, ("no dense",))


def _name(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}").capitalize()
