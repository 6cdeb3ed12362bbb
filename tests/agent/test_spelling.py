"""Typing errors: which word was meant, the same at every start."""

from __future__ import annotations

from pathlib import Path

from tiny import tiny_catalogue, tiny_schema

from agent.reading.spelling import corrected


def test_of_many_words_that_are_as_near_always_the_same_is_meant(tmp_path: Path) -> None:
    near = [f"gard{letter}lo" for letter in "zyxwvutsrqponmlkjihgfedcb"]
    with tiny_catalogue(tmp_path, tiny_schema(), [{"title": title} for title in near]) as catalogue:
        assert corrected("something like gardalo", catalogue) == "something like gardblo"


def test_a_title_that_carries_its_year_is_left_as_it_was_typed(tmp_path: Path) -> None:
    with tiny_catalogue(tmp_path, tiny_schema(), [{"title": "Mohana"}]) as catalogue:
        assert corrected("I saw Moana (2016)", catalogue) == "I saw Moana (2016)"
        assert corrected("I saw moana", catalogue) == "I saw mohana"
