"""Scripted conversations of `tests/dialogues`: what people say, and what is known and shown after each message.

What lies in the folder is about the board games, what lies in a folder in it about the catalogue of that name. A file
maps a dialogue's name to its turns; `Line` says what may be expected of a turn. A script states what a person
would expect from the words alone, whichever planner is at work. In titles, values and `says`, `shown.2` is the second
item of the list shown last before the turn; `shown.median` is the middle value of its items, and
`shown.lowest.price` the item with the lowest price.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from pydantic import BaseModel, ConfigDict, Field
from talk import Turn, items_of, talk

from agent.build import open_agent
from agent.preferences import Preferences
from agent.settings import Settings
from agent.turn import Agent
from serve.vllm_server import VllmServer
from tools.constraints import ORDERED_OPS, Constraint, describe, satisfies, words_of
from tools.data.catalogue import Item
from tools.filter import broken_by
from tools.shelf import Shelf

FOLDER = Path(__file__).parents[1] / "dialogues"
LISTS = {"liked": ["liked"], "disliked": ["disliked"], "rejected": ["rejected", "passed"], "seen": ["seen"]}
"""Where each may be kept: what was not shown is turned down without a verdict."""
SAMPLED = 20
"""Of so many dialogues one is held with the real planner; with all of them it takes ten minutes or more: `-m slow`."""
LEAST_BY_MODEL = 0.9
"""The share of turns whose plan must be the model's, where there is one."""
_SHOWN = re.compile(r"\{(shown[\w.]+)\}")

Wish = list[bool | float | str | list[str | float]]
"""Field, operator, value, strength; from the end, parts may be left out. `!=` is also what is known as `avoid`.

Of what is shown, text may be said to be in another (`has`), and a number to be `outside` of a range.
"""


class Line(BaseModel):
    """A message, and what is expected after it."""

    model_config = ConfigDict(extra="forbid")

    message: str
    holds: list[Wish] = Field(default_factory=list)
    """Wishes that are known now."""
    gone: list[str | Wish] = Field(default_factory=list)
    """Fields without a wish, or wishes that are not there."""
    liked: list[str] = Field(default_factory=list)
    disliked: list[str] = Field(default_factory=list)
    rejected: list[str] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)
    """Titles in these lists."""
    neutral: list[str] = Field(default_factory=list)
    """Titles in none of them: named, but neither liked nor disliked."""
    slate: list[Wish] = Field(default_factory=list)
    """What all that is shown satisfies; something is shown."""
    min: int = 0
    """How many items are shown at least."""
    empty: bool = False
    """Nothing is shown."""
    new: bool = False
    """Something is shown, and nothing of the list shown last."""
    shown: list[str] = Field(default_factory=list)
    hidden: list[str] = Field(default_factory=list)
    """Titles that are in the list shown, or not."""
    says: str | list[str] = Field(default_factory=list)
    """What the reply contains: as it stands, or as a regular expression."""
    unsaid: str | list[str] = Field(default_factory=list)
    """What it does not."""
    intent: str = ""


@dataclass(frozen=True)
class Dialogue:
    """A named script."""

    name: str
    lines: list[Line]
    world: str = ""
    """The catalogue that it is about, where it is not the board games."""


