"""A lesson in tokens: what all its messages begin with once, then each message with its plan, all in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from agent.training.lessons import Lesson

IGNORED = -100
"""The label of a place whose continuation is not learnt."""


ROUND = 16
"""A row's parts are as long as a multiple of this, so that a CPU's kernels, made for each shape, are made once."""


@dataclass(frozen=True)
class Encoded:
    """A lesson as one row of `n` tokens: what its messages share, then each of them. A message sees what is shared and
    itself, as it will when it is asked alone. Each part is filled up to a multiple of `ROUND`.
    """

    tokens: torch.Tensor
    """(n,) ids."""
    positions: torch.Tensor
    """(n,): those that follow what is shared begin anew with each message."""
    labels: torch.Tensor
    """(n,): the token that follows, where it is a plan's; else `IGNORED`."""
    ends: tuple[int, ...]
    """Where what is shared ends, then where each message does; the last is `n`."""
    shared: int
    """How many tokens are shared, without those that fill up."""


def encode(lesson: Lesson, tokenizer: Any) -> Encoded:
    """A lesson's messages, each as it is asked when the planner is served: fields first, then one message alone."""
    asked, whole = [], []
    for message, plan in lesson.turns:
        text = as_text(tokenizer, lesson.system, message)
        asked.append(tokenizer(text, add_special_tokens=False)["input_ids"])
        answer = tokenizer(plan, add_special_tokens=False)["input_ids"]
        whole.append([*asked[-1], *answer, tokenizer.eos_token_id])
    shared = _common(asked)
    tokens, positions, labels, ends = list[int](), list[int](), list[int](), list[int]()

    def put(part: Sequence[int], learnt: Sequence[int], first: int) -> None:
        filled = -(-len(part) // ROUND) * ROUND
        tokens.extend([*part, *[tokenizer.eos_token_id] * (filled - len(part))])
        positions.extend(range(first, first + filled))
        labels.extend([*learnt, *[IGNORED] * (filled - len(learnt))])
        ends.append(len(tokens))

    put(whole[0][:shared], [], 0)
    for row, question in zip(whole, asked, strict=True):
        put(row[shared:], [*[IGNORED] * (len(question) - shared - 1), *row[len(question) :]], shared)
    return Encoded(torch.tensor(tokens), torch.tensor(positions), torch.tensor(labels), tuple(ends), shared)


def as_text(tokenizer: Any, system: str, message: str) -> str:
    """What the model is given before it plans, by its own chat template; one that knows no system role gets both in
    the user's message.
    """
    chat = [{"role": "system", "content": system}, {"role": "user", "content": message}]
    try:
        text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    except Exception as error:
        if type(error).__name__ != "TemplateError":
            raise
        chat = [{"role": "user", "content": f"{system}\n\n{message}"}]
        text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    return str(text)


def _common(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all of them begin with; at least one is left to each."""
    most = min(len(row) for row in rows) - 1
    return next((i for i in range(most) if len({row[i] for row in rows}) > 1), most)
