"""How well a planner plans, its words alone: messages with the plans that they mean, and what was planned for them."""
