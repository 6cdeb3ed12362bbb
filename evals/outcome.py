"""What came of one sample: its measured values, the conversation that led to them, and what to slice it by."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat


class Exchange(BaseModel):
    """One message and what was answered."""

    model_config = ConfigDict(extra="forbid")

    message: str
    reply: str = ""
    shown: list[str] = Field(default_factory=list)
    """Ids of the items that were recommended, best first."""
    titles: list[str] = Field(default_factory=list)
    """Theirs."""
    error: str = ""
    """Why there is no reply."""
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    llm_ms: float = 0.0
    total_ms: float = 0.0
    events: list[dict[str, Any]] = Field(default_factory=list)
    """The turn's trace, where the contestant has one."""


class Outcome(BaseModel):
    """A sample's result. A sample that can't be scored says why, and counts nowhere: not as 0."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, FiniteFloat] = Field(default_factory=dict)
    series: dict[str, list[FiniteFloat]] = Field(default_factory=dict)
    """Values that a sample has several of, one a turn, for quantiles."""
    slices: dict[str, str] = Field(default_factory=dict)
    """What it may be looked at by: `reveal: hidden`, `popularity: tail`."""
    exchanges: list[Exchange] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    """What a reader of the transcript should know: what was wanted, what was broken."""
    not_scored: str = ""
