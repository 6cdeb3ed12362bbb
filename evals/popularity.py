"""Items by how much they are used: the short head, the long tail, and those that nobody used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.data.catalogue import Positions

HEAD = 0.5
"""The head: the most used items that have this share of all uses between them."""


def popularity_classes(people: Positions) -> list[str]:
    """`head`, `tail` or `cold` for each item.

    Args:
        people: how many people used each item, shape (items,).

    >>> popularity_classes(np.array([1, 6, 0, 2, 1]))
    ['tail', 'head', 'cold', 'tail', 'tail']
    """
    order = np.argsort(-people, kind="stable")
    before: npt.NDArray[np.int64] = np.cumsum(people[order]) - people[order]
    head = set(order[before < HEAD * people.sum()].tolist())
    return ["cold" if not count else "head" if position in head else "tail" for position, count in enumerate(people)]
