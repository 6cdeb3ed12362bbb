"""One task of the dialogue suite: wishes, how each comes out, and who has them. After tau-Rec (arXiv 2606.10156)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.user import User
from evals.tasks.persona import Persona
from tools.constraints import Constraint, satisfies
from tools.data.catalogue import Catalogue, Item

Reveal = Literal["volunteer", "on_ask", "hidden"]


class Wish(BaseModel):
    """A constraint, and when the person says it: at once, when that field is asked about, or never."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    constraint: Constraint
    reveal: Reveal


class Task(BaseModel):
    """What somebody wants. They take the first item that meets all of their wishes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    wishes: tuple[Wish, ...]
    remarks: tuple[str, ...] = ()
    """What they may say besides, in the third person: `prefers feel-good endings`. Not scored."""
    user: User = User()
    persona: Persona = Persona()
    first_said: Constraint | None = None
    """What is said first instead of the volunteered wish about its field, and corrected with the next message."""
    is_impossible: bool = False
    """Whether no item meets it all, so that abstaining is right."""

    @property
    def constraints(self) -> list[Constraint]:
        """All that is wished for."""
        return [wish.constraint for wish in self.wishes]

    def breaks(self, item: Item, catalogue: Catalogue) -> list[Constraint]:
        """The wishes that an item does not meet."""
        fields = {wish.constraint.field: catalogue.schema.field(wish.constraint.field) for wish in self.wishes}
        return [
            wish.constraint
            for wish in self.wishes
            if not (field := fields[wish.constraint.field]) or not satisfies(item.values, wish.constraint, field)
        ]
