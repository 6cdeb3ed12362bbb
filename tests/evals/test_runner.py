"""Runs: what was finished is never held again, whatever ended it; same seed, same lines; no two runs in one folder."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from tiny_suites import Slow, Tiny, marked

from agent.settings import Settings
from evals.contestants.contract import Contestant
from evals.contestants.floors import FLOORS
from evals.contestants.ours import ours
from evals.journal import JOURNAL, MANIFEST, open_journal
from evals.outcome import Outcome
from evals.registry import CONTESTANTS
from evals.runlog import RUN, Line, read_run, write_run
from evals.runner import Order, run_suites
from evals.suite import Sample, Suite
from evals.world import Lab, World
from tools.errors import BadInputError, UnavailableError

ROOT = Path(__file__).parents[2]
FALLBACK = ours("fallback", CONTESTANTS["fallback"], None)
POPULAR = FLOORS[0]
ECHO = FLOORS[1]


@pytest.fixture
def lab(world_settings: Settings, tmp_path: Path) -> Lab:
    return Lab(world_settings, tmp_path / "no data", tmp_path / "scratch")


def without_times(lines: Sequence[Line]) -> list[Any]:
    """What the lines say, but for how long it took."""

    def untimed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: untimed(one) for key, one in value.items() if not key.endswith("ms")}
        return [untimed(one) for one in value] if isinstance(value, list) else value

    return [untimed(line.model_dump(mode="json")) for line in lines]


def finished(folder: Path) -> list[str]:
    """The samples in the journal; a line that was cut short is none."""
    path = folder / JOURNAL
    rows = [json.loads(row) for row in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []
    return [f"{row['contestant']} {row['id']}" for row in rows if row["kind"] == "sample"]


def test_the_same_seed_gives_the_same_lines_and_another_gives_others(lab: Lab, tmp_path: Path) -> None:
    order = Order([Tiny()], [FALLBACK, POPULAR])
    first = run_suites(order, lab, tmp_path / "one")
    again = run_suites(order, lab, tmp_path / "two")
    assert len(first.lines) == 12
    assert any(line.outcome.exchanges[0].events for line in first.lines)
    assert without_times(first.lines) == without_times(again.lines)
    other = run_suites(order, Lab(lab.settings, lab.data, lab.scratch, seed=1), tmp_path / "three")
    assert without_times(first.lines) != without_times(other.lines)


def test_a_model_is_asked_as_many_samples_as_ordered_spread_over_the_suite(lab: Lab, tmp_path: Path) -> None:
    one, other = (
        {line.id for line in run_suites(Order([Tiny(count=60)], [entry], by_model=12), lab, tmp_path / name).lines}
        for name, entry in (("model", replace(ECHO, waits=True)), ("none", ECHO))
    )
    assert (len(one), len(other)) == (12, 60)
    assert {"s0", "s1", "s51"} <= one < other


def test_a_finished_run_is_read_again_and_nothing_is_held(lab: Lab, tmp_path: Path) -> None:
    order = Order([Tiny()], [POPULAR, marked(tmp_path / "opened")])
    first = run_suites(order, lab, tmp_path / "run")
    write_run(tmp_path / "run" / RUN, first)
    suite = Tiny()
    shares: list[tuple[str, float]] = []
    again = run_suites(Order([suite], order.entries), lab, tmp_path / "run", lambda *told: shares.append(told))
    assert suite.held == []
    assert (tmp_path / "opened").read_text() == "opened\nclosed\n", "who is not needed is not opened"
    assert shares[-1] == ("going on: 12 of 12 samples", 1.0)
    assert again.lines == first.lines == read_run(tmp_path / "run" / RUN).lines
    assert (again.header.started, again.header.tries) == (first.header.started, 2)


class Faulty(Tiny):
    """Can't hold one sample."""

    async def hold(self, sample: Sample[int], contestant: Contestant, world: World, seed: int) -> Outcome:
        if sample.id == "s3" and not self.held.count("mended"):
            raise ZeroDivisionError("by the moon")
        return await super().hold(sample, contestant, world, seed)


