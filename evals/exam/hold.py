"""An exam from its questions to its table; planners sit it one after the other."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.build import open_current_shelf
from agent.settings import Settings
from evals.exam.questions import Question, all_questions
from evals.exam.sit import sit, sit_without_model
from evals.exam.table import exam_table
from evals.outcome import Outcome
from tools.progress import OnStep, silent


@dataclass
class Exam:
    """Questions, and what was answered so far."""

    settings: Settings
    questions: Sequence[Question]
    seed: int
    results: dict[str, list[Outcome]] = field(default_factory=dict)

    def fallback(self, on_step: OnStep = silent) -> None:
        """The plans that are made without a model."""
        self.results["fallback"] = sit_without_model(self.questions, on_step)

    def model(self, name: str, url: str, is_trained: bool, at_once: int, on_step: OnStep = silent) -> None:
        """The plans of the model behind a server: as they come, and as a turn uses them."""
        both = asyncio.run(sit(self.questions, self.settings, url, is_trained, at_once, on_step))
        self.results[name] = [came for came, _ in both]
        self.results[f"{name}, held to the words"] = [used for _, used in both]

    def report(self) -> Iterator[str]:
        """The table, as lines of Markdown."""
        yield from exam_table(self.questions, self.results, self.seed)


@contextmanager
def hold_exam(settings: Settings, data: Path, count: int, seed: int) -> Iterator[Exam]:
    """An exam with so many questions of each set; what people wrote only with a catalogue in service, and the data."""
    shelf = open_current_shelf(settings) if settings.catalogue_home.exists() else None
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Exam(settings, all_questions(count, seed, Path(folder), data, shelf), seed)
    finally:
        if shelf:
            shelf.close()
