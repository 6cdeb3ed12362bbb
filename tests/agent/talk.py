"""Holding a conversation in tests."""

from __future__ import annotations

from dataclasses import dataclass

from agent.trace import Answered, Checked, Event, PlanMade, StepsChosen, Text, ToolRan
from agent.turn import Agent
from tools.data.catalogue import Item
from tools.shelf import Shelf


@dataclass(frozen=True)
class Turn:
    """What came of one message."""

    message: str
    events: list[Event]

    @property
    def reply(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Text))

    @property
    def slate(self) -> list[str]:
        """Ids of the items that were shown."""
        return self.answer.slate

    @property
    def answer(self) -> Answered:
        done = self.events[-1]
        assert isinstance(done, Answered)
        return done

    @property
    def plan(self) -> PlanMade:
        return next(event for event in self.events if isinstance(event, PlanMade))

    @property
    def tools(self) -> list[ToolRan]:
        return [event for event in self.events if isinstance(event, ToolRan)]

    @property
    def chosen(self) -> StepsChosen:
        return next(event for event in self.events if isinstance(event, StepsChosen))

    @property
    def checks(self) -> list[Checked]:
        return [event for event in self.events if isinstance(event, Checked)]


async def talk(agent: Agent, thread: str, *messages: str) -> list[Turn]:
    """One turn after the other."""
    return [Turn(message, [event async for event in agent.turn(thread, message)]) for message in messages]


def items_of(shelf: Shelf, ids: list[str]) -> list[Item]:
    """The items of these ids, in this order."""
    return shelf.catalogue.items(shelf.catalogue.positions_of(ids))
