"""plan: read the message, ask the model, ground its plan in the words, and update the preferences."""

from __future__ import annotations

import time
from collections.abc import Sequence, Set
from functools import partial
from typing import Any

from langgraph.runtime import Runtime

from agent.certain import Planned
from agent.elicit import Question
from agent.names import unknown_names
from agent.parts import Parts
from agent.planner import PlannerReply
from agent.policy import confirmation
from agent.preferences import Preferences
from agent.reading.heard import Before, Reading
from agent.reading.message import read_message
from agent.repair import GroundedPlan, ground, plan_by_words
from agent.state import State
from agent.trace import PlanMade
from agent.wording import say_list
from tools.constraints import Constraint, describe, words_of
from tools.data.catalogue import Catalogue, Item
from tools.shelf import Shelf


async def plan(state: State, runtime: Runtime[Parts]) -> dict[str, Any]:
    """The turn's plan and the preferences after it."""
    parts = runtime.context
    catalogue, titles = parts.shelf.catalogue, parts.shelf.titles
    slate = catalogue.items(catalogue.positions_of(state.get("slate", [])))
    before = Preferences.model_validate(state.get("preferences", {}))

    began = time.perf_counter()
    question = Question.model_validate(state["question"]) if state.get("question") else None
    earlier = _before(state, parts.shelf, slate, question)
    read = partial(read_message, state["message"], catalogue, titles, earlier)
    reading = read()
    reading_ms = (time.perf_counter() - began) * 1000
    asked = catalogue.schema.field(question.field) if question and question.kind == "field" else None
    reply = await _ask(parts, state["message"], before, slate, asked.label if asked else "", reading)
    overruled: list[str] = []
    if reply.plan and reply.is_trained:
        planned = Planned(reply.plan, reply.certainty, catalogue, titles)
        by_words, reading = reading, planned.understood(reading, partial(read, is_request=True))
        overruled = [describe(one) for one in by_words.constraints if one not in reading.constraints]
    grounded, repairs = ground(reply.plan, reading, catalogue, titles, reply.is_trained)

    turn = state.get("turn", 0) + 1
    kept = Preferences() if reading.start_over else _after_taking_back(before, reading, state, catalogue)
    shown = {item.position for item in slate}
    after = _updated(kept, grounded, reading, question, turn, parts.shelf, shown)
    after = _judged(_answered(after, question, reading, catalogue, turn), reading, state, parts.shelf)
    event = PlanMade(
        source="model" if reply.plan else "words" if parts.chooser else "fallback",
        why_fallback=reply.failure,
        raw=reply.raw,
        is_trained=reply.is_trained,
        certainty=reply.certainty,
        overruled=overruled,
        intent=grounded.intent,
        steps=[[step.tool, step.argument] if step.argument else [step.tool] for step in grounded.steps],
        kept=repairs.kept,
        dropped=repairs.dropped,
        added=repairs.added,
        demonstrations=list(reply.demonstrations),
        why_no_demonstrations=reply.why_no_demonstrations,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        llm_ms=reply.ms if parts.planner else 0.0,
        reading_ms=reading_ms,
    )
    runtime.stream_writer(event.model_dump())
    return {
        "turn": turn,
        "preferences": after.model_dump(),
        "before": before.model_dump() if after.constraints != before.constraints else state.get("before", {}),
        "question": state.get("question") if grounded.intent in ("explain", "lookup") else None,
        "focus": _ids(parts.shelf, reading.about),
        "plan": _for_state(grounded, reading, after, parts.shelf, state),
        "attempt": 0,
        "ways_out": {},
        "notes": [*_notes(state["message"], reading, parts.shelf), *_memory_notes(reading, state, before, parts)],
        "unjudged": [] if reading.answer.verdict or reading.another or reading.others else state.get("unjudged", []),
        "events": [*state["events"], event.model_dump()],
    }


def _after_taking_back(before: Preferences, reading: Reading, state: State, catalogue: Catalogue) -> Preferences:
    if reading.back.undo and state.get("before"):
        return Preferences.model_validate(state["before"])
    return before.after_taking_back(reading.back, reading.needless, catalogue.schema)


async def _ask(
    parts: Parts, message: str, preferences: Preferences, slate: list[Item], asked: str, reading: Reading
) -> PlannerReply:
    if parts.planner is None:
        return PlannerReply(None, "" if parts.chooser else "no planner is set")
    draft = plan_by_words(reading, parts.shelf.catalogue, parts.shelf.titles)
    return await parts.planner.plan(message, preferences, slate, parts.budget, asked=asked, draft=draft)


def _before(state: State, shelf: Shelf, slate: list[Item], question: Question | None) -> Before:
    focus = shelf.catalogue.items(shelf.catalogue.positions_of(state.get("focus", [])))
    return Before(
        slate=slate,
        focused=focus,
        unjudged=len(state.get("unjudged", [])),
        question=question.kind if question else "",
        last_asked=tuple(state["plan"].get("asked", ())) if state.get("plan") else (),
        asked=shelf.catalogue.schema.field(question.field) if question and question.kind == "field" else None,
    )


def _answered(
    preferences: Preferences, question: Question | None, reading: Reading, catalogue: Catalogue, turn: int
) -> Preferences:
    """After a yes or no to `is that all right?`, or after values were said to be all right unasked."""
    allowed = [confirmation(c.field, value) for c in reading.permitted for value in words_of(c.value)]
    if question and question.kind == "confirm":
        if reading.answer.says == "no":
            words = f"no {' or '.join(question.values)}"
            refused = Constraint(field=question.field, op="!=", value=question.values, words=words, turn=turn)
            preferences = preferences.with_constraints([refused], catalogue.schema)
        elif reading.answer.says == "yes":
            allowed += [confirmation(question.field, value) for value in question.values]
    fresh = [one for one in allowed if one not in preferences.confirmed]
    return preferences.model_copy(update={"confirmed": [*preferences.confirmed, *fresh]})


