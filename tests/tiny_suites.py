"""Suites of nearly no work, over the made-up world: what is tested is how runs are held, kept and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from evals.contestants.contract import Contestant
from evals.measures import Measure
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.world import World


class Tiny(Suite[int]):
    """One message a sample; it passes if something was shown."""

    name = "tiny"
    said = "whether anything is shown"
    measures: ClassVar = (Measure("shown", "shown"), Measure("items", "items", digits=1, better=""))

    def __init__(self, name: str = "tiny", count: int = 6) -> None:
        self.name, self._count = name, count  # type: ignore[misc]

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[int]]:
        count = self._count // 2 if is_quick else self._count
        return [Sample(f"s{n}", f"g{n // 2}", f"message {n}", n + 1000 * seed) for n in range(count)]

    async def hold(self, sample: Sample[int], contestant: Contestant, world: World, seed: int) -> Outcome:
        talk = Talk(contestant, world)
        kind = ("Wargame", "Party", "Farming")[sample.body % 3]
        heard = await talk.say(f"a {kind} game, not {sample.body} minutes")
        return Outcome(
            values={"shown": float(bool(heard.shown)), "items": float(len(heard.shown))},
            slices={"kind": kind},
            exchanges=talk.exchanges,
        )
