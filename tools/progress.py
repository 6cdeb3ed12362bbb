"""How long work says how far it is."""

from __future__ import annotations

from collections.abc import Callable

OnStep = Callable[[str, float], None]
"""Hears what is being done (`phase`, or `phase: how far`), and the share of the whole that is finished (0..1)."""


def silent(_doing: str, _share: float) -> None:
    """For who does not want to hear."""


def within(on_step: OnStep, begin: float, end: float) -> OnStep:
    """Reports of a part of the work, as shares of the whole: 0 becomes `begin`, 1 becomes `end`."""
    return lambda doing, share: on_step(doing, begin + (end - begin) * share)
