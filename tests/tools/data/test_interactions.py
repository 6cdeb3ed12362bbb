"""Who used what, placed in the catalogue; what could not be placed is counted and said."""

from __future__ import annotations

import json
import random
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.data.interactions import Interactions, read_interactions
from tools.errors import BadInputError

IDS = ["a", "b", "c"]


def read(folder: Path, text: str, ids: list[str] = IDS) -> Interactions:
    path = folder / "interactions.csv"
    path.write_text(text, encoding="utf-8")
    return read_interactions(path, ids)


def triples(found: Interactions) -> list[tuple[str, int, float, int]]:
    rows = zip(found.user, found.item, found.rating, found.timestamp, strict=True)
    return [(found.users[user], int(item), float(rating), int(when)) for user, item, rating, when in rows]


def test_rows_are_placed_by_user_and_item(tmp_path: Path) -> None:
    found = read(tmp_path, "user,item,rating,timestamp\nu1,c,4.5,10\nu2,a,3,20\nu1,a,,30\n")
    assert found.users == ["u1", "u2"]
    assert triples(found)[:2] == [("u1", 2, 4.5, 10), ("u2", 0, 3.0, 20)]
    assert np.isnan(found.rating[2])
    assert [array.dtype.name for array in (found.user, found.item, found.rating, found.timestamp)] == [
        "int32", "int32", "float32", "int64",
    ]  # fmt: skip
    assert (found.report.rows, found.report.kept, found.report.sentences()) == (3, 3, [])


def test_without_ratings_and_times_they_are_unknown_and_zero(tmp_path: Path) -> None:
    found = read(tmp_path, "user_id,item_id\nu1,a\nu1,b\n")
    assert np.isnan(found.rating).all()
    assert found.timestamp.tolist() == [0, 0]


@pytest.mark.parametrize(
    "header",
    [
        "userId,movieId,rating,timestamp",
        "user_id,book_id,score,date",
        "reviewerID,asin,overall,unixReviewTime",
        "Customer ID,SKU,Stars,purchased_at",
        "member,item,value,ts",
    ],
)
def test_columns_are_found_under_their_usual_names(tmp_path: Path, header: str) -> None:
    assert triples(read(tmp_path, f"{header}\nu1,b,2,964982703\n")) == [("u1", 1, 2.0, 964982703)]


def test_of_several_ids_the_catalogue_s_own_is_taken(tmp_path: Path) -> None:
    found = read(tmp_path, "session_id,product_id,user_id,timestamp\ns1,b,u1,5\ns2,c,u1,6\n")
    assert found.users == ["u1"]
    assert found.item.tolist() == [1, 2]


def test_unknown_items_are_counted_and_the_rest_is_kept(tmp_path: Path) -> None:
    rows = "".join(f"u{i},x{i % 4}\n" for i in range(1200))
    found = read(tmp_path, f"user,item\nu1,a\n{rows}u1,b\n")
    assert found.users == ["u1"]
    assert found.item.tolist() == [0, 1]
    assert (found.report.unknown_rows, found.report.unknown_items) == (1200, 4)
    assert found.report.unknown_examples == ("x0", "x1", "x2")
    assert found.report.sentences() == ["1,200 rows left out that name 4 unknown items, such as x0, x1, x2."]


def test_of_doubles_the_latest_counts_and_of_equal_times_the_last(tmp_path: Path) -> None:
    text = "user,item,rating,timestamp\nu1,a,1,50\nu1,b,2,5\nu1,a,3,10\nu2,a,4,7\nu2,a,5,7\nu1,b,,\n"
    found = read(tmp_path, text)
    assert triples(found) == [("u1", 0, 1.0, 50), ("u1", 1, 2.0, 5), ("u2", 0, 5.0, 7)]
    assert found.report.duplicates == 3
    assert found.report.kept == 3


