"""How a question is worded, by what its field is: one sentence, with examples or the range that there is."""

from __future__ import annotations

from agent.elicit import Question
from agent.wording import say_list
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec

EXAMPLES = 4


def ask(question: Question, catalogue: Catalogue) -> str:
    """The question in words."""
    field = catalogue.schema.field(question.field)
    assert field is not None  # a question is made from the schema
    if question.kind == "confirm":
        has = " or ".join(question.values)
        return f"What fits best has {field.label} {has}: is that all right?"
    if field.is_category:
        examples = [value for value, _ in catalogue.vocabulary(field.name, EXAMPLES)]
        return f"Any particular {field.label}, or some to avoid? For example {say_list(examples)}."
    if field.type == "flag":
        return f"Does it matter whether it is {field.label}?"
    return f"Any limit on the {field.label}? {_range(field, catalogue)}".strip()


def _range(field: FieldSpec, catalogue: Catalogue) -> str:
    spread = catalogue.spread(field.name)
    unit = f" {field.unit}" if field.unit else ""
    return f"Most have {_plain(spread[1])} to {_plain(spread[-2])}{unit}." if spread else ""


def _plain(edge: float) -> str:
    """At most one decimal: nobody thinks in thousandths."""
    return f"{round(edge, 1):g}" if edge < 1_000 else f"{edge:.0f}"
