"""A scorer of one's own: does an agent repeat itself, does it dare to leave the beaten track, how much does it talk?

tastemaker eval run --tasks tasks.yaml --scorer examples/scorer.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evals.measures import Measure
from evals.outcome import Exchange
from evals.suite import Sample
from evals.world import World

MEASURES = [
    Measure("repeated", over="repeats", per="shown", better="less"),  # of all items shown, how many were shown before
    Measure("little known", over="little known", per="shown", better=""),  # ... are less popular than the median item
    Measure("words a reply", over="words", per="replies", better="less", digits=1),
]


def score(sample: Sample[Any], exchanges: list[Exchange], world: World) -> dict[str, float]:
    """The sums that the measures divide: one sample is one conversation."""
    shown = [item for exchange in exchanges for item in exchange.shown]
    popular = world.shelf.popular[world.catalogue.positions_of(shown)]
    replies = [exchange.reply for exchange in exchanges if not exchange.error]
    return {
        "shown": len(shown),
        "repeats": len(shown) - len(set(shown)),
        "little known": float(np.sum(popular < np.median(world.shelf.popular))),
        "words": sum(len(reply.split()) for reply in replies),
        "replies": len(replies),
    }
