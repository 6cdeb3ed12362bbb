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


@pytest.fixture
def terminal(world_home: Path) -> Iterator[pexpect.spawn]:
    environment = {
        **os.environ,
        "TASTEMAKER_HOME": str(world_home),
        "PYTHONPATH": str(ROOT),
        "TERM": "dumb",
        "COLUMNS": "200",
    }
    command = ["-m", "serve.cli", "chat", "--no-planner", "--catalogue", "games"]
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
