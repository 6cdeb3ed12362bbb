"""Tasks: what a simulated user wants, what of it they say when, and what the house demands meanwhile."""
