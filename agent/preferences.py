"""What a conversation knows of what is wanted: constraints with the words they came from, and items by id.

Later words win: a new bound replaces an older one that it contradicts, a new wish for a value replaces what was
said of that value before, and an item is only in the list that it was put in last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, Field

from tools.constraints import ORDERED_OPS, Constraint, words_of
from tools.data.schema import Schema
from tools.text import normalise, singular

ItemList = Literal["liked", "disliked", "rejected", "seen"]
_FILLERS = frozenset({"the", "a", "of", "in", "from", "out", "under", "over", "by", "at", "most", "least", "with"})
_LISTS: tuple[ItemList, ...] = ("liked", "disliked", "rejected", "seen")


class Preferences(BaseModel):
    """Typed preferences. Kept as a plain dict in the thread's checkpoint."""

    constraints: list[Constraint] = Field(default_factory=list)
    liked: list[str] = Field(default_factory=list)
    disliked: list[str] = Field(default_factory=list)
    rejected: list[str] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)

    def with_constraints(self, new: Sequence[Constraint]) -> Preferences:
        """These preferences after one more message's constraints."""
        kept = [old for old in self.constraints if not any(_replaces(later, old) for later in new)]
        fresh = {constraint.key: constraint for constraint in new}
        return self.model_copy(update={"constraints": [*kept, *fresh.values()]})

    def with_items(self, kind: ItemList, ids: Iterable[str]) -> Preferences:
        """These preferences with items put in one of the lists, and out of the others."""
        new = list(dict.fromkeys(ids))
        update: dict[str, list[str]] = {name: [i for i in getattr(self, name) if i not in new] for name in _LISTS}
        update[kind] = [*update[kind], *new]
        return self.model_copy(update=update)

    def without(self, phrase: str, schema: Schema) -> Preferences:
        """These preferences without the constraints that a phrase takes back: by their words, or by their field's."""
        said = {singular(word) for word in normalise(phrase).split()}

        def is_meant(constraint: Constraint) -> bool:
            spec = schema.field(constraint.field)
            names = [
                constraint.field,
                *(spec.words if spec else []),
                *([spec.unit] if spec and spec.unit else []),
            ]
            own = " ".join([constraint.words, *names, *words_of(constraint.value)])
            return bool(said & {singular(word) for word in normalise(own).split() if word not in _FILLERS})

        return self.model_copy(update={"constraints": [c for c in self.constraints if not is_meant(c)]})

    @property
    def excluded(self) -> list[str]:
        """Items that are not to be recommended: the person knows them or does not want them."""
        return [*self.liked, *self.disliked, *self.rejected, *self.seen]


def _replaces(new: Constraint, old: Constraint) -> bool:
    if new.field != old.field:
        return False
    if new.op in ORDERED_OPS and old.op in ORDERED_OPS:
        same_side = (new.op[0] == "<") == (old.op[0] == "<")
        return same_side or not _compatible(new, old)
    if new.op in ORDERED_OPS or old.op in ORDERED_OPS:
        return True
    return new.value == old.value


def _compatible(one: Constraint, other: Constraint) -> bool:
    low, high = (one, other) if one.op[0] == ">" else (other, one)
    return float(str(low.value)) <= float(str(high.value))
