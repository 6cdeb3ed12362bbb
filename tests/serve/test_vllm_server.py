"""The vLLM server's processes: none outlives its owner, whatever kills whom. The real one answers in JSON.

Where only processes matter, a small stand-in is started in vLLM's place: it answers /health and has a child
that ignores SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import util
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from fixtures_planner import session_members
from openai import OpenAI

from serve import vllm_command as commands
from serve import vllm_server as module
from serve.vllm_command import VllmOptions, vllm_command
from serve.vllm_server import VllmServer
from tools.errors import MissingError, UnavailableError

ROOT = Path(__file__).parents[2]

STAND_IN = """
import http.server, signal, subprocess, sys
deaf = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", deaf])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

OWNER = """
import sys, time
from pathlib import Path
from serve import vllm_server
from serve.vllm_command import VllmOptions, vllm_command
vllm_server._GRACE_S = float(sys.argv[3])
stand_in = lambda options, port: [sys.executable, "-c", sys.argv[4], str(port)]
kinds = {"real": vllm_command, "stand-in": stand_in}
options = VllmOptions(Path(sys.argv[2]), Path("vllm.log").absolute(), kv_cache_gib=1)
with vllm_server.VllmServer(options, command=kinds[sys.argv[1]]) as server:
    server.wait_healthy()
    print(server.pid, flush=True)
    time.sleep(600)
"""


def stand_in(options: VllmOptions, port: int) -> list[str]:
    return [sys.executable, "-c", STAND_IN, str(port)]


def running(code: str) -> Callable[[VllmOptions, int], list[str]]:
    return lambda *_: [sys.executable, "-c", code]


def gone(leader: int, within_s: float) -> bool:
    """Whether the session is empty within the time."""
    deadline = time.monotonic() + within_s
    while session_members(leader):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VllmOptions:
    monkeypatch.setattr(module, "_GRACE_S", 0.5)
    monkeypatch.setattr(module, "_POLL_S", 0.05)
    return VllmOptions(tmp_path, tmp_path / "logs" / "vllm.log", startup_timeout_s=20)


@pytest.fixture
def server(options: VllmOptions) -> Iterator[VllmServer]:
    with VllmServer(options, command=stand_in) as server:
        server.wait_healthy()
        yield server


def leader_of(server: VllmServer) -> int:
    assert server.pid is not None
    return server.pid


def wait_for_log(server: VllmServer, words: str, times: int = 1) -> None:
    deadline = time.monotonic() + 10
    while server.options.log_file.read_text(encoding="utf-8").count(words) < times:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_stop_ends_even_children_that_ignore_sigterm(server: VllmServer) -> None:
    wait_for_log(server, "deaf")
    leader = leader_of(server)
    assert len(session_members(leader)) == 3  # warden, server, its deaf child
    server.stop()
    assert session_members(leader) == []
    assert not server.alive()
    assert server.pid is None
    server.stop()  # harmless


def test_restart_keeps_the_address_and_the_log(server: VllmServer) -> None:
    url, leader = server.url, leader_of(server)
    wait_for_log(server, "deaf")
    server.restart()
    server.wait_healthy()
    assert server.url == url
    assert session_members(leader) == []
    wait_for_log(server, "deaf", times=2)


def test_a_server_killed_in_mid_turn_takes_its_children_along_and_can_be_restarted(
    server: VllmServer,
) -> None:
    leader = leader_of(server)
    (child,) = psutil.Process(leader).children()
    child.kill()
    assert gone(leader, within_s=5)
    assert not server.alive()
    assert not server.healthy()
    assert server.last_words() == "The server was killed by SIGKILL."
    server.restart()
    server.wait_healthy()
    assert server.alive()


def test_a_killed_warden_takes_the_server_along(server: VllmServer) -> None:
    (child,) = psutil.Process(leader_of(server)).children()
    os.kill(leader_of(server), signal.SIGKILL)
    child.wait(5)
    assert not server.alive()
    for left in session_members(leader_of(server)):
        left.kill()  # the deaf child; vLLM's own children end with their parent


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_an_owner_that_is_killed(ending: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, "stand-in", str(tmp_path), "0.5", STAND_IN]
    owner, leader = start_owner(command, tmp_path)
    assert session_members(leader)
    os.killpg(owner.pid, ending)  # as the terminal does: the whole group of the owner
    owner.wait(10)
    assert gone(leader, within_s=5)


def start_owner(command: list[str], folder: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that owns a healthy server, and that server's session."""
    owner = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )
    assert owner.stdout is not None
    with owner.stdout:
        return owner, int(owner.stdout.readline())


def test_a_server_outlives_the_thread_that_started_it(options: VllmOptions) -> None:
    server = VllmServer(options, command=stand_in)
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    try:
        server.wait_healthy()
        time.sleep(0.5)
        assert server.alive()
    finally:
        server.stop()


def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        log_file = tmp_path / "vllm.log"
        server = VllmServer(VllmOptions(tmp_path, log_file, port=port), command=stand_in)
        with pytest.raises(UnavailableError, match=f"Port {port} on 127.0.0.1 is in use") as error:
            server.start()
    assert f"--planner-url http://127.0.0.1:{port}/v1" in error.value.way_out
    assert not log_file.exists()


def test_a_death_at_the_start_says_what_the_log_says(options: VllmOptions) -> None:
    warning = "(APIServer pid=7) WARNING 11-21 01:02:03 [a.py:1] may cause OSError later"
    code = f"print({warning!r}); raise RuntimeError('no such model')"
    with VllmServer(options, command=running(code)) as server:
        with pytest.raises(UnavailableError, match="ended while starting: RuntimeError: no such model") as error:
            server.wait_healthy()
        assert str(options.log_file) in error.value.way_out
        assert "OSError" not in error.value.what


