"""The bench of titles: every way of typing has its row, and what is not there has no precision."""

from __future__ import annotations

import pytest

from evals.bench.titles import TitleRow, measure_titles, titles_table
from tools.shelf import Shelf


@pytest.fixture(scope="module")
def rows(shelf: Shelf) -> dict[str, TitleRow]:
    return {row.way: row for row in measure_titles(shelf, count=60, seed=1)}


def test_a_title_as_it_is_written_is_always_found(rows: dict[str, TitleRow]) -> None:
    for way in ("as it is written", "lower case, no punctuation", "with the year"):
        assert rows[way].found == rows[way].precision == 1.0
        assert rows[way].wrong == ()


def test_wrong_letters_cost_some_and_are_seldom_taken_for_another(rows: dict[str, TitleRow]) -> None:
    one, two = rows["one letter wrong"], rows["two letters wrong"]
    assert one.found >= 0.9
    assert one.found >= two.found
    assert min(one.precision, two.precision) >= 0.95


def test_what_was_never_made_is_not_there(rows: dict[str, TitleRow]) -> None:
    sequel = rows["not there: a sequel that was never made"]
    assert sequel.found == 1.0
    assert sequel.precision != sequel.precision, "there is nothing to be right about"


def test_the_table_has_a_line_for_each(rows: dict[str, TitleRow]) -> None:
    lines = list(titles_table(list(rows.values())))
    assert len(lines) == 2 + len(rows)
    assert all(line.count("|") == lines[0].count("|") for line in lines)
