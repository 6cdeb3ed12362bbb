"""Who is spoken to: what is known of a person besides the conversation."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class User(BaseModel):
    """A person as the caller knows them. Without an id they are anonymous, and nothing is kept of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    seen: tuple[str, ...] = ()
    """Ids of items that they know already."""
    available: tuple[str, ...] = ()
    """What they have access to: values of the catalogue's field in the role `availability`."""


ANONYMOUS = User()
