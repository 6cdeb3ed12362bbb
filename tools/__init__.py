"""What the agent can do, as tools over a catalogue.

Files here are verbs that a plan may call; folders are the machinery behind them:

- `data/`   the schema, reading files, ingest, and the SQLite catalogue
- `models/` recommenders: popularity, EASE
- `index/`  embeddings, the dense index (Chroma), the lexical index (SQLite FTS5)

Nothing here knows of the agent, and nothing outside `data/demo/` knows what the items are.
"""