def test_a_fault_of_a_suite_costs_its_sample_and_is_tried_again(lab: Lab, tmp_path: Path) -> None:
    run = run_suites(Order([Faulty()], [POPULAR]), lab, tmp_path)
    (fault,) = [line for line in run.lines if line.outcome.not_scored]
    assert (fault.id, fault.outcome.not_scored) == ("s3", "a fault of the suite: ZeroDivisionError: by the moon")
    assert any("tiny_suites" in note or "test_runner" in note for note in fault.outcome.notes), "where it happened"
    assert len(run.lines) == 6
    assert sum(len(group) for group in run.groups("tiny", "popular").values()) == 5, "it counts nowhere"
    mended = Faulty()
    mended.held.append("mended")
    again = run_suites(Order([mended], [POPULAR]), lab, tmp_path)
    assert mended.held == ["mended", "popular s3"]
    assert not any(line.outcome.not_scored for line in again.lines)


class Nowhere(Tiny):
    """Lacks its data."""

    def missing(self, lab: Lab) -> str:
        return "it lacks its data."


def test_a_suite_that_is_missing_says_so(lab: Lab, tmp_path: Path) -> None:
    run = run_suites(Order([Tiny(), Nowhere("elsewhere")], [ECHO]), lab, tmp_path)
    assert run.header.missing == {"elsewhere": "it lacks its data."}
    assert list(run.header.suites) == ["tiny"]


@pytest.mark.parametrize(
    ("suites", "entries", "changes", "said"),
    [
        ([Tiny("other")], [ECHO], {}, "the suites: there tiny: whether anything is shown, here other: whether"),
        ([Tiny()], [ECHO, POPULAR], {}, "the contestants: there echo: says what was said, here echo: says"),
        ([Tiny()], [ECHO], {"is_quick": True}, "--quick: there no, here yes"),
        ([Tiny()], [ECHO], {"model": "big"}, "the model: there none, here big"),
        ([Tiny()], [ECHO], {"seed": 3}, "the seed: there 0, here 3"),
    ],
)
def test_a_folder_with_another_run_is_refused(
    lab: Lab, tmp_path: Path, suites: list[Suite[Any]], entries: list[Any], changes: dict[str, Any], said: str
) -> None:
    run_suites(Order([Tiny()], [ECHO]), lab, tmp_path)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    other = Lab(lab.settings, lab.data, lab.scratch, seed=changes.pop("seed", 0))
    with pytest.raises(BadInputError, match=f"holds another run .{said}.*--out"):
        run_suites(Order(suites, entries, **changes), other, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == kept


def test_two_runs_at_once_into_one_folder_are_refused(lab: Lab, tmp_path: Path) -> None:
    with open_journal(tmp_path), pytest.raises(UnavailableError, match="Another run into"):
        run_suites(Order([Tiny()], [ECHO]), lab, tmp_path)
    assert len(run_suites(Order([Tiny()], [ECHO]), lab, tmp_path).lines) == 6, "and then it is free"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (MANIFEST, '{"format": 1, "suites": []}', "another version .format 1"),
        (MANIFEST, "[]", "no manifest"),
        (MANIFEST, "{", "no manifest"),
        (RUN, '{"kind": "run", "format": 1}\n', "older version"),
        (JOURNAL, '{"kind":"sample","suite":"tiny"}\n', "line 1, can't be gone on with"),
    ],
)
def test_what_another_version_left_is_refused(lab: Lab, tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=said):
        run_suites(Order([Tiny()], [ECHO]), lab, tmp_path)


def test_a_run_s_file_is_read_as_it_was_written_whatever_people_wrote(lab: Lab, tmp_path: Path) -> None:
    run = run_suites(Order([Tiny()], [ECHO]), lab, tmp_path)
    run.lines[0].outcome.notes.append("a line\u2028apart\x85\r\n\x0b and | <b>")
    write_run(tmp_path / RUN, run)
    assert read_run(tmp_path / RUN) == run
    head = json.loads((tmp_path / RUN).read_text(encoding="utf-8").partition("\n")[0])
    (tmp_path / RUN).write_text(json.dumps({**head, "format": 1}), encoding="utf-8")
    with pytest.raises(BadInputError, match="format 1, 2 is read"):
        read_run(tmp_path / RUN)


