"""Fine-tunes a model to plan: a low-rank adapter (LoRA, Hu et al. 2021) on lessons, loss on the plans' tokens only.

A step is two lessons, learnt side by side: on a CPU each has half of the cores, which small products use better. What
a lesson's messages share is computed once; each message sees that and itself, as it will when it is asked alone.
Every so often all that is needed to go on is saved, so that a stopped training goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch.nn.functional import cross_entropy

from agent.training import adapter, attention, low_rank
from agent.training.encoding import IGNORED, Encoded, encode
from agent.training.lessons import MESSAGES, Lesson
from tools.atomic import write_atomically
from tools.errors import BadInputError, UnavailableError
from tools.lock import locked
from tools.progress import OnStep, silent

STEP = 2
"""Lessons. The same on every machine, so that the result is."""
CHECKPOINT, PROGRESS = "checkpoint", "progress.json"
RANK = 16
_SAVE_EVERY_S = 120.0
_WARM_UP = 0.03
"""Of the steps: the learning rate rises from nothing, then falls linearly to nothing."""


class Recipe(BaseModel):
    """What a training's result depends on."""

    lessons: int
    messages: int = MESSAGES
    """In each lesson."""
    learning_rate: float = 2e-3
    rank: int = RANK
    seed: int = 0
    base: str
    """The base model's name."""
    material: str = ""
    """What tells the material of the lessons from any other."""
    start: str = ""
    """What tells the adapter that it begins with from any other; empty where it begins with none."""


class Progress(BaseModel):
    """How far a training is."""

    recipe: Recipe
    done: int = 0
    """Lessons."""
    seconds: float = 0.0
    losses: list[float] = []
    """Mean loss a plan token, of every hundredth part of the lessons so far."""


@dataclass
class _Run:
    """A model in training."""

    model: Any
    tokenizer: Any
    optimizer: torch.optim.AdamW
    trained: list[torch.nn.Parameter]
    device: torch.device
    side_by_side: ThreadPoolExecutor


