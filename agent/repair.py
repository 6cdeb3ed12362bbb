"""Grounding a plan in the words: what the conversation does not support is dropped, what it plainly says is added.

A model's plan is a proposal. Each of its parts is held against the deterministic reading of the same message; the
result is what the turn acts on, with a record of what came from the model and what was repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent.belief import believed, number_said
from agent.plan import Intent, Plan, Step, query_of
from agent.reading.heard import Reading
from agent.reading.lexicon import content_words
from agent.supports import Words
from agent.vocabulary import in_vocabulary, spoken
from tools.constraints import Constraint, describe, words_of
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec, Schema
from tools.grounding import Titles
from tools.text import normalise

_NO_WORDS = "no words support it"


@dataclass
class Repairs:
    """What grounding did to a model's plan, in words for the trace."""

    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class GroundedPlan:
    """What a turn acts on; items are positions."""

    intent: Intent
    constraints: tuple[Constraint, ...]
    liked: tuple[int, ...]
    disliked: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def query(self) -> str:
        """What is searched for by text; empty where nothing is."""
        return query_of(self.steps)

    def ordered(self, order: str) -> GroundedPlan:
        """The same plan ranking by what was asked to come first."""
        steps = [
            Step(tool="rank_items", argument=order) if step.tool == "rank_items" and order else step
            for step in self.steps
        ]
        return replace(self, steps=tuple(steps))

    def searching_for(self, query: str) -> GroundedPlan:
        """The same plan with a search from an earlier turn behind its filter, unless it searches by itself."""
        if self.query or not query or not self.steps:
            return self
        first, *others = self.steps
        return replace(self, steps=(first, Step(tool="search_items", argument=query), *others))


def ground(
    plan: Plan | None, reading: Reading, catalogue: Catalogue, titles: Titles, is_trained: bool = False
) -> tuple[GroundedPlan, Repairs]:
    """Hold a plan against the words. Without a plan, the reading alone is the (fallback) plan.

    Args:
        is_trained: the plan is of a model that was trained to plan. It is believed which of the words that nothing
            explains are chatter, whether a message of only such words is, and of wishes what `believed` says.
    """
    repairs = Repairs()
    is_explained = False
    if plan and is_trained:
        wishes = tuple(_as_believed(plan, reading, catalogue.schema, repairs))
        named = {wish.field for wish in reading.constraints}
        placed = [wish for wish in wishes if wish.field not in named]
        is_explained, numbers = bool(placed), {number_said(wish) for wish in placed}
        left = " ".join(word for word in reading.query.split() if word not in numbers)
        reading = replace(reading, constraints=wishes, query=left)
    proposed = plan or Plan(intent=reading.intent)
    is_talk = is_trained and proposed.intent == "chat" and reading.is_unexplained
    intent = _intent(proposed, reading, repairs, plan is not None, is_talk)
    constraints = _constraints(proposed, reading, catalogue, repairs)
    liked = _items("liked", proposed.liked, reading.liked, reading, titles, repairs, is_trained)
    disliked = _items("disliked", proposed.disliked, reading.disliked, reading, titles, repairs, is_trained)
    is_told = bool(constraints or liked or disliked or reading.is_opinion or reading.another or reading.back.fields)
    is_topic = reading.is_topic and not is_explained
    is_said = is_topic or reading.is_soft or reading.is_foreign or re.search(r"\d", reading.query) is not None
    is_believed = is_trained and is_told and not is_said
    query = _query(proposed, reading, repairs, is_trained, is_believed)
    steps = _steps(proposed, Words(reading, catalogue, titles), query, repairs) if intent == "recommend" else ()
    return GroundedPlan(intent, constraints, liked, disliked, steps), repairs


def disliked_of(grounded: GroundedPlan, reading: Reading) -> tuple[int, ...]:
    """Positions of what a message speaks against; a verdict is of all that was shown, and names none."""
    rejected = () if reading.answer.verdict else reading.rejected
    return tuple(dict.fromkeys([*grounded.disliked, *rejected]))


