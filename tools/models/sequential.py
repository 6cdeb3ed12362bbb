"""The sequential recommender: what people used next, learnt by a small transformer over their last items."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.models.artifact import Arrays, Artifact
from tools.models.contract import History, Positions, Recommender, Scores, TrainingData, places
from tools.models.inference import Reader
from tools.models.network import Network
from tools.progress import OnStep, silent

DEFAULTS: dict[str, Any] = {
    "length": None,
    "dimensions": 64,
    "blocks": 2,
    "heads": 2,
    "dropout": None,
    "mask": None,
    "temperature": 0.08,
    "epochs": 100,
    "batch": 128,
    "rate": 2e-3,
    "budget_s": 590.0,
}
"""`budget_s`: the schedule is shortened to what fits, by the time that the steps so far took.
`mask`: the share of the items of a window that the network does not get to see, as BERT4Rec does. `length`, `dropout`
and `mask` are what `for_likes` says, where they are None."""
FEW, MANY = 100_000, 1_000_000
"""Likes between which `for_likes` interpolates; measured on ML-100K and ML-1M."""
_NOTHING = -100
_LOGITS = 4_000_000
"""So many at a time: 16 MB."""


class Sequential(Recommender):
    """The choice for an ordered log. Likes in no order it reads as a log all the same; a dislike it can't read."""

    name = "sequential"

    def __init__(self, network: Network, columns: Positions, size: int, shape: dict[str, Any]) -> None:
        self._network, self._columns, self._shape = network.eval(), columns, shape
        self._read = Reader(network)
        with torch.inference_mode():
            self._items = functional.normalize(network.embedding.weight[: network.items], dim=-1).numpy()
        self._place = places(columns, size)
        self.size = size

    @classmethod
    def fit(cls, data: TrainingData, on_step: OnStep = silent, **parameters: Any) -> Sequential:
        """Parameters: those of DEFAULTS. Each epoch cuts the logs into windows anew."""
        wanted = {**DEFAULTS, **parameters}
        columns = np.flatnonzero(data.counts).astype(np.int64)
        place = places(columns, data.size)
        logs = [place[log] for log in data.sequences if len(log) > 1]
        torch.manual_seed(0)
        wanted |= {key: value for key, value in for_likes(sum(map(len, logs))).items() if wanted[key] is None}
        shape = {key: wanted[key] for key in ("length", "dimensions", "blocks", "heads", "dropout", "temperature")}
        network = Network(max(1, len(columns)), **shape)
        if logs:
            _train(network, logs, wanted, on_step)
        return cls(network, columns, data.size, shape)

    def score(self, history: History) -> Scores:
        """Cosine of what comes next and each item; 0 for items that nobody used, and for all after no known like."""
        known = [int(self._place[p]) for p in history.of(self.size).liked if self._place[p] >= 0]
        scores = np.zeros(self.size, dtype=np.float32)
        if known:
            state = self._read(np.array(known, dtype=np.int64))
            scores[self._columns] = self._items[: len(self._columns)] @ (state / np.linalg.norm(state))
        return scores

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """The network's weights and shape."""
        weights = {key.replace(".", "-"): value.numpy() for key, value in self._network.state_dict().items()}
        return {"columns": self._columns, **weights}, {"size": self.size, "shape": self._shape}

    @classmethod
    def restore(cls, kept: Artifact) -> Sequential:
        """The model from what was kept."""
        columns = np.asarray(kept.arrays["columns"])
        network = Network(max(1, len(columns)), **kept.facts["shape"])
        network.load_state_dict(
            {
                key.replace("-", "."): torch.from_numpy(np.array(array))
                for key, array in kept.arrays.items()
                if key != "columns"
            }
        )
        return cls(network, columns, kept.facts["size"], kept.facts["shape"])


def for_likes(likes: int) -> dict[str, Any]:
    """Length, dropout and mask for so many likes: the fewer there are, the sooner they are learnt by heart.

    >>> for_likes(1_000)
    {'length': 50, 'dropout': 0.4, 'mask': 0.25}
    >>> for_likes(10_000_000)
    {'length': 100, 'dropout': 0.25, 'mask': 0.0}
    """
    share = float(np.interp(math.log(max(1, likes)), [math.log(FEW), math.log(MANY)], [0, 1]))
    return {"length": round(50 + 50 * share), "dropout": 0.4 - 0.15 * share, "mask": 0.25 * (1 - share)}


def _train(network: Network, logs: list[Positions], wanted: dict[str, Any], on_step: OnStep) -> None:
    rng = np.random.default_rng(0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=wanted["rate"], betas=(0.9, 0.98), weight_decay=0.0)
    steps_an_epoch = len(list(_batches(logs, network, wanted["batch"], rng)))
    total, step, began = wanted["epochs"] * steps_an_epoch, 0, time.monotonic()
    network.train()
    while step < total:
        for inputs, targets in _batches(logs, network, wanted["batch"], rng):
            share = step / total
            warm = min(1.0, (step + 1) / (2 * steps_an_epoch))
            for group in optimiser.param_groups:
                group["lr"] = wanted["rate"] * warm * 0.5 * (1 + math.cos(math.pi * share))
            known = targets != _NOTHING
            inputs = inputs.masked_fill(torch.rand(inputs.shape) < wanted["mask"], network.items)
            optimiser.zero_grad()
            _learn(network, network(inputs)[known], targets[known])
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            step += 1
            spent = time.monotonic() - began
            if step % steps_an_epoch == 0 or spent > wanted["budget_s"]:  # no more steps than fit, at this pace
                total = min(
                    wanted["epochs"] * steps_an_epoch, step + int(max(0, wanted["budget_s"] - spent) * step / spent)
                )
            on_step("sequences", min(1.0, step / total))
            if step >= total:
                break
    network.eval()


def _learn(network: Network, states: Tensor, targets: Tensor) -> None:
    """Gradients of the mean cross-entropy over all items, some rows at a time: the logits of a whole batch are hundreds
    of MB, and the system would spend as long on fetching and clearing that memory as we on the numbers.
    """
    kept = states.detach().requires_grad_()
    rows = max(1, _LOGITS // network.items)
    for part, wanted in zip(torch.split(kept, rows), torch.split(targets, rows), strict=True):
        loss = functional.cross_entropy(network.logits(part), wanted, reduction="sum") / len(targets)
        loss.backward()  # type: ignore[no-untyped-call]
    states.backward(kept.grad)  # type: ignore[no-untyped-call]


def _batches(
    logs: list[Positions], network: Network, size: int, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Windows over all logs in random order: inputs and what followed each, (batch, length), padded on the right."""
    windows = [window for log in logs for window in _windows(log, network.length, rng)]
    order = rng.permutation(len(windows))
    for begin in range(0, len(order), size):
        part = [windows[i] for i in order[begin : begin + size]]
        width = max(len(window) for window in part) - 1
        inputs = np.full((len(part), width), network.items)
        targets = np.full((len(part), width), _NOTHING)
        for row, window in enumerate(part):
            inputs[row, : len(window) - 1] = window[:-1]
            targets[row, : len(window) - 1] = window[1:]
        yield torch.from_numpy(inputs), torch.from_numpy(targets)


def _windows(log: Positions, length: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """Pieces of a log of at most length + 1 items that cover it, cut at a random offset."""
    last = len(log) - 1
    end = int(rng.integers(1, min(length, last) + 1)) if last > length else last
    while True:
        yield log[max(0, end - length) : end + 1]
        if end == last:
            return
        end = min(end + length, last)
