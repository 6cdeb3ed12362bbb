"""One's own agent, tasks and scorer: held, scored and told like ours; what is wrong with a file is one sentence."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from agent_server import Behaviour, agent_server, chunk, for_ever, served

from agent.policy import Availability, Policies
from agent.settings import Settings
from evals.contestants.remote import agents
from evals.hosting import Host
from evals.measures import estimate
from evals.own_scorer import load_scorer
from evals.registry import chosen_entries, chosen_suites
from evals.report.comparison import compare_runs
from evals.report.markdown import comparison_report, run_report
from evals.runlog import Run, read_run, write_run
from evals.runner import Order, run_suites
from evals.tasks.own import read_own_tasks
from evals.tasks.task import Task
from evals.world import Lab
from tools.errors import BadInputError
from tools.shelf import Shelf

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")  # inspect-ai leaves them open
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "scorer.py"
TASKS = """\
- id: short-wargame
  wishes:
    - {field: kinds, op: "=", value: Wargame}
    - {field: minutes, op: "<=", value: 60, reveal: on_ask}
    - field: price
      op: "<="
      value: 47
      reveal: hidden
  remarks: [prefers wooden pieces]
  user: {seen: [g0, g3]}
- id: funny
  wishes: [{field: kinds, op: "=", value: [Humor, Party]}, {field: in_stock, op: "=", value: true}]
- id: nowhere
  wishes: [{field: kinds, op: "=", value: Wargame}, {field: year, op: ">", value: 2100}]
  is_impossible: true
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.yaml"
    path.write_text(TASKS, encoding="utf-8")
    return path


@pytest.fixture
def lab(world_settings: Settings, tmp_path: Path) -> Lab:
    return Lab(world_settings, tmp_path, tmp_path / "scratch")


def read(path: Path, shelf: Shelf, policies: Policies | None = None) -> list[Task]:
    return read_own_tasks(path, shelf.catalogue, policies or Policies())


def test_tasks_are_read_as_they_are_written(tasks: Path, shelf: Shelf) -> None:
    first, second, third = read(tasks, shelf)
    said = [(w.constraint.field, w.constraint.op, w.constraint.value, w.reveal) for w in first.wishes]
    assert said == [
        ("kinds", "=", "Wargame", "volunteer"),
        ("minutes", "<=", 60, "on_ask"),
        ("price", "<=", 47, "hidden"),
    ]
    assert (first.remarks, first.user.seen) == (("prefers wooden pieces",), ("g0", "g3"))
    assert (second.wishes[0].constraint.value, second.is_impossible) == (("Humor", "Party"), False)
    assert third.is_impossible


def test_jsonl_says_the_same(tasks: Path, shelf: Shelf, tmp_path: Path) -> None:
    lines = "\n\n".join(json.dumps(body) for body in yaml.safe_load(TASKS))
    (tmp_path / "tasks.jsonl").write_text(lines, encoding="utf-8")
    assert read(tmp_path / "tasks.jsonl", shelf) == read(tasks, shelf)


def task(**changes: Any) -> dict[str, Any]:
    return {"id": "a", "wishes": [{"field": "kinds", "op": "=", "value": "Party"}], **changes}


def wish(**changes: Any) -> dict[str, Any]:
    return task(wishes=[{"field": "kinds", "op": "=", "value": "Party", **changes}])