def plan_of(grounded: GroundedPlan, reading: Reading, titles: Titles) -> Plan:
    """What a turn would act on, as a plan: with titles, and with what is looked up."""
    lookups = tuple(Step(tool="lookup_item", argument=titles.title(p)) for p in reading.about)
    return Plan(
        intent=grounded.intent,
        constraints=grounded.constraints,
        liked=tuple(titles.title(p) for p in grounded.liked),
        disliked=tuple(titles.title(p) for p in disliked_of(grounded, reading)),
        seen=tuple(titles.title(p) for p in reading.seen),
        steps=grounded.steps or (lookups if grounded.intent == "lookup" else ()),
    )


def plan_by_words(reading: Reading, catalogue: Catalogue, titles: Titles) -> Plan:
    """What a message says by itself, as a plan."""
    grounded, _ = ground(None, reading, catalogue, titles)
    return plan_of(grounded, reading, titles)


def _intent(plan: Plan, reading: Reading, repairs: Repairs, is_models: bool, is_talk: bool) -> Intent:
    if plan.intent in reading.possible or is_talk:
        if is_models:
            repairs.kept.append(f"intent {plan.intent}")
        return plan.intent
    repairs.dropped.append(f"intent {plan.intent}: no words ask for it")
    repairs.added.append(f"intent {reading.intent}")
    return reading.intent


def _constraints(plan: Plan, reading: Reading, catalogue: Catalogue, repairs: Repairs) -> tuple[Constraint, ...]:
    read = {constraint.key[:3]: constraint for constraint in reading.constraints}
    kept: dict[tuple[object, ...], Constraint] = {}
    for proposed in plan.constraints:
        spec = catalogue.schema.field(proposed.field)
        constraint = in_vocabulary(proposed, spec, catalogue) if spec else None
        reason = _unsupported(constraint, spec, reading) if constraint and spec else "no such value"
        if reason or constraint is None:
            repairs.dropped.append(f"{describe(proposed)}: {reason}")
            continue
        kept[constraint.key[:3]] = read.get(constraint.key[:3], spoken(constraint))
        repairs.kept.append(describe(constraint))
    for key, constraint in read.items():
        if key not in kept:
            repairs.added.append(describe(constraint))
            kept[key] = constraint
    return tuple(kept.values())


def _as_believed(plan: Plan, reading: Reading, schema: Schema, repairs: Repairs) -> Iterator[Constraint]:
    """What the words ask for, as far as a trained model is not believed to know it better."""
    for wish, is_models in believed(plan, reading, schema):
        if is_models:
            repairs.kept.append(f"{wish.op} for {describe(wish)}: the words leave it open")
        yield wish


def _unsupported(constraint: Constraint, field: FieldSpec, reading: Reading) -> str:
    """Why the words do not support a constraint of the model's; empty where they do."""
    if any(constraint.key[:3] == read.key[:3] for read in reading.constraints):
        return ""
    said = [option for read in reading.constraints for option in read.options]
    if any(constraint.field == one.field and _same_value(constraint, one) for one in said):
        return "the words say otherwise"
    if any(_same_value(constraint, read) for read in reading.constraints):
        return "the words mean another field"
    if any(_same_value(constraint, allowed) for allowed in reading.permitted):
        return "the words only allow it"
    if field.is_category:
        parts = [part for word in words_of(constraint.value) for part in normalise(word).split()]
        return "" if parts and all(part in reading.words for part in parts) else _NO_WORDS
    if field.is_ordered:
        number = str(constraint.value) if isinstance(constraint.value, str) else f"{constraint.value:g}"
        spoken = number in reading.words and any(_speaks_of(field, word) for word in reading.words)
        return "" if spoken else _NO_WORDS
    return _NO_WORDS


def _same_value(one: Constraint, other: Constraint) -> bool:
    return bool(set(words_of(one.value)) & set(words_of(other.value)))


def _speaks_of(field: FieldSpec, word: str) -> bool:
    names = [field.name, *field.words, *([field.unit] if field.unit else [])]
    return any(word in re.split(r"[\s_]+", name.lower()) for name in names)


