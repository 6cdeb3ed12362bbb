"""How long a catalogue takes to build: generated items and interactions, phase by phase."""

from __future__ import annotations

import csv
import json
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from evals.bench.recommenders import fold_in_cost, fold_in_table
from evals.bench.rivals import Fitted
from evals.datasets import Dataset
from evals.protocols import protocols
from tools.data.ingest import Sources, ingest
from tools.data.training import load_training
from tools.data.versions import CatalogueHome
from tools.models.fit import load_blend

_TEXT = (
    "amber atlas autumn beacon bramble canyon cedar chorus cinder clover comet copper coral crystal delta ember falcon "
    "fern forest garden glacier harbour hazel horizon island ivory juniper lantern lily maple marble meadow mirror "
    "moon moss mountain night ocean orchard paper pearl pepper pine prairie quartz raven river saffron sand shadow "
    "silver sky smoke snow song spark spring stone storm summer thunder timber valley velvet willow winter "
)
_WORDS = _TEXT.split()
_KINDS = [f"{word.title()} kind" for word in _WORDS[:24]]


def write_generated(folder: Path, items: int, interactions: int, seed: int) -> Sources:
    """A catalogue of generated items (title, kinds, maker, year, price, a 20-word description) and interactions."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    with (folder / "items.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(items):
            row = {
                "item_id": f"i{number}",
                "title": " ".join(rng.sample(_WORDS, 3)).title(),
                "kinds": rng.sample(_KINDS, rng.randint(1, 3)),
                "maker": f"{rng.choice(_WORDS)} {rng.choice(_WORDS)}".title(),
                "year": rng.randint(1950, 2025),
                "price": round(rng.uniform(5, 200), 2),
                "description": " ".join(rng.choices(_WORDS, k=20)),
            }
            stream.write(json.dumps(row) + "\n")
    with (folder / "interactions.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "item", "rating", "timestamp"])
        for _ in range(interactions):
            item = min(int(rng.paretovariate(0.6)), items) - 1
            writer.writerow([f"u{rng.randrange(interactions // 100)}", f"i{item}", rng.randint(1, 5), 1_600_000_000])
    return Sources(folder / "items.jsonl", folder / "interactions.csv")


def measure_ingest(items: int, interactions: int, seed: int = 0) -> Iterator[str]:
    """The report, line by line."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sources = write_generated(folder, items, interactions, seed)
        marks: dict[str, float] = {}
        began = time.monotonic()

        def mark(phase: str, _share: float) -> None:
            marks.setdefault(phase, time.monotonic() - began)

        home = CatalogueHome(folder, "generated")
        done = ingest(sources, home, mark)
        costs = list(_fold_in(home, seed))
    yield f"{done.items:,} items, {interactions:,} interactions, seed {seed}: {done.seconds:.1f} s"
    for (phase, start), (_, end) in pairwise(marks.items()):
        yield f"  {phase:<10} {end - start:6.1f} s"
    yield from fold_in_table(costs)


def _fold_in(home: CatalogueHome, seed: int) -> Iterator[tuple[str, float, float]]:
    """What a stranger with five likes costs each recommender of the catalogue."""
    models = home.current().models
    blend = load_blend(models)
    (protocol,) = protocols(Dataset(home.name, load_training(models)), ["random-5"], seed)
    fitted = [Fitted(name, member) for name, member in blend.members.items()]
    yield from fold_in_cost(protocol, [*fitted, Fitted("blend", blend)])