WRONG: list[tuple[Any, str]] = [
    (task(wishes=None), "wishes: input should be a valid"),
    (task(wishes=[]), "wishes: "),
    ({"wishes": task()["wishes"]}, "id: field required"),
    (task(id=7), "id: input should be a valid string"),
    (task(wish=[]), "there is nothing called 'wish' here. The nearest is wishes."),
    (wish(revael="hidden"), "wishes.0: there is nothing called 'revael' here. The nearest is reveal."),
    (task(user={"seen_ids": []}), "user: there is nothing called 'seen_ids' here. The nearest is seen."),
    (wish(reveal="shouted"), "wishes.0.reveal: input should be 'volunteer', 'on_ask' or 'hidden'"),
    (wish(field="kindz"), "wishes.0.field: the catalogue has no field 'kindz'. The nearest is kinds."),
    (wish(field="xqx"), "no field 'xqx'. Its fields are year, kinds, price, designer, in_stock and minutes."),
    (wish(field="description"), "wishes.0.field: 'description' is free text"),
    (wish(op="contains"), "has no operator 'contains'. The nearest is =; it takes = !=."),
    (wish(op=">="), "kinds, a categories, has no operator '>='. It takes = !=."),
    (wish(field="price", op="=>", value=3), "has no operator '=>'. The nearest is >=; it takes = != < <= > >=."),
    (wish(field="in_stock", op="!=", value=True), "in_stock, a flag, has no operator '!='. It takes =."),
    (wish(value="Partie"), "wishes.0.value: no game has the kinds 'Partie'. The nearest is Party."),
    (wish(value=["Party", "Humour"]), "no game has the kinds 'Humour'. The nearest is Humor."),
    (wish(value={"a": 1}), "wishes.0.value: it takes a number, a word, a list of words, true or false."),
    (wish(field="price", op="<", value="cheap"), "wishes.0.value: price is a number, not 'cheap'."),
    (wish(field="price", op="<", value=True), "wishes.0.value: price is a number, not True."),
    (wish(field="in_stock", value="yes"), "wishes.0.value: in_stock is true or false, not 'yes'."),
    (task(user={"seen": ["g1", "g999"]}), "user.seen.1: the catalogue has no game 'g999'."),
    (task(user={"available": ["Hulu"]}), "user.available: no house rule is about what is available."),
    (task(is_impossible=True), "is_impossible: 40 games meet this, g1 among them."),
    (wish(field="price", op="<", value=1), "no game that may be shown meets price < 1. If that is meant, say"),
    ("just a word", "input should be a valid dictionary"),
    (None, "input should be a valid dictionary"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), WRONG, ids=[said[:40] for _, said in WRONG])