@dataclass
class Played:
    """What came of a dialogue."""

    name: str
    turns: list[Turn] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class State:
    """All that is known when a turn is over."""

    line: Line
    turn: Turn
    known: Preferences
    shown: Sequence[Item]
    last: Sequence[Item]
    """The list shown last before the turn."""
    shelf: Shelf

    def item(self, name: str) -> Item:
        """`shown.2`, `shown.lowest.price`."""
        place, *rest = name.split(".")[1:]
        if place in ("lowest", "highest"):
            known = [item for item in self.last if rest[0] in item.values]
            return (min if place == "lowest" else max)(known, key=lambda item: item.values[rest[0]])
        return self.last[int(place) - 1]

    def title(self, name: str) -> str:
        """A title, or that of what was shown."""
        return str(self.item(name).values["title"]) if name.startswith("shown.") else name

    def value(self, field_name: str, value: Any) -> Any:
        """A value, or that of what was shown."""
        if not (isinstance(value, str) and value.startswith("shown.")):
            return value
        if value == "shown.median":
            values = sorted(item.values[field_name] for item in self.last if field_name in item.values)
            return values[len(values) // 2]
        return self.item(value).values[field_name]

    def text(self, pattern: str) -> str:
        """What a reply is searched for, with what was shown put in."""
        return _SHOWN.sub(lambda match: self.title(match[1]), pattern)


def dialogues() -> list[Dialogue]:
    """All scripts, by file and place."""
    return [
        Dialogue(
            "-".join([*([world] if world else []), path.stem, name]),
            [Line.model_validate(line) for line in lines],
            world,
        )
        for world in ("", "films")
        for path in sorted((FOLDER / world).glob("*.yaml"))
        for name, lines in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    ]


def is_meant(state: State, wish: Wish, constraint: Constraint) -> bool:
    """Whether a constraint says what a script does, as far as the script says it."""
    name, *rest = wish
    said = ("!=" if constraint.strength == "avoid" else constraint.op, constraint.value, constraint.strength)
    expected = [state.value(str(name), part) for part in rest]
    return constraint.field == name and all(
        {*words_of(one)} == {*([other] if isinstance(other, str) else other)}
        if isinstance(one, str | tuple) and isinstance(other, str | list)
        else one == other
        for one, other in zip(said, expected, strict=False)
    )


def fits(state: State, wish: Wish, item: Item) -> bool:
    """Whether an item satisfies what a script says of all that is shown."""
    name, op, value = str(wish[0]), str(wish[1]), state.value(str(wish[0]), wish[2])
    if op == "has":
        return str(value) in str(item.values.get(name))
    if op == "outside":
        return name in item.values and not value[0] <= item.values[name] <= value[1]
    spec = state.shelf.catalogue.schema.field(name)
    assert spec is not None, f"the script names no field: {name}"
    wanted = Constraint.model_validate({"field": name, "op": op, "value": tuple(value) if _is_list(value) else value})
    return satisfies(item.values, wanted, spec) is True


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _wishes(state: State) -> Iterator[str]:
    """Of the wishes that the thread knows."""
    constraints = state.known.constraints
    told = "; ".join(describe(c) for c in constraints) or "nothing"
    for wish in state.line.holds:
        if not any(is_meant(state, wish, c) for c in constraints):
            yield f"{wish} is not known, but {told}"
    for gone in state.line.gone:
        wish = [gone] if isinstance(gone, str) else gone
        if any(is_meant(state, wish, c) for c in constraints):
            yield f"{gone} is still known: {told}"
    if len({c.key for c in constraints}) < len(constraints):
        yield f"a wish is known twice: {told}"


def _items(state: State) -> Iterator[str]:
    """Of the items that the thread knows."""
    catalogue = state.shelf.catalogue
    for name, kept in LISTS.items():
        lists = [catalogue.items(catalogue.positions_of(getattr(state.known, one))) for one in kept]
        own, *others = [[str(item.values["title"]) for item in known] for known in lists]
        titles = [title for some in (own, *others) for title in some]
        for title in map(state.title, getattr(state.line, name)):
            if title not in titles:
                yield f"{title} is not {name}: {titles}"
        for title in map(state.title, state.line.neutral):
            if title in own:
                yield f"{title} is {name}"


def _shown(state: State) -> Iterator[str]:
    """Of what is shown: what the script says, and what is always true."""
    line, titles = state.line, [str(item.values["title"]) for item in state.shown]
    least = max(line.min, bool(line.slate or line.new))
    if len(titles) < least:
        yield f"{len(titles)} shown, at least {least} expected"
    if line.empty and titles:
        yield f"nothing to be shown, but {titles}"
    for wish in line.slate:
        if wrong := [f"{item.values['title']} {item.values.get(str(wish[0]))}" for item in state.shown
                     if not fits(state, wish, item)]:  # fmt: skip
            yield f"shown without {wish}: {wrong}"
    if line.new and (old := {item.id for item in state.shown} & {item.id for item in state.last}):
        yield f"shown again: {sorted(old)}"
    if missing := {state.title(title) for title in line.shown} - {*titles}:
        yield f"not shown: {sorted(missing)}"
    if unwanted := {state.title(title) for title in line.hidden} & {*titles}:
        yield f"shown: {sorted(unwanted)}"
    if known := {item.id for item in state.shown} & {*state.known.excluded}:
        yield f"shown, but known or turned down: {sorted(known)}"
    for must in state.known.constraints:
        if must.strength == "must" and any(broken_by(item, [must], state.shelf) for item in state.shown):
            yield f"shown against {describe(must)}"


def _reply(state: State) -> Iterator[str]:
    """Of the reply."""
    reply = state.turn.reply

    def contains(pattern: str) -> bool:
        return pattern in reply or re.search(pattern, reply, re.IGNORECASE) is not None

    if not reply.strip():
        yield "no reply"
    for pattern in [state.line.says] if isinstance(state.line.says, str) else state.line.says:
        if not contains(state.text(pattern)):
            yield f"does not say {state.text(pattern)!r}: {reply!r}"
    for pattern in [state.line.unsaid] if isinstance(state.line.unsaid, str) else state.line.unsaid:
        if contains(state.text(pattern)):
            yield f"says {state.text(pattern)!r}: {reply!r}"
    if state.line.intent and state.turn.plan.intent != state.line.intent:
        yield f"taken for {state.turn.plan.intent}, not {state.line.intent}"


CHECKS: tuple[Callable[[State], Iterator[str]], ...] = (_wishes, _items, _shown, _reply)


async def play(agent: Agent, shelf: Shelf, dialogue: Dialogue) -> Played:
    """Say the lines of a dialogue in a thread of its own, and note where it leaves the script."""
    played = Played(dialogue.name)
    last: Sequence[Item] = []
    for number, line in enumerate(dialogue.lines, start=1):
        (turn,) = await talk(agent, dialogue.name, line.message)
        saved = await agent._graph.aget_state({"configurable": {"thread_id": dialogue.name}})
        known = Preferences.model_validate(saved.values.get("preferences", {}))
        state = State(line, turn, known, items_of(shelf, turn.slate), last, shelf)
        wrong = [difference for check in CHECKS for difference in check(state)]
        played.differences += [f"{dialogue.name}, turn {number} “{line.message}”: {one}" for one in wrong]
        played.turns.append(turn)
        last = state.shown or last
    return played


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(
    world_settings: Settings, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Agent]:
    """One agent without a model for all dialogues."""
    settings = world_settings.model_copy(update={"home": tmp_path_factory.mktemp("dialogues")})
    async with open_agent(settings, shelf, None) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def film_agent(films: Shelf, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Agent]:
    """Another over the films."""
    settings = Settings(home=tmp_path_factory.mktemp("films"), catalogue="films")
    async with open_agent(settings, films, None) as opened:
        yield opened


def test_the_scripts_are_many_and_none_expects_nothing() -> None:
    scripts = dialogues()
    assert len(scripts) >= 64
    written = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.yaml"))
    assert len(re.findall(r"^\w+:$", written, re.MULTILINE)) == len(scripts)  # YAML drops the first of two namesakes
    for script in scripts:
        assert any(line.model_dump(exclude={"message"}, exclude_defaults=True) for line in script.lines), script.name
        for line in script.lines:
            for wish in [*line.holds, *line.slate]:
                assert 3 <= len(wish) <= 4, f"{script.name}: {wish}"
                assert wish[1] in ("=", "!=", "has", "outside", *ORDERED_OPS), f"{script.name}: {wish}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("dialogue", [d for d in dialogues() if not d.world], ids=lambda dialogue: dialogue.name)
async def test_a_dialogue_goes_as_scripted_with_the_fallback_plan(
    agent: Agent, shelf: Shelf, dialogue: Dialogue
) -> None:
    played = await play(agent, shelf, dialogue)
    assert played.differences == [], "\n".join(played.differences)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("dialogue", [d for d in dialogues() if d.world], ids=lambda dialogue: dialogue.name)
async def test_so_does_one_about_films(film_agent: Agent, films: Shelf, dialogue: Dialogue) -> None:
    played = await play(film_agent, films, dialogue)
    assert played.differences == [], "\n".join(played.differences)


@pytest.mark.vllm
@pytest.mark.parametrize(
    "scripts", [dialogues()[::SAMPLED], pytest.param(dialogues(), marks=pytest.mark.slow)], ids=["a sample", "all"]
)
async def test_dialogues_go_as_scripted_with_the_real_planner(
    scripts: list[Dialogue],
    world_settings: Settings,
    shelf: Shelf,
    films: Shelf,
    trained_server: VllmServer,
    tmp_path: Path,
) -> None:
    played = []
    for world, opened in (("", shelf), ("films", films)):
        settings = world_settings.model_copy(update={"home": tmp_path, "catalogue": opened.catalogue.schema.items})
        async with open_agent(settings, opened, trained_server.url) as agent:
            played += [await play(agent, opened, script) for script in scripts if script.world == world]
    differing = [difference for one in played for difference in one.differences]
    assert not differing, "\n".join(differing)
    sources = [turn.plan.source for one in played for turn in one.turns]
    assert sources.count("model") >= LEAST_BY_MODEL * len(sources)
