"""What is kept about a user between conversations: readable sentences, each with the typed preference behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.preferences import ItemList, Preferences
from agent.wording import say_title, say_value
from tools.constraints import Constraint, say_values, words_of
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec

Kind = Literal["wish", "liked", "disliked", "seen", "taken"]
OFTEN = 2
"""A wish is a taste once it was said in so many conversations; before that it was the evening's."""
_SAID: dict[Kind, str] = {
    "liked": "You liked {title}.",
    "disliked": "You did not like {title}.",
    "seen": "You know {title} already.",
    "taken": "You chose {title}.",
}
_FROM_LISTS: tuple[tuple[Kind, ItemList], ...] = (
    ("liked", "liked"),
    ("disliked", "disliked"),
    ("seen", "seen"),
    ("taken", "taken"),
)


class Line(BaseModel):
    """One thing that is known of a user, and where it comes from."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    sentence: str
    constraint: Constraint | None = None
    item: str = ""
    threads: tuple[str, ...] = ()
    """The conversations that it was said in."""
    told: tuple[str, ...] = ()
    """Other conversations that know of it: it was recalled or told there, or the opposite was said."""
    is_asked: bool = False
    """Whether the user asked for it to be remembered."""

    @property
    def key(self) -> str:
        """What it is about: a later line about the same replaces it."""
        if self.constraint is None:
            return f"item {self.item}"
        wish = self.constraint
        values = ",".join(sorted(words_of(wish.value))) if isinstance(wish.value, str | tuple) else wish.op[:1]
        return f"wish {wish.field} {values}"

    @property
    def is_taste(self) -> bool:
        """Whether it holds beyond the conversation that it was said in."""
        if self.constraint is None or self.is_asked or len(self.threads) >= OFTEN:
            return True
        return self.constraint.is_refusal


def lines_of(preferences: Preferences, thread: str, catalogue: Catalogue, is_asked: bool = False) -> Iterator[Line]:
    """What a conversation says about a person."""
    for kind, name in _FROM_LISTS:
        for item in catalogue.items(catalogue.positions_of(getattr(preferences, name))):
            sentence = _SAID[kind].format(title=say_title(catalogue.schema, item))
            yield Line(kind=kind, sentence=sentence, item=item.id, threads=(thread,))
    for wish in preferences.constraints:
        field = catalogue.schema.field(wish.field)
        if field and wish.turn > 0:  # what was recalled is known already
            sentence = say_wish(wish, field)
            yield Line(kind="wish", sentence=sentence, constraint=wish, threads=(thread,), is_asked=is_asked)


def say_wish(wish: Constraint, field: FieldSpec) -> str:
    """A wish as a sentence about the user, with their own words."""
    if wish.either:
        said = " or ".join(say_values(one.value) for one in wish.options)
    elif field.is_ordered:
        bound = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least", "!=": "not", "=": ""}[wish.op]
        said = " ".join(f"{field.label} {bound} {say_values(wish.value)} {field.unit or ''}".split())
    else:
        said = say_value(field, list(wish.value) if isinstance(wish.value, tuple) else wish.value)
    unwanted = wish.strength == "avoid" or (wish.op == "!=" and (field.is_category or field.is_told))
    verb = "You avoid" if unwanted else "You prefer" if wish.strength == "prefer" else "You ask for"
    return f"{verb} {said}" + (f" (“{wish.words}”)." if wish.words else ".")


def recalled(lines: Sequence[Line]) -> Preferences:
    """What a new conversation starts from: items as they are, tastes as soft wishes unless they were to be kept."""
    preferences = Preferences()
    for line in lines:
        if line.item and line.kind != "wish":
            preferences = preferences.with_items(line.kind, [line.item])
        elif line.constraint and line.is_taste:
            wish = line.constraint.model_copy(update={"turn": 0})
            if not line.is_asked:
                wish = _softened(wish)
            preferences = preferences.model_copy(update={"constraints": [*preferences.constraints, wish]})
    return preferences


def _softened(wish: Constraint) -> Constraint:
    """The same as a preference; what was not wanted is avoided, and not ruled out."""
    if wish.strength != "must":
        return wish
    if wish.op == "!=" and isinstance(wish.value, str | tuple):
        return wish.model_copy(update={"op": "=", "strength": "avoid"})
    return wish.model_copy(update={"strength": "prefer"})