def test_the_log_of_an_earlier_start_is_not_blamed(options: VllmOptions) -> None:
    options.log_file.parent.mkdir()
    options.log_file.write_text("OldError: long ago\n", encoding="utf-8")
    with (
        VllmServer(options, command=running("print('nothing wrong')")) as server,
        pytest.raises(UnavailableError, match="ended while starting: nothing wrong"),
    ):
        server.wait_healthy()


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path, options: VllmOptions) -> None:
    waits: list[float] = []
    slow = VllmOptions(tmp_path, options.log_file, startup_timeout_s=0.5)
    with VllmServer(slow, command=running("import time; time.sleep(600)")) as server:
        leader = leader_of(server)
        with pytest.raises(UnavailableError, match=r"did not answer within 0\.5 s: its log is empty"):
            server.wait_healthy(waits.append)
        assert session_members(leader) == []
    assert len(waits) > 2
    assert waits == sorted(waits)


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    server = VllmServer(VllmOptions(tmp_path, tmp_path / "file" / "vllm.log"), command=stand_in)
    with pytest.raises(UnavailableError, match="can't be written"):
        server.start()


def test_without_vllm_the_way_out_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _: None)
    with pytest.raises(MissingError, match="vLLM is not installed") as error:
        VllmServer(VllmOptions(tmp_path, tmp_path / "vllm.log"))
    assert "tastemaker[cpu]" in error.value.way_out


def test_flags_differ_between_cpu_and_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = VllmOptions(tmp_path / "model", tmp_path / "vllm.log", kv_cache_gib=3, max_model_len=2048)
    monkeypatch.setattr("serve.vllm_command.number_type", lambda: "bfloat16")  # as of a CPU that has it
    monkeypatch.setattr("serve.vllm_command.device", lambda: "cpu")
    cpu = vllm_command(options, 4711)
    monkeypatch.setattr("serve.vllm_command.device", lambda: "gpu")
    gpu = vllm_command(options, 4711)
    added = set(cpu) - set(gpu)
    assert "--enforce-eager" in added
    assert [part for part in added if not part.startswith("--")] == [cpu[cpu.index("-c") + 1]]
    assert 'get_context("fork")' in cpu[cpu.index("-c") + 1]
    assert "fork" not in gpu[gpu.index("-c") + 1]
    assert "--enable-auto-tool-choice" not in gpu
    calling = vllm_command(replace(options, tool_call_parser="hermes"), 4711)
    assert "--enable-auto-tool-choice" in calling
    assert dict(pairwise(calling))["--tool-call-parser"] == "hermes"
    copying = replace(options, copies_its_prompt=True)
    assert vllm_command(copying, 4711) == gpu, "a GPU is quick without guessing ahead"
    monkeypatch.setattr("serve.vllm_command.device", lambda: "cpu")
    guessing = json.loads(dict(pairwise(vllm_command(copying, 4711)))["--speculative-config"])
    assert guessing["method"] == "ngram"
    pairs = dict(pairwise(gpu))
    assert pairs["--kv-cache-memory-bytes"] == str(3 * 2**30)
    assert pairs["--max-model-len"] == "2048"
    assert json.loads(pairs["--structured-outputs-config"]) == {
        "backend": "xgrammar",
        "disable_any_whitespace": True,
    }


@pytest.mark.vllm
def test_the_real_server_answers_in_the_schema(vllm_server: VllmServer) -> None:
    schema = {
        "type": "object",
        "properties": {"genre": {"enum": ["comedy", "horror"]}, "year": {"type": "integer", "maximum": 2030}},
        "required": ["genre", "year"],
        "additionalProperties": False,
    }
    assert vllm_server.healthy()
    with OpenAI(base_url=vllm_server.url, api_key="none", timeout=120) as client:
        answer = client.chat.completions.create(
            model=vllm_server.options.served_name,
            messages=[{"role": "user", "content": "A comedy of 1999"}],
            response_format={"type": "json_schema", "json_schema": {"name": "plan", "schema": schema}},
            max_tokens=40,
            temperature=0,
        )
    text = answer.choices[0].message.content
    assert text is not None
    assert set(json.loads(text)) == {"genre", "year"}
    assert " " not in text


@pytest.mark.vllm
def test_the_real_server_does_not_outlive_an_owner_killed_outright(planner_folder: Path, tmp_path: Path) -> None:
    owner, leader = start_owner([sys.executable, "-c", OWNER, "real", str(planner_folder), "5"], tmp_path)
    assert len(session_members(leader)) >= 3  # warden, API server, engine
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait(10)
    assert gone(leader, within_s=10)


@pytest.mark.parametrize(
    ("flags", "computes_in"),
    [("fpu avx512f avx512_vnni", "float32"), ("fpu avx512f avx512_bf16", "bfloat16"), ("fpu amx_bf16", "bfloat16")],
)
def test_the_cpu_computes_in_what_it_has_instructions_for(
    flags: str, computes_in: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"flags\t\t: {flags}\n", encoding="utf-8")
    monkeypatch.setattr(commands, "_CPU_INFO", told)
    monkeypatch.setattr(commands, "device", lambda: "cpu")
    assert commands.number_type() == computes_in
    monkeypatch.setattr(commands, "_CPU_INFO", tmp_path / "absent")
    assert commands.number_type() == "float32"
