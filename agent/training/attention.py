"""Attention over a lesson's row: each message sees what is shared and itself, and nothing is computed of the rest.

Row by row with a mask, half of the scores would be of messages that may not see each other; on a CPU the backward pass
of torch's own attention takes a third of a training in bfloat16.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tools.errors import BadInputError

LESSON = "lesson"
"""The name by which a model is told to use it; its forward pass is then given `ends` and `shared`, as
`Encoded` has them."""


def register() -> None:
    """Make it known to transformers."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    ALL_ATTENTION_FUNCTIONS.register(LESSON, _attend)


def _attend(
    _module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _mask: Tensor | None,
    *,
    ends: tuple[int, ...],
    shared: int,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **_others: Any,
) -> tuple[Tensor, None]:
    """What transformers asks of an attention function: (1, heads, n, d) in, (1, n, heads, d) out.

    Args:
        key, value: (1, fewer heads, n, d); so many query heads in a row share one of them.
    """
    if softcap is not None:
        raise BadInputError("A model whose attention is capped can't be trained.", "Take another: --base FOLDER")
    heads, count, width = query.shape[1:]
    groups = key.shape[1]
    queries = (query[0] * (width**-0.5 if scaling is None else scaling)).view(groups, -1, count, width)
    seen = []
    for begin, end in pairwise((0, *ends)):
        before = ends[0] if begin else 0
        keys, values = (torch.cat([one[0, :, :before], one[0, :, begin:end]], 1) for one in (key, value))
        own = queries[:, :, begin:end].reshape(groups, -1, width)
        hidden = _hidden(before, shared, end - begin, sliding_window, own)
        out: Tensor = _Attention.apply(own, keys, values, hidden)  # type: ignore[no-untyped-call]
        seen.append(out.view(heads, end - begin, width))
    return torch.cat(seen, 1).transpose(0, 1)[None], None


def _hidden(before: int, shared: int, own: int, window: int | None, like: Tensor) -> Tensor:
    """(own, before + own), to be added to scores: the least number where a later token is, one that fills up what is
    shared, or one out of the window.
    """
    place = torch.arange(before + own, device=like.device)
    position = place - (before - shared if before else 0) * (place >= before)
    behind = position[before:, None] - position[None, :]
    unseen = (behind < 0) | ((place >= shared) & (place < before))
    if window is not None:
        unseen |= behind >= window
    return torch.zeros(unseen.shape, dtype=like.dtype, device=like.device).masked_fill(
        unseen, torch.finfo(like.dtype).min
    )


class _Attention(torch.autograd.Function):
    """softmax(Q K' + hidden) V with only the weights kept for the way back."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, hidden: Tensor) -> Tensor:
        """(groups, heads a group x own, d), (groups, seen, d) twice, (own, seen) -> as the queries."""
        scores = torch.bmm(queries, keys.transpose(1, 2))
        scores.view(-1, *hidden.shape).add_(hidden)
        weights = torch.softmax(scores, -1)
        ctx.save_for_backward(queries, keys, values, weights)
        return torch.bmm(weights, values)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """By queries, keys and values."""
        queries, keys, values, weights = ctx.saved_tensors
        by_weights = torch.bmm(gradient, values.transpose(1, 2))
        by_scores = torch._softmax_backward_data(by_weights, weights, -1, weights.dtype)
        by_values = torch.bmm(weights.transpose(1, 2), gradient)
        return torch.bmm(by_scores, keys), torch.bmm(by_scores.transpose(1, 2), queries), by_values, None
