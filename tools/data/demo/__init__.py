"""The default catalogue, by pip alone: films that people have rated, joined with what is known of them.

`sources` reads the installed packages, `titles` and `join` find which rows are one film, `catalogue` makes
the union, `words` gives it one vocabulary, `record` writes a film down, `build` writes the files, `summary`
counts, `attributions` says whose data it is. The files are ordinary input for `tastemaker ingest`, beside
`schema.yaml`.
"""

from __future__ import annotations

from tools.data.demo.attributions import Attribution, attributions
from tools.data.demo.build import INTERACTIONS_FILE, ITEMS_FILE, SCHEMA_PATH, build_demo
from tools.data.demo.summary import DemoSummary

__all__ = [
    "INTERACTIONS_FILE",
    "ITEMS_FILE",
    "SCHEMA_PATH",
    "Attribution",
    "DemoSummary",
    "attributions",
    "build_demo",
]
