"""Runs one peer in the peers' environment: a line of JSON in, a line of JSON out. Imports nothing of ours but `held`.

    {"fit": "events.npz"}            -> {"bytes": 4711}
    {"ask": [3, 17, 4]}              -> {"found": [8, 1, ...], "ms": 12.3}

`bytes` are those of the fitted model's arrays; `found` are the ten best items, best first; `ms` is the library's own
call alone. What the libraries print goes to standard error.
"""

# mypy: ignore-errors
from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd
from held import held_bytes

SHOWN = 10


class LensKit:
    """LensKit's top-n pipeline; it folds a new person in from the items of the query."""

    def __init__(self, kind: str, _epochs: int) -> None:
        from lenskit.als import ImplicitMFScorer
        from lenskit.knn import EASEScorer, ItemKNNScorer, UserKNNScorer
        from lenskit.pipeline import topn_pipeline

        scorer = {
            "itemknn": lambda: ItemKNNScorer(max_nbrs=20, feedback="implicit"),
            "userknn": lambda: UserKNNScorer(max_nbrs=50, feedback="implicit"),
            "als": lambda: ImplicitMFScorer(embedding_size=64),
            "ease": lambda: EASEScorer(),
        }[kind]
        self._pipeline = topn_pipeline(scorer())

    def fit(self, events: pd.DataFrame) -> None:
        from lenskit.data import from_interactions_df

        self._pipeline.train(from_interactions_df(events[["user_id", "item_id"]]))

    def ask(self, items: list[int]) -> tuple[list[int], float]:
        from lenskit import recommend
        from lenskit.data import ItemList, RecQuery

        query = RecQuery(user_items=ItemList(item_ids=items))
        began = time.perf_counter()
        found = recommend(self._pipeline, query, n=SHOWN)
        return [int(item) for item in found.ids()], (time.perf_counter() - began) * 1e3


class RecTools:
    """A RecTools model, asked by its `recommend` over a dataset that has this one person's history."""

    def __init__(self, kind: str, epochs: int) -> None:
        from rectools.models import EASEModel, SASRecModel

        self._model = {
            "ease": lambda: EASEModel(regularization=400.0),
            "sasrec": lambda: SASRecModel(
                loss="softmax", epochs=epochs, session_max_len=50, n_factors=64, n_blocks=2, n_heads=2, verbose=0
            ),
        }[kind]()

    def fit(self, events: pd.DataFrame) -> None:
        from rectools.dataset import Dataset

        dataset = Dataset.construct(_dated(events))
        self._items = dataset.item_id_map
        self._model.fit(dataset)

    def ask(self, items: list[int]) -> tuple[list[int], float]:
        from rectools.dataset import Dataset, IdMap, Interactions

        last = int(self._items.external_ids[-1])  # a second person has it, so that the matrix has every column
        frame = pd.DataFrame({"user_id": [0] * len(items) + [1], "item_id": [*items, last]})
        people = IdMap.from_values([0, 1])
        interactions = Interactions.from_raw(_dated(frame.assign(time=np.arange(len(frame)))), people, self._items)
        dataset = Dataset(people, self._items, interactions)
        began = time.perf_counter()
        found = self._model.recommend(users=[0], dataset=dataset, k=SHOWN, filter_viewed=True)
        return [int(item) for item in found["item_id"]], (time.perf_counter() - began) * 1e3


def _dated(events: pd.DataFrame) -> pd.DataFrame:
    when = pd.to_datetime(events["time"], unit="s")
    return events[["user_id", "item_id"]].assign(weight=1.0, datetime=when)


def main() -> None:
    """Answer lines until the input ends."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    library, kind = sys.argv[1].split("-")
    peer = {"lenskit": LensKit, "rectools": RecTools}[library](kind, int(sys.argv[2]))
    known = set()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if "fit" in order:
                arrays = np.load(order["fit"])
                events = {"user_id": arrays["user"], "item_id": arrays["item"], "time": arrays["time"]}
                peer.fit(pd.DataFrame(events))
                known = set(arrays["item"].tolist())
                answer = {"bytes": held_bytes(peer)}
            else:
                items = [item for item in order["ask"] if item in known]  # another one makes either library fail
                found, ms = peer.ask(items) if items else ([], 0.0)
                answer = {"found": found, "ms": ms}
        except Exception as error:  # noqa: BLE001 - whatever a library raises is an answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
