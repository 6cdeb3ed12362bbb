"""The agent: turns a message into a typed plan, acts on it with tools, checks the result and answers.

- `settings`      everything that can be set, read from the environment in this one place
- `preferences`   what a conversation knows of what is wanted
- `reading/`      the deterministic reading of a message: fallback planner, and the measure of a model's plan
- `plan`, `planner`, `repair`   the plan's schema, the model's plan, and its grounding in the words
- `graph`, `nodes/`, `state`    the turn, as a LangGraph
- `reply`         the words of an answer, from evidence alone
- `trace`         what happened, as typed events
- `build`, `turn` a ready agent, and a conversation with it
"""
