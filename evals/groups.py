"""Items by how much they are used, and people by how much they like: the groups that results are told for."""

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


def activity(likes: int) -> str:
    """The group of a person with so many likes.

    >>> [activity(likes) for likes in (9, 49, 50)]
    ['fewer than 10', '10 to 49', '50 or more']
    """
    return "fewer than 10" if likes < 10 else "10 to 49" if likes < 50 else "50 or more"
