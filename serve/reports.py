"""What the data commands print."""

from __future__ import annotations

from collections.abc import Iterator

from agent.settings import Settings
from tools.data.catalogue import Catalogue
from tools.data.ingest import Ingested
from tools.data.schema import Schema
from tools.models.blend import FEW, Blend, Kind

_HISTORY_WORDS: dict[Kind, str] = {
    "none": "nothing",
    "one": "one like",
    "few": f"two to {FEW} likes",
    "several": "more likes",
    "log": "a log in order",
}


def ingest_report(done: Ingested, name: str) -> Iterator[str]:
    """What was ingested, what was wrong with it, and what was inferred."""
    yield from schema_lines(done.schema)
    yield from done.notes
    yield from done.report.sentences()
    if done.interactions is not None:
        yield f"{len(done.interactions.user):,} interactions of {len(done.interactions.users):,} users."
        yield from done.interactions.report.sentences()
    yield f"The schema is {done.schema_file}: edit it and ingest again with --schema to correct it."
    yield f"{done.items:,} {done.schema.items} in service as {name!r} after {done.seconds:.1f} s."
    yield f"Talk: tastemaker chat --catalogue {name}"


def fit_report(blend: Blend) -> Iterator[str]:
    """How much each recommender counts, by what is known of a person."""
    names = list(blend.members)
    yield f"{'what is known of a person':<28}" + "".join(f"{name:>12}" for name in names)
    for kind, said in _HISTORY_WORDS.items():
        weights = blend.weights[kind]
        total = sum(weights.values())
        shares = [f"{weights[name] / total:.2f}" if name in weights else "-" for name in names]
        yield f"{said:<28}" + "".join(f"{share:>12}" for share in shares)


def schema_lines(schema: Schema) -> Iterator[str]:
    """One line a field: name, type, role, unit."""
    yield f"id: {schema.id_column}; one is a {schema.item}"
    width = max(len(field.name) for field in schema.fields)
    for field in schema.fields:
        extras = [
            field.role or "",
            f"in {field.unit}" if field.unit else "",
            "" if field.askable else "not asked about",
        ]
        yield f"  {field.name:<{width}}  {field.type:<10}  {', '.join(e for e in extras if e)}".rstrip()


def catalogue_report(settings: Settings) -> Iterator[str]:
    """A catalogue's size, fields and attributions."""
    catalogue = Catalogue(settings.catalogue_home.current().database)
    meta = catalogue.meta
    yield (
        f"{settings.catalogue}: {catalogue.size:,} {catalogue.schema.items}, "
        f"{meta['interactions']:,} interactions of {meta['users']:,} users, from {meta['source']}"
    )
    yield from schema_lines(catalogue.schema)
    for credit in meta["attributions"]:
        yield ""
        yield f"{credit['name']}: {credit['what']}"
        yield f"  licence: {credit['licence']}"
        yield f"  source: {credit['source']}"
        if credit.get("notice"):
            yield f"  notice: {credit['notice']}"
    catalogue.close()
