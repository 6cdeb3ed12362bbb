"""Runs one command and leaves no process of it behind, however the command or our own process ends.

Started by `serve.vllm_server` as a script of its own, in a session of its own, with a pipe from our process
on standard input. The pipe ends when our process ends, be it by `kill -9`; then, or when a byte arrives, or
on SIGTERM, the command's whole process group gets SIGTERM and, after the grace, SIGKILL. The same befalls
what is left of the group when the command itself dies. The warden ends last, so its end says that none is
left. Standard library only: small, and started at once.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_POLL_S = 0.2
_BURIAL_S = 2.0

_asked_to_stop = False


def main(grace_s: float, command: list[str]) -> None:
    """Run the command until it ends or has to; returns when no process of it is left."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans of the command become ours, so that none is lost from sight
    # For the case that the warden itself is killed; preexec_fn is safe here, in a process of one thread.
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=lambda: _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM),
    )
    while child.poll() is None and not _asked_to_stop and not _owner_spoke():
        pass
    if child.returncode is not None and child.returncode < 0:
        # For the log, which otherwise says nothing of it: the usual cause is a machine short of memory.
        print(f"The server was killed by {signal.Signals(-child.returncode).name}.", flush=True)
    _end_group(child.pid, signal.SIGTERM, grace_s)
    _end_group(child.pid, signal.SIGKILL, _BURIAL_S)


def _end_group(group: int, number: signal.Signals, within_s: float) -> None:
    """Send the signal to the whole group, then wait until it is gone or the time is over."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)
    deadline = time.monotonic() + within_s
    while _children_left() and time.monotonic() < deadline:
        time.sleep(0.02)


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    global _asked_to_stop
    _asked_to_stop = True


def _owner_spoke() -> bool:
    """Wait a moment; whether a byte or the end of the pipe arrived."""
    return bool(select.select([0], [], [], _POLL_S)[0])


def _children_left() -> bool:
    """Bury the dead; whether any child lives."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
