"""Labelled requests: messages, and what a plan for each should say.

`label` is the type; `grammar` makes them from any catalogue's schema; `annotated` and `phrasings` read what people
wrote; `score` holds a contestant's plan against a label.
"""
