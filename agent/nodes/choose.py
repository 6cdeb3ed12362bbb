"""choose: a model picks the tools one by one; what it forgets of the words' own plan is run after it.

In place of act where planning goes step by step. Whatever goes wrong, the words' own plan is run instead.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from langgraph.runtime import Runtime

from agent.budget import NEEDED
from agent.chooser import CHOOSABLE, argument_of, echoed
from agent.completions import Call, Completion
from agent.nodes.act import Bench, wishes_of
from agent.parts import Parts
from agent.preferences import Preferences
from agent.state import State
from agent.trace import StepsChosen
from agent.wording import say_title
from tools.errors import BadInputError

TOLD = 5
"""How many of the best titles a model is told after each call."""
_NARROWING = ("search_items", "similar_items")
"""What may leave nothing without a must being the cause."""


@dataclass
class Said:
    """What a model said in one turn, and what it cost."""

    answers: list[Completion] = field(default_factory=list)
    invalid: int = 0

    @property
    def lines(self) -> list[str]:
        """Its calls and words, in order."""
        return [
            line
            for answer in self.answers
            for line in (*(f"{call.name} {call.arguments}".strip() for call in answer.calls), answer.text.strip())
            if line
        ]


async def choose(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """Ids of the best candidates, best first, and the steps that led to them."""
    parts = runtime.context
    bench = Bench(parts, wishes_of(state, parts), runtime.stream_writer)
    said, planned = Said(), state["plan"]["steps"]
    why = await _converse(parts, state, bench, said) if planned else ""
    added: list[str] = []
    if why:
        bench.start_over()
        for name, argument in planned:
            await bench.run(name, argument)
    elif planned:
        added = await _complete(bench, planned)
    event = StepsChosen(
        source="fallback" if why else "model",
        why_fallback=why,
        said=said.lines,
        invalid=said.invalid,
        steps=[[name, argument] if argument else [name] for name, argument in bench.steps],
        added=added,
        llm_calls=len(said.answers),
        prompt_tokens=sum(answer.prompt_tokens for answer in said.answers),
        completion_tokens=sum(answer.completion_tokens for answer in said.answers),
        llm_ms=sum(answer.ms for answer in said.answers),
    )
    events = list(bench.events)
    if planned:
        runtime.stream_writer(event.model_dump())
        events.append(event.model_dump())
    plan = {**state["plan"], "steps": bench.steps}
    return {"picks": bench.best(), "plan": plan, "events": state["events"] + events}


async def _converse(parts: Parts, state: State, bench: Bench, said: Said) -> str:
    """Let the model call tools until it stops or may not go on; why its steps are of no use, empty if they are."""
    if parts.chooser is None:
        return "no planner is set"
    preferences, catalogue = Preferences.model_validate(state["preferences"]), parts.shelf.catalogue
    liked = catalogue.items(catalogue.positions_of(preferences.liked))
    messages = parts.chooser.opening(state["message"], preferences, liked)
    deadline = time.monotonic() + parts.settings.planner_timeout_s
    left = parts.settings.planning_steps
    while left > 0:
        answer = await parts.chooser.next(messages, deadline - time.monotonic(), budget=parts.budget)
        said.answers.append(answer)
        if answer.failure:
            return answer.failure
        calls = answer.calls[:left]
        if not calls:
            break
        left -= len(calls)
        messages.append(echoed(answer, calls))
        for call in calls:
            heard = await _obey(parts, bench, call, said)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": heard})
        if not len(bench.candidates):
            break  # the musts leave nothing, which no tool can help
    if bench.steps:
        return ""
    return (
        "the planner called no tool" if not any(answer.calls for answer in said.answers) else "no tool call was valid"
    )


async def _obey(parts: Parts, bench: Bench, call: Call, said: Said) -> str:
    """Run a call, if it is one; what the model is told of it."""
    try:
        if call.name not in CHOOSABLE:
            raise BadInputError(f"There is no tool {call.name[:40]!r}.", f"There are {', '.join(CHOOSABLE)}.")
        argument = argument_of(parts.tools[call.name], call.arguments)
    except BadInputError as error:
        said.invalid += 1
        return f"Error: {error}"
    before = len(bench.candidates)
    event = await bench.run(call.name, argument, sorted(NEEDED))
    if event.error:
        return f"Error: {event.error.partition(': ')[2] or event.error}"
    if "found" in event.summary and event.summary["found"] is None:
        bench.take_back()
        return f"Error: no item has this title. The nearest: {', '.join(event.summary['nearest']) or 'none'}."
    if call.name in _NARROWING and before and not len(bench.candidates):
        bench.take_back()
        return f"That left nothing, so it was taken back: {before} candidates are left."
    catalogue = parts.shelf.catalogue
    best = catalogue.items(bench.candidates.positions[:TOLD])
    titles = "; ".join(say_title(catalogue.schema, item) for item in best)
    return f"{len(bench.candidates)} candidates are left. The first: {titles or 'none'}."


async def _complete(bench: Bench, planned: list[list[str]]) -> list[str]:
    """Run what the words ask for and the model left out: musts, a text, an order, variety."""
    began = len(bench.steps)
    chosen = dict(bench.steps)
    wanted = dict(planned)
    for name in ("filter_items", "search_items"):
        if name in wanted and name not in chosen:
            await bench.run(name, wanted[name])
    names = [name for name, _ in bench.steps]
    order = wanted["rank_items"]
    is_otherwise = order != "preference" and chosen.get("rank_items") != order
    if is_otherwise or len(names) > began or _is_unranked(names):
        by = order if is_otherwise else chosen.get("rank_items") or order
        await bench.run("rank_items", by)
    aim = chosen.get("diversify", wanted.get("diversify"))
    if aim is not None and bench.steps[-1][0] != "diversify":
        await bench.run("diversify", aim)
    return [" ".join(step).strip() for step in bench.steps[began:]]


def _is_unranked(names: list[str]) -> bool:
    """Whether candidates were searched, or put in order by another tool, after they were ranked."""
    ranked = max((row for row, name in enumerate(names) if name == "rank_items"), default=-1)
    return ranked < 0 or any(name in _NARROWING for name in names[ranked:])
