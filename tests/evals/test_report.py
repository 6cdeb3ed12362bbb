"""Reports: what a reader sees of a run, and that what people and items say stays text."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals.measures import Difference, Measure
from evals.outcome import Exchange, Outcome
from evals.report.comparison import Compared, compare_runs, discoveries
from evals.report.markdown import comparison_report, difference_said, run_report
from evals.report.page import comparison_page, run_page
from evals.report.transcripts import status
from evals.runlog import RUN, Header, Held, Line, Run, read_run, write_run
from serve.eval_cli import compare_command, report_command
from serve.trace_view import told
from tools.errors import BadInputError, MissingError

HOSTILE = '"><img src=x onerror=alert(1)></textarea></script><script>alert(2)</script> $x_$ {{ 7 * 7 }} | #010203'
PASSES = Measure("pass^1", "passes", k=1)
TURNS = Measure("turns", "turns", better="less", digits=1)
RARE = Measure("rare", "rare")


def exchange(message: str = "a film, please", **changes: object) -> Exchange:
    return Exchange.model_validate(
        {"message": message, "reply": "How about it?", "shown": ["i1"], "titles": ["One"], **changes}
    )


def line(number: int, passes: bool, contestant: str = "ours", suite: str = "talks", **changes: object) -> Line:
    outcome = {
        "values": {"passes": float(passes), "turns": 2.0 + number % 3},
        "slices": {"reveal": "hidden" if number % 2 else "told"},
        "exchanges": [exchange(f"message {number} to {contestant}", total_ms=10.0 * number, llm_calls=2)],
        **changes,
    }
    return Line(
        suite=suite,
        contestant=contestant,
        id=f"t{number}-0",
        group=f"t{number}",
        said=f"task {number}",
        outcome=Outcome.model_validate(outcome),
    )


def header(**changes: object) -> Header:
    held = {"talks": Held(said="people with tasks", measures=[PASSES, TURNS, RARE])}
    fields: dict[str, object] = {
        "started": "2026-01-02T03:04:05+00:00", "seconds": 4321.0, "commit": "abc1234", "seed": 7, "is_quick": False,
        "model": "tiny-llm", "machine": "2 cores", "settings": "0123456789ab", "suites": held,
        "catalogues": {"talks": "games 2026-v3"}, "contestants": {"ours": "our agent", "echo": "says what was said"},
    }  # fmt: skip
    return Header.model_validate({**fields, **changes})


@pytest.fixture
def run() -> Run:
    """Ours passes 3 of 4, in which t3 fails; echo fails all but one that can't be scored."""
    lines = [line(n, n != 3) for n in range(4)] + [line(n, False, "echo") for n in range(3)]
    gone = line(3, False, "echo", values={}, not_scored="it never answered")
    return Run(header=header(missing={"film-talk": "no data there"}), lines=[*lines, gone])


