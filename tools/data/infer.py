"""A first schema from the rows themselves: which column is the id, what type each has, what it is for.

Types come from the values, roles from the type and generic English column names. Where the two disagree the
values win. The result is a proposal: it is printed, written to one file, and meant to be corrected there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tools.data.columns import MIXED, PARSABLE, Column, columns_of, reads, slug
from tools.data.read import Table
from tools.data.roles import LINK_NAME, give_roles, names_a_role, names_words
from tools.data.schema import SMALL_VOCABULARY, FieldSpec, Schema
from tools.data.thesaurus import teach_nouns, teach_values
from tools.data.values import epoch_seconds, parse_value, plain_text, split_unit, text_list
from tools.errors import BadInputError
from tools.text import singular

MAX_COLUMNS = 500
_ALIAS = re.compile(r"(original|alternat\w+|other|english|local|translated|foreign)_(titles?|names?)|akas?|alias(es)?")
_IDS = ("id", "item_id", "itemid", "item")
_ID_LIKE = re.compile(r"\w+_id|isbn\w*|\w*_isbn\w*|sku|asin|ean|upc|gtin|uuid|guid|key|code|slug|index|rank|nr|no")
_TITLES = (
    "title", "name", "item_title", "item_name", "product_title", "product_name", "product", "headline",
    "label",
)  # fmt: skip
_NOT_NOUNS = frozenset({"item", "object", "external", "internal", "unique", "row", "record", "source", "content"})
_YES_NO = ({"true", "false"}, {"yes", "no"}, {"y", "n"})
_SEPARATORS = ("|", ";", ", ", ",", "/")


def infer_schema(table: Table) -> Schema:
    """A schema for the table.

    Raises:
        BadInputError: no column can be the id, or none the title; lists the columns.
    """
    return infer_with_notes(table)[0]


def infer_with_notes(table: Table) -> tuple[Schema, list[str]]:
    """The schema, and a sentence for each column that mixes types or was left out.

    Raises:
        BadInputError: see `infer_schema`.
    """
    if len(table.columns) > MAX_COLUMNS:
        raise BadInputError(
            f"{table.path} has {len(table.columns):,} columns; at most {MAX_COLUMNS} can be fields.",
            "Leave out what nobody asks for, or name the columns to use in a schema file.",
        )
    columns = columns_of(table)
    title = _title_column(table, columns)
    id_column = _id_column(table, columns, title)
    specs = [_spec(column, title) for column in columns if column is title or column is not id_column]
    fields = [spec for spec in specs if spec is not None]
    give_roles(fields, {column.slug: column for column in columns})
    fields.sort(key=lambda spec: spec.role != "title")
    item, items = _nouns(id_column.slug)
    aliases = [spec.name for spec in fields if spec.role is None and _ALIAS.fullmatch(spec.name)]
    schema = Schema(id_column=id_column.name, item=item, items=items, aliases=aliases, fields=fields)
    teach_nouns(schema, table.path.stem)
    _teach(schema, columns)
    return schema, [note for column in columns for note in column.notes]


def _teach(schema: Schema, columns: list[Column]) -> None:
    """Give fields named for several what one is called, and the fields of few values what people call these."""
    by_name = {column.name: column for column in columns}
    for spec in schema.fields:
        if spec.is_category and singular(spec.label) != spec.label:
            spec.words = list(dict.fromkeys([spec.label, singular(spec.label), *spec.words]))
        column = by_name.get(spec.column or spec.name)
        if column is not None and spec.is_category:
            read = [parse_value(spec, raw) for _, raw in column.sample]
            values = {value for value in read if isinstance(value, str)}
            values |= {word for value in read if isinstance(value, list) for word in value}
            if len(values) <= SMALL_VOCABULARY:
                teach_values(spec, values)


# --- the two columns that every catalogue has


def _title_column(table: Table, columns: list[Column]) -> Column:
    slugs = [slug(column.name) for column in columns]
    for wanted in _TITLES:
        if wanted in slugs and columns[slugs.index(wanted)].cells:
            return columns[slugs.index(wanted)]
    for column in columns:
        if re.fullmatch(r"\w+_(title|name)", column.slug) and column.texts and not column.repeats:
            return column
    raise BadInputError(
        f"{table.path} has no column that looks like a title; its columns are {_list(table)}.",
        "Rename the column to title, or name it in a schema file (role: title) and give that with --schema.",
    )


def _id_column(table: Table, columns: list[Column], title: Column) -> Column:
    named = _named_ids(table, columns)
    # A named id with some doubles or gaps is an id with errors in it: taken, so that they are reported.
    flawed = [column for column in named if _distinct_share(column) >= MIXED]
    found = next((column for column in named if _distinct_share(column) == 1), None) or next(iter(flawed), None)
    if found is not None:
        return found
    for column in _unnamed_ids([column for column in columns if column not in named], title):
        if _distinct_share(column) == 1:
            return column
    raise BadInputError(
        f"{table.path} has no column that could be the id: none is filled and different in every row; its"
        f" columns are {_list(table)}.",
        "Add one called id, or name it in a schema file (id_column) and give that with --schema.",
    )


def _named_ids(table: Table, columns: list[Column]) -> list[Column]:
    """Columns called id, then those named after the file (`book_id` in books.csv), then the rest."""
    exact = [column for column in columns if slug(column.name) in _IDS]
    alike = [column for column in columns if column not in exact and _ID_LIKE.fullmatch(column.slug)]
    stem = slug(table.path.stem)
    return exact + sorted(alike, key=lambda column: not stem.startswith(column.slug.removesuffix("_id")))


def _unnamed_ids(columns: list[Column], title: Column) -> Iterator[Column]:
    """Whatever could do: codes without spaces first, then the title, then anything short."""
    plain = [column for column in columns if column is not title and _could_be_id(column)]
    yield from (column for column in plain if not any(" " in text for text in column.texts))
    yield title
    yield from plain


def _could_be_id(column: Column) -> bool:
    whole = all(isinstance(raw, str | int) and not isinstance(raw, bool) for _, raw in column.sample)
    if not whole or (names_a_role(column.slug) and column.slug != "href"):
        return False
    return max(map(len, column.texts), default=0) <= 100


def _distinct_share(column: Column) -> float:
    return len(column.counts) / column.rows if column.cells else 0.0


def _list(table: Table) -> str:
    return ", ".join(table.columns[:30]) + (", ..." if len(table.columns) > 30 else "")


def _nouns(id_slug: str) -> tuple[str, str]:
    """`book_id` says that the items are books."""
    noun = id_slug.removesuffix("_id")
    if noun == id_slug or "_" in noun or noun in _NOT_NOUNS or re.search(r"db$|^(uu|gu)", noun) or len(noun) < 3:
        return "item", "items"
    if re.search(r"[^aeiou]y$", noun):
        return noun, noun[:-1] + "ies"
    return noun, noun if noun.endswith("s") else noun + ("es" if re.search(r"(x|ch|sh)$", noun) else "s")


# --- types


def _spec(column: Column, title: Column) -> FieldSpec | None:
    """The field for a column, roles still to come; None where it holds nothing that can be read."""
    spec = FieldSpec(name=column.slug, type="text", role="title" if column is title else None)
    if column.name != column.slug:
        spec.column = column.name
    if column is title:
        return spec
    if not column.cells:
        column.notes.append(f"{column.name}: every value is missing, so it is left out.")
        return None
    if column.share(_is_nested) > 0:
        column.notes.append(f"{column.name}: holds nested objects, so it is left out.")
        return None
    for find in (_as_list, _as_flag, _as_code, _as_number, _as_date):
        if find(column, spec):
            return spec
    _as_words(column, spec)
    return spec


def _as_list(column: Column, spec: FieldSpec) -> bool:
    lists = column.share(lambda raw: isinstance(raw, list))
    written = column.share(lambda raw: isinstance(raw, str) and raw.lstrip()[:1] == "[" and text_list(raw) is not None)
    if lists or written >= PARSABLE:
        spec.type = "categories"
    return spec.type == "categories"


def _as_flag(column: Column, spec: FieldSpec) -> bool:
    values = {plain_text(raw).lower() for _, raw in column.sample}
    bits = values == {"0", "1"} or (values <= {"0", "1"} and re.match(r"is_|has_|in_", column.slug))
    if bits or values == {"t", "f"} or any(values <= pair for pair in _YES_NO):
        spec.type = "flag"
    return spec.type == "flag"


def _as_code(column: Column, spec: FieldSpec) -> bool:
    padded = column.share(lambda raw: isinstance(raw, str) and re.match(r"0[0-9]+$", raw.strip()) is not None)
    if padded <= 1 - PARSABLE and not _ID_LIKE.fullmatch(column.slug):
        return False
    if column.repeats and column.share(lambda raw: isinstance(raw, str) and raw.strip().isalpha()) >= PARSABLE:
        return False
    spec.askable = False
    return True


def _as_number(column: Column, spec: FieldSpec) -> bool:
    found = (split_unit(raw) for _, raw in column.sample if isinstance(raw, str))
    # One letter behind a number is more often part of a name (3D, 90s) than a unit.
    units = Counter(pair[1] for pair in found if pair is not None and len(pair[1]) > 1)
    unit = max(units, key=lambda word: units[word]) if units else None
    if not column.is_mostly(FieldSpec(name=spec.name, type="number", unit=unit)):
        return False
    if _is_epoch(column):
        spec.type = "date"
        return True
    if unit is None and (said := re.search(r"[(\[]([A-Za-z]+)[)\]]$", column.name)):
        unit = said[1]
    spec.type, spec.unit, spec.askable = "number", unit, not LINK_NAME.fullmatch(column.slug)
    return True


def _is_epoch(column: Column) -> bool:
    if not re.search(r"date|time|(_|^)(at|on|released|created|updated|published)$", column.slug):
        return False
    as_date = FieldSpec(name="day", type="date")
    return column.share(lambda raw: reads(as_date, raw) and epoch_seconds(raw) > 1e8) >= PARSABLE


def _as_date(column: Column, spec: FieldSpec) -> bool:
    if column.is_mostly(FieldSpec(name=spec.name, type="date")):
        spec.type = "date"
    return spec.type == "date"


_FEW_WORDS = 4
_DESCRIPTION = re.compile(r"(\w+_)?(descriptions?|overview|synopsis|plot|summary)")


def _as_words(column: Column, spec: FieldSpec) -> None:
    """Text, or one or several words of a vocabulary."""
    texts = column.texts
    if column.share(lambda raw: str(raw).strip().startswith(("http://", "https://"))) > 0.9:
        spec.askable = False
        return
    words = sum(len(text.split()) for text in texts) / len(texts)
    if _DESCRIPTION.fullmatch(column.slug) and words > _FEW_WORDS:
        return
    spec.separator = _separator(column)
    if spec.separator is not None:
        spec.type = "categories"
        return
    short = words <= 8 and column.mean_length <= 60
    codes = sum(" " not in text and any(c.isdigit() for c in text) for text in texts) > 0.9 * len(texts)
    if short and (column.repeats or names_words(column.slug) or (len(texts) < 30 and words <= 3 and not codes)):
        spec.type = "category"
    elif codes or LINK_NAME.fullmatch(column.slug):
        spec.askable = False


def _separator(column: Column) -> str | None:
    """What stands between two values, where splitting there leaves a vocabulary of short words."""
    plural = re.search(r"[^s]s(_names)?$", column.slug) is not None
    for mark in _SEPARATORS:
        several = [text for text in column.counts if mark in text.strip(mark)]
        rows = sum(column.counts[text] for text in several)
        if not several or rows < 0.05 * len(column.texts):
            continue
        if not _are_words([part.strip() for text in several for part in text.split(mark)], mark):
            continue
        vocabulary = {part.strip() for text in column.counts for part in text.split(mark)}
        smaller = len(vocabulary) <= 0.6 * len(column.counts)
        if smaller or mark in "|;" or (plural and mark != "/"):
            return mark
    return None


def _are_words(parts: list[str], mark: str) -> bool:
    """Whether the parts are a few words each; digits between commas and slashes are numbers and dates."""
    if mark not in "|;" and sum(part.isdecimal() for part in parts) > MIXED * len(parts):
        return False
    return sum(len(part.split()) for part in parts) <= 4 * len(parts) and sum(map(len, parts)) <= 30 * len(parts)


def _is_nested(raw: object) -> bool:
    return isinstance(raw, dict) or (isinstance(raw, list) and any(isinstance(part, dict) for part in raw))
