"""The terminal chat, driven as a person drives it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[()], ids=["anybody"])
def terminal(world_home: Path, request: pytest.FixtureRequest) -> Iterator[pexpect.spawn]:
    environment = {
        **os.environ,
        "TASTEMAKER_HOME": str(world_home),
        "PYTHONPATH": str(ROOT),
        "TERM": "dumb",
        "COLUMNS": "200",
    }
    command = ["-m", "serve.cli", "chat", "--no-planner", "--catalogue", "games", *request.param]
    child = pexpect.spawn(sys.executable, command, env=environment, timeout=60, encoding="utf-8", dimensions=(50, 200))
    yield child
    child.close(force=True)


def test_a_conversation_with_commands(terminal: pexpect.spawn) -> None:
    terminal.expect("120 games")
    terminal.expect("> ")
    terminal.sendline("a party game under an hour")
    terminal.expect(r"1\. .*Party")
    terminal.expect("ms outside the model")
    terminal.sendline("/trace")
    terminal.expect("must minutes < 60")
    terminal.sendline("/new")
    terminal.expect("A new conversation")
    terminal.sendline("why the first one?")
    terminal.expect("ms outside the model")
    terminal.sendline("/nonsense")
    terminal.expect("no command /nonsense")
    terminal.sendline("/help")
    terminal.expect("/quit")
    terminal.sendline("/quit")
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0


def test_ctrl_c_at_the_prompt_leaves(terminal: pexpect.spawn) -> None:
    terminal.expect("120 games")
    terminal.expect("> ")
    time.sleep(0.5)  # a person's pause: readline has set the terminal up by then
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0


@pytest.mark.parametrize("terminal", [("--user", "ada")], ids=["ada"], indirect=True)
def test_a_line_of_the_profile_is_said_anew(terminal: pexpect.spawn) -> None:
    terminal.expect("120 games")
    terminal.sendline("remember that I hate wargames")
    terminal.expect("ms outside the model")
    terminal.sendline("/profile 1 = no Party games at all")
    terminal.expect("Instead of “You avoid Wargame .“hate wargames”..” I keep: You avoid Party")
    terminal.sendline("/profile")
    terminal.expect("1. You avoid Party .“no Party”")
    terminal.sendline("/profile 1 = blah")
    terminal.expect("nothing in “blah” that can be kept.*The line stays as it was")
    terminal.sendline("/profile 7 = no farming")
    terminal.expect("NUMBER = WORDS says a line anew")
    terminal.sendline("/profile forget all")
    terminal.expect("Forgotten, with")
