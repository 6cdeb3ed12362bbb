"""What an inferred schema is taught of its values: their order, and the ages that certificates stand for."""

from __future__ import annotations

import pytest

from tools.data.schema import FieldSpec
from tools.data.thesaurus import teach_values, thesaurus


@pytest.mark.parametrize(
    ("values", "order", "ages"),
    [
        (["R", "PG", "G", "PG-13", "Not Rated"], ["G", "PG", "PG-13", "R"], {"G": 0, "PG": 8, "PG-13": 13, "R": 17}),
        (["18", "U", "12", "PG"], ["U", "PG", "12", "18"], {"U": 0, "PG": 8, "12": 12, "18": 18}),
        (["FSK 16", "FSK 6"], ["FSK 6", "FSK 16"], {"FSK 6": 6, "FSK 16": 16}),
        (["12+", "6+", "18+"], ["6+", "12+", "18+"], {"6+": 6, "12+": 12, "18+": 18}),
        (["hard", "easy", "medium"], ["easy", "medium", "hard"], {}),
        (["red", "blue"], [], {}),
    ],
)
def test_values_of_a_known_ladder_get_its_order_and_ages(
    values: list[str], order: list[str], ages: dict[str, int]
) -> None:
    field = FieldSpec(name="suits", type="category")
    teach_values(field, values)
    assert (field.order, field.ages) == (order, ages)


def test_all_ages_are_ages() -> None:
    ages = [age for ladder in thesaurus().ladders if isinstance(ladder, dict) for age in ladder.values()]
    assert ages
    assert all(0 <= age <= 18 for age in ages)
