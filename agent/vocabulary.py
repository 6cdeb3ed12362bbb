"""A model's wish as the catalogue writes it."""

from __future__ import annotations

from tools.constraints import Constraint, say_values, words_of
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec
from tools.text import normalise, stem_phrase


def in_vocabulary(constraint: Constraint, field: FieldSpec, catalogue: Catalogue) -> Constraint | None:
    """The constraint with its value as the catalogue writes it; None if the catalogue has no such value."""
    if not field.is_category:
        return constraint if _is_of_type(constraint.value, field) else None
    if constraint.op not in ("=", "!="):
        return None
    said = [stem_phrase(normalise(word)) for word in words_of(constraint.value)]
    named = {word.norm: word.value for word in reversed(catalogue.words(said)) if word.field == field.name}
    values = tuple(dict.fromkeys(named[norm] for norm in said if norm in named))
    if not values:
        return None
    return constraint.model_copy(update={"value": values[0] if len(values) == 1 else values})


def spoken(constraint: Constraint) -> Constraint:
    """The constraint in the words of its value, where the message has no others for it."""
    return constraint.model_copy(update={"words": say_values(constraint.value)})


def _is_of_type(value: object, field: FieldSpec) -> bool:
    """Whether a value can be compared with the field's; a server that ignores the schema may send anything."""
    if field.type == "flag":
        return isinstance(value, bool)
    return isinstance(value, str if field.type == "date" else int | float) and not isinstance(value, bool)
