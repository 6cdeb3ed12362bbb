"""decide: ask or recommend, and what the house rules let be shown of what holds up."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from langgraph.runtime import Runtime

from agent.elicit import SURE_ENOUGH, Question, narrowings
from agent.hidden import Belief
from agent.parts import Parts
from agent.policy import confirmation
from agent.preferences import Preferences
from agent.state import State
from agent.trace import Decided
from agent.user import User
from tools.constraints import describe
from tools.data.catalogue import Item


@dataclass(frozen=True)
class Choice:
    """What is shown, and what is asked with it or instead of it."""

    shown: Sequence[Item]
    question: Question | None = None
    chance: float | None = None
    """That something of the best meets the unsaid wishes too; None where it did not matter."""
    held: Sequence[str] = ()
    """Which of the best wait for a confirmation, and of what."""


async def decide(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """The slate, the question, or neither where nothing holds up."""
    if state["plan"]["intent"] != "recommend":
        asks_which = state["plan"]["talk"] == "which"
        return {"picks": [], "question": Question(kind="which").model_dump() if asks_which else state["question"]}
    began = time.perf_counter()
    parts, catalogue = runtime.context, runtime.context.shelf.catalogue
    preferences, user = Preferences.model_validate(state["preferences"]), User.model_validate(state["user"])
    items = catalogue.items(catalogue.positions_of(state["picks"]))
    belief = _belief(parts, preferences, user)
    if belief and preferences.rejected:
        items = _likelier_first(items, belief)
    choice = _choose(items, parts, preferences, user, belief, state["plan"]["amount"])
    question = choice.question
    event = Decided(
        action=(question.kind if question else "abstain") if not choice.shown else "recommend",
        question=question.model_dump() if question else None,
        chance=choice.chance,
        likely=[f"{describe(wish)} ({chance:.2f})" for wish, chance in belief.likely()] if belief else [],
        held=list(choice.held),
        ms=(time.perf_counter() - began) * 1000,
    )
    runtime.stream_writer(event.model_dump())
    if question:
        preferences = preferences.model_copy(update={"asked": [*preferences.asked, _asked(question)]})
    return {
        "picks": [item.id for item in choice.shown],
        "unjudged": [item.id for item in choice.shown],
        "question": question.model_dump() if question else None,
        "preferences": preferences.model_dump(),
        "events": [*state["events"], event.model_dump()],
    }


def _belief(parts: Parts, preferences: Preferences, user: User) -> Belief | None:
    """Of what was not said; None where it would change nothing."""
    if not (preferences.rejected or preferences.is_vague or parts.policies.one_at_a_time):
        return None
    unwanted = [c for c in preferences.constraints if c.is_refusal]
    belief = Belief(parts.shelf, _spoken(parts, preferences, user), parts.settings.seed, unwanted)
    catalogue = parts.shelf.catalogue
    if preferences.rejected:
        belief.turned_down(catalogue.items(catalogue.positions_of(preferences.rejected)))
    return belief


def _spoken(parts: Parts, preferences: Preferences, user: User) -> set[str]:
    """The fields of which the person, or their account, has said something."""
    availability = parts.policies.availability
    known = {availability.field} if availability and user.available else set()
    return preferences.spoken | known


def _likelier_first(items: Sequence[Item], belief: Belief) -> list[Item]:
    """By the chance that an item pleases, times its rank: what resembles the rejected goes down."""
    rank = 1 - 0.5 * np.arange(len(items)) / max(1, len(items))
    order = np.argsort(-belief.chances(items) * rank, kind="stable")
    return [items[row] for row in order]


def _choose(
    items: Sequence[Item], parts: Parts, preferences: Preferences, user: User, belief: Belief | None, amount: int
) -> Choice:
    size = 1 if parts.policies.one_at_a_time else amount or parts.settings.slate_size
    chance, question = None, None
    if belief and items:
        chance = belief.chance_of_any(items[:size])
        spoken = _spoken(parts, preferences, user)
        is_start = preferences.is_vague and not preferences.asked
        question = _question(items, parts, preferences, spoken) if chance < SURE_ENOUGH or is_start else None
    if question and parts.policies.one_at_a_time:
        return Choice((), question, chance)
    waiting = [
        (item, rule) for item in items[:size] for rule in parts.policies.unconfirmed(item, preferences.confirmed)
    ]
    held = [f"{item.id}: {rule.field} {' or '.join(rule.values)}" for item, rule in waiting]
    free = [item for item in items if not any(parts.policies.unconfirmed(item, preferences.confirmed))]
    if waiting:
        _, rule = waiting[0]
        confirm = Question(kind="confirm", field=rule.field, values=rule.values)
        if not free or _asked(confirm) not in preferences.asked:
            return Choice(() if parts.policies.one_at_a_time else free[:size], confirm, chance, held)
    return Choice(free[:size], question, chance, held)


def _asked(question: Question) -> str:
    """What a thread remembers of a question."""
    return question.field if question.kind == "field" else confirmation(question.field, ",".join(question.values))


def _question(
    items: Sequence[Item], parts: Parts, preferences: Preferences, spoken: Collection[str]
) -> Question | None:
    asked = [field for field in preferences.asked if parts.shelf.catalogue.schema.field(field)]
    if len(asked) >= parts.settings.max_questions:
        return None
    found = narrowings(parts.shelf, items, spoken)
    return Question(kind="field", field=found[0].field.name) if found else None
