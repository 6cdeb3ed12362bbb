"""The graph's state: plain values only, small, since each step of it is checkpointed."""

from __future__ import annotations

from typing import Any, TypedDict


class State(TypedDict, total=False):
    """What a thread remembers, and what a turn works on."""

    # Kept from turn to turn.
    turn: int
    preferences: dict[str, Any]
    """`Preferences` as a dict."""
    before: dict[str, Any]
    """What they were before the last message that changed a wish, for `undo that`."""
    slate: list[str]
    """Ids of the items that were shown last."""
    unjudged: list[str]
    """Ids of those of them that nothing was said of yet."""
    focus: list[str]
    """Ids of the items that the last question was about: what `it` means."""

    question: dict[str, Any] | None
    """What the last reply asked, as `Question`; None if it asked nothing."""
    owner: str
    """The id of the user whose thread this is; empty for anybody's."""

    # Set by the caller for each turn.
    message: str
    user: dict[str, Any]
    """`User` as a dict."""
    is_forgotten: bool
    """False; true once all that was known of the user is gone, which leaves nothing here to keep."""

    # Made anew in each turn, in this order.
    plan: dict[str, Any]
    """Intent, steps, and what the question is about; written by plan."""
    attempt: int
    """How many times the plan was tried; raised by check."""
    picks: list[str]
    """Ids, best first: written by act, narrowed by check, and by decide to what is shown."""
    ways_out: dict[str, Any]
    """What would help where nothing fits, `forget` first of all; written by check."""
    notes: list[str]
    """Sentences that the reply owes the user: unknown titles, a search that found nothing."""
    reply: str
    events: list[dict[str, Any]]
    """The turn's trace so far; the caller writes the first, `Began`."""
