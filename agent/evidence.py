"""Why an item is shown: fields that meet what was asked, liked neighbours, shared categories. Never anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.wording import say_list, say_title, say_value
from tools.constraints import Constraint, words_of
from tools.contract import Wishes
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.filter import option_met
from tools.rank import neighbours
from tools.shelf import Shelf

NEIGHBOUR_SHARE = 0.25
"""A liked item is named as a neighbour of those that are at least this close to it, its closest being 1."""
KNOWN_BEFORE = 10
"""Of what somebody liked before this conversation, so many of the latest are looked at for neighbours."""
KNOWN_TO_MANY = 0.75
"""The popularity (0..1) from which an item is said to be widely known."""


@dataclass(frozen=True)
class Met:
    """A wish that the item meets, and the value that meets it."""

    constraint: Constraint
    said: str
    is_news: bool = True
    """False where the slate shows it anyway: a year stands behind the title, an excluded value is not there."""


@dataclass(frozen=True)
class Evidence:
    """All that may be said of why an item is there."""

    met: tuple[Met, ...]
    neighbours: tuple[str, ...]
    """Titles of liked items whose fans liked this one too."""
    shared: tuple[str, ...]
    """Categories that it shares with a liked item."""
    shared_with: str
    known: tuple[str, ...]
    """Titles of what the person liked before this conversation, whose fans liked this one too."""
    popularity: str
    """How many interacted with it, where that is all there is."""


def evidence_for(item: Item, wishes: Wishes, shelf: Shelf) -> Evidence:
    """The evidence that puts an item on the slate."""
    liked = shelf.catalogue.items(wishes.liked)
    shared, shared_with = _shared(item, liked, shelf)
    return Evidence(
        met=tuple(_met(item, wishes.constraints, shelf)),
        neighbours=_near(item, wishes.liked, shelf),
        shared=shared,
        shared_with=shared_with,
        known=_near(item, wishes.log[: -KNOWN_BEFORE - 1 : -1], shelf),
        popularity=_popularity(item, shelf),
    )


def _near(item: Item, liked: Sequence[int], shelf: Shelf) -> tuple[str, ...]:
    near = [other for other in liked if neighbours(shelf).closeness(other, item.position) >= NEIGHBOUR_SHARE]
    return tuple(say_title(shelf.catalogue.schema, other) for other in shelf.catalogue.items(near))


def _met(item: Item, constraints: Sequence[Constraint], shelf: Shelf) -> list[Met]:
    met: dict[str, Met] = {}
    for constraint in constraints:
        option = option_met(item, constraint, shelf.catalogue.schema) if constraint.strength != "avoid" else None
        field = shelf.catalogue.schema.field(option.field) if option else None
        if option and field:
            met.setdefault(
                f"{field.name} {constraint.words}",
                Met(constraint, _said(item, option, field), _is_news(option, field)),
            )
    return list(met.values())


def _is_news(constraint: Constraint, field: FieldSpec) -> bool:
    return field.role != "year" and not _is_refusal(constraint, field)


def _is_refusal(constraint: Constraint, field: FieldSpec) -> bool:
    """Whether it is about what an item has not."""
    return constraint.op == "!=" and (field.is_category or field.is_told)


def _said(item: Item, constraint: Constraint, field: FieldSpec) -> str:
    """The value that meets the wish: of a list, the values asked for."""
    if _is_refusal(constraint, field):
        return f"not {say_list(words_of(constraint.value))}"
    if field.is_told:
        return f"{field.label} with “{constraint.value}”"
    value = item.values[field.name]
    if isinstance(value, list) and constraint.op == "=":
        value = [word for word in value if word in words_of(constraint.value)]
    return say_value(field, value)


def _shared(item: Item, liked: Sequence[Item], shelf: Shelf) -> tuple[tuple[str, ...], str]:
    best: tuple[tuple[str, ...], str] = ((), "")
    for other in liked:
        words = tuple(word for field in shelf.facets.fields for word in item.words(field) if word in other.words(field))
        if len(words) > len(best[0]):
            best = words, say_title(shelf.catalogue.schema, other)
    return best


def _popularity(item: Item, shelf: Shelf) -> str:
    field = shelf.catalogue.schema.with_role("popularity")
    if shelf.popular[item.position] < KNOWN_TO_MANY:
        return ""
    value = item.values.get(field.name) if field else None
    return f"widely known ({say_value(field, value)})" if field and value else "widely known"


def reason(evidence: Evidence) -> str:
    """One item's reason in a slate: the values first, then likeness, else popularity."""
    values = dict.fromkeys(met.said for met in evidence.met if met.is_news)
    parts = [", ".join(values)] if values else []
    if evidence.shared:
        parts.append(f"shares {say_list(evidence.shared)} with {evidence.shared_with}")
    if evidence.neighbours:
        parts.append(f"liked by people who liked {say_list(evidence.neighbours)}")
    if not parts and evidence.known:
        parts.append(f"liked by people who liked {say_list(evidence.known[:2])}, as you did")
    if not parts and evidence.popularity:
        parts.append(evidence.popularity)
    return "; ".join(parts)
