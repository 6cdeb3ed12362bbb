"""Suites of nearly no work, over the made-up world: what is tested is how runs are held, kept and told.

As a program it is `tastemaker` with the suite `slow` and the contestant `marked`, for what only a child can show.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

from evals.contestants.contract import Contestant, Entry
from evals.contestants.floors import Echo
from evals.measures import Measure
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.world import World

ENDLESS = 30
"""From this sample on `slow` never ends with `marked`, unless its samples take no time at all."""
KINDS = ("Wargame", "Party", "Farming")


class Tiny(Suite[int]):
    """One message a sample; it passes if something was shown."""

    name = "tiny"
    said = "whether anything is shown"
    measures: ClassVar = (Measure("shown", "shown"), Measure("items", "items", digits=1, better=""))

    def __init__(self, name: str = "tiny", count: int = 6) -> None:
        self.name, self.count = name, count  # type: ignore[misc]
        self.held: list[str] = []

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[int]]:
        count = self.count // 2 if is_quick else self.count
        return [Sample(f"s{n}", f"g{n // 2}", f"message {n}", n + 1000 * seed) for n in range(count)]

    async def hold(self, sample: Sample[int], contestant: Contestant, world: World, seed: int) -> Outcome:
        self.held.append(f"{contestant.name} {sample.id}")
        talk = Talk(contestant, world)
        kind = KINDS[sample.body % 3]
        heard = await talk.say(f"a {kind} game for {sample.body % 4 + 2}, not {sample.body} minutes")
        return Outcome(
            values={"shown": float(bool(heard.shown)), "items": float(len(heard.shown))},
            slices={"kind": kind},
            exchanges=talk.exchanges,
        )


class Slow(Tiny):
    """Writes down each sample that it begins, takes a while for it, for some for ever, and has much to say of it."""

    def __init__(self, begun: Path, seconds: float = 0.15, count: int = 40) -> None:
        super().__init__("slow", count)
        self._begun, self._seconds = begun, seconds

    async def hold(self, sample: Sample[int], contestant: Contestant, world: World, seed: int) -> Outcome:
        with self._begun.open("a") as stream:
            stream.write(f"{contestant.name} {sample.id}\n")
        outcome = await super().hold(sample, contestant, world, seed)
        await asyncio.sleep(self._seconds * (10_000 if sample.body >= ENDLESS and contestant.name == "marked" else 1))
        return outcome.model_copy(update={"notes": ["note " * 400]})


def marked(opened: Path) -> Entry:
    """Says what was said, and writes down when it was opened and closed."""

    @asynccontextmanager
    async def open_it(_world: World) -> AsyncIterator[Contestant]:
        contestant = Echo()
        contestant.name = "marked"  # type: ignore[misc]
        with opened.open("a") as stream:
            stream.write("opened\n")
        try:
            yield contestant
        finally:
            with opened.open("a") as stream:
                stream.write("closed\n")

    return Entry("marked", "says what was said", open_it, waits=False)


def main() -> None:
    """The command, with what is written down in the folder that comes first."""
    from evals import registry
    from serve.cli import main as tastemaker

    folder = Path(sys.argv.pop(1))
    registry.SUITES["slow"] = Slow(folder / "begun")
    registry.FLOORS = (*registry.FLOORS, marked(folder / "opened"))
    tastemaker()


if __name__ == "__main__":
    main()
