"""What a bare number means, by its field: the planner learns it as the reading has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.training.material import PLACES, MadeUpField, Wish

_EXACT = re.compile(r"exact|precise|=|equals|not more|no more|on the dot|nothing but|\bonly\b|same\b|so \{n\}")


def as_understood(wish: Wish, spec: MadeUpField, form: str) -> Iterator[Wish]:
    """A wish for a number, its bare phrases apart from those that say `exactly`: `rated 4` is at least 4; `90 minutes`,
    asked how long, at most. Any other wish as it is.

    Args:
        form: `answer` where the field was asked about.
    """
    side = ">=" if spec.role in ("quality", "popularity") else ""
    if form == "answer" and spec.role in ("duration", "price"):
        side = "<="
    if wish.op != "=" or not side:
        yield wish
        return
    for op, is_exact in ((side, False), ("=", True)):
        said = {
            place: [text for text in getattr(wish, place) if bool(_EXACT.search(text)) == is_exact] for place in PLACES
        }
        if any(said.values()):
            yield wish.model_copy(update={"op": op, **said})
