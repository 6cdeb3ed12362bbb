"""Words that claim nothing of an item: the only ones that a model may add to what the evidence says.

What people said or want is a claim too: `you asked for` is not among them.
"""

from __future__ import annotations

from tools.text import fold

_HARMLESS = """
    a about ah alright also am an any anything are as ask at be because been by can choice choices choose could
    course did do does enjoy enjoying for found from get give glad gladly go going happy has have hello help here
    hey hi hope how i i'd i'll i'm i've if in is it it'll it's its just know let let's list look looked looking
    may maybe me might mind my now of oh ok okay on one ones option options our out perhaps pick picked picks
    please pleasure recommend recommendation recommendations right say says see selection shall should show
    showing so some something suggest suggested suggestion suggestions sure take tell thank thanks that that's the
    their them then there these they they're thing things this those to too try up us was we welcome well were
    what when where which who will with would yes you you'd you'll you're you've your yours yourself
"""
HARMLESS = frozenset(fold(word) for word in _HARMLESS.split())
"""Folded, as are the others."""

_NEGATORS = """
    no not never nothing nobody none neither nor without cannot can't don't doesn't didn't isn't aren't wasn't weren't
    won't wouldn't couldn't shouldn't haven't hasn't hadn't hardly barely lack lacks lacking excluding except
"""
NEGATORS = frozenset(fold(word) for word in _NEGATORS.split())
"""What turns a claim into its opposite."""

_FOREIGN_NEGATORS = """
    nicht kein keine keinen keiner keines nie niemals ohne nichts ne non pas jamais sans rien aucun aucune ni sin
    nunca jamas ningun ninguna nada sem nao nem senza mai nessun nessuna niente niet geen nooit zonder bez inte
    ingen ingenting utan ikke uden
"""
FOREIGN_NEGATORS = frozenset(_FOREIGN_NEGATORS.split())
"""The same in some other languages, folded. Of all others they are not known."""

_COUNTING = "two three four five six seven eight nine ten eleven twelve"
NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTING.split(), start=2)}
"""Numbers in words; `one` is left out, since it mostly counts nothing."""
