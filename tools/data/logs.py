"""What the people in the interactions used, by their ids: all that is known of a person before they say a word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tools.models.contract import Positions, TrainingData


@dataclass(frozen=True)
class Log:
    """One person's, as item positions."""

    used: tuple[int, ...] = ()
    """All, liked or not."""
    liked: tuple[int, ...] = ()
    """The latest last, where the times are known."""


class Logs:
    """Everybody's."""

    def __init__(self, data: TrainingData) -> None:
        self._data = data

    def of(self, person: str) -> Log:
        """What somebody used; nothing of those who are unknown."""
        row = self._rows.get(person)
        if row is None:
            return Log()
        order, begins = self._by_person
        events = order[begins[row] : begins[row + 1]]
        items = self._data.item[events]
        liked = items[self._data.liked[events]]
        return Log(tuple(dict.fromkeys(items.tolist())), tuple(dict.fromkeys(liked.tolist())))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {} if self._data.ids is None else {name: row for row, name in enumerate(self._data.ids.tolist())}

    @cached_property
    def _by_person(self) -> tuple[Positions, Positions]:
        """The events in the order of people, each person's in the order of time, and where each person's begin."""
        order = np.lexsort((self._data.time, self._data.user))
        return order, np.searchsorted(self._data.user[order], np.arange(len(self._rows) + 1))
