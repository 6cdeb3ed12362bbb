"""A peer as a rival: a worker process in the peers' environment, asked like anybody else."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from evals.bench.rivals import Rival
from tools.errors import UnavailableError
from tools.models.contract import History, Positions, TrainingData
from tools.progress import OnStep, silent

NAMES = {
    "lenskit-itemknn": "LensKit ItemKNN",
    "lenskit-userknn": "LensKit UserKNN",
    "lenskit-ease": "LensKit EASE",
    "lenskit-als": "LensKit ALS",
    "rectools-ease": "RecTools EASE",
    "rectools-sasrec": "RecTools SASRec",
}
EPOCHS = 80
"""How long RecTools' SASRec trains; about as long as it gets better on ML-100K."""
_WORKER = Path(__file__).with_name("worker.py")


class Peer(Rival):
    """RecTools or LensKit. It hears no dislikes, and chooses among all items or not at all."""

    def __init__(self, key: str, python: Path, epochs: int = EPOCHS) -> None:
        self.name, self.whose = NAMES[key], NAMES[key].split()[0]
        self._command = [str(python), str(_WORKER), key, str(epochs)]
        self._process: subprocess.Popen[str] | None = None
        self.last_s: float | None = None

    def fit(self, data: TrainingData, on_step: OnStep = silent) -> None:
        """Fit the library's model in a fresh worker."""
        self.close()
        on_step(self.name, 0.0)
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "events.npz"
            liked = data.liked
            np.savez(path, user=data.user[liked], item=data.item[liked], time=data.time[liked])
            self._bytes = self._answer({"fit": str(path)})["bytes"]

    def ask(self, history: History, candidates: Positions | None) -> Positions:
        """Its list."""
        if candidates is not None or not history.liked:
            return np.empty(0, dtype=np.int64)
        answer = self._answer({"ask": list(history.liked)})
        self.last_s = answer["ms"] / 1e3
        return np.array(answer["found"], dtype=np.int64)

    def megabytes(self) -> float:
        """Size of the fitted model's arrays."""
        return float(self._bytes / 2**20)

    def close(self) -> None:
        """End the worker."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _answer(self, order: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        answer = json.loads(line) if line else {"error": "it ended"}
        if "error" in answer:
            raise UnavailableError(f"{self.name} failed: {answer['error']}", "Leave --peers out.")
        return dict(answer)


def peers(python: Path, with_sequential: bool, epochs: int = EPOCHS) -> list[Rival]:
    """All of them; the sequential one takes minutes."""
    return [Peer(key, python, epochs) for key in NAMES if with_sequential or key != "rectools-sasrec"]
