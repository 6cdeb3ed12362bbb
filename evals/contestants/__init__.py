"""Who is scored: our agent trivial floors, and any agent behind an OpenAI-compatible URL."""
