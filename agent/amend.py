"""A line of the profile in other words: read like a message, kept as what the user asked for."""

from __future__ import annotations

from agent.preferences import Preferences
from agent.profile import Line, lines_of
from agent.reading.message import read_message
from tools.errors import BadInputError
from tools.shelf import Shelf


def lines_said(words: str, shelf: Shelf) -> list[Line]:
    """What words say of their user: `no wargames at all`, `I loved Siege of Ruby`. Said in no conversation.

    Raises:
        BadInputError: nothing in them can be kept.
    """
    reading = read_message(words, shelf.catalogue, shelf.titles)
    wishes = [wish.model_copy(update={"turn": 1}) for wish in reading.constraints]
    said = Preferences().with_constraints(wishes, shelf.catalogue.schema)
    said = said.with_items("liked", _ids(shelf, reading.liked)).with_items("disliked", _ids(shelf, reading.disliked))
    said = said.with_items("seen", _ids(shelf, reading.seen))
    lines = [line.model_copy(update={"threads": ()}) for line in lines_of(said, "", shelf.catalogue, is_asked=True)]
    if not lines:
        raise BadInputError(f"There is nothing in “{words}” that can be kept.", "Say a wish, or a title that you like.")
    return lines


def _ids(shelf: Shelf, positions: tuple[int, ...]) -> list[str]:
    return [item.id for item in shelf.catalogue.items(positions)]
