"""An adapter (LoRA, as peft saves it) added to its base model's weights: what is served then is one plain model."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from tools.errors import BadInputError

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
PREFIX = "base_model.model."


def read(adapter: Path) -> tuple[float, dict[str, torch.Tensor]]:
    """Its scale alpha / r, and its matrices A (r, in) and B (out, r) by name.

    Raises:
        BadInputError: there is none.
    """
    try:
        config = json.loads((adapter / CONFIG).read_text(encoding="utf-8"))
        return config["lora_alpha"] / config["r"], load_file(adapter / WEIGHTS)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise _absent(adapter, error) from error


def digest(adapter: Path) -> str:
    """What tells an adapter from any other.

    Raises:
        BadInputError: there is none.
    """
    try:
        return hashlib.sha256((adapter / WEIGHTS).read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise _absent(adapter, error) from error


def _absent(adapter: Path, why: Exception) -> BadInputError:
    return BadInputError(f"{adapter} holds no adapter ({why}).", "Train one: tastemaker planner train.")


def merge(base: Path, adapter: Path, goal: Path) -> None:
    """Write the base model with the adapter added into a folder that exists: W + alpha / r * B A (Hu et al. 2021).

    Raises:
        BadInputError: there is no adapter, or it is another model's.
    """
    scale, low_rank = read(adapter)
    downs = {name: name.replace("lora_A", "lora_B") for name in low_rank if ".lora_A." in name}
    changed = {name.removeprefix(PREFIX).replace("lora_A.", ""): (name, downs[name]) for name in downs}
    for path in sorted(base.iterdir()):
        if path.suffix != ".safetensors":
            if path.is_file() and path.name != "manifest.json":
                shutil.copy2(path, goal / path.name)
            continue
        merged = {}
        with safe_open(path, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - no dict
                weight = tensors.get_tensor(name)
                if name in changed:
                    down, up = (low_rank[one].float() for one in changed.pop(name))
                    if (up.shape[0], down.shape[1]) != tuple(weight.shape):
                        raise BadInputError(f"The adapter in {adapter} is not for the model in {base}.")
                    weight = (weight.float() + scale * (up @ down)).to(torch.bfloat16)
                merged[name] = weight
            save_file(merged, goal / path.name, metadata=tensors.metadata())
    if changed:
        raise BadInputError(f"The adapter in {adapter} is not for the model in {base}.")
