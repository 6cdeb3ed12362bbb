"""The graph's nodes, in the order of a turn: plan, act, check, decide, forget, answer, keep."""
