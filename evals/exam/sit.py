"""Has planners plan for the questions: without a model by the words, or by the model behind a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.completions import Completions
from agent.prompt import fields_prompt, system_prompt
from agent.reading.message import read_message
from agent.settings import Settings
from agent.wire import plan_schema
from agent.worked import worked_plan
from evals.exam.questions import Question
from evals.outcome import Outcome
from evals.requests.score import IN_A_PLAN, Understood, as_it_came, counted
from tools.progress import OnStep, silent

PATIENCE_S = 120.0


def sit_without_model(questions: Sequence[Question], on_step: OnStep = silent) -> list[Outcome]:
    """The deterministic reading of each."""
    outcomes = []
    for number, question in enumerate(questions, start=1):
        outcomes.append(_scored(question, _read(question), {}, {}))
        on_step(f"fallback: {number} of {len(questions)} messages", number / len(questions))
    return outcomes


async def sit(
    questions: Sequence[Question],
    settings: Settings,
    url: str,
    is_trained: bool,
    at_once: int,
    on_step: OnStep = silent,
) -> list[Outcome]:
    """What the model plans for each, so many at the same time.

    Args:
        is_trained: it is asked as it was trained: with the fields alone, and no instructions or examples.
    """
    model = Completions(settings, url)
    free, done = asyncio.Semaphore(at_once), 0
    schemas = {id(question.fields): plan_schema(question.fields) for question in questions}

    async def ask(question: Question) -> Outcome:
        nonlocal done
        system = fields_prompt(question.fields) if is_trained else system_prompt(question.shelf)
        chat = [{"role": "system", "content": system}, {"role": "user", "content": question.stated}]
        shape = {"type": "json_schema", "json_schema": {"name": "plan", "schema": schemas[id(question.fields)]}}
        async with free:
            answer = await model.ask(chat, timeout_s=PATIENCE_S, response_format=shape)
        done += 1
        on_step(f"model: {done} of {len(questions)} messages", done / len(questions))
        got = as_it_came({"raw": answer.text}, question.shelf)
        values = {"valid": float(got is not None)}
        series = {"tokens": [float(answer.completion_tokens)], "ms": [answer.ms]}
        return _scored(question, got or Understood(), values, series, answer.text or answer.failure)

    try:
        return list(await asyncio.gather(*(ask(question) for question in questions)))
    finally:
        await model.close()


def _read(question: Question) -> Understood:
    shelf = question.shelf
    plan = worked_plan(shelf, question.message, question.before)
    heard = read_message(question.message, shelf.catalogue, shelf.titles, question.before)
    lists = {("liked", heard.liked), ("disliked", (*heard.disliked, *heard.rejected)), ("seen", heard.seen)}
    if heard.answer.verdict:  # of all that was shown: a plan needs no list for that
        lists = {("liked", heard.liked), ("disliked", heard.disliked), ("seen", heard.seen)}
    named = {(name, shelf.catalogue.item(position).id) for name, positions in lists for position in positions}
    return Understood(plan.intent, plan.constraints, frozenset(named), plan.steps)


def _scored(
    question: Question, got: Understood, values: dict[str, float], series: dict[str, list[float]], raw: str = ""
) -> Outcome:
    counts = counted(got, question.label, question.shelf, IN_A_PLAN)
    return Outcome(values=values | counts, series=series, slices={"set": question.set}, notes=[question.stated, raw])
