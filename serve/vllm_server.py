"""Starts, watches and stops the planner's vLLM server; no process of it outlives ours.

vLLM runs below a small warden process (`vllm_warden.py`) that holds a pipe to us. Linux's parent-death
signal alone would not do: it fires when the *thread* that started the server ends, and a restart may well
come from a worker thread.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from serve.vllm_command import VllmOptions, device, gpu_seen, vllm_command, vllm_environment
from tools.errors import UnavailableError

_WARDEN = Path(__file__).with_name("vllm_warden.py")
_GRACE_S = 3.0
_WARDEN_S = 5.0
_POLL_S = 0.5
_PREFIX = re.compile(r"^(?:\([^)]*pid=\d+\) )?(?:[A-Z]+ \d\d-\d\d [\d:]+ \[[^]]*\] ?)?")
_HARMLESS = re.compile(r"^(?:\([^)]*pid=\d+\) )?(?:INFO|WARNING|DEBUG)\b|Warning: |^ - |^nanobind: ")
_TELLING = re.compile(r"\b\w*(?:Error|Exception)\b|\bkilled by\b|\berror:|\bNo space left\b")

Command = Callable[[VllmOptions, int], list[str]]


def _say_nothing(_elapsed_s: float) -> None:
    pass


class VllmServer:
    """One vLLM server on this machine.

    Use as a context manager: started on entry, stopped with all its processes on exit.

    Args:
        options: model, port and limits.
        command: makes the command line from options and port; anything that answers /health will do.

    Raises:
        MissingError: vLLM is not installed (with the default command only).
    """

    def __init__(self, options: VllmOptions, *, command: Command = vllm_command) -> None:
        self._is_vllm = command is vllm_command
        if self._is_vllm:
            device()
        self.options = options
        self.port = options.port or _free_port(options.host)
        self._command = command
        self._warden: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0
        self._log_start = 0
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        """Base address for an OpenAI client."""
        return f"http://{self.options.host}:{self.port}/v1"

    @property
    def pid(self) -> int | None:
        """The warden's process id, also the id of the server's session; None when stopped."""
        return self._warden.pid if self._warden is not None else None

    def start(self) -> None:
        """Start the server without waiting for it; nothing happens where it runs already.

        Raises:
            UnavailableError: the port is in use or not allowed, or the log can't be written.
        """
        with self._lock:
            if self.alive():
                return
            _check_port(self.options.host, self.port)
            command = self._command(self.options, self.port)
            with self._open_log() as log:
                self._log_start = log.tell()
                self._warden = subprocess.Popen(
                    [sys.executable, "-I", str(_WARDEN), str(_GRACE_S), *command],
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=vllm_environment() if self._is_vllm else None,
                    start_new_session=True,  # Ctrl-C in the terminal is ours to handle
                )
            self._started_s = time.monotonic()

    def alive(self) -> bool:
        """Whether the server's process runs; it may not answer yet."""
        return self._warden is not None and self._warden.poll() is None

    def healthy(self, timeout_s: float = 2.0) -> bool:
        """Whether the server answers /health with 200 within the time."""
        connection = http.client.HTTPConnection(self.options.host, self.port, timeout=timeout_s)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_healthy(self, on_wait: Callable[[float], None] = _say_nothing) -> None:
        """Block until the server answers.

        Args:
            on_wait: called about twice a second with the seconds since the start.

        Raises:
            UnavailableError: it ended, or the time is out (it is stopped then); says what its log says.
        """
        while not self.healthy():
            elapsed = time.monotonic() - self._started_s
            if not self.alive():
                raise self._failure("ended while starting")
            if elapsed > self.options.startup_timeout_s:
                self.stop()
                raise self._failure(f"did not answer within {self.options.startup_timeout_s:g} s")
            on_wait(elapsed)
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """End the server and all its processes; returns when none is left. Harmless when it does not run."""
        with self._lock:
            warden = self._warden
            if warden is None:
                return
            if warden.stdin is not None and not warden.stdin.closed:
                with suppress(BrokenPipeError):
                    warden.stdin.write(b".")  # the warden's sign to end the group
                warden.stdin.close()
            try:
                warden.wait(_GRACE_S + _WARDEN_S)
            except subprocess.TimeoutExpired:
                warden.kill()  # Linux then ends the server too
                warden.wait()
            self._warden = None

    def restart(self) -> None:
        """Stop, then start on the same port; does not wait for health."""
        with self._lock:
            self.stop()
            self.start()

    def last_words(self, lines: int = 3) -> str:
        """The last lines of the log since the start that tell what went wrong, or simply the last ones."""
        try:
            with self.options.log_file.open("rb") as log:
                log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - 200_000))
                text = log.read().decode(errors="replace")
        except OSError:
            return ""
        printed = [line for line in text.splitlines() if _PREFIX.sub("", line).strip()]
        grave = [line for line in printed if not _HARMLESS.search(line)]
        telling = [line for line in grave if _TELLING.search(line)]
        cleaned = [_PREFIX.sub("", line).strip() for line in telling or grave or printed]
        return "\n".join(list(dict.fromkeys(cleaned))[-lines:])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _open_log(self) -> BinaryIO:
        """The log, empty at the first start and continued by restarts, so that the cause of a death stays."""
        path = self.options.log_file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("wb" if self._started_s == 0.0 else "ab")
        except OSError as error:
            raise UnavailableError(
                f"The planner's log {path} can't be written: {error.strerror}.",
                "Choose another place for it.",
            ) from error

    def _failure(self, what: str) -> UnavailableError:
        words = self.last_words().replace("\n", " | ") or "its log is empty"
        way_out = f"The whole log is {self.options.log_file}."
        if self._is_vllm and device() == "gpu" and not gpu_seen():
            way_out += " No NVIDIA GPU is seen here: for the CPU, pip install 'tastemaker[cpu]'."
        return UnavailableError(f"The planner's vLLM server {what}: {words}.", way_out)


def _check_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UnavailableError(
                f"Port {port} on {host} is in use.",
                f"Choose another --port, or use what runs there with --planner-url http://{host}:{port}/v1.",
            ) from error
        raise UnavailableError(
            f"Port {port} on {host} can't be used: {error.strerror}.", "Choose another --port."
        ) from error


def _free_port(host: str) -> int:
    try:
        with socket.create_server((host, 0)) as listener:
            port: int = listener.getsockname()[1]
            return port
    except OSError as error:
        raise UnavailableError(f"No port can be opened on {host}: {error.strerror}.") from error
