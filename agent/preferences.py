"""What a conversation knows of what is wanted: constraints with the words they came from, and items by id.

Later words win: a new bound replaces an older one that it contradicts, a new wish for a value replaces what was
said of that value before, and an item is only in the list that it was put in last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from pydantic import BaseModel, Field

from agent.reading.retractions import Change, TakenBack
from tools.constraints import ORDERED_OPS, Constraint, words_of
from tools.data.schema import FieldSpec, Schema
from tools.text import mentions, normalise, singular

ItemList = Literal["liked", "disliked", "rejected", "seen", "passed", "taken"]
_FILLERS = frozenset({"the", "a", "of", "in", "from", "out", "under", "over", "by", "at", "most", "least", "with"})
_LISTS: tuple[ItemList, ...] = get_args(ItemList)


class Preferences(BaseModel):
    """Typed preferences. Kept as a plain dict in the thread's checkpoint."""

    constraints: list[Constraint] = Field(default_factory=list)
    liked: list[str] = Field(default_factory=list)
    disliked: list[str] = Field(default_factory=list)
    rejected: list[str] = Field(default_factory=list)
    """Shown and turned down."""
    seen: list[str] = Field(default_factory=list)
    passed: list[str] = Field(default_factory=list)
    """Shown or named, and others were asked for: no verdict on these."""
    taken: list[str] = Field(default_factory=list)
    """Shown and accepted."""
    asked: list[str] = Field(default_factory=list)
    """The fields that the person was asked about: never twice."""
    confirmed: list[str] = Field(default_factory=list)
    """What the person said is all right: see `policy.confirmation`."""
    order: str = ""
    """Which come first whatever else speaks for them, as `rank_items` takes it: `lowest price`."""
    query: str = ""
    """What is looked for by text, until another text or its retraction."""

    def with_constraints(self, new: Sequence[Constraint], schema: Schema, change: Change = "") -> Preferences:
        """These preferences after one more message's constraints.

        Args:
            change: whether they correct what was wished of the same fields, or widen it.
        """
        if change == "widens":
            new = [_widened(one, self.constraints, schema.field(one.field)) for one in new]
        kept = [old for old in self.constraints if not _is_replaced(old, new, schema.field(old.field))]
        if change == "corrects":
            wanted = {one.field for one in new if _wants(one) and isinstance(one.value, str | tuple)}
            new = [self._as_before(one) for one in new]
            kept = [old for old in kept if not (_wants(old) and old.field in wanted)]
        fresh = {constraint.key: constraint for constraint in new}
        return self.model_copy(update={"constraints": [*kept, *fresh.values()]})

    def _as_before(self, new: Constraint) -> Constraint:
        """`make it 90`, where there was a bound: another bound on the same side."""
        old = [c for c in self.constraints if c.field == new.field and c.op in ORDERED_OPS]
        return new.model_copy(update={"op": old[0].op}) if new.op == "=" and len(old) == 1 else new

    def after_taking_back(self, back: TakenBack, needless: Sequence[Constraint], schema: Schema) -> Preferences:
        """These preferences without the wishes that a message takes back, or says need not be met."""
        after = self
        for phrase in back.phrases:
            after = after.without(phrase, schema)
        kept = [c for c in after.constraints if c.field not in back.fields and not _is_needless(c, needless)]
        order = "" if after.order.split(" ")[-1] in back.fields else after.order
        return after.model_copy(update={"constraints": kept, "order": order})

    def searching(self, query: str) -> Preferences:
        """These preferences after something was looked for by text: it is no longer refused."""
        if not query:
            return self
        kept = [
            c for c in self.constraints if not (isinstance(c.value, str) and mentions(query, c.value) and not _wants(c))
        ]
        return self.model_copy(update={"query": query, "constraints": kept})

    def permitting(self, allowed: Sequence[Constraint], schema: Schema) -> Preferences:
        """These preferences after values were allowed: what spoke against them is gone; else they are preferred.

        Where a field holds one value and another was demanded, either will do from now on.
        """
        after = self
        for wish in allowed:
            field = schema.field(wish.field)
            against = [c for c in after.constraints if c.field == wish.field and not _wants(c)]
            lifted = [c for c in against if {*words_of(c.value)} <= {*words_of(wish.value)}]
            kept = [c for c in after.constraints if c not in lifted]
            demanded = [c for c in kept if c.field == wish.field and _wants(c) and c.strength == "must"]
            if demanded and field is not None and field.type == "category":
                kept = [c for c in kept if c not in demanded]
                fresh = [_widened(wish, demanded, field)]
            else:
                fresh = [] if lifted else [wish.model_copy(update={"strength": "prefer"})]
            after = after.model_copy(update={"constraints": [*kept, *fresh]})
        return after

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

        query = "" if said & {singular(word) for word in self.query.split()} else self.query
        kept = [constraint for constraint in self.constraints if not is_meant(constraint)]
        return self.model_copy(update={"constraints": kept, "query": query})

    @property
    def excluded(self) -> list[str]:
        """Items that are not to be recommended: the person knows them or does not want them."""
        return [item for name in _LISTS for item in getattr(self, name)]

    @property
    def spoken(self) -> set[str]:
        """The fields that were asked about, or of which it is known what is wanted, not only what is not."""
        return {*(c.field for c in self.constraints if _wants(c) or c.op in ORDERED_OPS), *self.asked}

    @property
    def is_vague(self) -> bool:
        """Whether nothing is known yet of what is wanted."""
        return not (self.constraints or self.liked or self.disliked or self.query or self.order)


