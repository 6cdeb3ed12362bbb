"""The turn as a graph, wiring only.

START -> plan -> act -> check -> decide -> answer -> END
                  ^       |
                  '-------'  once, when a text search left nothing and there is more to go by
"""

from __future__ import annotations

from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.nodes.act import act
from agent.nodes.answer import answer
from agent.nodes.check import check
from agent.nodes.decide import decide
from agent.nodes.plan import plan
from agent.parts import Parts
from agent.state import State

Graph = CompiledStateGraph[State, Parts, State, State]


def build_graph(checkpointer: BaseCheckpointSaver[Any] | None = None) -> Graph:
    """The compiled graph; with a checkpointer, each thread's state survives the process."""
    graph = StateGraph(State, context_schema=Parts)
    graph.add_node("plan", plan)
    graph.add_node("act", act)
    graph.add_node("check", check)
    graph.add_node("decide", decide)
    graph.add_node("answer", answer)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "act")
    graph.add_edge("act", "check")
    graph.add_conditional_edges("check", _after_check)
    graph.add_edge("decide", "answer")
    graph.add_edge("answer", END)
    return graph.compile(checkpointer=checkpointer)


def _after_check(state: State) -> Literal["act", "decide"]:
    return "act" if state["plan"].get("retry") else "decide"
