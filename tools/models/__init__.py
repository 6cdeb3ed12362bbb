"""Recommenders: `popular` for everybody, `ease` from what people liked together, `facets` from shared categories.

Each is an array or a matrix in a file beside the catalogue, read with memory mapping and never pickled.
"""
