"""The deterministic reading of a message: what its words say, against the catalogue's schema.

`message.read_message` puts together `titles`, `numbers`, `values` and `references`. It is the fallback planner,
and it is what a model's plan is held against. It knows English and the schema, and no catalogue in particular.
"""
