"""A run told to people.

- `summary` computes what is told: estimates, slices, costs; `comparison` does so for two runs.
- `markdown` writes it as tables, `page` as one self-contained HTML file, with `plots` and `transcripts`.
"""