@pytest.mark.parametrize("ending", ["yaml", "jsonl"])
def test_a_task_that_is_none_is_named_with_its_line_and_its_field(
    shelf: Shelf, tmp_path: Path, body: Any, said: str, ending: str
) -> None:
    path, good = tmp_path / f"mine.{ending}", task(id="good")
    dump = yaml.safe_dump([good, body]) if ending == "yaml" else f"{json.dumps(good)}\n{json.dumps(body)}\n"
    path.write_text(dump, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        read(path, shelf)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}, line ")
    assert "\n" not in str(caught.value)
    assert (ending == "yaml") or f"{path}, line 2: " in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("value: Wargame}\n    - {field: minutes", "value: Wargam}\n    - {field: minutes", 3),
        ("field: minutes", "field: minuts", 4),
        ('op: "<="\n', 'op: "~"\n', 6),
        ("reveal: hidden", "reveal: never", 8),
        ("remarks:", "remark:", 1),
        ("seen: [g0, g3]", "seen: [g0, h3]", 10),
        ("id: nowhere", "id: funny", 13),
        ("is_impossible: true", "is_impossible: maybe", 15),
        ("- id: funny", "- id: fun: ny", 11),
        ("  wishes: [{field: kinds, op: \"=\", value: [Humor", "  wishes: {field: kinds, op: \"=\", value: [Humor", 12),
    ],
)  # fmt: skip
def test_the_line_is_where_the_fault_is(tasks: Path, shelf: Shelf, old: str, new: str, line: int) -> None:
    assert TASKS.count(old) == 1
    tasks.write_text(TASKS.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInputError, match=f"tasks.yaml, line {line}: "):
        read(tasks, shelf)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.yaml", b"", "holds no tasks"),
        ("a.jsonl", b"\n\n", "holds no tasks"),
        ("a.yaml", b"id: a\nwishes: []\n", "line 1: this is not a list of tasks"),
        ("a.yaml", b"- id: \xff\n", "is not UTF-8 text"),
        ("a.yaml", b"- id: \x00\n", "is not YAML"),
        ("a.yaml", b"- !!python/object:os.system {}\n", "line 1: this is not YAML"),
        ("a.yaml", b"- &a [*a]\n", "line 1: "),
        ("a.yaml", b"[" * 5000, "is not YAML"),
        ("a.jsonl", b"{}\n{broken\n", "line 2: this is not JSON"),
        ("a.jsonl", b'{"id": \n', "line 1: this is not JSON"),
        ("a.jsonl", b"[" * 100_000, "line 1: this is not JSON"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_tasks_is_refused(
    shelf: Shelf, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError, match=said):
        read(tmp_path / name, shelf)
    with pytest.raises(BadInputError, match="can't be read"):
        read(tmp_path / "absent.yaml", shelf)


def test_what_the_house_never_shows_passes_no_task(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump([task(user={"available": ["Family"]})]), encoding="utf-8")
    house = Policies(availability=Availability(field="kinds"))
    assert read(path, shelf, house)[0].user.available == ("Family",)
    path.write_text(yaml.safe_dump([task(user={"available": ["Wargame"]})]), encoding="utf-8")
    with pytest.raises(BadInputError, match="no game that may be shown meets kinds = Party"):
        read(path, shelf, house)
    path.write_text(yaml.safe_dump([task(user={"available": ["Hulu"]})]), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"user\.available\.0: no game has the kinds 'Hulu'"):
        read(path, shelf, house)


def value(run: Run, contestant: str, measure: str, suite: str = "tasks") -> float:
    wanted = next(m for m in run.header.suites[suite].measures if m.name == measure)
    return estimate(wanted, run.groups(suite, contestant)).value


@pytest.fixture(scope="module")
def faulty() -> dict[str, Behaviour]:
    sse = "text/event-stream"
    return {
        "rubbish": lambda request: request.send(sse, [b"data: {\xff\x00\n\n"]),
        "endless": lambda request: request.send(sse, for_ever(chunk("la " * 999))),
        "late": lambda request: request.send(sse, for_ever(b": wait\n\n", 0.1)),
        "failing": lambda request: request.send("text/plain", [b"oops"], 500),
        "dropping": lambda _: None,
    }


def test_a_run_with_agents_good_and_bad_finishes_and_tells_them_apart(
    lab: Lab, tasks: Path, tmp_path: Path, faulty: dict[str, Behaviour]
) -> None:
    suites = chosen_suites([], tasks, EXAMPLE)
    with ExitStack() as stack:
        host, world = (
            stack.enter_context(Host()),
            stack.enter_context(replace(lab, scratch=tmp_path / "shop").in_service()),
        )
        ours = host.enter(chosen_entries(["fallback"], None)[0].open(world))
        good = stack.enter_context(agent_server(served(ours, host))).url
        bad = [f"{name}={stack.enter_context(agent_server(behave)).url}" for name, behave in faulty.items()]
        elsewhere = [*agents([f"good={good}"]), *agents([*bad, "absent=http://127.0.0.1:9/v1"], timeout_s=3.0)]
        run = run_suites(Order(suites, chosen_entries(["fallback", "popular", "echo"], None, elsewhere)), lab, tmp_path)
    assert len(run.lines) == 12 * 10
    assert not [line for line in run.lines if line.outcome.not_scored]

    # Who answers over the wire what ours answers is heard to say the same.
    assert value(run, "good", "pass^1") == value(run, "fallback", "pass^1") == 1.0
    for measure in ("turns", "questions", "repeated", "little known", "words a reply"):
        assert value(run, "good", measure) == value(run, "fallback", measure)
    slates = {
        name: [(line.id, [e.shown for e in line.outcome.exchanges]) for line in run.lines if line.contestant == name]
        for name in ("good", "fallback")
    }
    assert slates["good"] == slates["fallback"]
    assert any(shown for _, shown in slates["good"])

    text = "\n".join(run_report(run))
    for name, reason in {
        "rubbish": "what it sent can't be read", "endless": "its answer is longer than 20,000 characters",
        "late": "no answer within 3 s", "failing": "it answered 500 twice", "dropping": "the connection broke off",
        "absent": "it can't be reached",
    }.items():  # fmt: skip
        assert value(run, name, "pass^1") == 0.0
        assert math.isnan(value(run, name, "words a reply")), "what was never said has no length"
        assert f"12 of 12 answers of {name} failed: {reason} (12)" in text
    assert "answers of good" not in text
    assert "answers of fallback" not in text
    assert value(run, "popular", "pass^1") < 1.0

    write_run(tmp_path / "run.jsonl", run)
    again = read_run(tmp_path / "run.jsonl")
    assert list(run_report(again)) == list(run_report(run)), "no file of one's own is needed to read a run"
    assert any("| tasks | good | words a reply |" in line for line in comparison_report(compare_runs(again, run)))


def test_a_run_is_not_gone_on_with_where_tasks_or_scorer_changed(lab: Lab, tasks: Path, tmp_path: Path) -> None:
    scorer = tmp_path / "mine.py"
    scorer.write_text(f"{GOOD}def score(sample, exchanges, world):\n    return {{'a': 1}}\n", encoding="utf-8")

    def run() -> Run:
        order = Order(chosen_suites([], tasks, scorer), chosen_entries(["popular"], None), is_quick=True)
        return run_suites(order, lab, tmp_path / "run")

    assert run().lines == run().lines
    for path, old, new in ((scorer, "'a': 1", "'a': 2"), (tasks, "wooden pieces", "metal pieces")):
        before = path.read_text(encoding="utf-8")
        path.write_text(before.replace(old, new), encoding="utf-8")
        with pytest.raises(BadInputError, match=f"the suites: there .*{path.name}"):
            run()
        path.write_text(before, encoding="utf-8")


def test_the_example_is_short_and_counts_by_hand(lab: Lab, shelf: Shelf) -> None:
    from evals.outcome import Exchange
    from evals.suite import Sample

    source = EXAMPLE.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 40
    assert source[source.index("MEASURES") :] in (ROOT / "README.md").read_text(encoding="utf-8")
    exchanges = [
        Exchange(message="a", reply="one two three", shown=["g0", "g1"]),
        Exchange(message="b", reply="four", shown=["g1", "g118"]),
        Exchange(message="c", error="late"),
    ]
    with lab.in_service() as world:
        values = load_scorer(EXAMPLE).score(Sample("s", "g", "", None), exchanges, world)
    assert (values["shown"], values["repeats"], values["words"], values["replies"]) == (4, 1, 4, 2)
    assert values["little known"] >= 1, "nobody played g118"


GOOD = "from evals.measures import Measure\nMEASURES = [Measure('a', over='a')]\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def score(:\n", r"mine\.py, line 1: "),
        ("x = 1\nimport no_such_package\n", r"mine\.py, line 2: ModuleNotFoundError: "),
        ("x = 1\n", "defines no function `score`"),
        ("def score(sample, exchanges, world):\n    return {}\n", "defines no `MEASURES`"),
        ("MEASURES = ['a']\ndef score(sample, exchanges, world):\n    return {}\n", "defines no `MEASURES`"),
        (GOOD.replace("'a',", "'turns',") + "def score(sample, exchanges, world):\n    return {}\n", "measure 'turns'"),
    ],
)
def test_a_scorer_that_is_none_is_refused_before_anything_is_held(
    tmp_path: Path, tasks: Path, source: str, said: str
) -> None:
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    with pytest.raises(BadInputError, match=said):
        chosen_suites([], tasks, tmp_path / "mine.py")
    with pytest.raises(BadInputError, match="There is no scorer"):
        chosen_suites([], tasks, tmp_path / "absent.py")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'a': 1 / 0}", "mine.py, line 4: ZeroDivisionError: division by zero"),
        ("return 3", "score() returned int, not a dict"),
        ("return {'a': 'much'}", "score() returned 'much' for 'a', not a number"),
        ("return {'a': float('nan')}", "score() returned nan for 'a', not a number"),
        ("return {'turns': 1}", "the suite has a value 'turns' of its own"),
    ],
)
def test_where_a_scorer_fails_the_sample_is_not_scored_and_says_why(
    lab: Lab, tasks: Path, tmp_path: Path, body: str, said: str
) -> None:
    scorer = tmp_path / "mine.py"
    scorer.write_text(f"{GOOD}def score(sample, exchanges, world):\n    {body}\n", encoding="utf-8")
    entries = chosen_entries(["echo"], None)
    run = run_suites(Order(chosen_suites([], tasks, scorer), entries, is_quick=True), lab, tmp_path / "run")
    text = "\n".join(run_report(run))
    lead = "3 of echo not scored, which is not 0: "
    assert f"{lead}{said}" in text or f"{lead}mine.py: {said}" in text
    assert all(line.outcome.exchanges for line in run.lines), "what was said is kept"


