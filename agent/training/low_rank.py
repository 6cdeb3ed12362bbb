"""Low-rank adapters (LoRA, Hu et al. 2021) on a model's linear layers, saved as peft saves them.

peft's own layers learn the same; their many small products and casts took half of a training's time on a CPU.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear

from agent.training.adapter import CONFIG, PREFIX, WEIGHTS, read
from tools.errors import BadInputError

SCALE = 2.0
"""alpha / r."""


class LowRank(torch.nn.Module):
    """x -> W x + 2 B A x: a layer W of the model's type, A (r, in) and B (out, r) in float32, B zero at first."""

    def __init__(self, whole: torch.nn.Linear, rank: int) -> None:
        super().__init__()
        self.whole = whole.requires_grad_(False)
        bound = 1 / math.sqrt(whole.in_features)
        device = whole.weight.device
        self.down = torch.nn.Parameter(torch.empty(rank, whole.in_features, device=device).uniform_(-bound, bound))
        self.up = torch.nn.Parameter(torch.zeros(whole.out_features, rank, device=device))

    def forward(self, given: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        rows = given.reshape(-1, given.shape[-1])
        out: Tensor = _Product.apply(rows, self.whole.weight, self.down, self.up)  # type: ignore[no-untyped-call]
        out = out.view(*given.shape[:-1], -1)
        return out if self.whole.bias is None else out + self.whole.bias


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, given: Tensor, whole: Tensor, down: Tensor, up: Tensor) -> Tensor:
        narrow, wide = down.to(given.dtype), (up * SCALE).to(given.dtype)
        between = linear(given, narrow)
        ctx.save_for_backward(given, whole, narrow, wide, between)
        return linear(given, whole).addmm_(between, wide.t())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        given, whole, narrow, wide, between = ctx.saved_tensors
        by_between = gradient @ wide
        by_given = (gradient @ whole).addmm_(by_between, narrow)
        return by_given, None, (by_between.t() @ given).float(), (gradient.t() @ between).float() * SCALE


def adapt(model: torch.nn.Module, rank: int) -> None:
    """Put an adapter on every linear layer but the last, the language model's head; nothing else is learnt then."""
    model.requires_grad_(False)
    head = model.get_output_embeddings()  # type: ignore[operator]
    found = [name for name, layer in model.named_modules() if isinstance(layer, torch.nn.Linear) and layer is not head]
    for name in found:
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, LowRank(model.get_submodule(name), rank))  # type: ignore[arg-type]


def begin_with(model: torch.nn.Module, adapter: Path) -> None:
    """Give an adapted model the weights of an adapter that was saved.

    Raises:
        BadInputError: there is none, or it is for another model or of another rank.
    """
    scale, tensors = read(adapter)
    for name, layer in _layers(model):
        for there, weight, factor in (("lora_A", layer.down, 1.0), ("lora_B", layer.up, scale / SCALE)):
            kept = tensors.pop(f"{PREFIX}{name}.{there}.weight", None)
            if kept is None or kept.shape != weight.shape:
                raise BadInputError(f"The adapter in {adapter} is for another model, or of another rank.")
            weight.data.copy_(kept.float() * factor)


def save(model: torch.nn.Module, folder: Path, base: str) -> None:
    """Write the adapter in bfloat16, with its configuration; peft and vLLM read both.

    Args:
        base: the base model's name.
    """
    layers = dict(_layers(model))
    tensors = {
        f"{PREFIX}{name}.{there}.weight": weight.data.to(torch.bfloat16).contiguous().cpu()
        for name, layer in layers.items()
        for there, weight in (("lora_A", layer.down), ("lora_B", layer.up))
    }
    rank = next(iter(layers.values())).down.shape[0]
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": int(SCALE * rank),
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted({name.rpartition(".")[2] for name in layers}),
        "inference_mode": True,
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _layers(model: torch.nn.Module) -> Iterator[tuple[str, LowRank]]:
    for name, layer in model.named_modules():
        if isinstance(layer, LowRank):
            yield name, layer
