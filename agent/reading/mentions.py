"""What a message names, points at or takes back: the stretches of it that are no wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.reading.amount import read_amount
from agent.reading.heard import Before
from agent.reading.lexicon import ASIDES
from agent.reading.references import Reference, read_references
from agent.reading.retractions import TakenBack, read_retractions
from agent.reading.spans import Taken
from agent.reading.titles import Named, kind_of, read_titles
from tools.data.catalogue import Catalogue, Item
from tools.grounding import Titles


@dataclass(frozen=True)
class Mentions:
    """Titles, references to what was shown, and retractions."""

    named: Sequence[Named]
    unknown: Sequence[tuple[int, int, str]]
    """Titles that the catalogue does not have: start, end, as typed."""
    references: Sequence[Reference]
    """Also to rows that are not there."""
    pointed: Sequence[tuple[Reference, Item]]
    """Those to rows that are."""
    back: TakenBack
    amount: int
    """How many items are asked for; 0 where that is not said."""
    taken: Taken
    """What of the message all these take."""

    @property
    def any(self) -> bool:
        """Whether an item is named or pointed at."""
        return bool(self.named or self.unknown or self.references)

    @property
    def rows(self) -> list[Item]:
        """The items of the slate that are pointed at."""
        return [item for _, item in self.pointed]

    @property
    def positions(self) -> list[int]:
        """All items that are named or pointed at, each once."""
        return list(dict.fromkeys([*(item.position for item in self.rows), *(n.position for n in self.named)]))


def read_mentions(message: str, catalogue: Catalogue, titles: Titles, before: Before) -> Mentions:
    """What a message names, points at or takes back."""
    schema, slate = catalogue.schema, before.slate
    references = read_references(message, len(slate), schema.nouns)
    back = read_retractions(message, schema)
    forgotten = Taken(message, back.spans)
    found = read_titles(message, catalogue, titles, frozenset(item.position for item in slate))
    rows = Taken(message, [(reference.start, reference.end) for reference in references])
    named = [name for name in found.named if not message[name.start : name.end].isdigit() or rows.is_free(*name.span)]
    unknown = [one for one in found.unknown if forgotten.is_free(one[0], one[1])]
    spans = [(start, end) for start, end, _ in unknown] + [name.span for name in named]
    spans += [(reference.start, reference.end) for reference in references]
    pointed = [(reference, slate[reference.row]) for reference in references if reference.row < len(slate)]
    asides = [match.span() for match in ASIDES.finditer(message)]
    amount, place = (0, (0, 0)) if before.asked else read_amount(message, schema)
    taken = Taken(message, [*spans, *back.spans, *asides, *([place] if amount else [])])
    return Mentions(named, unknown, references, pointed, back, amount, taken)


def items_spoken_of(
    message: str, named: Sequence[Named], pointed: Sequence[tuple[Reference, Item]], back: TakenBack
) -> dict[str, tuple[int, ...]]:
    """The items that a message says something of, by what it says: `liked`, `disliked`, `seen`, `rejected`."""
    forgotten = Taken(message, back.spans)
    rows: dict[str, dict[int, None]] = {"liked": {}, "disliked": {}, "seen": {}, "rejected": {}}
    for name in named:
        rows[name.kind if forgotten.is_free(name.start, name.end) else "rejected"][name.position] = None
    for reference, item in pointed:
        kind = kind_of(message, reference.start, reference.end)
        rows["rejected" if kind == "disliked" else kind][item.position] = None
    return {kind: tuple(positions) for kind, positions in rows.items()}
