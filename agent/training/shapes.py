"""How an idiom of a made-up catalogue stands in a message, told from its first words."""

from __future__ import annotations

from typing import Literal

Shape = Literal["noun", "tail", "that"]
"""`noun` stands alone (`something to toast with`); `tail` behind a noun (`for a date night`); `that` behind a noun
and `that` (`makes me cry`)."""
_STARTS: dict[Shape, tuple[str, ...]] = {
    "noun": ("a proper", "a bit of a", "a big bold", "a sardinian", "a laugh", "the chilean", "the most ", "the one ",
             "pure "),
    "tail": ("a bit special", "a bit bonkers", "the colour of"),
    "that": ("a baby ", "a child ", "an ordinary ", "the kids", "the critics", "the natural", "the teacher", "the five",
             "all the kids", "no cow"),
}  # fmt: skip
_NOUN = frozenset({"something", "somebody", "someone", "some", "a", "an", "the"})
_TAIL_WORDS = (
    "for with to where about like so without from in on at by against among within under before after up out over "
    "close set told read narrated shot built taken drawn done cooked eaten acted made run older easy good safe "
    "fine okay ok nice suitable light mild soft clean cool full free warm shiny loud fast handy far tight gentle "
    "kind kinder smooth silly gloomy fun heavy dark sunny girly feathery airy earthy thin toddler-proof small "
    "fat-leaved prickly subtle cold sweet dry bonkers fresh properly bloody harmless neither nothing not too "
    "instead just only near right inside somewhere nearly as still cheesy cosy inky easy-going fuzzy gentlemanly "
    "dainty click-clack barely all two fit slow cute of auf en up amid alongside concerning very guaranteed open "
    "instagrammable white salty sturdy red bleepy lowkey spoopy unlike alright"
)
_TAIL = frozenset(_TAIL_WORDS.split())


def shape(idiom: str) -> Shape:
    """How this one stands.

    >>> shape("something to toast with"), shape("for a date night"), shape("makes me cry")
    ('noun', 'tail', 'that')
    """
    for kind, starts in _STARTS.items():
        if idiom.startswith(starts):
            return kind
    first = idiom.split()[0].lower()
    return "noun" if first in _NOUN else "tail" if first in _TAIL else "that"
