"""What happened in a turn, as typed events: streamed while it happens, stored with the thread, and scored later."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter


class Began(BaseModel):
    """What a turn started from besides its message: with it, the turn can be run again."""

    kind: Literal["begin"] = "begin"
    user: dict[str, Any] = Field(default_factory=dict)
    """`User` as a dict."""
    recalled: list[dict[str, Any]] = Field(default_factory=list)
    """In a conversation's first turn: the lines of the user's profile, as `Line`."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Those that answers depend on."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """The house rules that held, as `Policies`; empty in traces from before they were kept."""
    version: str = ""
    """Of the catalogue."""


class PlanMade(BaseModel):
    """A plan: where it came from, and what grounding kept, dropped and added."""

    kind: Literal["plan"] = "plan"
    source: Literal["model", "fallback", "words"]
    """`words`: the message was read, and a model chooses the tools step by step (see `StepsChosen`)."""
    why_fallback: str = ""
    raw: str = ""
    """What the model wrote."""
    is_trained: bool = False
    """Whether that model was trained to plan."""
    certainty: float = 0.0
    """Of a trained model: the probability of the plan's least probable token."""
    overruled: list[str] = Field(default_factory=list)
    """What the words ask for by themselves and a model that was sure did not."""
    intent: str
    steps: list[list[str]] = Field(default_factory=list)
    kept: list[str] = Field(default_factory=list)
    dropped: list[str] = Field(default_factory=list)
    added: list[str] = Field(default_factory=list)
    demonstrations: list[str] = Field(default_factory=list)
    """The messages of the worked plans in the prompt."""
    why_no_demonstrations: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    llm_ms: float = 0.0
    reading_ms: float = 0.0


class ToolRan(BaseModel):
    """A tool call and what it did to the candidates."""

    kind: Literal["tool"] = "tool"
    tool: str
    argument: str = ""
    summary: dict[str, Any] = Field(default_factory=dict)
    error: str = ""
    ms: float = 0.0


class BudgetSpent(BaseModel):
    """A tool that was left out, since the turn had spent what it may. (A model call left out: `why_fallback`.)"""

    kind: Literal["budget"] = "budget"
    limit: Literal["turn_ms", "turn_steps", "turn_tokens"]
    """The setting."""
    left_out: str
    argument: str = ""


class StepsChosen(BaseModel):
    """The tools that a model chose step by step; each call that was valid has its `ToolRan` before this."""

    kind: Literal["steps"] = "steps"
    source: Literal["model", "fallback"]
    why_fallback: str = ""
    said: list[str] = Field(default_factory=list)
    """What the model wrote: its calls and its words, in order."""
    invalid: int = 0
    """How many calls named no tool, or arguments that it does not take."""
    steps: list[list[str]] = Field(default_factory=list)
    added: list[str] = Field(default_factory=list)
    """The steps among them that the model left out and the words ask for."""
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    llm_ms: float = 0.0


class Checked(BaseModel):
    """The critic's verdict on what would be shown."""

    kind: Literal["check"] = "check"
    passed: list[str] = Field(default_factory=list)
    """Ids of the items that hold up."""
    removed: list[str] = Field(default_factory=list)
    """What does not, and why."""
    relaxations: list[str] = Field(default_factory=list)
    replan: str = ""
    """Why the plan is tried again; empty if it is not."""
    ms: float = 0.0


class Decided(BaseModel):
    """Ask or recommend: what was chosen, and why."""

    kind: Literal["decide"] = "decide"
    action: Literal["recommend", "field", "confirm", "which", "abstain"]
    question: dict[str, Any] | None = None
    """`Question` as a dict; with a slate, it is asked beside it."""
    chance: float | None = None
    """That something of the best meets the unsaid wishes too."""
    likely: list[str] = Field(default_factory=list)
    """The unsaid wishes that are believed most."""
    held: list[str] = Field(default_factory=list)
    """The best items that wait for a confirmation, by id, and the house rule that holds each back."""
    ms: float = 0.0


class Written(BaseModel):
    """What a model wrote of the reply, and what of it was said; absent where none was asked."""

    kind: Literal["written"] = "written"
    source: Literal["template", "model"]
    """`template` where nothing of it was said."""
    failure: str = ""
    """Why it ended early; empty if it did not."""
    raw: str = ""
    """What the model wrote."""
    kept: int = 0
    """How many lines are in its words."""
    restored: int = 0
    """How many are the template's."""
    replaced: list[str] = Field(default_factory=list)
    """The sentences that were not said, each with the reason."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    llm_ms: float = 0.0


class Answered(BaseModel):
    """A finished turn."""

    kind: Literal["answer"] = "answer"
    writer: Literal["template", "model"] = "template"
    slate: list[str] = Field(default_factory=list)
    total_ms: float = 0.0
    """Until the turn was stored; its checkpoint comes after that."""
    llm_ms: float = 0.0
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_forgotten: bool = False
    """Whether all that was known of the user is gone, this conversation included."""

    @property
    def outside_ms(self) -> float:
        """The turn's time outside the LLM, in milliseconds."""
        return self.total_ms - self.llm_ms


class Text(BaseModel):
    """A piece of the reply, as it is streamed."""

    kind: Literal["text"] = "text"
    text: str


Event = Annotated[
    Began | PlanMade | ToolRan | BudgetSpent | StepsChosen | Checked | Decided | Written | Answered | Text,
    Field(discriminator="kind"),
]
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def event_from(body: dict[str, Any]) -> Event:
    """The typed event of a plain dict."""
    return _EVENT.validate_python(body)


@dataclass(frozen=True)
class Trace:
    """One turn as stored."""

    thread: str
    turn: int
    message: str
    reply: str
    events: tuple[Event, ...]


class TraceStore:
    """Traces of all threads, in the same SQLite file as their checkpoints."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=10)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS traces (thread TEXT, turn INTEGER, message TEXT, reply TEXT, events TEXT, "
            "at TEXT DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (thread, turn))"
        )

    def put(self, trace: Trace) -> None:
        """Store a turn; a repeated turn replaces itself."""
        events = json.dumps([event.model_dump() for event in trace.events])
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO traces (thread, turn, message, reply, events) VALUES (?, ?, ?, ?, ?)",
                (trace.thread, trace.turn, trace.message, trace.reply, events),
            )

    def of(self, thread: str) -> list[Trace]:
        """A thread's turns, in order."""
        sql = "SELECT thread, turn, message, reply, events FROM traces WHERE thread = ? ORDER BY turn"
        return [_trace(row) for row in self._db.execute(sql, [thread])]

    def forget(self, thread: str) -> None:
        """Delete a thread's turns."""
        with self._db:
            self._db.execute("DELETE FROM traces WHERE thread = ?", [thread])

    def latest_thread(self) -> str | None:
        """The thread that spoke last."""
        row = self._db.execute("SELECT thread FROM traces ORDER BY at DESC, rowid DESC LIMIT 1").fetchone()
        return str(row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _trace(row: Sequence[Any]) -> Trace:
    thread, turn, message, reply, events = row
    return Trace(thread, turn, message, reply, tuple(event_from(event) for event in json.loads(events)))
