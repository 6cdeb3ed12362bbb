"""Who is scored: our agent in its ways of planning, trivial floors, and anybody's agent behind an OpenAI-compatible URL."""
