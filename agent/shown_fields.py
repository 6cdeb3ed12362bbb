"""What of a catalogue's fields a prompt shows: all of them where they fit, else those that a message may be about."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from agent.fields import Fields
from tools.data.schema import FieldSpec
from tools.text import singular, words_with_spans

SHOWN_VALUES = 30
MOST_CHARS = 5_000
"""Of all lines together: about 1,600 tokens."""


def all_fit(fields: Fields) -> bool:
    """Whether all fields are shown, whatever the message: the prompt is then always the same, and cached."""
    return sum(len(line) + 1 for _, line in _lines(fields)) <= MOST_CHARS


def field_lines(fields: Fields, message: str = "", known: Collection[str] = ()) -> str:
    """A line a field: its name and what it holds.

    Args:
        message: where not all fit, what it speaks of comes first.
        known: the fields of earlier wishes; they come before all others.
    """
    lines = list(_lines(fields))
    if sum(len(line) + 1 for _, line in lines) <= MOST_CHARS:
        return "\n".join(line for _, line in lines)
    words = {form for word, _, _ in words_with_spans(message) for form in (word, singular(word))}
    near = sorted(lines, key=lambda one: -_nearness(fields, one[0], words) - 100 * (one[0].name in known))
    shown, left = set[str](), MOST_CHARS
    for field, line in near:
        if len(line) < left:
            shown.add(field.name)
            left -= len(line) + 1
    return "\n".join(line for field, line in lines if field.name in shown)


def _nearness(fields: Fields, field: FieldSpec, words: Collection[str]) -> int:
    """How many of a message's words the field's names and shown values have."""
    said = {part for name in [*field.names, *field.more, *field.less, field.unit or ""] for part in _parts(name)}
    if field.is_category:
        said |= {part for value, _ in fields.vocabulary(field.name, SHOWN_VALUES) for part in _parts(value)}
    return len(said & {*words})


def _parts(text: str) -> Iterator[str]:
    for word, _, _ in words_with_spans(text.replace("_", " ")):
        yield from (word, singular(word))


def _lines(fields: Fields) -> Iterator[tuple[FieldSpec, str]]:
    for field in fields.schema.askable:
        if line := _line(fields, field):
            yield field, line


def _line(fields: Fields, field: FieldSpec) -> str:
    if field.type == "flag":
        return f"- {field.name}: true or false"
    if field.is_category:
        if not 0 < fields.vocabulary_size(field.name) <= SHOWN_VALUES:
            return f"- {field.name}: a name"
        return f"- {field.name}: {', '.join(value for value, _ in fields.vocabulary(field.name))}"
    spread = fields.spread(field.name)
    unit = f" {field.unit}" if field.unit else ""
    return f"- {field.name}: {spread[0]:g} to {spread[-1]:g}{unit}" if spread else ""