@contextmanager
def child(
    tmp_path: Path, home: Path, *contestants: str, file_limit: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`tastemaker eval run slow` as a process of its own."""
    names = [word for name in contestants for word in ("--contestant", name)]
    command = ["eval", "run", "slow", "--catalogue", "games", *names, "--out", str(tmp_path / "run")]

    def limit() -> None:
        if file_limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    started = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "tiny_suites.py"), str(tmp_path), *command],
        env={**os.environ, "TASTEMAKER_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def wait_for(samples: int, folder: Path, process: subprocess.Popen[str]) -> None:
    """Until so many samples are finished."""
    end = time.monotonic() + 600
    while len(finished(folder)) < samples:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_run_that_was_killed_and_stopped_goes_on_where_it_was(lab: Lab, world_home: Path, tmp_path: Path) -> None:
    folder, begun = tmp_path / "run", tmp_path / "begun"
    with child(tmp_path, world_home, "fallback", "marked") as first:
        wait_for(6, folder, first)
        first.kill()
        first.communicate()
    with (folder / JOURNAL).open("ab") as stream:
        stream.write(b'{"kind":"sample","suite":"sl')  # as a kill in the middle of a line leaves it
    after_kill = finished(folder)

    with child(tmp_path, world_home, "fallback", "marked") as second:
        wait_for(len(after_kill) + 6, folder, second)
        helpers = psutil.Process(second.pid).children(recursive=True)
        second.send_signal(signal.SIGINT)
        _, said = second.communicate(timeout=60)  # no conversation is waited for
    assert second.returncode == 130
    assert said.splitlines()[-1].startswith("tastemaker: Stopped. What was finished is kept; go on with: tastemaker ")
    assert f"eval run slow --catalogue games --contestant fallback --contestant marked --out {folder}" in said
    assert "Traceback" not in said
    assert psutil.wait_procs(helpers, timeout=5)[1] == []
    assert (tmp_path / "opened").read_text() == "opened\nopened\nclosed\n", "Ctrl-C closes who was opened"
    after_stop = finished(folder)
    assert 12 <= len(after_stop) < 80
    assert set(after_kill) < set(after_stop)

    whole = Slow(tmp_path / "begun elsewhere", 0)
    entries = [FALLBACK, marked(tmp_path / "opened elsewhere")]
    shares: list[float] = []
    rest = Slow(begun, 0)
    run = run_suites(Order([rest], entries), lab, folder, lambda _, share: shares.append(share))
    starts = Counter(begun.read_text().splitlines())
    assert {starts[sample] for sample in after_kill} == {1}, "what was finished is not held again"
    assert len(rest.held) == 80 - len(after_stop)
    assert shares[1] == len(after_stop) / 80, "once the catalogue is open, progress starts from what is finished"
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert run.header.tries == 3
    uninterrupted = run_suites(Order([whole], entries), lab, tmp_path / "uninterrupted")
    assert without_times(run.lines) == without_times(uninterrupted.lines)
    assert len(run.lines) == 80


def test_a_full_disk_is_one_sentence_and_what_is_finished_is_kept(lab: Lab, world_home: Path, tmp_path: Path) -> None:
    with child(tmp_path, world_home, "marked", file_limit=40_000) as process:
        _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    sentence = said.splitlines()[-1]
    assert sentence.startswith(
        "tastemaker: The disk is full. What was finished is kept. Free some space and go on with: "
    )
    assert "Traceback" not in said
    kept = finished(tmp_path / "run")
    assert 10 < len(kept) < 40
    rest = Slow(tmp_path / "begun", 0)
    run = run_suites(Order([rest], [marked(tmp_path / "opened")]), lab, tmp_path / "run")
    assert len(run.lines) == 40
    assert set(rest.held) & set(kept) == set()
    assert len(rest.held) == 40 - len(kept)
