"""Training material from a real catalogue: its fields, values and titles, as a made-up one has them."""

from __future__ import annotations

import random

from agent.plan import TITLE_LENGTH
from agent.training.material import Domain, MadeUpField
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec
from tools.errors import BadInputError

MOST_VALUES, MOST_TITLES, FEWEST_TITLES = 60, 400, 10
_UNSAID = frozenset('"\\|{}')
"""What stands for something else in a plan or a phrase."""


def domain_of(catalogue: Catalogue, seed: int) -> Domain:
    """The catalogue as material: of large vocabularies the values that most items have, of its titles some.

    Raises:
        BadInputError: it has too few items or fields to make messages of.
    """
    schema = catalogue.schema
    titles = _titles(catalogue, seed)
    named = MadeUpField(name=schema.title.name, type="text", role="title", words=schema.title.words)
    fields = [made for field in schema.askable if (made := _field(catalogue, field))]
    if len(titles) < FEWEST_TITLES or not fields:
        raise BadInputError(
            f"This catalogue has {len(titles)} titles and {len(fields)} fields that people ask by.",
            f"Lessons are made of at least {FEWEST_TITLES} titles and one field.",
        )
    return Domain(
        item=schema.item, items=schema.items, item_words=schema.item_words, fields=[named, *fields], titles=titles
    )


def _titles(catalogue: Catalogue, seed: int) -> list[str]:
    by_words = {norm: position for norm, position in catalogue.all_titles if norm}
    drawn = random.Random(f"titles {seed}").sample(sorted(by_words), min(MOST_TITLES, len(by_words)))  # noqa: S311
    name = catalogue.schema.title.name
    found = dict.fromkeys(str(item.values[name]) for item in catalogue.items(by_words[norm] for norm in drawn))
    return [title for title in found if _can_be_said(title) and len(title) <= TITLE_LENGTH]


def _field(catalogue: Catalogue, field: FieldSpec) -> MadeUpField | None:
    """None of a field that no message can be made about."""
    kept = field.model_dump(include=set(FieldSpec.model_fields) & set(MadeUpField.model_fields))
    kept["words"] = list(dict.fromkeys([*field.words, *field.names]))
    if field.type == "flag":
        said = kept["words"][0]
        return MadeUpField(**{**kept, "yes": [said, f"with {said}"], "no": [f"not {said}", f"without {said}"]})
    if field.is_category:
        values = [value for value, _ in catalogue.vocabulary(field.name, MOST_VALUES) if _can_be_said(value)]
        synonyms = {word: value for word, value in field.synonyms.items() if value in values}
        order = [value for value in field.order if value in values]
        made = MadeUpField(**{**kept, "values": values, "synonyms": synonyms, "order": order})
        return made if len(values) > 1 else None
    spread = catalogue.spread(field.name)
    if not spread or spread[1] >= spread[-2]:
        return None
    step = 1.0 if all(value == int(value) for value in spread) else 0.1
    return MadeUpField(**{**kept, "low": spread[1], "high": spread[-2], "step": step})


def _can_be_said(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and not _UNSAID & {*text}
