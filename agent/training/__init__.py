"""Training a planner: material, messages made from it, fine-tuning, merging."""
