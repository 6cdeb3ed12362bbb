"""The next-item suite: what ReDial's human recommenders named next, from what the seeker had said until then.

A turn of a dialogue is one message: the seeker's messages so far, a line each, and a request to recommend, as iEvaLM
puts one to ChatGPT; the answer's slate of 50 is scored.
Each target counts for itself, as in iEvaLM's code (recall@k = the share of targets among the first k).

Comparable with published figures on ReDial (iEvaLM's original protocol, R@1/R@10/R@50: UniCRS .050/.215/.413, ChatGPT
.037/.174/-) is what is measured, not more: theirs are of the test split, over 6,924 items and their knowledge graph,
read the human recommender's messages too, and UniCRS was trained on ReDial's 10,000 training dialogues. Here only what
the seekers of the untested half of the validation split liked is known, some 2,200 answers; nothing is trained on
dialogues.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

import numpy as np

from agent.wording import say_list, say_title
from evals.contestants.contract import Contestant
from evals.groups import popularity_classes
from evals.measures import Measure
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.tasks.redial import RecommendationTurn, is_there, read_turns, write_catalogue
from evals.world import Lab, World

SLATE = 50
REQUEST = "Please recommend me some {items}."
"""The last line: what is asked is a recommendation, not what the seeker's questions were."""
CUTS = (1, 10, 50)
TURNS, QUICK_TURNS = 400, 40


class NextItemSuite(Suite[RecommendationTurn]):
    """Held in a catalogue of ReDial's items."""

    name = "nextitem"
    said = "what a human recommended next in ReDial's dialogues; `new` leaves out what had been named before"
    measures: ClassVar = (
        Measure("Recall@10", "found@10", per="targets"),
        *(Measure(f"Recall@{k}", f"found@{k}", per="targets") for k in CUTS if k != 10),
        Measure("NDCG@10", "gain@10", per="targets"),
        *(Measure(f"new Recall@{k}", f"new found@{k}", per="new targets") for k in CUTS),
        Measure("new NDCG@10", "new gain@10", per="new targets"),
        Measure("named before", "named", per="targets", better=""),
    )

    def __init__(self) -> None:
        self._folder = Path()

    def missing(self, lab: Lab) -> str:
        """The dialogues are not part of this project."""
        folder = lab.data / "redial"
        return "" if is_there(folder) else f"{folder} does not hold ReDial's files; name it with --data."

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """A slate of 50, and no questions: the first answer is scored."""
        self._folder = lab.data / "redial"
        sources = write_catalogue(self._folder, lab.scratch / "redial")
        return lab.catalogue("redial", sources, slate_size=SLATE, max_questions=0)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[RecommendationTurn]]:
        """Turns drawn by the seed."""
        turns = read_turns(self._folder)
        drawn = np.random.default_rng((seed, 12)).permutation(len(turns))[: QUICK_TURNS if is_quick else TURNS]
        return [Sample(turns[i].id, turns[i].dialogue, turns[i].said[-1], turns[i]) for i in drawn]

    async def hold(
        self, sample: Sample[RecommendationTurn], contestant: Contestant, world: World, seed: int
    ) -> Outcome:
        """One message, one slate."""
        turn, talk = sample.body, Talk(contestant, world)
        schema = world.catalogue.schema
        heard = await talk.say("\n".join((*turn.said, REQUEST.format(items=schema.items))))
        places = {id_: place for place, id_ in reversed(list(enumerate(heard.shown, start=1)))}
        ranks = [min((places[id_] for id_ in ids if id_ in places), default=math.inf) for ids in turn.targets]
        new = [rank for rank, named in zip(ranks, turn.named, strict=True) if not named]
        values = _sums(ranks, "") | {"named": float(sum(turn.named))} | (_sums(new, "new ") if new else {})
        popularity = popularity_classes(world.shelf.people)
        wanted = world.catalogue.items(world.catalogue.positions_of(ids[0] for ids in turn.targets))
        return Outcome(
            values=values,
            slices={
                "popularity": popularity[wanted[0].position],
                "named before": "some" if any(turn.named) else "none",
            },
            exchanges=talk.exchanges,
            notes=[f"wanted: {say_list([say_title(schema, item) for item in wanted])}"],
        )


def _sums(ranks: Sequence[float], name: str) -> dict[str, float]:
    """Over the targets of a turn: how many are among the first k, and the gain 1 / log2(1 + rank) up to rank 10."""
    found = {f"{name}found@{k}": float(sum(rank <= k for rank in ranks)) for k in CUTS}
    gain = sum(1 / math.log2(1 + rank) for rank in ranks if rank <= 10)
    return {f"{name}targets": float(len(ranks)), **found, f"{name}gain@10": gain}
