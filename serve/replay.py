"""`tastemaker replay` and `tastemaker trace`: a stored conversation told turn by turn, and held again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.settings import Settings
from agent.trace import Trace, TraceStore
from serve.trace_view import full
from tools.errors import BadInputError

if TYPE_CHECKING:
    from agent.replay import Replayed


def stored_turns(settings: Settings, thread: str | None) -> list[Trace]:
    """All turns of a conversation, or of the latest one.

    Raises:
        BadInputError: there is no such conversation.
    """
    store = TraceStore(settings.threads_file)
    wanted = thread or store.latest_thread()
    turns = store.of(wanted) if wanted else []
    store.close()
    if not turns:
        raise BadInputError(f"There is no conversation {wanted!r}." if wanted else "There is no conversation yet.")
    return turns


def only(turns: Sequence[Trace], number: int | None) -> list[Trace]:
    """The turn of that number; all where it is None.

    Raises:
        BadInputError: there is no such turn.
    """
    found = [turn for turn in turns if number in (None, turn.turn)]
    if not found:
        raise BadInputError(
            f"The conversation {turns[0].thread!r} has no turn {number}.", f"Its last one is {turns[-1].turn}."
        )
    return found


def run_again(settings: Settings, turns: Sequence[Trace], number: int | None) -> list[Replayed]:
    """The conversation held again over the catalogue that it was about, up to a turn; that turn, or all of them."""
    from agent.build import open_current_shelf
    from agent.replay import replay, settings_then

    last = only(turns, number)[-1].turn
    before = settings_then(turns[0], settings)
    shelf = open_current_shelf(before)

    async def hold() -> list[Replayed]:
        return [one async for one in replay(before, shelf, turns[:last])]

    try:
        return [one for one in asyncio.run(hold()) if number in (None, one.then.turn)]
    finally:
        shelf.close()


def told(turn: Trace, again: Replayed | None = None) -> Iterator[str]:
    """A turn for people."""
    yield f"\n> {turn.message}\n{turn.reply}"
    yield from full(turn)
    if again:
        yield from _compared(again)


def told_as_json(turn: Trace, again: Replayed | None = None) -> Iterator[str]:
    """A turn for programs, on one line."""
    body = {
        "thread": turn.thread,
        "turn": turn.turn,
        "message": turn.message,
        "reply": turn.reply,
        "events": [event.model_dump(mode="json") for event in turn.events],
    }
    if again:
        from agent.replay import slate_of

        body["again"] = {
            "is_same_slate": again.is_same_slate,
            "is_same_reply": again.is_same_reply,
            "slate": slate_of(again.now),
            "reply": again.now.reply,
        }
    yield json.dumps(body, ensure_ascii=False)


def _compared(again: Replayed) -> Iterator[str]:
    from agent.replay import began_of, slate_of

    then, now = began_of(again.then).version, began_of(again.now).version
    if again.is_same:
        yield "run again: the same slate and the same reply"
        return
    if then != now:
        yield f"run again: the catalogue was built anew since ({then or 'unknown'} then, {now} now)"
    if not again.is_same_slate:
        yield f"run again: another slate: {', '.join(slate_of(again.now)) or 'no items'}"
    if not again.is_same_reply:
        yield f"run again: another reply:\n{again.now.reply}"