def test_a_value_that_is_left_out_is_not_scored_and_is_not_zero(lab: Lab, tasks: Path, tmp_path: Path) -> None:
    scorer = tmp_path / "mine.py"
    scorer.write_text(
        GOOD + "def score(sample, exchanges, world):\n    return {'a': 2} if sample.group == 'funny' else {}\n",
        encoding="utf-8",
    )
    suites = chosen_suites([], tasks, scorer)
    run = run_suites(Order(suites, chosen_entries(["echo"], None), is_quick=True), lab, tmp_path / "run")
    assert value(run, "echo", "a") == 2.0
    assert value(run, "echo", "pass^1") == pytest.approx(1 / 3) or value(run, "echo", "pass^1") == 0.0


def command(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TASTEMAKER_HOME": str(home), "PYTHONPATH": str(ROOT), "SHOP_KEY": "sk-very-secret"}
    started = [sys.executable, "-m", "serve.cli", "eval", "run", "--catalogue", "games", *arguments]
    return subprocess.run(started, capture_output=True, text=True, env=environment, timeout=240, check=False)


def test_the_command_line_takes_all_of_it_and_keeps_no_key(world_home: Path, tasks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with agent_server(lambda request: request.stream("How about Siege of Ruby (1980)?")) as server:
        done = command(
            "--tasks", str(tasks), "--scorer", str(EXAMPLE), "--quick", "--out", str(out), "--contestant", "echo",
            "--agent", f"shop={server.url}", "--agent-model", "shop=big", "--agent-key-env", "shop=SHOP_KEY",
            home=world_home,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith(("| shop", "| echo"))]
    assert [row.split("|")[1].strip() for row in rows] == ["shop", "echo"] * 2, "measures, then costs"
    assert "words a reply" in done.stdout
    assert {request.body["model"] for request in server.requests} == {"big"}
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer sk-very-secret"}
    kept = [path for path in out.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"very-secret" in path.read_bytes()]
    assert "very-secret" not in done.stdout + done.stderr


def test_a_command_that_is_wrong_is_answered_in_a_sentence(world_home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(TASKS.replace("kinds", "kindz"), encoding="utf-8")
    done = command("--tasks", str(broken), "--contestant", "echo", "--out", str(tmp_path / "out"), home=world_home)
    assert done.returncode == 1
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("tastemaker: ")]
    assert f"{broken}, line 3: wishes.0.field: the catalogue has no field 'kindz'. The nearest is kinds." in error
    assert "Traceback" not in done.stderr


def test_what_is_not_there_is_refused_by_name(tmp_path: Path, tasks: Path) -> None:
    with pytest.raises(BadInputError, match="No suite is named"):
        chosen_suites([])
    with pytest.raises(BadInputError, match=r"There is no file of tasks .*absent\.yaml"):
        chosen_suites([], tmp_path / "absent.yaml")
    with pytest.raises(BadInputError, match="There is a contestant 'popular' already"):
        chosen_entries(["echo"], None, agents(["popular=http://localhost:1/v1"]))


def test_a_scorer_leaves_every_suite_as_it_is_held(tmp_path: Path) -> None:
    chosen = chosen_entries(["popular"], None)
    for scored, plain in zip(chosen_suites(["all"], None, EXAMPLE), chosen_suites(["all"]), strict=True):
        assert scored.at_once == plain.at_once
        mine, its = scored.entries(chosen), plain.entries(chosen)
        assert [(one.name, one.waits) for one in mine] == [(one.name, one.waits) for one in its]