def _is_replaced(old: Constraint, new: Sequence[Constraint], field: FieldSpec | None) -> bool:
    later = [constraint for constraint in new if constraint.field == old.field]
    if field is not None and (field.is_category or field.is_told):
        return any(_replaces_words(one, old, field) for one in later)
    sides = {one.op[0] for one in later if one.op in ORDERED_OPS}
    if old.op == "!=" and len(sides) == 2:  # a range wished for that an earlier `not` lies in
        return all(one.op not in ORDERED_OPS or _compatible(one, old.model_copy(update={"op": "="})) for one in later)
    return any(_replaces_number(one, old) for one in later)


def _replaces_words(new: Constraint, old: Constraint, field: FieldSpec) -> bool:
    """The same values again, others for a field that holds one, or the opposite of what was said of them."""
    mine, theirs = set(words_of(new.value)), set(words_of(old.value))
    if _wants(new) == _wants(old):
        return theirs <= mine or (_wants(new) and field.type == "category")
    return bool(mine & theirs) if _wants(new) else theirs <= mine


def _is_needless(old: Constraint, needless: Sequence[Constraint]) -> bool:
    """Whether what was demanded is among what need not be met."""
    return any(
        old.field == one.field and (isinstance(old.value, bool) or {*words_of(old.value)} <= {*words_of(one.value)})
        for one in needless
    )


def _widened(new: Constraint, earlier: Sequence[Constraint], field: FieldSpec | None) -> Constraint:
    """`or by her`: one of the earlier values, or this one."""
    if field is None or not field.is_category or not _wants(new):
        return new
    old = [c for c in earlier if c.field == new.field and _wants(c)]
    values = dict.fromkeys([value for c in [*old, new] for value in words_of(c.value)])
    words = " or ".join([*(c.words for c in old), new.words])
    return new.model_copy(update={"value": tuple(values), "words": words}) if old else new


def _wants(constraint: Constraint) -> bool:
    return constraint.op == "=" and constraint.strength != "avoid"


def _replaces_number(new: Constraint, old: Constraint) -> bool:
    """Another value or bound for what was said; a mere preference leaves a must that it agrees with."""
    if "!=" in (new.op, old.op):
        return new.value == old.value
    if new.op not in ORDERED_OPS or old.op not in ORDERED_OPS:
        return True
    if new.op[0] == old.op[0]:
        return new.strength == "must" or old.strength != "must"
    return not _compatible(new, old)


def _compatible(one: Constraint, other: Constraint) -> bool:
    """Whether some value meets both: two bounds of opposite sides, or a bound and a value."""
    low, high = (one, other) if one.op[0] == ">" or other.op[0] == "<" else (other, one)
    is_date = isinstance(low.value, str)
    least, most = (str(c.value) if is_date else float(str(c.value)) for c in (low, high))
    return least <= most if "=" in low.op and "=" in high.op else least < most  # type: ignore[operator]
