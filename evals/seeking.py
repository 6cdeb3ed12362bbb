"""A simulated user seeks one item in conversation: what they say passes the leak guard, and what is found is noted."""

from __future__ import annotations

from dataclasses import dataclass

from evals.measures import Measure
from evals.talk import Talk
from evals.users.leaks import LeakGuard
from evals.users.seeker import Seeker
from evals.users.voice import Voice
from evals.world import World
from tools.data.catalogue import Item

LEAK_MEASURES = (
    Measure("leaks tried", "leaks tried", per="messages", better=""),
    Measure("leaks sent", "leaks sent", per="messages", better="less"),
    Measure("by rule", "by rule", per="asked of the model", better="less"),
)
"""Of every message: those that the guard mended, and those that gave the item away all the same. And where a model
speaks: how many of its sentences the rule-based one took the place of."""


@dataclass(frozen=True)
class Person:
    """A simulated user: what they want, how they put it, and what keeps them from naming it."""

    seeker: Seeker
    voice: Voice
    guard: LeakGuard

    async def first(self, talk: Talk, opening: str) -> str:
        """What opens the conversation."""
        return self.guard.cleared(await self.voice.say(opening, talk.exchanges), (opening,))

    async def next(self, talk: Talk, heard: str, shown: list[Item]) -> str:
        """What is said to an answer."""
        draft = self.seeker.reply(heard, shown)
        return self.guard.cleared(await self.voice.say(draft, talk.exchanges), (draft,))


async def seek(person: Person, talk: Talk, wanted: Item, first: str, most_turns: int) -> int:
    """Talk until the wanted item is shown, or `most_turns` times.

    Args:
        first: the first message, as the guard let it through.

    Returns:
        the wanted item's place in the last slate, 1 for the first; 0 if it is not there.
    """
    message = first
    for turn in range(most_turns):
        heard = await talk.say(message)
        if wanted.id in heard.shown:
            return heard.shown.index(wanted.id) + 1
        if turn + 1 < most_turns:
            message = await person.next(talk, heard.reply, talk.items(heard))
    return 0


def leak_values(person: Person, talk: Talk, world: World, wanted: Item) -> dict[str, float]:
    """What `LEAK_MEASURES` are made of. What was sent is held against the guard, and against the agent's own reading
    of titles, which is other code."""
    titles = world.shelf.titles
    sent = [
        one.message
        for one in talk.exchanges
        if person.guard.leak(one.message) or any(wanted.position in span.positions for span in titles.spot(one.message))
    ]
    counts = {"messages": len(talk.exchanges), "leaks tried": person.guard.attempts, "leaks sent": len(sent)}
    return {name: float(count) for name, count in counts.items()} | person.voice.values()
