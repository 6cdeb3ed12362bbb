"""A lesson in tokens: what all its messages begin with once, then each message with its plan, all in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from agent.training.lessons import Lesson

IGNORED = -100
"""The label of a place whose continuation is not learnt."""


@dataclass(frozen=True)
class Encoded:
    """A lesson of `n` tokens without padding: each message sees what is shared and itself, as it will when it is asked
    alone.
    """

    tokens: torch.Tensor
    """(n,) ids."""
    positions: torch.Tensor
    """(n,): those that follow what is shared begin anew with each message."""
    labels: torch.Tensor
    """(n,): the token that follows, where it is a plan's; else `IGNORED`."""
    message: torch.Tensor
    """(n,): 0 where the token is shared, else the number of its message from 1."""

    def mask(self, number_type: torch.dtype) -> torch.Tensor:
        """(1, 1, n, n), to be added to the attention's scores: 0 where a token is seen, else the least number."""
        place = torch.arange(len(self.tokens))
        is_before = place[None, :] <= place[:, None]
        is_own = (self.message[None, :] == self.message[:, None]) | (self.message[None, :] == 0)
        hidden = torch.zeros(is_own.shape, dtype=number_type)
        return hidden.masked_fill(~(is_before & is_own), torch.finfo(number_type).min)[None, None]


def encode(lesson: Lesson, tokenizer: Any) -> Encoded:
    """A lesson's messages, each as it is asked when the planner is served: fields first, then one message alone."""
    asked, whole = [], []
    for message, plan in lesson.turns:
        text = as_text(tokenizer, lesson.system, message)
        asked.append(tokenizer(text, add_special_tokens=False)["input_ids"])
        answer = tokenizer(plan, add_special_tokens=False)["input_ids"]
        whole.append([*asked[-1], *answer, tokenizer.eos_token_id])
    shared = _common(asked)
    tokens, positions = whole[0][:shared], list(range(shared))
    labels, owner = [IGNORED] * shared, [0] * shared
    for number, (row, question) in enumerate(zip(whole, asked, strict=True), 1):
        begin, count = len(question) - shared, len(row) - shared
        tokens += row[shared:]
        positions += range(shared, len(row))
        labels += [*[IGNORED] * (begin - 1), *row[len(question) :], IGNORED]
        owner += [number] * count
    return Encoded(*(torch.tensor(one) for one in (tokens, positions, labels, owner)))


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
