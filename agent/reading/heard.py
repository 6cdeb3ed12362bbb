"""What the words of a message say, as a type, and what it can point at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from agent.plan import Intent
from agent.reading.answers import Answer, Asked
from agent.reading.inquiries import Inquiry
from agent.reading.retractions import TakenBack
from agent.reading.small_talk import Talk
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec


@dataclass(frozen=True)
class Reading:
    """What the words of a message say."""

    intent: Intent
    possible: frozenset[Intent]
    """The intents that the words allow; a model's choice among them is believed."""
    constraints: tuple[Constraint, ...] = ()
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    rejected: tuple[int, ...] = ()
    about: tuple[int, ...] = ()
    """The items that a question is about."""
    asked: tuple[str, ...] = ()
    """The fields that a question is about."""
    sources: tuple[int, ...] = ()
    """The items that were only named for a value that they have."""
    inquiry: Inquiry | Literal[""] = ""
    """Which kind of question it is."""
    counted: tuple[Constraint, ...] = ()
    """What is to be counted."""
    is_answerable: bool = True
    """False where it asks for something that no field holds: `is it dubbed?`"""
    order: str = ""
    """By which field the best come first: `lowest price`."""
    unknown: tuple[str, ...] = ()
    """Titles that the catalogue does not have, as typed."""
    amount: int = 0
    """How many items it asks for; 0 where it does not say."""
    query: str = ""
    """What no field says: searched for as text."""
    is_soft: bool = False
    """Whether that text is only preferred, or liked in general."""
    is_topic: bool = False
    """Whether it is said what that text is: what items are about, or what is in them."""
    another: bool = False
    """Whether other items than those shown are asked for."""
    start_over: bool = False
    permitted: tuple[Constraint, ...] = ()
    """Wishes for values that are only allowed: `horror is fine`."""
    unmeasured: tuple[str, ...] = ()
    """Words of which less is wanted, and of which no field says how much there is."""
    is_to_keep: bool = False
    """Whether it is to be remembered beyond this conversation."""
    talk: Talk = ""
    """Which kind of small talk it is."""
    needless: tuple[Constraint, ...] = ()
    """Wishes that need not be met: `it doesn't have to be in stock`."""
    both: tuple[str, ...] = ()
    """The words of wishes of which one would be enough, and which are all taken."""
    is_of_unknown_age: bool = False
    """Whether it is for a child, and no field says what is fit for one."""
    is_ambiguous: bool = False
    """Whether it judges `that one`, where several were shown."""
    back: TakenBack = field(default_factory=TakenBack)
    """What is taken back of earlier wishes, or corrected."""
    is_opinion: bool = False
    """Whether it says of something that it was liked, disliked or seen, whatever that is."""
    is_foreign: bool = False
    """Whether nothing in it reads as English."""
    taken: tuple[int, ...] = ()
    """Items of the slate that are accepted: `I'll take the second`."""
    answer: Answer = field(default_factory=Answer)
    """What it says to a question, or of what was shown."""
    others: tuple[int, ...] = ()
    """Items of the slate that are turned down, since only others of it are fine."""
    words: frozenset[str] = field(default_factory=frozenset)
    """All words of the message, folded, plural and singular; not those that take something back or say an age."""

    @property
    def named(self) -> frozenset[int]:
        """The items that it names or points at, whatever it says of them."""
        return frozenset((*self.liked, *self.disliked, *self.seen, *self.rejected, *self.about))

    @property
    def is_unexplained(self) -> bool:
        """Whether it is taken for a request only for want of a better explanation: there is nothing in it but words."""
        return replace(self, query="", words=frozenset()) == Reading("recommend", frozenset({"recommend"}))


@dataclass(frozen=True)
class Before:
    """What the last reply left: what a message can point at or answer."""

    slate: Sequence[Item] = ()
    """What was shown last; empty at the start."""
    focused: Sequence[Item] = ()
    """What was last talked about, the first as `it`."""
    unjudged: int = 0
    """How many items of the slate nothing was said of yet."""
    question: Asked = ""
    """Which kind of question the reply ended in."""
    asked: FieldSpec | None = None
    """The field that it was about, where it asked for a wish."""
    last_asked: tuple[str, ...] = ()
    """The fields that the last message asked about."""

    @property
    def focus(self) -> Item | None:
        """What `it` means; None where nothing in particular was talked about."""
        return self.focused[0] if self.focused else None

    @property
    def group(self) -> Sequence[Item]:
        """What `which is cheaper?` is asked of: several that were just talked about, else the slate."""
        return self.focused if len(self.focused) > 1 else self.slate


START = Before()