def finetune(
    base: Path,
    folder: Path,
    recipe: Recipe,
    material: Iterator[Lesson],
    on_step: OnStep = silent,
    start: Path | None = None,
) -> Progress:
    """Train an adapter, or go on with the training that the folder holds. The adapter ends up in the folder.

    Args:
        base: the folder of the base model: safetensors, tokenizer, chat template.
        material: lessons, the same in every try.
        start: the folder of an adapter to begin with.

    Raises:
        KeyboardInterrupt: what is done is saved.
        BadInputError: the folder holds another training; or the base model can't be used, and why.
        UnavailableError: the memory does not suffice; or another training into the folder is going on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, f"Another training into {folder} is going on.", "Wait until it has ended, or stop it."):
        recipe = recipe.model_copy(update={"start": adapter.digest(start)}) if start else recipe
        progress = _progress(folder, recipe)
        run = _open(base, folder, recipe, progress, start)
        return _learn(run, folder, progress, material, on_step)


def _learn(run: _Run, folder: Path, progress: Progress, material: Iterator[Lesson], on_step: OnStep) -> Progress:
    recipe = progress.recipe
    began, saved = time.monotonic(), time.monotonic()
    before = progress.seconds
    recent: list[float] = []
    rest = islice(material, progress.done, recipe.lessons)
    try:
        while together := list(islice(rest, STEP)):
            _set_rate(run.optimizer, recipe, progress.done)
            recent.append(_step(run, [encode(lesson, run.tokenizer) for lesson in together]))
            progress.done += len(together)
            progress.seconds = before + time.monotonic() - began
            if progress.done * 100 // recipe.lessons > len(progress.losses):
                progress.losses.append(round(sum(recent) / len(recent), 4))
                recent = []
            on_step(_said(progress, recipe), progress.done / recipe.lessons)
            if time.monotonic() - saved > _SAVE_EVERY_S:
                _save(run, folder, progress)
                saved = time.monotonic()
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "alloc" not in str(error):  # on a CPU it has no type of its own
            raise
        way_out = "Give fewer messages, in another folder: --messages 2 --out FOLDER"
        raise UnavailableError("There is not enough memory for a lesson.", way_out) from error
    finally:
        run.side_by_side.shutdown()
        _save(run, folder, progress)
    low_rank.save(run.model, folder, recipe.base)
    return progress


def _open(base: Path, folder: Path, recipe: Recipe, progress: Progress, start: Path | None) -> _Run:
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # ours is there
    attention.register()
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            base, local_files_only=True, dtype=_number_type(device), attn_implementation=attention.LESSON
        )
    except (OSError, ValueError) as error:
        raise BadInputError(f"{base} holds no model that can be trained.", str(error).splitlines()[0]) from error
    if not tokenizer.chat_template:
        raise BadInputError(f"The model in {base} has no chat template.", "Take an instruct model.")
    low_rank.adapt(model, recipe.rank)
    if start and not progress.done:
        low_rank.begin_with(model, start)
    model.to(device).train()
    trained = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW([weight for _, weight in trained], lr=recipe.learning_rate, weight_decay=0.0)
    if progress.done:
        kept = load_file(folder / CHECKPOINT / f"{progress.done}.safetensors", device=str(device))
        for name, weight in trained:
            weight.data.copy_(kept[f"weight.{name}"])
            state = {key: kept[f"{key}.{name}"] for key in ("exp_avg", "exp_avg_sq")}
            optimizer.state[weight] = {"step": torch.tensor(float(progress.done // STEP)), **state}
    workers = STEP if device.type == "cpu" else 1
    threads = max(1, (os.cpu_count() or 1) // workers)
    side_by_side = ThreadPoolExecutor(workers, "lesson", torch.set_num_threads, (threads,))
    return _Run(model, tokenizer, optimizer, [weight for _, weight in trained], device, side_by_side)


def _number_type(device: torch.device) -> torch.dtype:
    """A CPU without instructions for bfloat16 multiplies three times slower in it than in float32."""
    if device.type == "cuda":
        return torch.bfloat16
    has_bfloat16 = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if has_bfloat16 else torch.float32


def _step(run: _Run, lessons: Sequence[Encoded]) -> float:
    """Learn from lessons; returns the mean loss a plan token, in nats."""
    count = sum(int((lesson.labels != IGNORED).sum()) for lesson in lessons)
    learnt = list(run.side_by_side.map(lambda lesson: _gradients(run, lesson, count), lessons))
    for number, weight in enumerate(run.trained):
        weight.grad = torch.stack([gradients[number] for _, gradients in learnt]).sum(0)
    torch.nn.utils.clip_grad_norm_(run.trained, 1.0)
    run.optimizer.step()
    return sum(loss for loss, _ in learnt)


def _gradients(run: _Run, lesson: Encoded, count: int) -> tuple[float, tuple[torch.Tensor, ...]]:
    """A lesson's part of the mean loss of `count` plan tokens, and its gradients by the trained weights."""
    out = run.model.model(
        input_ids=lesson.tokens[None].to(run.device),
        position_ids=lesson.positions[None].to(run.device),
        use_cache=False,
        ends=lesson.ends,
        shared=lesson.shared,
    )
    learnt = lesson.labels != IGNORED
    logits = run.model.lm_head(out.last_hidden_state[0, learnt.to(run.device)]).float()
    loss = cross_entropy(logits, lesson.labels[learnt].to(run.device), reduction="sum") / count
    return loss.item(), torch.autograd.grad(loss, run.trained)


def _set_rate(optimizer: torch.optim.AdamW, recipe: Recipe, done: int) -> None:
    rising = max(1.0, _WARM_UP * recipe.lessons)
    share = min((done + 1) / rising, (recipe.lessons - done) / max(1.0, recipe.lessons - rising))
    for group in optimizer.param_groups:
        group["lr"] = recipe.learning_rate * min(1.0, share)


def _progress(folder: Path, recipe: Recipe) -> Progress:
    path = folder / PROGRESS
    if not path.exists():
        return Progress(recipe=recipe)
    kept = Progress.model_validate_json(path.read_text(encoding="utf-8"))
    if kept.recipe != recipe:
        raise BadInputError(
            f"{folder} holds another training: {kept.recipe.model_dump_json()}.", "Name another folder with --out."
        )
    return kept


def _save(run: _Run, folder: Path, progress: Progress) -> None:
    """All that is needed to go on: the tensors first, then the file that names them, so that a kill leaves the older
    state or the newer one.
    """
    from safetensors.torch import save_file

    kept = folder / CHECKPOINT
    kept.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, torch.Tensor] = {}
    for name, weight in run.model.named_parameters():
        if weight.requires_grad and (state := run.optimizer.state.get(weight)):
            tensors |= {
                f"weight.{name}": weight.data,
                **{f"{key}.{name}": state[key] for key in ("exp_avg", "exp_avg_sq")},
            }
    newest = kept / f"{progress.done}.safetensors"
    if tensors:
        save_file(tensors, newest)
        write_atomically(folder / PROGRESS, progress.model_dump_json(indent=2))
    for older in kept.glob("*.safetensors"):
        if older != newest:
            older.unlink()


def _said(progress: Progress, recipe: Recipe) -> str:
    loss = f", loss {progress.losses[-1]:.3f}" if progress.losses else ""
    return f"learning: {progress.done:,} of {recipe.lessons:,} lessons{loss}"
