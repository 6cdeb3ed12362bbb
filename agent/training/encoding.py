"""A lesson in tokens: what all its messages begin with once, and a row for each message with its plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from agent.training.lessons import Lesson

IGNORED = -100
"""The label of a place whose continuation is not learnt."""
_TOGETHER = 8
"""So many rows, of nearly the same length, are worked on at the same time: padding would be 40% of all tokens."""


@dataclass(frozen=True)
class Rows:
    """Token ids of `n` messages with their plans, without what the whole lesson begins with; padded behind."""

    tokens: torch.Tensor
    """(n, width)."""
    mask: torch.Tensor
    """(n, width): 1 where there is a token, 0 where there is padding."""
    labels: torch.Tensor
    """(n, width): the token that follows, where it is a plan's; else `IGNORED`."""


@dataclass(frozen=True)
class Encoded:
    """A lesson: what every message begins with, (1, s) token ids, and the rest of each in rows."""

    shared: torch.Tensor
    rows: tuple[Rows, ...]

    @property
    def tokens(self) -> int:
        """How many there are, without padding."""
        return self.shared.numel() + sum(int(rows.mask.sum()) for rows in self.rows)


def encode(lesson: Lesson, tokenizer: Any) -> Encoded:
    """A lesson's messages, each as it is asked when the planner is served: fields first, then one message alone."""
    asked, whole = [], []
    for message, plan in lesson.turns:
        text = as_text(tokenizer, lesson.system, message)
        asked.append(tokenizer(text, add_special_tokens=False)["input_ids"])
        answer = tokenizer(plan, add_special_tokens=False)["input_ids"]
        whole.append([*asked[-1], *answer, tokenizer.eos_token_id])
    shared = _common(asked)
    pairs = sorted(zip(whole, asked, strict=True), key=lambda pair: len(pair[0]))
    rows = tuple(
        _rows([(row[shared:], len(question) - shared) for row, question in pairs[first : first + _TOGETHER]])
        for first in range(0, len(pairs), _TOGETHER)
    )
    return Encoded(torch.tensor([whole[0][:shared]]), rows)


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


def _rows(parts: Sequence[tuple[Sequence[int], int]]) -> Rows:
    """Args: parts: the tokens of each message with its plan, and where the plan begins."""
    width = max(len(tokens) for tokens, _ in parts)
    rows = torch.zeros(len(parts), width, dtype=torch.long)
    mask = torch.zeros(len(parts), width, dtype=torch.long)
    labels = torch.full((len(parts), width), IGNORED)
    for number, (tokens, begin) in enumerate(parts):
        rows[number, : len(tokens)] = torch.tensor(tokens)
        mask[number, : len(tokens)] = 1
        labels[number, begin - 1 : len(tokens) - 1] = torch.tensor(tokens[begin:])
    return Rows(rows, mask, labels)


def _common(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all of them begin with; at least one is left to each."""
    most = min(len(row) for row in rows) - 1
    return next((i for i in range(most) if len({row[i] for row in rows}) > 1), most)