def _only_confirms(constraint: Constraint, question: Question | None, reading: Reading) -> bool:
    """`yes, R is fine`: a value that an answer repeats is no wish for it."""
    is_named = question is not None and constraint.field == question.field and constraint.op == "="
    return is_named and reading.answer.says == "yes" and {*words_of(constraint.value)} <= {*question.values}  # type: ignore[union-attr]


def _judged(preferences: Preferences, reading: Reading, state: State, shelf: Shelf) -> Preferences:
    """After what was said of the slate as a whole."""
    preferences = preferences.with_items("taken", _ids(shelf, reading.taken))
    preferences = preferences.with_items("rejected", _ids(shelf, reading.others))
    verdict = reading.answer.verdict or ("passed" if reading.another else "")
    return preferences.with_items(verdict, state.get("unjudged", [])) if verdict else preferences


def _updated(
    before: Preferences,
    plan: GroundedPlan,
    reading: Reading,
    question: Question | None,
    turn: int,
    shelf: Shelf,
    shown: Set[int],
) -> Preferences:
    """What is known after a message. Of what was `shown`, a rejection is a verdict; of another item it is none."""
    if plan.intent != "recommend" or _is_lost(plan, reading):
        return before
    before = before.searching(plan.query).model_copy(update={"order": reading.order or before.order})
    new = [c.model_copy(update={"turn": turn}) for c in plan.constraints if not _only_confirms(c, question, reading)]
    after = before.with_constraints(new, shelf.catalogue.schema, reading.back.change)
    allowed = [c.model_copy(update={"turn": turn}) for c in reading.permitted]
    after = after.permitting(allowed, shelf.catalogue.schema)
    for kind, positions in (
        ("liked", plan.liked),
        ("disliked", plan.disliked),
        ("seen", reading.seen),
        ("rejected", [p for p in reading.rejected if p in shown]),
        ("passed", [*reading.sources, *(p for p in reading.rejected if p not in shown)]),
    ):
        after = after.with_items(kind, _ids(shelf, tuple(positions)))  # type: ignore[arg-type]
    return after


def _for_state(plan: GroundedPlan, reading: Reading, after: Preferences, shelf: Shelf, state: State) -> dict[str, Any]:
    foreign = _is_lost(plan, reading)
    return {
        "intent": "unclear" if foreign else plan.intent,
        "steps": []
        if foreign
        else [[step.tool, step.argument] for step in plan.searching_for(after.query).ordered(after.order).steps],
        "about": _ids(shelf, reading.about),
        "asked": list(reading.asked),
        "inquiry": reading.inquiry,
        "is_answerable": reading.is_answerable,
        "counted": [c.model_dump() for c in reading.counted],
        "talk": reading.talk or ("other" if plan.intent == "chat" and reading.is_unexplained else ""),
        "is_to_keep": reading.is_to_keep,
        "taken": state.get("slate", []) if reading.answer.verdict == "taken" else _ids(shelf, reading.taken),
        "amount": reading.amount,
        "is_topic": reading.is_topic,
        "has_more": bool(after.constraints or after.liked or after.disliked or reading.is_soft),
    }


def _is_lost(plan: GroundedPlan, reading: Reading) -> bool:
    """Whether nothing of the message was understood, since it is in another language."""
    return plan.intent == "recommend" and reading.is_foreign and not (plan.constraints or plan.liked)


def _ids(shelf: Shelf, positions: tuple[int, ...]) -> list[str]:
    return [item.id for item in shelf.catalogue.items(positions)]


def _memory_notes(reading: Reading, state: State, before: Preferences, parts: Parts) -> list[str]:
    user = state["user"]["id"]
    if reading.is_to_keep:
        can_keep = user and parts.profiles
        return ["I'll remember that." if can_keep else "I keep nothing about you between conversations."]
    recalled = [c.words for c in before.constraints if c.turn == 0 and c.words]
    if "turn" in state or not recalled:
        return []
    return [f"I remember from before: {say_list([f'“{words}”' for words in dict.fromkeys(recalled)])}."]


def _notes(message: str, reading: Reading, shelf: Shelf) -> list[str]:
    notes = ["All forgotten: we start anew."] if reading.start_over and reading.intent == "recommend" else []
    if reading.is_ambiguous:
        notes.append("Which one do you mean? Say, for example, “the first one”.")
    if reading.both:
        said = [f"“{words}”" for words in reading.both]
        notes.append(f"I took both {say_list(said)}: one or the other I can't look for here.")
    notes += [f"I don't have “{t}” in the catalogue.{_hint(shelf.titles.nearest(t))}" for t in reading.unknown]
    strange = unknown_names(message, reading.query, shelf.catalogue)
    notes += [f"No {label} here is called “{name}”.{_hint(near)}" for label, name, near in strange]
    if reading.is_of_unknown_age:
        notes.append(f"Nothing here says from what age {shelf.catalogue.schema.items} are fit, so I left that out.")
    items = shelf.catalogue.schema.items
    notes += [f"Nothing here says how {word} {items} are, so I left that out." for word in reading.unmeasured]
    return notes


def _hint(near: Sequence[str]) -> str:
    return f" The nearest I have: {', '.join(near)}." if near else ""
