"""The README says what is there: its commands run, its tree exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:sh|bash)\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.strip()]


def test_the_first_command_stands_within_the_first_25_lines() -> None:
    head = "\n".join(README.splitlines()[:25])
    assert "make chat" in head
    assert "make test" in head


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))))
def test_each_make_target_exists(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", sorted(set(re.findall(r"\btastemaker ((?:[a-z]+ ?){1,2})", "\n".join(COMMANDS)))))
def test_each_command_exists(command: str) -> None:
    words = command.split()
    tries = [words, words[:1]]
    codes = [
        subprocess.run(
            [sys.executable, "-m", "serve.cli", *t, "--help"], cwd=ROOT, capture_output=True, check=False
        ).returncode
        for t in tries
    ]
    assert 0 in codes


def test_the_tree_names_what_exists() -> None:
    tree = README[README.index("## The code") :]
    rows = re.findall(r"^( *)([\w./]+)(?:  | *$)", tree[tree.index("```") + 3 : tree.rindex("```")], re.MULTILINE)
    folder = ""
    for indent, name in rows:
        if not indent:
            folder = name if name.endswith("/") else ""
        assert (ROOT / (folder if indent else "") / name).exists(), name
    named = {row[1] for row in rows}
    assert {"agent/", "tools/", "evals/", "serve/", "tests/"} <= named
