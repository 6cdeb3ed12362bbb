"""What a turn costs: model calls, tokens and milliseconds, by phase. Conversations are held one at a time.

Times are the trace's: a turn in all, until it was stored; of that, what the model took and what it did not; of the
latter, the phases that are timed, and the rest (the graph, the answer, keeping). Contestants without a trace are timed
from outside, where they say how long they took. A conversation of other words goes before
the first one with each contestant: it warms caches and is not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from weakref import WeakSet

from evals.contestants.contract import Contestant
from evals.measures import Measure
from evals.outcome import Exchange, Outcome
from evals.requests.grammar import Grammar
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.world import World

CONVERSATIONS, QUICK = 16, 2
PHASES = {
    "reading": ("plan", "reading_ms"),
    "tools": ("tool", "ms"),
    "check": ("check", "ms"),
    "decide": ("decide", "ms"),
}
"""The timed phases outside the model: the event that tells each, and its milliseconds there."""
ASKED = {"planning": ("plan", "steps"), "wording": ("written",)}
"""The events that tell what the model took for a plan, and for the words of the answer."""
TIMES = ("in all", "outside the model", "planning", *PHASES, "wording", "rest")


def _per_turn(name: str, over: str = "", digits: int = 0) -> Measure:
    return Measure(name, over or name, per="turns", better="less", digits=digits)


def _p(percent: int, name: str) -> Measure:
    return Measure(f"{name} p{percent}, ms", name, quantile=percent / 100, better="less", digits=1)


class TurnCost(Suite[tuple[str, ...]]):
    """A scripted conversation of six turns a sample, for any catalogue."""

    name = "cost"
    said = "what a turn costs: model calls, tokens, milliseconds by phase; one conversation at a time"
    at_once = 1
    measures: ClassVar = (
        _p(50, "outside the model"),
        _p(95, "outside the model"),
        _p(50, "in all"),
        _p(95, "in all"),
        _per_turn("model calls", digits=2),
        _per_turn("prompt tokens"),
        _per_turn("completion tokens"),
        *(_p(percent, name) for name in TIMES[2:] for percent in (50, 95)),
    )

    def __init__(self) -> None:
        self._warm: WeakSet[Contestant] = WeakSet()
        self._rehearsal: tuple[str, ...] = ()

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[tuple[str, ...]]]:
        """Conversations of other words each."""
        *scored, self._rehearsal = scripts(world, seed, 1 + (QUICK if is_quick else CONVERSATIONS))
        return [Sample(f"{number:02d}", f"{number:02d}", said[0], said) for number, said in enumerate(scored)]

    async def hold(self, sample: Sample[tuple[str, ...]], contestant: Contestant, world: World, seed: int) -> Outcome:
        """Say each message, and add up what it cost."""
        if contestant not in self._warm:
            await _converse(contestant, world, self._rehearsal)
            self._warm.add(contestant)
        talk = await _converse(contestant, world, sample.body)
        turns = [one for one in talk.exchanges if not one.error]
        if not any(one.total_ms for one in turns):
            return Outcome(exchanges=talk.exchanges, not_scored="it does not say how long a turn took")
        return Outcome(
            values={
                "turns": float(len(turns)),
                "model calls": float(sum(one.llm_calls for one in turns)),
                "prompt tokens": float(sum(one.prompt_tokens for one in turns)),
                "completion tokens": float(sum(one.completion_tokens for one in turns)),
            },
            series=_series(turns),
            exchanges=talk.exchanges,
        )


def scripts(world: World, seed: int, count: int) -> list[tuple[str, ...]]:
    """Conversations of six messages: a wish, what is liked, a bound, a text, a question of why, a fact; for each, the
    kinds of request that the catalogue allows.
    """
    kinds = ("one wish", "liked", "addition", "free text", "why", "fact")
    made: dict[str, list[str]] = {kind: [] for kind in kinds}
    for request in Grammar(world.shelf).requests(seed, 2 * count):
        if request.kind in made:
            made[request.kind].append(request.turns[-1][0])
    spoken = [messages for messages in made.values() if messages]
    return [tuple(messages[number % len(messages)] for messages in spoken) for number in range(count)]


async def _converse(contestant: Contestant, world: World, messages: Iterable[str]) -> Talk:
    talk = Talk(contestant, world)
    for message in messages:
        await talk.say(message)
    return talk


def _series(turns: Sequence[Exchange]) -> dict[str, list[float]]:
    """Milliseconds of each turn, by phase; only of phases that are told."""
    rows = [_phases(one) for one in turns]
    return {name: [row[name] for row in rows if name in row] for name in TIMES if any(name in row for row in rows)}


def _phases(turn: Exchange) -> dict[str, float]:
    outside = turn.total_ms - turn.llm_ms
    row = {"in all": turn.total_ms, "outside the model": outside}
    if not turn.events:
        return row
    row |= {name: _told(turn.events, (kind,), key) for name, (kind, key) in PHASES.items()}
    row["rest"] = outside - sum(row[name] for name in PHASES)
    if turn.llm_calls:
        row |= {name: _told(turn.events, events, "llm_ms") for name, events in ASKED.items()}
    return row


def _told(events: Iterable[dict[str, Any]], kinds: Sequence[str], key: str) -> float:
    return float(sum(event.get(key, 0.0) for event in events if event["kind"] in kinds))
