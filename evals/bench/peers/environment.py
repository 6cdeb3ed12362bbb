"""Makes the peers' environment, once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.errors import MissingError
from tools.progress import OnStep, silent

TORCH = "torch==2.13.0+cpu"
_CPU_INDEX = ("--index-url", "https://download.pytorch.org/whl/cpu")
PACKAGES = ("rectools[torch]==0.19.0", "lenskit==2025.8.1", "numpy<2", "pyarrow==22.0.0")
"""A pyarrow that LensKit takes and that reads numpy 1, which RecTools wants."""


def peers_python(home: Path, on_step: OnStep = silent) -> Path:
    """The Python of an environment that has the peers, made in `home` if it is not there yet (about 2 GB).

    Raises:
        MissingError: it can't be made, with what pip said.
    """
    folder = home / "peers"
    python, done = folder / "bin" / "python", folder / "complete"
    if done.exists() and done.read_text(encoding="utf-8") == _wanted():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    on_step("installing the peers", 0.0)
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    try:
        _run([*pip, "--no-deps", TORCH])
    except MissingError:
        _run([*pip, "--no-deps", *_CPU_INDEX, TORCH])
    on_step("installing the peers", 0.5)
    _run([*pip, *PACKAGES])
    done.write_text(_wanted(), encoding="utf-8")
    return python


def _wanted() -> str:
    return "\n".join((TORCH, *PACKAGES))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(
            f"The peers' environment can't be made: {done.stderr.strip()[-300:]}",
            "Try again online, or without --peers.",
        )
