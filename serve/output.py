"""What every command shares: errors as one sentence, and progress with time left."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tools.errors import TastemakerError
from tools.progress import OnStep

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def explain(error: Exception) -> str | None:
    """One sentence for an error that people can mend; None for a fault of ours."""
    if isinstance(error, TastemakerError):
        return str(error)
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return "The disk is full. Free some space, or set TASTEMAKER_HOME to a folder on another disk."
    if isinstance(error, PermissionError):
        return f"No permission for {error.filename}. Set TASTEMAKER_HOME to a folder that you can write."
    if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
        return "The disk is full. Free some space, or set TASTEMAKER_HOME to a folder on another disk."
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return "Another process holds the file of conversations. Say it again: the conversation is as it was before."
    return None


def fail(sentence: str) -> None:
    """Say what is wrong on standard error."""
    errors.print(f"tastemaker: {sentence}", style="red" if errors.is_terminal else None, markup=False)


@contextmanager
def progress(title: str) -> Iterator[OnStep]:
    """A bar with the time left on a terminal; elsewhere one line a phase."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield _one_line_a_phase(title)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda phase, share: bar.update(task, description=f"{title}: {phase}", completed=share)


def _one_line_a_phase(title: str) -> OnStep:
    said = set[str]()

    def on_step(phase: str, share: float) -> None:
        name = phase.partition(":")[0]
        if name not in said:
            said.add(name)
            print(f"{title}: {name} ({share:.0%})", file=sys.stderr, flush=True)

    return on_step
