"""Which optional steps of a plan the words of a message support: more of a kind, another order, variety."""

from __future__ import annotations

from agent.plan import AIMS, Step, orders
from agent.reading.heard import Reading
from agent.wording import say_title
from tools.data.catalogue import Catalogue
from tools.grounding import Titles
from tools.text import normalise

_POPULAR = frozenset(
    """popular popularity famous bestselling bestseller bestsellers top best trending hits everybody everyone""".split()  # noqa: SIM905
)
_ALIKE = frozenset({"similar", "similarly", "alike", "like", "same", "closest", "resembling", "kind", "style"})
_RECENT = frozenset({"new", "newer", "newest", "recent", "recently", "latest", "modern", "current", "fresh"})
_ORDER_WORDS = {"popularity": _POPULAR, "similarity": _ALIKE, "recency": _RECENT}
_VARIETY = frozenset({"varied", "variety", "diverse", "assorted", "assortment", "mix", "mixed", "eclectic"})
"""Words that ask for variety by themselves."""
_OTHER = frozenset({"different", "diversity", "differing", "various", "range", "unlike"})
"""Words that may mean it, and are believed where a model took them so: `something different`."""
_LIKED_MIX = frozenset({"mix", "mixed", "balance", "balanced", "proportion", "proportions"})
_VESSELS = frozenset({"list", "selection", "bag", "bunch", "set"})
"""What variety comes in: `a mixed bag` looks for no bags."""


class Words:
    """The words of one message, held against the steps of a plan."""

    def __init__(self, reading: Reading, catalogue: Catalogue, titles: Titles) -> None:
        self._reading, self._catalogue, self._titles = reading, catalogue, titles
        named = [titles.title(position) for position in (*reading.liked, *reading.disliked, *reading.seen)]
        spoken = [constraint.words for constraint in reading.constraints]
        self._words = reading.words - {word for text in named for word in normalise(text).split()}
        self._free = self._words - {word for text in spoken for word in normalise(text).split()}

    @property
    def order(self) -> str:
        """By which field the best come first, as `rank_items` takes it; empty where no words ask for an order."""
        return self._reading.order

    @property
    def asks_variety(self) -> bool:
        """Whether a varied slate is plainly asked for."""
        return bool(self._free & _VARIETY)

    def without_variety(self, query: str) -> str:
        """A text that is looked for, less the words that only ask for variety."""
        return " ".join(word for word in query.split() if word not in _VARIETY | _VESSELS)

    def objection_to(self, step: Step) -> str:
        """Why the words do not support an optional step; empty where they do."""
        if step.tool == "similar_items":
            match = self._titles.find(step.argument)
            return "" if match and match.position in self._reading.liked else "not among what the message likes"
        if step.tool == "diversify":
            return self._objection_to_aim(step.argument)
        if step.argument not in orders(self._catalogue):
            return "no such order"
        if step.argument == "preference":
            return ""
        supported = step.argument == self.order or bool(self._words & _ORDER_WORDS.get(step.argument, frozenset()))
        if step.argument == "similarity" and not self._reading.liked:
            supported = False
        return "" if supported else "no words ask for it"

    def _objection_to_aim(self, aim: str) -> str:
        if aim and aim not in AIMS:
            return "no such aim"
        wanted = _LIKED_MIX if aim == "calibration" else _VARIETY | _OTHER
        return "" if self._free & wanted else "no words ask for it"

    def as_known(self, step: Step) -> Step:
        """A step with its title as the catalogue writes it, with the year, so that it means one item."""
        match = self._titles.find(step.argument) if step.tool == "similar_items" else None
        if match is None:
            return step
        return step.model_copy(
            update={"argument": say_title(self._catalogue.schema, self._catalogue.item(match.position))}
        )
