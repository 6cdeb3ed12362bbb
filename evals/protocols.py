"""How recommenders are asked: the classical leave-last-out, and the chat protocols over people never trained on.

Always the full ranking, with the items of the history left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evals.datasets import Dataset
from tools.errors import BadInputError
from tools.models.blend import Case, next_after, told_at_random
from tools.models.contract import History, Positions, TrainingData

TEST_SHARE = 0.2
"""Of the people, who are kept out of the training of the chat protocols."""
COLD_SHARE = 0.1
"""Of the items, whose events are kept out of the training of the cold protocol."""
RANDOM_LIKES = (1, 3, 5, 10)
_SHORT_LOG = 5


@dataclass(frozen=True)
class Protocol:
    """What models are trained on, what they are asked, and what is right."""

    name: str
    said: str
    train: TrainingData
    cases: Sequence[Case]
    candidates: Positions | None = None
    """Where only some items may be recommended."""
    hated: Sequence[frozenset[int]] = ()
    """For each case, what the person disliked and did not tell."""


def protocols(
    dataset: Dataset, names: Sequence[str] = (), seed: int = 0, most_cases: int | None = None
) -> list[Protocol]:
    """All protocols that a dataset allows, or those named. Those with the same training share its data.

    Args:
        most_cases: of more, so many are drawn.

    Raises:
        BadInputError: the dataset does not allow a protocol that is named.
    """
    everything = _Protocols(dataset, seed).all()
    known = [protocol.name for protocol in everything]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInputError(f"{dataset.name} allows no protocol {unknown[0]!r}.", f"Take of {', '.join(known)}.")
    chosen = [protocol for protocol in everything if not names or protocol.name in names]
    return [_drawn(protocol, most_cases, seed) for protocol in chosen]


def _drawn(protocol: Protocol, most: int | None, seed: int) -> Protocol:
    if most is None or len(protocol.cases) <= most:
        return protocol
    rows = np.sort(np.random.default_rng(seed).permutation(len(protocol.cases))[:most])
    hated = [protocol.hated[row] for row in rows] if protocol.hated else ()
    return replace(protocol, cases=[protocol.cases[row] for row in rows], hated=hated)


class _Protocols:
    def __init__(self, dataset: Dataset, seed: int) -> None:
        self._seed = seed
        self._rated, self._data = dataset.data, dataset.all_liked
        people = self._rng(0).permutation(self._data.users)
        self._test = np.sort(people[: int(TEST_SHARE * len(people))])
        self._train = self._data.where(~np.isin(self._data.user, self._test))
        self._logs = [self._data.sequences[person] for person in self._test]

    def _rng(self, salt: int) -> np.random.Generator:
        """Of its own for each protocol, so that none depends on the others."""
        return np.random.default_rng((self._seed, salt))

    def all(self) -> list[Protocol]:
        made: list[Protocol] = [self._random(count) for count in RANDOM_LIKES]
        if self._data.has_order:
            made += [self._last(), self._short_log()]
        if not self._rated.liked.all():
            told = self._dislike()
            made += [told, _untold(told)]
        if self._data.vectors is not None:
            made.append(self._cold())
        return made

    def _last(self) -> Protocol:
        data = self._data
        order = np.lexsort((data.time, data.user))
        is_last = np.append(data.user[order][1:] != data.user[order][:-1], True)
        last = order[is_last]
        keep = np.ones(len(order), dtype=bool)
        keep[last] = False
        train = data.where(keep)
        logs = train.sequences
        cases = [
            Case(History(tuple(logs[person].tolist()), is_log=True), frozenset([int(item)]))
            for person, item in zip(data.user[last], data.item[last], strict=True)
            if person < len(logs) and len(logs[person])
        ]
        return Protocol("last", "leave the last out, everybody trained", train, cases)

    def _random(self, count: int) -> Protocol:
        rng = self._rng(count)
        logs = zip(self._test.tolist(), self._logs, strict=True)
        cases = [case for person, log in logs if (case := told_at_random(log, count, rng, person))]
        said = f"{count} random like{'s' if count > 1 else ''} of a stranger, the rest is right"
        return Protocol(f"random-{count}", said, self._train, cases)

    def _short_log(self) -> Protocol:
        cases = [case for log in self._logs if (case := next_after(log, _SHORT_LOG))]
        return Protocol("order-5", "a stranger's last five in order, the next is right", self._train, cases)

    def _dislike(self) -> Protocol:
        rng, data = self._rng(99), self._rated
        train = data.where(~np.isin(data.user, self._test))
        cases: list[Case] = []
        hated: list[frozenset[int]] = []
        for person in self._test:
            own = data.user == person
            likes = rng.permutation(data.item[own & data.liked]).tolist()
            dislikes = rng.permutation(data.item[own & ~data.liked]).tolist()
            if len(likes) > 5 and len(dislikes) > 1:
                cases.append(Case(History(tuple(likes[:5]), (dislikes[0],)), frozenset(likes[5:])))
                hated.append(frozenset(dislikes[1:]))
        return Protocol("dislike", "5 random likes and a dislike of a stranger", train, cases, hated=hated)

    def _cold(self) -> Protocol:
        data = self._train
        cold = np.sort(self._rng(7).permutation(np.flatnonzero(self._data.counts))[: int(COLD_SHARE * self._data.size)])
        train = data.where(~np.isin(data.item, cold))
        cases: list[Case] = []
        for log in self._logs:
            mixed = self._rng(len(cases)).permutation(log[~np.isin(log, cold)]).tolist()
            unseen = frozenset(log[np.isin(log, cold)].tolist())
            if len(mixed) >= 5 and unseen:
                cases.append(Case(History(tuple(mixed[:5])), unseen))
        return Protocol("cold", "5 random likes of a stranger, among items that nobody used", train, cases, cold)


def _untold(protocol: Protocol) -> Protocol:
    """The same, but the dislike is not told: what hearing it is worth."""
    cases = [Case(replace(case.history, disliked=()), case.relevant) for case in protocol.cases]
    return replace(protocol, name=f"{protocol.name}-untold", said="the same, the dislike not told", cases=cases)
