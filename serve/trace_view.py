"""A turn's trace for people: one line after each answer, and the whole of it on request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from agent.trace import (
    Answered,
    Began,
    BudgetSpent,
    Checked,
    Decided,
    Event,
    PlanMade,
    StepsChosen,
    ToolRan,
    Trace,
    Written,
    event_from,
)


def brief(events: Sequence[Event]) -> str:
    """One line: where the plan came from, what was repaired, which tools ran, how long it took."""
    parts = []
    for event in events:
        if isinstance(event, PlanMade):
            parts.append(_brief_plan(event))
        elif isinstance(event, StepsChosen):
            parts.append(_brief_steps(event))
        elif isinstance(event, ToolRan):
            parts.append(f"{event.tool} {event.summary.get('after', event.summary.get('ranked', ''))}".strip())
        elif isinstance(event, BudgetSpent):
            parts.append(f"{event.left_out} left out ({event.limit})")
        elif isinstance(event, Written):
            parts.append(_brief_words(event))
        elif isinstance(event, Answered):
            parts.append(f"{event.outside_ms:.0f} ms outside the model")
    return " · ".join(parts)


def _brief_plan(event: PlanMade) -> str:
    if event.source == "words":
        return "wishes read from the words"
    if event.source == "fallback":
        return f"fallback plan ({event.why_fallback})"
    repairs = f"{len(event.kept)} kept, {len(event.dropped)} dropped, {len(event.added)} added"
    return f"plan from the model in {event.llm_ms / 1000:.1f} s ({repairs})"


def _brief_steps(event: StepsChosen) -> str:
    if event.source == "fallback":
        return f"fallback plan ({event.why_fallback})"
    return f"steps from the model in {event.llm_ms / 1000:.1f} s ({event.llm_calls} calls, {len(event.added)} added)"


def _brief_words(event: Written) -> str:
    if event.source == "template":
        return f"words from the template ({event.failure or 'nothing that the model wrote holds'})"
    lines = event.kept + event.restored
    return f"{event.kept} of {lines} lines worded by the model in {event.llm_ms / 1000:.1f} s"


def told(events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Stored events as lines; those of another version, which can't be read, as they are stored."""
    try:
        yield from lines([event_from(dict(event)) for event in events])
    except ValidationError:
        yield from (json.dumps(event, ensure_ascii=False) for event in events)


def full(trace: Trace) -> Iterator[str]:
    """Everything that a turn recorded, line by line."""
    yield f"turn {trace.turn} of thread {trace.thread}"
    yield from lines(trace.events)


def lines(events: Sequence[Event]) -> Iterator[str]:
    """Each event's."""
    for event in events:
        if isinstance(event, Began):
            yield from _begin(event)
        elif isinstance(event, PlanMade):
            yield from _plan(event)
        elif isinstance(event, StepsChosen):
            yield from _steps(event)
        elif isinstance(event, ToolRan):
            yield from _tool(event)
        elif isinstance(event, BudgetSpent):
            yield f"left out: {event.left_out} {event.argument!r}, since {event.limit} was spent"
        elif isinstance(event, Checked):
            yield from _check(event)
        elif isinstance(event, Decided):
            yield from _decision(event)
        elif isinstance(event, Written):
            yield from _words(event)
        elif isinstance(event, Answered):
            yield from _answer(event)


def _begin(event: Began) -> Iterator[str]:
    settings = ", ".join(f"{name} {value}" for name, value in event.settings.items())
    user = f"; user {event.user['id']}, {len(event.recalled)} lines remembered" if event.user.get("id") else ""
    yield f"from: {settings}; built {event.version}{user}"
    held = ", ".join(f"{name} {value}" for name, value in event.policies.items() if value)
    if held:
        yield f"  house rules: {held}"


def _plan(event: PlanMade) -> Iterator[str]:
    if event.source == "model":
        sure = f", {event.certainty:.0%} sure" if event.certainty else ""
        tokens = f"{event.prompt_tokens} + {event.completion_tokens} tokens"
        yield f"plan: from the model, {event.llm_ms:.0f} ms, {tokens}{sure}"
    elif event.source == "words":
        yield "plan: the wishes are the words', the tools are chosen step by step"
    else:
        yield f"plan: the fallback, because {event.why_fallback}"
    for message in event.demonstrations:
        yield f"  shown to the model, with its plan: {message}"
    if event.why_no_demonstrations:
        yield f"  no worked plans were shown: {event.why_no_demonstrations}"
    if event.raw:
        yield f"  the model wrote: {event.raw}"
    for name, lines in (
        ("kept", event.kept),
        ("dropped", event.dropped),
        ("added from the words", event.added),
        ("left out of the words, by a model that is sure", event.overruled),
    ):
        for line in lines:
            yield f"  {name}: {line}"
    yield f"  intent: {event.intent}; steps: {', '.join(' '.join(step) for step in event.steps) or 'none'}"
    yield f"  reading the words took {event.reading_ms:.1f} ms"


def _steps(event: StepsChosen) -> Iterator[str]:
    cost = f"{event.llm_ms:.0f} ms, {event.llm_calls} calls, {event.prompt_tokens} + {event.completion_tokens} tokens"
    because = f", because {event.why_fallback}" if event.why_fallback else ""
    yield f"steps: {'from the model' if event.source == 'model' else 'the fallback'}{because}, {cost}"
    for line in event.said:
        yield f"  the model wrote: {line}"
    for line in event.added:
        yield f"  added from the words: {line}"
    if event.invalid:
        yield f"  calls that were none: {event.invalid}"


def _tool(event: ToolRan) -> Iterator[str]:
    argument = f" {event.argument!r}" if event.argument else ""
    summary = ", ".join(f"{name} {value}" for name, value in event.summary.items())
    yield f"tool: {event.tool}{argument}, {event.ms:.1f} ms: {event.error or summary}"


def _check(event: Checked) -> Iterator[str]:
    yield f"check: {len(event.passed)} hold up, {len(event.removed)} removed, {event.ms:.1f} ms"
    for line in [*event.removed, *event.relaxations, *([event.replan] if event.replan else [])]:
        yield f"  {line}"


def _decision(event: Decided) -> Iterator[str]:
    asked = event.question or {}
    question = f", asking about {asked['field']}" if asked.get("field") else ""
    chance = f", chance {event.chance:.2f}" if event.chance is not None else ""
    yield f"decision: {event.action}{question}{chance}, {event.ms:.1f} ms"
    for item in event.held:
        yield f"  waits for a yes: {item}"
    for wish in event.likely:
        yield f"  perhaps: {wish}"


def _words(event: Written) -> Iterator[str]:
    tokens = f"{event.prompt_tokens} + {event.completion_tokens} tokens"
    yield f"words: {event.kept} lines by the model, {event.restored} by the template, {event.llm_ms:.0f} ms, {tokens}"
    if event.failure:
        yield f"  {event.failure}"
    for line in event.replaced:
        yield f"  not said: {line}"


def _answer(event: Answered) -> Iterator[str]:
    yield f"answer: by the {event.writer}: {', '.join(event.slate) or 'no items'}"
    yield (
        f"time: {event.total_ms:.0f} ms, of it {event.llm_ms:.0f} in {event.llm_calls} LLM calls "
        f"({event.prompt_tokens} + {event.completion_tokens} tokens), {event.outside_ms:.0f} ms outside the LLM"
    )
