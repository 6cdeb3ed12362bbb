"""Measuring the agent offline: `bench/` for time and cost."""
