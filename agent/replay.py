"""A stored conversation held again, with the plans that it had: the same catalogue, seed and plans, the same slates."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.budget import Budget
from agent.build import open_agent
from agent.plan import Plan
from agent.planner import PlannerReply
from agent.policy import FILE_NAME, Policies, check_policies
from agent.preferences import Preferences
from agent.profile import Line
from agent.settings import Settings, load_settings
from agent.trace import Answered, Began, PlanMade, Trace
from agent.turn import Agent
from agent.user import User
from agent.wire import plan_from_wire
from tools.data.catalogue import Item
from tools.data.schema import Schema
from tools.errors import BadInputError
from tools.shelf import Shelf


class Recorded:
    """Plans as an earlier turn's trace has them; no model is asked."""

    def __init__(self, trace: Trace, schema: Schema) -> None:
        self._schema = schema
        self._made = next((event for event in trace.events if isinstance(event, PlanMade)), None)

    async def plan(
        self,
        message: str,
        preferences: Preferences,
        slate: Sequence[Item],
        budget: Budget | None = None,
        max_tokens: int | None = None,
        asked: str = "",
        draft: Plan | None = None,
    ) -> PlannerReply:
        """The plan that the model made then; where it made none, the fallback's reason."""
        made = self._made
        if made is None or made.source == "fallback":
            return PlannerReply(None, made.why_fallback if made else "no plan was recorded", made.raw if made else "")
        try:
            plan = plan_from_wire(made.raw, self._schema)
            return PlannerReply(plan, raw=made.raw, is_trained=made.is_trained, certainty=made.certainty)
        except ValueError:
            return PlannerReply(None, "the stored plan is of another version", made.raw)


@dataclass(frozen=True)
class Replayed:
    """One turn, then and now."""

    then: Trace
    now: Trace

    @property
    def is_same_slate(self) -> bool:
        """Whether the same items were shown, in the same order."""
        return slate_of(self.then) == slate_of(self.now)

    @property
    def is_same_reply(self) -> bool:
        """Whether the reply is the same, letter by letter."""
        return self.then.reply == self.now.reply

    @property
    def is_same(self) -> bool:
        """Whether both are."""
        return self.is_same_slate and self.is_same_reply


def slate_of(trace: Trace) -> list[str]:
    """Ids of the items that a turn showed."""
    return next((event.slate for event in trace.events if isinstance(event, Answered)), [])


def began_of(trace: Trace) -> Began:
    """What a turn started from; for turns that did not record it, nothing in particular."""
    return next((event for event in trace.events if isinstance(event, Began)), Began())


def settings_then(trace: Trace, settings: Settings) -> Settings:
    """The settings of a turn: those that its answer depended on, else the given ones."""
    return load_settings(**{**settings.model_dump(), **began_of(trace).settings})


async def replay(settings: Settings, shelf: Shelf, traces: Sequence[Trace]) -> AsyncIterator[Replayed]:
    """Hold a conversation again from its beginning, in a place of its own that is gone afterwards.

    Args:
        settings: those of the first turn; each further turn goes by its own.
        traces: a thread's turns, from the first one.

    Raises:
        BadInputError: not all turns are among them, or the catalogue of today can't keep the house rules of then.
    """
    if [trace.turn for trace in traces] != list(range(1, len(traces) + 1)):
        raise BadInputError("Not all turns of the conversation are stored.", "Only whole ones can be held again.")
    with tempfile.TemporaryDirectory(prefix="tastemaker-replay-") as scratch:
        apart = _apart(settings, Path(scratch), all(began_of(trace).policies for trace in traces))
        async with open_agent(apart, shelf, None) as agent:
            for then in traces:
                yield Replayed(then, await _again(agent, then))


def _apart(settings: Settings, scratch: Path, has_rules: bool) -> Settings:
    """The same settings in another home, with today's house rules unless each turn has its own."""
    if has_rules:
        return settings.model_copy(update={"home": scratch, "policies": None})
    beside = settings.catalogue_home.folder / FILE_NAME
    policies = settings.policies or (beside if beside.exists() else None)
    return settings.model_copy(update={"home": scratch, "policies": policies})


async def _again(agent: Agent, then: Trace) -> Trace:
    began = began_of(then)
    policies = Policies.model_validate(began.policies) if began.policies else agent.parts.policies
    check_policies(policies, agent.parts.shelf.catalogue.schema, f"The house rules of turn {then.turn}")
    agent.parts = replace(
        agent.parts,
        settings=settings_then(then, agent.parts.settings),
        policies=policies,
        planner=Recorded(then, agent.parts.shelf.catalogue.schema),
    )
    user = User.model_validate(began.user)
    if agent.parts.profiles and began.recalled:
        agent.parts.profiles.remember(user.id, [Line.model_validate(line) for line in began.recalled])
    async for _ in agent.turn(then.thread, then.message, user):
        pass
    return agent.traces.of(then.thread)[-1]
