"""How busy evaluation keeps the planner's server: conversations of `eval run` beside a bare load generator.

Both ask the same: the bodies that the conversations sent are sent again, by workers that do nothing else, as many at
once as there were conversations. A salt keeps what the conversations left in the server's prefix cache from helping.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import httpx

from agent.budget import Budget
from agent.plan import Plan
from agent.planner import Planner, PlannerReply
from agent.preferences import Preferences
from agent.settings import Settings
from evals.contestants.contract import Contestant, Entry
from evals.contestants.ours import Ours, ready_agent
from evals.outcome import Outcome
from evals.runner import Order, run_suites
from evals.suite import Sample, Suite
from evals.suites.cost import scripts
from evals.talk import Talk
from evals.world import Lab, World
from tools.data.catalogue import Item
from tools.errors import UnavailableError
from tools.progress import OnStep, silent

AT_ONCE = (1, 4, 8, 16)
TARGET = 0.85
"""What part of the bare throughput conversations should get at least."""
_PATIENCE_S = 3_600.0
"""A plan that comes late counts as throughput too, so none is given up."""


@dataclass(frozen=True)
class Load:
    """One pass over a server."""

    requests: int
    completion_tokens: int
    seconds: float
    """From the first request to the last answer."""
    waited_s: float = 0.0
    """Seconds of all requests together."""

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def tokens_per_second(self) -> float:
        """Completion tokens a second."""
        return self.completion_tokens / self.seconds

    @property
    def in_flight(self) -> float:
        """How many requests the server had on average: told apart from how fast it was, which other work changes."""
        return self.waited_s / self.seconds


@dataclass(frozen=True)
class ServingRow:
    """Both loads at one concurrency."""

    at_once: int
    conversations: Load
    bare: Load

    @property
    def ratio(self) -> float:
        """The conversations' tokens a second, as a part of the bare ones."""
        return self.conversations.tokens_per_second / self.bare.tokens_per_second


@dataclass
class Recorder:
    """A planner that keeps what was asked of it, and for how long."""

    planner: Planner
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    waited_s: float = 0.0
    began: float = 0.0
    ended: float = 0.0

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
        """The planner's plan."""
        self.bodies.append(await self.planner.body(message, preferences, slate, asked, draft))
        began = time.perf_counter()
        self.began = self.began or began
        reply = await self.planner.plan(message, preferences, slate, budget, max_tokens, asked, draft)
        self.ended = time.perf_counter()
        self.waited_s += self.ended - began
        self.tokens += reply.completion_tokens
        return reply

    def load(self) -> Load:
        """All of it."""
        return Load(len(self.bodies), self.tokens, self.ended - self.began, self.waited_s)


class Conversations(Suite[tuple[str, ...]]):
    """Scripted conversations, not scored."""

    name = "serving"
    said = "conversations that keep the planner's server busy"
    measures: ClassVar = ()

    def __init__(self, count: int) -> None:
        self._count = count

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[tuple[str, ...]]]:
        """As many as asked for, each of other words."""
        held = enumerate(scripts(world, seed, self._count))
        return [Sample(f"{number:04d}", f"{number:04d}", said[0], said) for number, said in held]

    async def hold(self, sample: Sample[tuple[str, ...]], contestant: Contestant, world: World, seed: int) -> Outcome:
        """Say each message."""
        talk = Talk(contestant, world)
        for message in sample.body:
            await talk.say(message)
        return Outcome(values={"turns": float(len(talk.exchanges))})


def measure_serving(
    settings: Settings, url: str, at_once: Sequence[int] = AT_ONCE, each: int = 2, on_step: OnStep = silent
) -> Iterator[ServingRow]:
    """Rows as they are measured.

    Args:
        each: how many conversations follow one another in each of the places that are held at once.

    Raises:
        UnavailableError: the server does not answer.
    """
    patient = settings.model_copy(update={"planner_timeout_s": _PATIENCE_S, "turn_ms": int(_PATIENCE_S * 1e3)})
    for number, places in enumerate(at_once):
        on_step(f"{places} at once", number / len(at_once))
        recorder = _conversations(patient, url, places, each, seed=settings.seed + number)
        bare = asyncio.run(send(url, recorder.bodies, places, settings.planner_api_key.get_secret_value()))
        yield ServingRow(places, recorder.load(), bare)


