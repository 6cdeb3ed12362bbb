"""The command line as a person meets it: what it prints, where errors go, and its exit codes."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from worlds import write_world

from agent.trace import Trace, TraceStore

ROOT = Path(__file__).parents[2]


def run(*arguments: str, home: Path, given: bytes = b"", timeout_s: float = 120) -> subprocess.CompletedProcess[bytes]:
    """Run `tastemaker` in a process of its own."""
    environment = {**os.environ, "TASTEMAKER_HOME": str(home), "TASTEMAKER_CATALOGUE": "games", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "serve.cli", *arguments]
    return subprocess.run(command, input=given, capture_output=True, env=environment, timeout=timeout_s, check=False)


def one_sentence(done: subprocess.CompletedProcess[bytes]) -> str:
    """The error of a failed command, which must be one line without a traceback."""
    text = done.stderr.decode()
    errors = [line for line in text.splitlines() if line.startswith("tastemaker: ")]
    assert done.returncode == 1, text
    assert len(errors) == 1, text
    assert "Traceback" not in text
    return errors[0]


def test_help_teaches(tmp_path: Path) -> None:
    said = run("--help", home=tmp_path).stdout.decode()
    for command in ("chat", "ingest", "data", "planner", "trace", "replay", "bench"):
        assert command in said


def test_ingest_prints_and_writes_the_schema(tmp_path: Path) -> None:
    items, interactions = write_world(tmp_path)
    done = run("ingest", str(items), "--interactions", str(interactions), "--name", "shop", home=tmp_path / "home")
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "kinds" in said
    assert "duration, in minutes" in said
    assert "840 interactions of 60 users" in said
    assert "120 games in service as 'shop'" in said
    assert (tmp_path / "home/catalogues/shop/schema.yaml").read_text().startswith("id_column: game_id")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("items.xlsx", b"PK", "xlsx"),
        ("empty.csv", b"", "no rows"),
        ("no_title.csv", b"id,colour\n1,red\n2,blue\n", "title"),
        ("twice.csv", b"id,title\n1,A\n1,B\n", "line"),
        ("latin.csv", "id,title\n1,Caf\xe9\n".encode("latin-1"), "UTF-8"),
        ("broken.jsonl", b'{"id": 1, "title": "A"}\n{"id": 2,\n', "line 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_way_out(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    sentence = one_sentence(run("ingest", str(tmp_path / name), home=tmp_path / "home"))
    assert name in sentence
    assert expected in sentence
    assert not (tmp_path / "home/catalogues/mine/CURRENT").exists()


def test_a_missing_catalogue_says_how_to_make_one(tmp_path: Path) -> None:
    assert "tastemaker ingest" in one_sentence(run("chat", "--no-planner", home=tmp_path))


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "TASTEMAKER_HOME": str(tmp_path),
        "TASTEMAKER_SLATE_SIZE": "many",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "serve.cli", "data", "show"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    assert "TASTEMAKER_SLATE_SIZE" in one_sentence(done)


def test_a_port_in_use_is_said_before_vllm_is_started(tmp_path: Path, planner_folder: Path) -> None:
    pytest.importorskip("vllm", reason="needs the cpu or gpu extra")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = one_sentence(run("planner", "serve", "--port", str(port), home=planner_folder.parents[1]))
    assert str(port) in sentence
    assert "--planner-url" in sentence


def test_piped_messages_are_answered_one_a_line(world_home: Path) -> None:
    messages = "a party game under 60 minutes\nwhy the first one?\n/quit\nnever reached\n"
    done = run("chat", "--no-planner", home=world_home, given=messages.encode())
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "> a party game under 60 minutes" in said
    assert "1. " in said
    assert "Why " in said
    assert "fallback plan" in said
    assert "never reached" not in said


def test_bad_messages_get_a_sentence_and_the_chat_goes_on(world_home: Path) -> None:
    lines = [
        b"\x00\x01\x02\x03\xff\xfe",
        b"x" * 1_000_000,
        b"",
        b"quiero jugar contigo algo divertido ahora",
        b"party",
    ]
    done = run("chat", "--no-planner", home=world_home, given=b"\n".join(lines) + b"\n")
    errors, said = done.stderr.decode(), done.stdout.decode()
    assert done.returncode == 0, errors
    assert "not text" in errors
    assert "1,000,000 characters" in errors
    assert "could not make out" in said
    assert said.rstrip().splitlines()[-1].startswith("[fallback plan")
    assert "Party" in said
    assert "Traceback" not in errors


def test_the_trace_can_be_read_afterwards(world_home: Path) -> None:
    run("chat", "--no-planner", "--thread", "kept", home=world_home, given=b"a farm game, no Humor\n")
    said = run("trace", "kept", home=world_home).stdout.decode()
    assert "must kinds != Humor" in said
    assert "filter_items" in said
    assert "outside the LLM" in said
    assert "no conversation 'other'" in one_sentence(run("trace", "other", home=world_home))


def test_a_conversation_can_be_replayed(world_home: Path) -> None:
    said = b"I loved Siege of Ruby, under an hour\nnot the first one\n"
    run("chat", "--no-planner", "--thread", "again", "--user", "ann", home=world_home, given=said)
    told = run("replay", "again", "--turn", "2", home=world_home).stdout.decode()
    assert "> not the first one" in told
    assert "> I loved Siege of Ruby" not in told
    for part in ("plan: the fallback", "tool: rank_items", "check: ", "decision: recommend", "user ann"):
        assert part in told
    done = run("replay", "again", "--run", "--json", home=world_home)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 0, done.stderr.decode()
    assert [(row["turn"], row["again"]["is_same_slate"], row["again"]["is_same_reply"]) for row in rows] == [
        (1, True, True),
        (2, True, True),
    ]
    assert rows[1]["events"][0]["kind"] == "begin"


def test_a_replay_that_differs_says_how_and_exits_with_1(world_home: Path) -> None:
    run("chat", "--no-planner", "--thread", "changed", home=world_home, given=b"a party game\n")
    with closing(sqlite3.connect(world_home / "threads.db")) as threads, threads:
        threads.execute("UPDATE traces SET reply = 'Chess.' WHERE thread = 'changed'")
    done = run("replay", "changed", "--run", home=world_home)
    assert done.returncode == 1
    assert "run again: another reply:\nKeeping to" in done.stdout.decode()
    assert done.stderr == b""


def test_what_cannot_be_replayed_is_said(world_home: Path, tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "threads.db")
    store.put(Trace("short", 1, "hello", "Hello!", ()))
    store.close()
    assert "no conversation 'other'" in one_sentence(run("replay", "other", home=tmp_path))
    assert "'short' has no turn 7. Its last one is 1." in one_sentence(run("replay", "--turn", "7", home=tmp_path))
    assert "There is no catalogue 'games' yet." in one_sentence(run("replay", "--run", home=tmp_path))
    assert "no conversation yet" in one_sentence(run("replay", home=tmp_path / "empty"))


def test_a_conversation_goes_on_in_a_new_process(world_home: Path) -> None:
    first = run("chat", "--no-planner", "--thread", "long", home=world_home, given=b"a party game\n")
    second_row = next(line for line in first.stdout.decode().splitlines() if line.startswith("2. "))
    done = run("chat", "--no-planner", "--thread", "long", home=world_home, given=b"tell me about the second one\n")
    assert second_row[3:].split(" — ")[0] + ":" in done.stdout.decode()


def test_data_show_gives_fields_and_source(world_home: Path) -> None:
    said = run("data", "show", home=world_home).stdout.decode()
    assert "120 games, 840 interactions of 60 users" in said
    assert "designer" in said


def test_fit_says_how_much_each_recommender_counts(world_home: Path) -> None:
    done = run("fit", home=world_home)
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode().splitlines()
    assert {"popular", "ease", "itemknn", "als", "content"} <= set(said[0].split())
    assert next(line for line in said if line.startswith("nothing")).split()[1] == "1.00"
    assert "Fitting the recommenders: item-to-item weights" in done.stderr.decode()


def test_fit_without_a_catalogue_says_how_to_get_one(tmp_path: Path) -> None:
    assert "There is no catalogue 'games' yet. Run" in one_sentence(run("fit", home=tmp_path))


def test_the_bench_of_recommenders_measures_the_catalogue_in_service(world_home: Path, tmp_path: Path) -> None:
    arguments = ("--dataset", "catalogue", "--protocol", "random-3", "--plots", str(tmp_path))
    done = run("bench", "recommenders", *arguments, home=world_home, timeout_s=300)
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "## catalogue: 60 users, 120 items, 840 events, seed 0" in said
    assert "### random-3: 3 random likes of a stranger" in said
    assert all(f"| {name} |" in said for name in ("**EASE**", "**blend**", "implicit BM25", "implicit ALS"))
    assert (tmp_path / "catalogue.png").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("recommenders", "--dataset", "ml-1m", "--data-folder", "nowhere"), "sequences.txt is not there"),
        (("retrieval", "--data-folder", "nowhere"), "is not there"),
    ],
)
def test_a_bench_without_its_data_says_what_is_missing(
    world_home: Path, arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in one_sentence(run("bench", *arguments, home=world_home))


def test_a_dataset_that_nobody_knows_is_named(world_home: Path) -> None:
    said = one_sentence(run("bench", "recommenders", "--dataset", "netflix", home=world_home))
    assert "netflix" in said
    assert "ml-100k" in said