def test_bad_ratings_times_and_gaps_are_counted_and_cost_only_themselves(tmp_path: Path) -> None:
    text = "user,item,rating,timestamp\nu1,a,good,10\nu1,b,4,soon\n,c,1,1\nu1,,1,1\nu2,b,good,\n"
    found = read(tmp_path, text)
    assert found.item.tolist() == [0, 1, 1]
    assert found.timestamp.tolist() == [10, 0, 0]
    assert np.isnan(found.rating[[0, 2]]).all()
    report = found.report
    assert (report.rows, report.bad_ratings, report.bad_times, report.incomplete) == (5, 2, 1, 2)
    assert len(report.sentences()) == 3


@pytest.mark.parametrize("when", ["2000-07-30T18:45:03", "964982703000", "964982703.0", "2000-07-30 18:45:03"])
def test_times_are_seconds_whatever_their_spelling(tmp_path: Path, when: str) -> None:
    assert read(tmp_path, f"user,item,timestamp\nu,a,{when}\n").timestamp.tolist() == [964982703]


@pytest.mark.parametrize(("ids", "raw"), [(["1", "2"], "2.0"), (["1.0", "2.0"], "2"), (["tt01", "tt2"], "tt2")])
def test_whole_floats_and_whole_numbers_are_the_same_id(tmp_path: Path, ids: list[str], raw: str) -> None:
    assert read(tmp_path, f"user,item\nu,{raw}\n", ids).item.tolist() == [1]


def test_ids_that_only_look_alike_stay_apart(tmp_path: Path) -> None:
    found = read(tmp_path, "user,item\nu,01\nu,1\nu,1.5\n", ["1", "01", "1.5"])
    assert found.item.tolist() == [1, 0, 2]


def test_parquet_and_jsonl_read_as_csv_does(tmp_path: Path) -> None:
    columns = {
        "user": [1.0, 2.0],
        "item": [10.0, 30.0],
        "rating": [4, None],
        "time": [datetime(1970, 1, 2)] * 2,
    }
    pq.write_table(pa.table(columns), tmp_path / "i.parquet")
    found = read_interactions(tmp_path / "i.parquet", ["10", "20", "30"])
    assert (found.users, found.item.tolist(), found.timestamp.tolist()) == (
        ["1", "2"],
        [0, 2],
        [86400, 86400],
    )
    assert found.rating[0] == 4
    rows = [{"user": 1, "item": 10}, {"user": 2, "item": 30, "rating": 4.5}]
    (tmp_path / "i.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    found = read_interactions(tmp_path / "i.jsonl", ["10", "20", "30"])
    assert (found.users, found.item.tolist(), found.rating[1]) == (["1", "2"], [0, 2], 4.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "user,item\nu,x\nu,y\n",
            ["none of its 2 rows", "it names x, y", "catalogue has a, b, c", "id_column"],
        ),
        ("user,item\n,a\n", ["no row has both", "Fill in"]),
        ("user,thing\nu,a\n", ["no column for the item", "user, thing", "item_id"]),
        ("visit,item\nu,a\n", ["no column for the user", "visit, item", "user_id"]),
        ("user,item\n", ["has no rows"]),
        ("user,item\nu,a,5\n", ["line 2 has 3 cells"]),
    ],
)
def test_a_file_that_gives_nothing_is_refused_with_a_way_out(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(BadInputError) as caught:
        read(tmp_path, text)
    assert "interactions.csv" in caught.value.what
    assert caught.value.way_out
    assert [part for part in said if part not in str(caught.value)] == []


def test_a_hundred_thousand_rows_take_a_moment(tmp_path: Path) -> None:
    choose = random.Random(7)
    ids = [f"item{i}" for i in range(10_000)]
    rows = [
        f"{choose.randrange(2000)},{choose.choice(ids)},{choose.randint(1, 10) / 2},{10**9 + i}" for i in range(100_000)
    ]
    began = time.process_time()
    found = read(tmp_path, "userId,itemId,rating,timestamp\n" + "\n".join(rows) + "\n", ids)
    seconds = time.process_time() - began
    assert found.report.kept + found.report.duplicates == 100_000
    assert len({*zip(found.user.tolist(), found.item.tolist(), strict=True)}) == found.report.kept
    assert seconds < 5, "about 0.4 s on an idle core"