def _items(
    kind: str,
    proposed: Sequence[str],
    read: Sequence[int],
    reading: Reading,
    titles: Titles,
    repairs: Repairs,
    is_trained: bool,
) -> tuple[int, ...]:
    """The items that a plan puts in a list, as far as the words do; of a trained model's, whole names in them too."""
    kept = []
    for title in proposed:
        match = titles.find(title)
        if match is None:
            repairs.dropped.append(f"{kind} {title!r}: no such title")
        elif match.position in read:
            repairs.kept.append(f"{kind} {title!r}")
            kept.append(match.position)
        elif match.position in reading.named:
            repairs.dropped.append(f"{kind} {title!r}: the words say otherwise")
        elif is_trained and match.how != "fuzzy" and _is_named(titles.title(match.position), reading):
            repairs.kept.append(f"{kind} {title!r}")
            kept.append(match.position)
        else:
            repairs.dropped.append(f"{kind} {title!r}: not named in the message")
    for position in read:
        if position not in kept:
            kept.append(position)
            repairs.added.append(f"{kind} {titles.title(position)!r}")
    return tuple(kept)


def _refused(reading: Reading) -> set[str]:
    """Words of what is not wanted."""
    unwanted = [wish.words for wish in reading.constraints if wish.is_refusal]
    return {word for words in unwanted for word in normalise(words).split()}


def _is_named(title: str, reading: Reading) -> bool:
    """Whether all words of a title of several stand in a message, where they mean nothing else."""
    words = content_words(title)
    return len(words) > 1 and {*words} <= {*reading.query.split()}


def _query(plan: Plan, reading: Reading, repairs: Repairs, is_trained: bool, is_believed: bool) -> str:
    """What is searched for.

    Args:
        is_believed: the model is one that was trained, something else is wished for, and nothing says that the words
            that are left are what items are about, or liked, or so many: where it looks for none of them, they are
            chatter.
    """
    if plan.query:
        words = set(normalise(plan.query).split())
        open_words = reading.words - _refused(reading) if is_trained else set(reading.query.split())
        if words and words <= open_words:
            repairs.kept.append(f"search {plan.query!r}")
            return plan.query
        repairs.dropped.append(f"search {plan.query!r}: not what the message leaves open")
    elif reading.query and is_believed and plan.intent == "recommend":
        repairs.dropped.append(f"search {reading.query!r}: taken for chatter")
        return ""
    if reading.query:
        repairs.added.append(f"search {reading.query!r}")
    return reading.query


def _steps(plan: Plan, words: Words, query: str, repairs: Repairs) -> tuple[Step, ...]:
    """The steps that a recommendation needs, in the only order in which they make sense."""
    steps = [Step(tool="filter_items")]
    if words.asks_variety:
        query = words.without_variety(query)
    if query:
        steps.append(Step(tool="search_items", argument=query))
    optional = dict.fromkeys(step for step in plan.steps if step.tool in ("similar_items", "rank_items", "diversify"))
    held = [(step, words.objection_to(step)) for step in optional if step.argument or step.tool == "diversify"]
    repairs.dropped += [f"{_said(step)}: {why}" for step, why in held if why]
    proposed = {step.tool: words.as_known(step) for step, why in reversed(held) if not why}
    ranking = Step(tool="rank_items", argument=words.order or "preference")
    steps += [proposed["similar_items"]] if "similar_items" in proposed else []
    steps.append(ranking if words.order else proposed.get("rank_items", ranking))
    if "diversify" in proposed or words.asks_variety:
        steps.append(proposed.get("diversify", Step(tool="diversify", argument="mmr")))
    planned = {*plan.steps, *proposed.values()}
    for step in steps:
        (repairs.kept if step in planned else repairs.added).append(f"step {step.tool}")
    return tuple(steps)


def _said(step: Step) -> str:
    return f"rank by {step.argument}" if step.tool == "rank_items" else f"{step.tool} {step.argument}".strip()