def _conversations(settings: Settings, url: str, places: int, each: int, seed: int) -> Recorder:
    """Conversations held as `eval run` holds them; the seed keeps the prompts of one pass from those of another."""
    recorders = list[Recorder]()

    @asynccontextmanager
    async def opened(world: World) -> AsyncIterator[Contestant]:
        async with ready_agent("recorded", world, url) as agent:
            assert isinstance(agent.parts.planner, Planner)
            recorders.append(Recorder(agent.parts.planner))
            agent.parts = replace(agent.parts, planner=recorders[-1])
            yield Ours("recorded", agent)
            agent.parts = replace(agent.parts, planner=recorders[-1].planner)

    entry = Entry("recorded", "ours, its requests recorded", opened)
    with tempfile.TemporaryDirectory() as scratch:
        lab = Lab(settings, Path(scratch), Path(scratch) / "lab", seed)
        run_suites(Order([Conversations(places * each)], [entry], at_once=places), lab, Path(scratch) / "run")
    return recorders[0]


async def send(url: str, bodies: Sequence[dict[str, Any]], at_once: int, api_key: str = "none") -> Load:
    """Send these bodies in their order, so many at once, and nothing else.

    Raises:
        UnavailableError: the server does not answer, or with an error.
    """
    salt = {"cache_salt": uuid4().hex}
    packed = [json.dumps({**body, **salt}) for body in bodies]
    headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_PATIENCE_S) as client:
        try:
            await _post(client, json.dumps({**bodies[0], **salt, "max_tokens": 1}))  # as an agent warms up
            began, waiting = time.perf_counter(), iter(packed)
            done = await asyncio.gather(*(_worker(client, waiting) for _ in range(at_once)))
        except httpx.HTTPError as error:
            raise UnavailableError(f"The planner's server at {url} can't be asked ({error}).") from error
    seconds, answers = time.perf_counter() - began, [answer for worker in done for answer in worker]
    return Load(len(answers), sum(tokens for tokens, _ in answers), seconds, sum(waited for _, waited in answers))


async def _worker(client: httpx.AsyncClient, waiting: Iterator[str]) -> list[tuple[int, float]]:
    """Send one after the other until none is left."""
    return [await _post(client, body) for body in waiting]


async def _post(client: httpx.AsyncClient, body: str) -> tuple[int, float]:
    """The completion tokens of the answer, and how many seconds it took."""
    asked = time.perf_counter()
    answer = await client.post("/chat/completions", content=body)
    answer.raise_for_status()
    return int(answer.json()["usage"]["completion_tokens"]), time.perf_counter() - asked


def serving_table(rows: Sequence[ServingRow]) -> Iterator[str]:
    """One row a concurrency, as Markdown."""
    yield "| at once | requests | requests/s, eval run | bare | tokens/s, eval run | bare | in flight | bare | ratio |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        ours, bare = row.conversations, row.bare
        yield (
            f"| {row.at_once} | {ours.requests} | {ours.per_second:.2f} | {bare.per_second:.2f} "
            f"| {ours.tokens_per_second:.1f} | {bare.tokens_per_second:.1f} "
            f"| {ours.in_flight:.2f} | {bare.in_flight:.2f} | {row.ratio:.3f} |"
        )
    short = [str(row.at_once) for row in rows if row.ratio < TARGET]
    verdict = f"below it at {', '.join(short)} at once" if short else "reached at each"
    yield "\nratio: of tokens/s, eval run to bare; in flight: how many requests the server had on average"
    yield f"Target: {TARGET:.0%} of the bare tokens/s; {verdict}."