class Page(HTMLParser):
    """The elements of a page: (tag, attributes), and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and self.scripts[-1] == "":
            self.scripts[-1] = data
        self.text += data


def row(lines: list[str], *begin: str) -> list[str]:
    """The first row of a table that begins with these cells."""
    rows = [[cell.strip() for cell in one.strip("|").split("|")] for one in lines if one.startswith("|")]
    return next(cells for cells in rows if cells[: len(begin)] == list(begin))


def test_the_tables_say_what_was_run_measured_and_not_scored(run: Run) -> None:
    lines = list(run_report(run))
    for fact in ("commit: abc1234", "seed: 7", "model: tiny-llm", "seconds: 4,321", "whole suites", "2 cores"):
        assert any(fact in one for one in lines), fact
    assert "- catalogue of talks: games 2026-v3" in lines
    ours, echo = row(lines, "ours"), row(lines, "echo")
    assert ours[:2] == ["ours", "4"]
    assert re.fullmatch(r"0\.750 \(\d\.\d{3} to 1\.000\)", ours[2])
    assert ours[3].startswith("2.8 (")
    assert echo[:3] == ["echo", "3", "0.000 (0.000 to 0.708)"]
    assert not any("rare" in one for one in lines), "nobody has a value of it"
    assert "\n1 of echo not scored, which is not 0: it never answered" in lines
    assert "\n## film-talk\n\nnot held: no data there" in lines


def test_headlines_stand_side_by_side_where_the_same_contestants_held_several_suites(run: Run) -> None:
    assert not any("Headlines" in one for one in run_report(run)), "one suite's are in its own table"
    run.header.suites.update(dict.fromkeys(("more", "others"), run.header.suites["talks"]))
    run.header.contestants["somebody"] = "brought along by a suite"
    run.lines += [line(n, n != 0, suite="more") for n in range(2)] + [line(0, False, "echo", "more")]
    run.lines += [line(0, True, "somebody", "others")]
    lines = list(run_report(run))
    assert "\n## Headlines of ours, echo\n" in lines
    assert "\n## Headlines of somebody\n" in lines
    assert row(lines, "talks", "pass^1")[2].endswith("n=4")
    assert row(lines, "more", "pass^1")[2:4] == ["0.500 (0.000 to 1.000), n=2", "0.000 (one group), n=1"]
    at = lines.index("\nThe same over the samples that all of them were asked:\n")
    assert row(lines[at:], "talks", "pass^1")[2:4] == ["1.000 (0.292 to 1.000), n=3", "0.000 (0.000 to 0.708), n=3"]
    assert row(lines[at:], "more", "pass^1")[2:4] == ["0.000 (one group), n=1", "0.000 (one group), n=1"]
    page = Page(run_page(run)).text
    assert "Headlines of ours, echo" in page
    assert "Headlines of somebody" in page


def test_the_headline_is_told_by_slice_with_how_many(run: Run) -> None:
    lines = list(run_report(run))
    hidden = row(lines, "reveal", "hidden")
    assert hidden[2].startswith("0.500 (0.000 to 1.000), n=2")
    assert hidden[3] == "0.000 (one group), n=1", "a single group has no interval"
    assert row(lines, "reveal", "told")[2] == "1.000 (0.158 to 1.000), n=2"


def test_costs_are_a_turn_s_and_what_was_not_timed_is_no_zero(run: Run) -> None:
    run.lines[4:] = [line(n, False, "echo", exchanges=[exchange()]) for n in range(3)]
    lines = list(run_report(run))
    at = lines.index("\nCost, a turn:\n")
    ours, echo = row(lines[at:], "ours"), row(lines[at:], "echo")
    assert ours[1:7] == ["4", "0", "20", "29", "0%", "2.00"], "of 10, 20 and 30 ms; the turn of 0 ms was not timed"
    assert echo[3:6] == ["-", "-", "-"]


def test_the_same_run_makes_the_same_report_to_the_digit(run: Run) -> None:
    assert list(run_report(run)) == list(run_report(run))
    assert run_page(run) == run_page(run)


def test_the_page_asks_nothing_of_any_host_and_runs_its_own_script_alone(run: Run) -> None:
    text = run_page(run)
    page = Page(text)
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
        assert tag not in {"link", "iframe", "object", "embed", "base", "img"}
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"url\((?!#)|@import", text)
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text
    assert text.count("<svg") == 3


PLACES: dict[str, Callable[[Run], None]] = {
    "a message": lambda run: run.lines[0].outcome.exchanges.append(exchange(HOSTILE)),
    "a reply": lambda run: run.lines[0].outcome.exchanges.append(exchange(reply=HOSTILE)),
    "a title": lambda run: run.lines[0].outcome.exchanges.append(exchange(titles=[HOSTILE])),
    "an id": lambda run: run.lines[0].outcome.exchanges.append(exchange(shown=[HOSTILE])),
    "an error": lambda run: run.lines[0].outcome.exchanges.append(exchange(error=HOSTILE)),
    "a trace": lambda run: run.lines[0].outcome.exchanges.append(exchange(events=[{"kind": HOSTILE}])),
    "a note": lambda run: run.lines[0].outcome.notes.append(HOSTILE),
    "a reason": lambda run: setattr(run.lines[-1].outcome, "not_scored", HOSTILE),
    "a slice": lambda run: run.lines[0].outcome.slices.update({HOSTILE: HOSTILE}),
    "a task": lambda run: setattr(run.lines[0], "said", HOSTILE),
    "a missing suite": lambda run: run.header.missing.update({"gone": HOSTILE}),
    "a model": lambda run: setattr(run.header, "model", HOSTILE),
}


@pytest.mark.parametrize("place", PLACES)
def test_whatever_is_said_stays_text(run: Run, place: str) -> None:
    PLACES[place](run)
    page = Page(run_page(run, tell=told))
    assert HOSTILE.split(" |")[0] in page.text.replace('\\"', '"'), "it is shown"
    assert len(page.scripts) == 1
    assert "img" not in {tag for tag, _ in page.elements}
    markdown = "\n".join(run_report(run))
    assert "<script" not in markdown
    assert "<img" not in markdown
    cells = {len(re.split(r"(?<!\\)\|", one)) for one in markdown.splitlines() if one.startswith("| reveal")}
    assert len(cells) == 1


def test_failures_are_shown_first_and_only_so_many(run: Run) -> None:
    rng = random.Random(0)
    run.lines = [line(n, n % 3 != 0) for n in range(60)]
    rng.shuffle(run.lines)
    page = Page(run_page(run, most=25))
    talks = [attributes for _, attributes in page.elements if attributes.get("class") == "talk"]
    assert [talk["data-status"] for talk in talks] == ["failed"] * 20 + ["passed"] * 5
    assert all((talk["data-suite"], talk["data-contestant"]) == ("talks", "ours") for talk in talks)
    assert "35 more are in run.jsonl" in page.text
    assert not [a for _, a in Page(run_page(run, most=0)).elements if a.get("class") == "talk"]


def test_long_texts_and_traces_are_cut_and_say_so(run: Run) -> None:
    small = len(run_page(run))
    events = [{"kind": "odd", "n": n, "text": "y" * 5000} for n in range(500)]
    run.lines[0].outcome.exchanges[0] = exchange("x" * 100_000, events=events)
    text = run_page(run)
    assert len(text) - small < 100_000
    assert text.count("cut short") > 100
    assert "x" * 4000 in text


@pytest.mark.parametrize(
    ("value", "better", "expected"),
    [(0.0, "more", "failed"), (0.4, "more", "partly"), (1.0, "more", "passed"), (3.0, "", "passed"),
     (0.0, "less", "passed"), (2.0, "less", "failed")],
)  # fmt: skip
def test_how_a_sample_came_out(value: float, better: str, expected: str) -> None:
    measure = Measure("m", "m", better=better)  # type: ignore[arg-type]
    assert status(Outcome(values={"m": value}), measure) == expected
    assert status(Outcome(values={"other": value}), measure) == "not scored"
    assert status(Outcome(values={"m": value}, not_scored="late"), measure) == "not scored"


def shifted(run: Run, **changes: object) -> Run:
    """A later run, in which ours passes all and takes a turn more."""
    later = run.model_copy(deep=True, update={"header": run.header.model_copy(update=changes)})
    for one in later.lines:
        if one.contestant == "ours":
            one.outcome.values.update(passes=1.0, turns=one.outcome.values["turns"] + 1)
    return later


def test_a_comparison_is_paired_and_says_which_way_is_better(run: Run) -> None:
    run.lines = [line(n, n % 2 == 0) for n in range(40)] + [line(n, False, "echo") for n in range(40)]
    found = compare_runs(shifted(run), run)
    assert found.warnings == ()
    lines = list(comparison_report(found))
    passes, turns = row(lines, "talks", "ours", "pass^1"), row(lines, "talks", "ours", "turns")
    assert passes[3:6] == ["40", "0.500", "1.000"]
    assert re.fullmatch(r"\+0\.500 \(\+0\.3\d\d to \+0\.6\d\d\)", passes[6])
    assert (passes[8], turns[8]) == ("better", "worse")
    assert turns[6] == "+1.0 (+1.0 to +1.0)"
    assert row(lines, "talks", "echo", "turns")[6:] == ["+0.0 (+0.0 to +0.0)", "1.000", ""]
    assert lines[-1].startswith("\n4 comparisons: without any difference about 0.2 of them have p < 0.05.")
    back = {one.contestant: one.verdict for one in compare_runs(run, shifted(run)).rows if one.measure == PASSES}
    assert back == {"ours": "worse", "echo": ""}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"seed": 8},
            "the seeds differ (7 before, 8 after): other samples were drawn, so the numbers are not comparable",
        ),
        ({"is_quick": True}, "one run is quick and the other is not"),
        (
            {"catalogues": {"talks": "games v4"}},
            "the catalogues of talks differ (games 2026-v3 before, games v4 after)",
        ),
        ({"model": ""}, "models differ (tiny-llm before, none after)"),
        ({"user_model": "big"}, "the models that play the users differ (none before, big after)"),
        ({"settings": "ffff"}, "settings"),
        ({"contestants": {"ours": "our agent"}}, "only one of the runs has the contestants echo"),
    ],
)
def test_a_comparison_warns_where_numbers_are_not_comparable(run: Run, changes: dict[str, object], said: str) -> None:
    later = shifted(run, **changes)
    found = compare_runs(later, run)
    (warning,) = found.warnings
    assert said in warning
    assert next(comparison_report(found)).startswith("Beware: ")
    assert f"Beware: {warning}" in Page(comparison_page(found, run.header, later.header)).text


def test_only_groups_that_both_have_are_compared_and_how_many_is_said(run: Run) -> None:
    later = shifted(run)
    later.lines = [one for one in later.lines if one.id != "t3-0"]
    found = compare_runs(later, run)
    assert found.warnings == ("talks, ours: 3 groups are in both runs and compared, 1 only before, 0 only after.",)
    (passes,) = [one for one in found.rows if (one.contestant, one.measure) == ("ours", PASSES)]
    assert (passes.difference.groups, passes.before, passes.after) == (3, 1.0, 1.0), "t3, which failed, is not in it"


def test_the_discoveries_of_benjamini_and_hochberg_by_hand() -> None:
    def compared(p: float) -> Compared:
        return Compared("s", "c", PASSES, 0.0, 1.0, Difference(1.0, 0.5, 1.5, p, 9))

    ps = [0.041, 0.009, 0.5, 0.019, 0.012]  # limits: .01, .02, .03, .04, .05; .019 <= .03, .041 > .04
    assert [one.is_clear for one in discoveries([compared(p) for p in ps])] == [False, True, False, True, True]
    assert not any(one.is_clear for one in discoveries([compared(0.03), compared(0.9)]))
    assert discoveries([]) == []


def test_a_comparison_s_page_is_as_safe_as_a_report_s(run: Run) -> None:
    later = shifted(run, model=HOSTILE)
    text = comparison_page(compare_runs(later, run), run.header, later.header)
    page = Page(text)
    assert len(page.scripts) == 1
    assert "img" not in {tag for tag, _ in page.elements}
    assert text.count("<svg") == 1


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of runs of a home."""
    monkeypatch.setenv("TASTEMAKER_HOME", str(tmp_path))
    return tmp_path / "evaluation" / "runs"


