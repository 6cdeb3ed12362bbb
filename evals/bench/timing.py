"""How long each of many questions takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def timed(ask: Callable[[Question], Answer], questions: Iterable[Question]) -> tuple[list[Answer], float]:
    """The answers, and the median of the milliseconds that one took; NaN without a question."""
    answers, seconds = [], []
    for question in questions:
        began = time.perf_counter()
        answers.append(ask(question))
        seconds.append(time.perf_counter() - began)
    return answers, float(np.median(seconds)) * 1e3 if seconds else float("nan")
