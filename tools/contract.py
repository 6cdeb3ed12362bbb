"""What a tool is, and what passes between tools: the candidate bus and what the conversation asks for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Self, TypeVar, get_origin

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from tools.constraints import Constraint
from tools.data.catalogue import Positions

if TYPE_CHECKING:
    from tools.shelf import Shelf

Scores = npt.NDArray[np.float32]
LONGEST_TITLE = 200
"""Characters."""


class Arguments(BaseModel):
    """The arguments of a tool; a tool without any uses this."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of_words(cls, words: Sequence[str]) -> Self:
        """From a plan's words, in the order of the fields; a last field that is a list takes all that are left.

        Raises:
            ValidationError: too few, too many, or not such as the fields allow.
        """
        names = list(cls.model_fields)
        values: dict[str, Any] = dict(zip(names, words, strict=False))
        if names and get_origin(cls.model_fields[names[-1]].annotation) is tuple:
            values[names[-1]] = tuple(words[len(names) - 1 :])
        elif len(words) > len(names):
            values["one too many"] = words[len(names)]
        return cls.model_validate(values)


class TitleArguments(Arguments):
    """Which item: its title, with the year if several share it."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True)
class Candidates:
    """The candidate bus: items by position, with the score and what it is made of. Never put into a prompt."""

    positions: Positions
    """Shape (n,), best first once ranked."""
    scores: Scores
    """Shape (n,)."""
    parts: dict[str, Scores] = field(default_factory=dict)
    """Provenance: what each source gave, each of shape (n,)."""

    @classmethod
    def everything(cls, size: int) -> Candidates:
        """All items of a catalogue, not yet scored."""
        return cls(np.arange(size, dtype=np.int64), np.zeros(size, dtype=np.float32))

    def __len__(self) -> int:
        return len(self.positions)

    def take(self, rows: npt.NDArray[Any]) -> Candidates:
        """The candidates at these rows (indices or a mask), in that order."""
        parts = {name: part[rows] for name, part in self.parts.items()}
        return Candidates(self.positions[rows], self.scores[rows], parts)

    def with_part(self, name: str, part: Scores) -> Candidates:
        """The same candidates with one more source's scores."""
        return replace(self, parts={**self.parts, name: part})


@dataclass(frozen=True)
class Wishes:
    """What the conversation asks for, as tools need it; items are positions."""

    constraints: tuple[Constraint, ...] = ()
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    """Already seen, rejected, or named by the user: not to be recommended."""
    log: tuple[int, ...] = ()
    """What the person liked before this conversation, the latest last."""
    house: tuple[Constraint, ...] = ()
    """What the house demands of every item, whatever the conversation says; `words` is how a reply puts it."""

    @property
    def musts(self) -> tuple[Constraint, ...]:
        """What the conversation demands."""
        return tuple(c for c in self.constraints if c.strength == "must")

    @property
    def demands(self) -> tuple[Constraint, ...]:
        """What every shown item has to satisfy: the conversation's musts and the house rules."""
        return (*self.musts, *self.house)


@dataclass(frozen=True)
class ToolResult:
    """What a tool gives back: the candidates as it leaves them, and a summary for the trace."""

    candidates: Candidates
    summary: dict[str, Any]
    finding: Any = None
    """What was found out that is no candidates: a comparison, an explanation."""


class Tool(ABC, Generic[A]):
    """A verb that a plan may call. The docstring of a subclass is its prompt text."""

    name: ClassVar[str]
    arguments: ClassVar[type[Arguments]] = Arguments
    effect: ClassVar[Literal["read", "writes_profile"]] = "read"
    cost_ms: ClassVar[float]
    """What a call usually takes at 10,000 items."""
    timeout_s: ClassVar[float] = 5.0

    @abstractmethod
    def run(self, arguments: A, shelf: Shelf, wishes: Wishes, candidates: Candidates) -> ToolResult:
        """Do the work. Deterministic for the same arguments, catalogue and candidates."""
