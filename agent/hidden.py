"""What a person may want and has not said: a belief over unsaid wishes, sharpened by what they turn down.

Each field may carry one unsaid wish: none, a bound at a decile of the catalogue, or a value that is wanted or not.
Joint wishes are drawn from that prior and weighted by Bayes' rule: who turned an item down probably had a wish that
it breaks; an item that breaks none of a draw's wishes is turned down, in that draw, for no reason that we can see.
Seeded, so that the same conversation gives the same belief.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.constraints import Constraint, satisfies, words_of
from tools.data.catalogue import Catalogue, Item
from tools.data.schema import FieldSpec, Role
from tools.shelf import Shelf

Chances = npt.NDArray[np.float64]
DRAWS = 4_000
NO_REASON = 0.1
"""The chance that an item is turned down although it meets every wish."""
KNOWN = 0.03
"""The chance of one more wish about a field that was spoken of already."""
SMALL_VOCABULARY = 60
VALUES = 12
"""Of a field's values, the commonest that a wish may name."""
_BY_ROLE: dict[Role, float] = {
    "quality": 0.35,
    "duration": 0.35,
    "audience": 0.35,
    "price": 0.35,
    "availability": 0.3,
    "year": 0.15,
    "language": 0.15,
    "creator": 0.05,
    "popularity": 0.0,
    "sponsored": 0.0,
    "link": 0.0,
}
_NOT_WANTED = 0.3
"""Of the wishes about a value, how many say that it is not wanted."""


@dataclass(frozen=True)
class Option:
    """A wish that a field may carry, and how likely it is."""

    wish: Constraint
    chance: float


def has_a_wish(field: FieldSpec, catalogue: Catalogue) -> float:
    """The chance that a person who has not spoken of a field has a wish about it, and so an answer when asked."""
    if field.role in _BY_ROLE:
        return _BY_ROLE[field.role]
    if field.is_category:
        return 0.4 if catalogue.vocabulary_size(field.name) <= SMALL_VOCABULARY else 0.05
    return {"flag": 0.1, "date": 0.15}.get(field.type, 0.2)


def options(field: FieldSpec, catalogue: Catalogue, said: Collection[str] = ()) -> list[Option]:
    """The wishes that a field may carry, but for those about values of which it was said what is wanted.

    Their chances add up to 1; there are none where nothing can be wished for.
    """
    usual = _category_options(field, catalogue) if field.is_category else _other_options(field, catalogue)
    found = [option for option in usual if option.wish.value not in said]
    total = sum(option.chance for option in found)
    return [Option(option.wish, option.chance / total) for option in found if total > 0]


def _category_options(field: FieldSpec, catalogue: Catalogue) -> Iterator[Option]:
    for value, count in catalogue.vocabulary(field.name, VALUES):
        yield Option(Constraint(field=field.name, op="=", value=value), count * (1 - _NOT_WANTED))
        yield Option(Constraint(field=field.name, op="!=", value=value), count * _NOT_WANTED)


def _other_options(field: FieldSpec, catalogue: Catalogue) -> Iterator[Option]:
    if field.type == "flag":
        yield Option(Constraint(field=field.name, op="=", value=True), 1.0)
        return
    weights = {"quality": (1.0, 0.0), "price": (0.0, 1.0), "duration": (0.3, 0.7)}.get(field.role or "", (0.5, 0.5))
    for edge in sorted(set(catalogue.spread(field.name)[1:-1])):
        value = str(int(edge)) if field.type == "date" else edge
        for op, weight in zip((">=", "<="), weights, strict=True):
            if weight:
                yield Option(Constraint(field=field.name, op=op, value=value), weight)  # type: ignore[arg-type]


class Belief:
    """What is believed of a person's unsaid wishes, for some items."""

    def __init__(
        self, shelf: Shelf, spoken: Collection[str], seed: int = 0, unwanted: Sequence[Constraint] = ()
    ) -> None:
        """What is believed before anything was turned down.

        Args:
            spoken: the fields that the person has spoken of, or was asked about.
            unwanted: what the person said they do not want; no unsaid wish is about the same values.
        """
        rng = np.random.default_rng(seed)
        self._fields: list[tuple[FieldSpec, list[Option], npt.NDArray[np.int64]]] = []
        for field in shelf.catalogue.schema.askable:
            usual = has_a_wish(field, shelf.catalogue)
            said = {word for wish in unwanted if wish.field == field.name for word in words_of(wish.value)}
            possible = options(field, shelf.catalogue, said) if usual else []
            if possible:
                chance = min(usual, KNOWN) if field.name in spoken else usual
                weights = [1 - chance, *(chance * option.chance for option in possible)]
                drawn = rng.choice(len(weights), size=DRAWS, p=np.array(weights) / np.sum(weights))
                self._fields.append((field, possible, drawn))
        self._logs = np.zeros(DRAWS)  # logarithms, since hundreds of rejections would leave no weight above zero
        self._weights = np.full(DRAWS, 1 / DRAWS)

    def turned_down(self, items: Sequence[Item]) -> None:
        """Learn from items that were shown and not wanted."""
        self._logs += np.log(NO_REASON) * self._meets(items).sum(axis=1)
        weights = np.exp(self._logs - self._logs.max())
        self._weights = weights / weights.sum()

    def chances(self, items: Sequence[Item]) -> Chances:
        """For each item, the chance that it meets every unsaid wish, shape (items,)."""
        found: Chances = self._weights @ self._meets(items)
        return found

    def chance_of_any(self, items: Sequence[Item]) -> float:
        """The chance that at least one of the items meets every unsaid wish. What one wish rules out, it rules out
        in all items that are alike: so they are not independent of each other.
        """
        return float(self._weights @ self._meets(items).any(axis=1))

    def likely(self, most: int = 3, least: float = 0.2) -> list[tuple[Constraint, float]]:
        """The unsaid wishes that are believed most, one of each field, with their chances."""
        found = []
        for _, possible, drawn in self._fields:
            mass = np.bincount(drawn, weights=self._weights, minlength=len(possible) + 1)[1:]
            best = int(mass.argmax())
            found.append((possible[best].wish, float(mass[best])))
        return sorted([f for f in found if f[1] >= least], key=lambda f: -f[1])[:most]

    def _meets(self, items: Sequence[Item]) -> npt.NDArray[np.bool_]:
        """Whether each item meets all wishes of each draw, shape (DRAWS, items). The unknown breaks a wish."""
        meets = np.ones((DRAWS, len(items)), dtype=bool)
        for field, possible, drawn in self._fields:
            table = np.ones((len(possible) + 1, len(items)), dtype=bool)
            for row, option in enumerate(possible, start=1):
                table[row] = [bool(satisfies(item.values, option.wish, field)) for item in items]
            meets &= table[drawn]
        return meets
