"""What people used before: theirs alone, in the order of time, and nothing of those who are unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.data.interactions import read_interactions
from tools.data.logs import Log, Logs
from tools.data.training import load_training, save_training, training_data


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """As after an ingest: three people, whose rows are mixed up."""
    rows = ["ann,i3,5,30", "bob,i1,1,10", "ann,i1,4,10", "bob,i2,5,40", "ann,i2,1,20", "7,i0,5,5"]
    (tmp_path / "plays.csv").write_text("user,item,rating,timestamp\n" + "\n".join(rows), encoding="utf-8")
    played = read_interactions(tmp_path / "plays.csv", [f"i{n}" for n in range(5)])
    save_training(tmp_path, training_data(played, 5, None))
    return Logs(load_training(tmp_path))


def test_each_has_their_own_the_latest_last(logs: Logs) -> None:
    assert logs.of("ann") == Log(used=(1, 2, 3), liked=(1, 3))
    assert logs.of("bob") == Log(used=(1, 2), liked=(2,))
    assert logs.of("7") == Log(used=(0,), liked=(0,))


@pytest.mark.parametrize("person", ["", "carl", "Ann", "0"])
def test_of_the_unknown_nothing_is_known(logs: Logs, person: str) -> None:
    assert logs.of(person) == Log()


def test_without_interactions_nobody_is_known() -> None:
    assert Logs(training_data(None, 5, None)).of("ann") == Log()
