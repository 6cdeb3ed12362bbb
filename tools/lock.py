"""A lock on a folder, for one process at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.errors import UnavailableError


@contextmanager
def locked(folder: Path, taken: str, way_out: str) -> Iterator[None]:
    """Hold the folder's lock; a dead process holds none.

    Args:
        taken, way_out: what is said where another process has it.

    Raises:
        UnavailableError: another process has it.
    """
    with (folder / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnavailableError(taken, way_out) from error
        yield
