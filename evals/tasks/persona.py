"""How a simulated person talks: their style, their slips, and how long they bear what they do not want."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Style = Literal["plain", "everyday", "terse", "chatty", "non-native", "hesitant"]
STYLES: tuple[Style, ...] = ("everyday", "terse", "chatty", "non-native", "hesitant")
"""Those of drawn tasks; `plain` is how tau-Rec's users talk here."""


class Persona(BaseModel):
    """One way of talking. The default one says what it is asked for, without slips or reasons, until the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: Style = "plain"
    typos: float = Field(default=0.0, ge=0, le=1)
    """The share of messages with one slip of the keyboard."""
    reasons: float = Field(default=0.0, ge=0, le=1)
    """The share of rejections with a reason, where everything that was shown breaks the same wish."""
    patience: int = Field(default=0, ge=0)
    """How many items they turn down before they leave; 0 for any number."""
