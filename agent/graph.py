"""The turn as a graph, wiring only.

START -> plan -> act -> check -> decide -> answer -> keep -> END
                  ^       |        |        ^
                  '-------'        '-> forget, where the user asks for it
       at most twice, when a step left nothing and there is more to go by

Step by step, the first way leads past a model that chooses the tools: plan -> choose -> check.
The checkpoint is written once, after the last node: a turn that is killed before that never was.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import RetryPolicy

from agent.nodes.act import act
from agent.nodes.answer import answer
from agent.nodes.check import check
from agent.nodes.choose import choose
from agent.nodes.decide import decide
from agent.nodes.forget import forget
from agent.nodes.keep import keep
from agent.nodes.plan import plan
from agent.parts import Parts
from agent.settings import Settings
from agent.state import State

Graph = CompiledStateGraph[State, Parts, State, State]
GRACE_S = 10.0
"""What the critic and the writer may take beyond the turn's time before it is given up. What plan and act wait for, the
model and the tools, has time-outs of its own; the other nodes wait for nothing."""


def build_graph(settings: Settings, checkpointer: BaseCheckpointSaver[Any] | None = None) -> Graph:
    """The compiled graph; with a checkpointer, each thread's state survives the process."""
    chosen = "choose" if settings.planning == "step-by-step" else "act"
    graph = StateGraph(State, context_schema=Parts)
    graph.set_node_defaults(retry_policy=RETRY)
    hangs_s = settings.turn_ms / 1000 + GRACE_S
    graph.add_node("plan", plan)
    graph.add_node("act", act)
    if chosen == "choose":
        graph.add_node("choose", choose)
        graph.add_edge("choose", "check")
    graph.add_node("check", check, timeout=hangs_s)
    graph.add_node("decide", decide)
    graph.add_node("forget", forget)
    graph.add_node("answer", answer, timeout=hangs_s)
    graph.add_node("keep", keep)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", chosen)
    graph.add_edge("act", "check")
    graph.add_conditional_edges("check", _after_check)
    graph.add_conditional_edges("decide", _after_decide)
    graph.add_edge("forget", "answer")
    graph.add_edge("answer", "keep")
    graph.add_edge("keep", END)
    return graph.compile(checkpointer=checkpointer)


def is_transient(error: Exception) -> bool:
    """Whether the same may go well in a moment: another process holds SQLite's lock."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code, without the detail
    return isinstance(error, sqlite3.OperationalError) and code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


RETRY = RetryPolicy(initial_interval=0.1, backoff_factor=4.0, max_attempts=3, jitter=False, retry_on=is_transient)
"""A failing tool costs its step and a failing planner its plan; this is for what no node can do without."""


def _after_check(state: State) -> Literal["act", "decide"]:
    return "act" if state["plan"].get("retry") else "decide"


def _after_decide(state: State) -> Literal["forget", "answer"]:
    return "forget" if state["plan"]["talk"] == "forget_me" else "answer"
