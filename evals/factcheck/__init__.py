"""Holds replies against the item records, sentence by sentence: by plain look-ups, none of them the agent's.

`records` is what the catalogue holds, `sentences` what a sentence names, `check` what of it is wrong, `mutate` whether
the check would notice: true replies made false, and true sentences that must pass.
"""
