"""Why an item is not shown, in words: the wishes that it breaks, its place, and what would bring it in."""

from __future__ import annotations

from collections.abc import Iterator

from agent.wording import say_title, say_value
from tools.constraints import Constraint
from tools.contract import Candidates, Wishes
from tools.explain import Explanation, explain
from tools.search import SearchArguments, SearchItems
from tools.shelf import Shelf

MOST_CHANGES = 2


def why_not(shelf: Shelf, wishes: Wishes, query: str, position: int, shown: int) -> list[str]:
    """The lines about an item that is not on the slate; empty if by all that was said it could be.

    Args:
        query: what was searched for by text; empty where nothing was.
        shown: how many items the slate has.
    """
    candidates = Candidates.everything(shelf.catalogue.size)
    if query:
        candidates = SearchItems().run(SearchArguments(query=query), shelf, wishes, candidates).candidates
    explained = explain(shelf, wishes, candidates, position, shown)
    return [*_reasons(explained, query, shelf), *_ways(explained, shelf)]


def _reasons(explained: Explanation, query: str, shelf: Shelf) -> Iterator[str]:
    for constraint in explained.barriers:
        yield f"{_said(explained, constraint, shelf)}: you said “{constraint.words}”"
    if explained.is_known:
        yield "you know it already, or did not want it"
    if explained.is_off_topic:
        yield f"its text is not about “{query}”"
    if explained.is_allowed:
        yield f"others fit better: it would be number {explained.place:,}"
        for contribution in explained.contributions:
            if contribution.kind == "disliked" and contribution.amount < 0 and isinstance(contribution.cause, int):
                disliked = shelf.catalogue.item(contribution.cause)
                yield f"it is like {say_title(shelf.catalogue.schema, disliked)}, which you did not like"
                return


def _said(explained: Explanation, constraint: Constraint, shelf: Shelf) -> str:
    """What the item has where the constraint wants something else."""
    field = shelf.catalogue.schema.field(constraint.field)
    if field is not None and field.is_told:
        return f"its {'title' if field.role == 'title' else 'text'} has “{constraint.value}”"
    value = explained.item.values.get(constraint.field)
    if field is None or value is None or value == []:
        return f"the catalogue does not say ({field.label if field else constraint.field})"
    return f"it is {say_value(field, value)}"


def _ways(explained: Explanation, shelf: Shelf) -> Iterator[str]:
    ways = [change for change in explained.changes if isinstance(change.cause, int) or change.cause.words]
    for change in ways[:MOST_CHANGES]:
        if isinstance(change.cause, Constraint):
            yield f"say “forget {change.cause.words}”, and it would be number {change.place}"
        else:
            title = say_title(shelf.catalogue.schema, shelf.catalogue.item(change.cause))
            yield f"without {title} it would be number {change.place}"
