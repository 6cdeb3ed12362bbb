"""Has planners plan for the questions: without a model by the words, or by the model behind a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from agent.certain import Planned
from agent.completions import Completions
from agent.plan import Plan
from agent.prompt import fields_prompt, system_prompt
from agent.reading.message import read_message
from agent.repair import disliked_of, ground, plan_of
from agent.settings import Settings
from agent.wire import plan_schema
from evals.exam.questions import Question
from evals.outcome import Outcome
from evals.requests.score import IN_A_PLAN, Understood, counted, plan_as_it_came, understood
from tools.progress import OnStep, silent

PATIENCE_S = 120.0


def sit_without_model(questions: Sequence[Question], on_step: OnStep = silent) -> list[Outcome]:
    """The deterministic reading of each."""
    outcomes = []
    for number, question in enumerate(questions, start=1):
        outcomes.append(_scored(question, _held_to_the_words(question, None), {}, {}))
        on_step(f"fallback: {number} of {len(questions)} messages", number / len(questions))
    return outcomes


async def sit(
    questions: Sequence[Question],
    settings: Settings,
    url: str,
    is_trained: bool,
    at_once: int,
    on_step: OnStep = silent,
) -> list[tuple[Outcome, Outcome]]:
    """What the model plans for each, so many at the same time: as it came, and as a turn uses it, held to the words.

    Args:
        is_trained: it is asked as it was trained: with the fields and a draft, and no instructions or examples.
    """
    model = Completions(settings, url)
    free, done = asyncio.Semaphore(at_once), 0
    schemas = {id(question.fields): plan_schema(question.fields) for question in questions}

    async def ask(question: Question) -> tuple[Outcome, Outcome]:
        nonlocal done
        system = fields_prompt(question.fields) if is_trained else system_prompt(question.shelf)
        asked = question.drafted if is_trained else question.stated
        chat = [{"role": "system", "content": system}, {"role": "user", "content": asked}]
        shape = {"type": "json_schema", "json_schema": {"name": "plan", "schema": schemas[id(question.fields)]}}
        async with free:
            answer = await model.ask(chat, timeout_s=PATIENCE_S, response_format=shape, logprobs=is_trained)
        done += 1
        on_step(f"model: {done} of {len(questions)} messages", done / len(questions))
        plan = plan_as_it_came(answer.text, question.shelf)
        values = {"valid": float(plan is not None)}
        series = {"tokens": [float(answer.completion_tokens)], "ms": [answer.ms]}
        got = understood(plan, question.shelf) if plan else Understood()
        used = _held_to_the_words(question, plan, is_trained, answer.certainty)
        said = answer.text or answer.failure
        return _scored(question, got, values, series, said), _scored(question, used, {}, {}, said)

    try:
        return list(await asyncio.gather(*(ask(question) for question in questions)))
    finally:
        await model.close()


def _held_to_the_words(
    question: Question, plan: Plan | None, is_trained: bool = False, certainty: float = 0.0
) -> Understood:
    """What a turn goes by: the plan as the words support it, or what they say without one. Items are as they were
    found, not by titles, which several may have.
    """
    catalogue, titles = question.shelf.catalogue, question.shelf.titles
    read = partial(read_message, question.message, catalogue, titles, question.before)
    reading = read()
    if plan and is_trained:
        planned = Planned(plan, certainty, catalogue, titles)
        reading = planned.understood(reading, partial(read, is_request=True))
    grounded, _ = ground(plan, reading, catalogue, titles, is_trained)
    lists = (("liked", grounded.liked), ("disliked", disliked_of(grounded, reading)), ("seen", reading.seen))
    named = {(name, catalogue.item(position).id) for name, positions in lists for position in positions}
    whole = plan_of(grounded, reading, titles)
    return Understood(whole.intent, whole.constraints, frozenset(named), whole.steps)


def _scored(
    question: Question, got: Understood, values: dict[str, float], series: dict[str, list[float]], raw: str = ""
) -> Outcome:
    counts = counted(got, question.label, question.shelf, IN_A_PLAN)
    return Outcome(values=values | counts, series=series, slices={"set": question.set}, notes=[question.stated, raw])
