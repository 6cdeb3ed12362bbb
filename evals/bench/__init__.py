"""Benchmarks: ratios side by side in one run, medians of several."""
