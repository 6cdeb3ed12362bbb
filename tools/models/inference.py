"""The sequence network's answer for one person, in numpy: torch's overhead a call is most of so small a product."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.models.network import Block, Network

Floats = npt.NDArray[np.float32]
_EPSILON = 1e-5
"""Of torch's layer norm."""


class Reader:
    """A trained network, read only: the state after the last of a list of items, as `Network.forward` in `eval`."""

    def __init__(self, network: Network) -> None:
        self.length = network.length
        self._embedding, self._place = _array(network.embedding.weight), _array(network.place.weight)
        self._blocks = [_Block(block, network.length) for block in network.blocks]  # type: ignore[arg-type]
        self._norm = _Norm(network.norm)

    def __call__(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Item ids (length,), oldest first, at least one; the last `self.length` count. The state, (dimensions,)."""
        recent = ids[-self.length :]
        x: Floats = self._embedding[recent] + self._place[: len(recent)]
        for row, block in enumerate(self._blocks, start=1):
            x = block(x, only_last=row == len(self._blocks))
        state: Floats = self._norm(x)[-1]
        return state


class _Norm:
    def __init__(self, layer: Any) -> None:
        self._scale, self._shift = _array(layer.weight), _array(layer.bias)

    def __call__(self, x: Floats) -> Floats:
        centred = x - x.mean(axis=-1, keepdims=True)
        squares = np.einsum("...d,...d->...", centred, centred)[..., None]
        found: Floats = centred / np.sqrt(squares / x.shape[-1] + _EPSILON) * self._scale + self._shift
        return found


class _Linear:
    def __init__(self, layer: Any) -> None:
        self._weight, self._bias = np.ascontiguousarray(_array(layer.weight).T), _array(layer.bias)

    def __call__(self, x: Floats) -> Floats:
        found: Floats = x @ self._weight + self._bias
        return found


class _Block:
    def __init__(self, block: Block, length: int) -> None:
        self._heads = block.heads
        self._future = np.triu(np.full((length, length), -np.inf, dtype=np.float32), 1)
        self._before_attention, self._before_forward = _Norm(block.before_attention), _Norm(block.before_forward)
        self._qkv, self._out = _Linear(block.qkv), _Linear(block.out)
        self._widen, self._narrow = _Linear(block.forward_layers[0]), _Linear(block.forward_layers[3])

    def __call__(self, x: Floats, only_last: bool) -> Floats:
        """(length, dimensions) to the same; `only_last`: to the last row alone, which is all that is asked for."""
        length, dimensions = x.shape
        parts = self._qkv(self._before_attention(x)).reshape(length, 3, self._heads, dimensions // self._heads)
        q, k, v = parts.transpose(1, 2, 0, 3)
        if only_last:
            q, x = q[:, -1:], x[-1:]
        weights = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[-1]))
        if not only_last:
            weights += self._future[:length, :length]
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        x = x + self._out((weights @ v).transpose(1, 0, 2).reshape(len(x), dimensions))
        found: Floats = x + self._narrow(_gelu(self._widen(self._before_forward(x))))
        return found


def _gelu(x: Floats) -> Floats:
    """x / (1 + exp(-2 sqrt(2 / pi) (x + 0.044715 x^3))): the approximation by tanh, as the network has it."""
    power = x * x
    power *= np.float32(-2 * math.sqrt(2 / math.pi) * 0.044715)
    power -= np.float32(2 * math.sqrt(2 / math.pi))
    power *= x
    with np.errstate(over="ignore"):
        np.exp(power, out=power)
    power += 1
    np.divide(x, power, out=power)
    return power


def _array(tensor: Any) -> Floats:
    return np.asarray(tensor.detach().numpy(), dtype=np.float32)
