"""The schema that is proposed for tables of many kinds, real ones where they are at hand."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.data.infer import MAX_COLUMNS, infer_schema, infer_with_notes
from tools.data.items import typed_items
from tools.data.read import Row, Table, read_table
from tools.data.schema import FieldSpec, Role, Schema, dump_schema, load_schema
from tools.errors import BadInputError

SHARED = Path(__file__).parents[4] / "shared" / "data"


def table(columns: dict[str, list[Any]], name: str = "items.csv") -> Table:
    rows = [
        Row(line, dict(zip(columns, cells, strict=True)))
        for line, cells in enumerate(zip(*columns.values(), strict=True), 2)
    ]
    return Table(Path(name), list(columns), rows)


def inferred(column: str, values: list[Any]) -> FieldSpec | None:
    """The field that a column gets beside an id and a title."""
    rows = range(len(values))
    schema = infer_schema(table({"id": list(rows), "title": [f"Item {i}" for i in rows], column: values}))
    return next((field for field in schema.fields if field.role != "title"), None)


def kinds(schema: Schema) -> dict[str, str]:
    return {field.name: f"{field.type} {field.role or ''}".strip() for field in schema.fields}


def shared(place: str) -> Path:
    path = SHARED / place
    if not path.exists():
        pytest.skip(f"third-party data that is not part of the project: ../shared/data/{place} is absent")
    return path


def as_jsonl(source: Path, target: Path, change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> Path:
    records = json.loads(source.read_text(encoding="utf-8"))
    target.write_text("\n".join(json.dumps(change(i, record)) for i, record in enumerate(records)))
    return target


SHOP = """\
SKU;Product Name;Brand;Price;In Stock;Colours;Weight (g);Pages;Added;Image;Is Promoted;Avg Rating;Votes
A-1;Trail Shoe;Acme;$79.90;yes;red, blue;340;;2024-03-01;https://x.test/1.jpg;0;4.1;12
A-2;Road Shoe;Acme;$1,099.00;no;black;280;;2024-04-11;https://x.test/2.jpg;1;3.9;1,200
B-7;Rain Jacket;Northwind;$120;yes;green, black;410;;2023-11-20;https://x.test/3.jpg;0;4.8;88
C-3;Wool Hat;Contoso;$19.5;yes;grey;;;2022-10-05;https://x.test/4.jpg;0;;
"""


def test_a_shop_table(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(SHOP)
    schema, notes = infer_with_notes(read_table(path))
    assert schema.id_column == "SKU"
    assert kinds(schema) == {
        "product_name": "text title",
        "brand": "category creator",
        "price": "number price",
        "in_stock": "flag availability",
        "colours": "categories",
        "weight_g": "number",
        "added": "date",
        "image": "text link",
        "is_promoted": "flag sponsored",
        "avg_rating": "number quality",
        "votes": "number popularity",
    }
    price, weight, added = (schema.field(name) for name in ("price", "weight_g", "added"))
    assert price
    assert weight
    assert added
    assert (price.column, price.unit) == ("Price", "dollars")
    assert "cheaper" in price.less
    assert "dearer" in price.more
    assert (weight.unit, weight.more) == ("g", ["heavier"])
    assert "newer" in added.more
    assert notes == ["Pages: every value is missing, so it is left out."]
    items, report = typed_items(read_table(path), schema)
    assert items[1].values["price"] == 1099.0
    assert items[2].values["colours"] == ["green", "black"]
    assert report.failed == {}


def test_the_schema_file_reads_back_as_the_same_schema(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(SHOP)
    schema = infer_schema(read_table(path))
    (tmp_path / "schema.yaml").write_text(dump_schema(schema), encoding="utf-8")
    assert load_schema(tmp_path / "schema.yaml") == schema
    assert infer_schema(read_table(path)) == schema


def test_a_real_film_catalogue(tmp_path: Path) -> None:
    source = shared("tau-rec/catalog.json")
    schema, notes = infer_with_notes(read_table(as_jsonl(source, tmp_path / "films.jsonl", lambda _, record: record)))
    assert schema.id_column == "id"
    assert kinds(schema) == {
        "title": "text title",
        "release_date": "date",
        "runtime": "number duration",
        "genres": "categories",
        "overview": "text description",
        "cast": "categories performer",
        "director": "category creator",
        "rating": "number quality",
        "vote_count": "number popularity",
        "streaming_services": "categories availability",
        "sponsored": "flag sponsored",
        "content_rating": "category audience",
    }
    runtime = schema.with_role("duration")
    assert runtime is not None
    assert runtime.unit == "minutes"
    assert "longer" in runtime.more
    assert "shorter" in runtime.less
    assert notes == []


def test_real_books() -> None:
    books = read_table(shared("goodbooks/books.csv"))
    schema = infer_schema(books)
    assert (schema.id_column, schema.item, schema.items) == ("book_id", "book", "books")
    assert schema.aliases == ["original_title"]
    roles: dict[Role, str] = {
        "title": "title",
        "creator": "authors",
        "year": "original_publication_year",
        "language": "language_code",
        "quality": "average_rating",
        "popularity": "ratings_count",
        "link": "image_url",
    }
    assert {role: field.name for role in roles if (field := schema.with_role(role))} == roles
    assert not {"isbn", "isbn13", "work_id", "image_url"} & {field.name for field in schema.askable}
    items, report = typed_items(books, schema)
    assert len(items) == 10_000
    assert report.sentences() == []
    assert items[1].values["authors"] == ["J.K. Rowling", "Mary GrandPré"]
    assert report.unknown["original_publication_year"] == 21


def test_real_films_with_prose(tmp_path: Path) -> None:
    source = shared("wikipedia-movies/movies-1990s.json")
    path = as_jsonl(source, tmp_path / "films.jsonl", lambda i, record: {"id": f"w{i}", **record})
    schema = infer_schema(read_table(path))
    assert kinds(schema) == {
        "title": "text title",
        "year": "number year",
        "cast": "categories performer",
        "genres": "categories",
        "href": "text link",
        "extract": "text description",
        "thumbnail": "text link",
        "thumbnail_width": "number",
        "thumbnail_height": "number",
    }
    assert [field.name for field in schema.askable] == ["year", "cast", "genres"]


def test_real_films_with_genres_in_one_cell() -> None:
    schema = infer_schema(read_table(shared("ml-latest-small/movies.csv")))
    assert (schema.id_column, schema.item, schema.items) == ("movieId", "movie", "movies")
    genres = schema.field("genres")
    assert genres is not None
    assert (genres.type, genres.separator) == ("categories", "|")


@pytest.mark.parametrize(
    ("columns", "id_column"),
    [
        (["name", "author_id", "id"], "id"),
        (["name", "itemId", "isbn"], "itemId"),
        (["name", "shelf", "ISBN"], "ISBN"),
        (["name", "maker_id", "wine_id"], "wine_id"),
        (["name", "year", "handle"], "handle"),
        (["name", "year"], "name"),
    ],
)
def test_the_id_is_the_column_named_so_else_the_first_that_could_be(columns: list[str], id_column: str) -> None:
    rows = range(20)
    values = {column: [f"{column}{i}" for i in rows] for column in columns}
    values["name"] = [f"The name {i}" for i in rows]
    values["year"] = [str(1990 + i) for i in rows]
    schema = infer_schema(table({column: values[column] for column in columns}, "wines.csv"))
    assert schema.id_column == id_column
    assert schema.title.name == "name"


def test_an_id_with_a_few_doubles_stays_the_id_so_that_they_are_reported() -> None:
    rows = table({"id": ["a", "b", "c", "a"], "name": ["A", "B", "C", "D"]})
    schema = infer_schema(rows)
    assert schema.id_column == "id"
    with pytest.raises(BadInputError, match="'a' stands twice, on lines 2 and 5"):
        typed_items(rows, schema)


def test_without_title_or_id_the_columns_are_listed_with_the_way_out() -> None:
    with pytest.raises(BadInputError, match="title; its columns are id, colour") as caught:
        infer_schema(table({"id": [1, 2], "colour": ["red", "blue"]}))
    assert "role: title" in caught.value.way_out
    with pytest.raises(BadInputError, match="title; its columns"):
        infer_schema(table({"id": [1, 2], "title": ["", None]}))
    with pytest.raises(BadInputError, match=r"could be the id.* title, colour") as caught:
        infer_schema(table({"title": ["A", "A", "B"], "colour": ["red", "blue", "red"]}))
    assert "id_column" in caught.value.way_out


def test_a_table_with_more_columns_than_fields_can_be_is_refused() -> None:
    wide = {f"c{i}": ["x"] for i in range(MAX_COLUMNS + 1)}
    with pytest.raises(BadInputError, match="501 columns"):
        infer_schema(table(wide))


def test_column_names_become_valid_distinct_field_names() -> None:
    names = ["Id", "Title", "Größe (cm)", "größe cm", "2nd Hand", "position", "!!!", "x" * 90, "日本"]
    columns: dict[str, list[Any]] = {name: [f"v{len(name)}", f"w{len(name)}"] for name in names}
    schema = infer_schema(table(columns))
    fields = {field.column or field.name: field.name for field in schema.fields}
    assert fields == {
        "Title": "title",
        "Größe (cm)": "groe_cm",
        "größe cm": "groe_cm_2",
        "2nd Hand": "item_2nd_hand",
        "position": "item_position",
        "!!!": "column_7",
        "x" * 90: "x" * 55,
        "日本": "column_9",
    }


AUTHORS = [f"{first} {last}" for first in ("Ann", "Bo", "Cy", "Di") for last in ("Ray", "Lee", "Fox", "Kim", "Oz")]


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("shape", ["round", "flat"] * 20, "category"),
        ("notes", ["It is a long story that goes on about one thing or another, and on. " * 2] * 40, "text"),
        ("author", [f"{name} {i}" for i, name in enumerate(AUTHORS * 2)], "category"),
        ("batch", [f"X{i}-{i * 7}" for i in range(40)], "text"),
        ("serial", [f"{i:05d}" for i in range(40)], "text"),
        ("tags", ["a b|c", "c", "a b|d", "d"] * 10, "categories"),
        ("tags", [["a", "b"], ["c"], None, []] * 10, "categories"),
        ("tags", ["['a', 'b']", '["c"]'] * 20, "categories"),
        ("nested", [{"a": 1}] * 40, None),
        ("depth", ["1,200", "3.5", "-7", ""] * 10, "number"),
        ("format", ["2D", "3D"] * 20, "category"),
        ("era", ["80s", "90s"] * 20, "category"),
        ("ready", [True, False, None, True] * 10, "flag"),
        ("ready", ["yes", "No"] * 20, "flag"),
        ("grade", ["T", "F", "N"] * 20, "category"),
        ("war", [0, 1] * 20, "flag"),
        ("players", [1, 2] * 20, "number"),
        ("added_at", [1_600_000_000 + i for i in range(40)], "date"),
        ("added", ["May 3, 2020", "2020-05-03"] * 20, "date"),
        ("added", ["03/05/2020", "04/05/2020"] * 20, "category"),
        ("sizes", ["1,5", "2,5"] * 20, "category"),
    ],
)
def test_types_follow_the_values(column: str, values: list[Any], kind: str | None) -> None:
    field = inferred(column, values)
    assert (field.type if field else None) == kind


@pytest.mark.parametrize(
    ("column", "values", "role"),
    [
        ("runtime", [90, 120], "duration"),
        ("Cook Time", ["30 min", "45 min"], "duration"),
        ("length", [90, 120], "duration"),
        ("published", ["1999", "2004"], "year"),
        ("release_date", [1999, 2004], "year"),
        ("original_publication_year", [-750.0, 1999.0], "year"),
        ("published", [3, 5], None),
        ("numVotes", [10, 2000], "popularity"),
        ("num_reviews", [10, 2000], "popularity"),
        ("vote_average", [7.5, 8.1], "quality"),
        ("critic_score", [75, 81], "quality"),
        ("rating", [7500, 81], None),
        ("ratings_5", [75, 81], None),
        ("age_rating", [6, 12], "audience"),
        ("mpaa", ["PG", "R"], "audience"),
        ("rating", ["PG", "R"], None),
        ("publisher", ["North", "South"], "creator"),
        ("lang", ["en", "fr"], "language"),
        ("watch_providers", [["A"], ["B"]], "availability"),
        ("sale_price", [3.5, 4], "price"),
        ("poster", ["https://x.test/1", "https://x.test/2"], "link"),
        ("summary", ["Short.", "A text."], None),
    ],
)
def test_roles_follow_type_and_name(column: str, values: list[Any], role: str | None) -> None:
    field = inferred(column, values * 20)
    assert field is not None
    assert field.role == role


def test_a_role_goes_to_the_field_that_fits_best() -> None:
    rows = range(40)
    columns = {
        "id": [*rows],
        "title": [f"Item {i}" for i in rows],
        "reviews": [i + 200 for i in rows],
        "critic_rating": [i % 5 + 0.5 for i in rows],
        "avg_rating": [i % 5 + 0.25 for i in rows],
        "num_ratings": [i * 10 for i in rows],
    }
    schema = infer_schema(table(columns))
    best = [schema.with_role("popularity"), schema.with_role("quality")]
    assert [field and field.name for field in best] == ["num_ratings", "avg_rating"]


def test_a_unit_that_nothing_says_is_asked_for_and_not_made_up() -> None:
    rows = range(40)
    columns = {"id": [*rows], "title": [f"Song {i}" for i in rows], "duration": [180 + i for i in rows]}
    schema, notes = infer_with_notes(table(columns))
    duration = schema.with_role("duration")
    assert duration is not None
    assert duration.unit is None
    assert "duration: nothing says in what unit" in notes[0]
    said = inferred("duration_seconds", [180, 200] * 20)
    assert said is not None
    assert said.unit == "seconds"


def test_a_length_beside_a_width_is_no_duration() -> None:
    columns = {"id": [1, 2], "title": ["Table", "Desk"], "length": [120, 140], "width": [60, 70]}
    assert infer_schema(table(columns)).with_role("duration") is None


def test_prose_is_the_description_whatever_its_name() -> None:
    prose = [
        f"Number {i} is a fine thing to have in the house, and it will be missed once it is gone." for i in range(9)
    ]
    schema = infer_schema(table({"id": [*range(9)], "title": [*"abcdefghi"], "words": prose}))
    assert kinds(schema)["words"] == "text description"


def test_a_column_of_mixed_types_is_read_as_words_and_noted() -> None:
    values = [*range(95), "call us", "n/k", "call us", "sold", "sold"]
    schema, notes = infer_with_notes(
        table({"id": [*range(100)], "title": [f"T{i}" for i in range(100)], "price": values})
    )
    assert kinds(schema)["price"] in ("category", "text")
    assert len(notes) == 1
    assert "price: 5 of 100 values looked at are not of type number, first 'call us' on line 97" in notes[0]


def test_a_few_stray_words_leave_a_column_numbers() -> None:
    rows = table({"id": [*range(100)], "title": [f"T{i}" for i in range(100)], "price": [*range(99), "call us"]})
    schema = infer_schema(rows)
    assert kinds(schema)["price"] == "number price"
    assert typed_items(rows, schema)[1].failed["price"].what == "'call us'"


def test_the_order_of_rows_does_not_matter_to_types_and_roles() -> None:
    rows = table(
        {
            "id": [*range(50)],
            "title": [f"T{i}" for i in range(50)],
            "tags": ["a|b", "b", "c|a", "c", "b"] * 10,
        }
    )
    mixed = Table(rows.path, rows.columns, random.Random(7).sample(rows.rows, 50))
    assert infer_schema(rows) == infer_schema(mixed)