def test_the_report_of_the_latest_run_is_printed_and_written_beside_it(
    runs: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    for age, name in enumerate(("newest", "older")):
        write_run(runs / name / RUN, run)
        os.utime(runs / name / RUN, (1000 - age, 1000 - age))
    report_command()
    printed = capsys.readouterr().out
    assert (runs / "newest" / "report.md").read_text(encoding="utf-8").strip() in printed
    assert (runs / "newest" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not (runs / "older" / "report.md").exists()


def test_a_report_of_nothing_is_refused_with_the_way_out(runs: Path, run: Run) -> None:
    with pytest.raises(MissingError, match="no finished run"):
        report_command()
    (runs / "half").mkdir(parents=True)
    with pytest.raises(MissingError, match="holds no run"):
        report_command(runs / "half")
    (runs / "half" / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MissingError, match="is not finished"):
        report_command(runs / "half")
    (runs / "half" / RUN).write_text('{"kind": "run", "format": 1}', encoding="utf-8")
    with pytest.raises(BadInputError, match="format 1"):
        report_command(runs / "half")


def test_two_runs_are_compared_from_the_command_line(runs: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(runs / "a" / RUN, run)
    write_run(runs / "b" / RUN, shifted(run, seed=9))
    compare_command(runs / "a", runs / "b")
    printed = capsys.readouterr().out
    assert "Beware: the seeds differ (7 before, 9 after)" in printed
    assert "| talks | ours | pass^1 | 4 | 0.750 | 1.000 | +0.250" in printed
    assert "What changed" in (runs / "b" / "compared-with-a.html").read_text(encoding="utf-8")
    assert read_run(runs / "b" / RUN).header.seed == 9


def test_nothing_is_less_than_nothing() -> None:
    found = Difference(value=-1e-17, low=-0.0, high=0.0, p=1.0, groups=3)
    assert difference_said(found, PASSES) == "+0.000 (+0.000 to +0.000)"
