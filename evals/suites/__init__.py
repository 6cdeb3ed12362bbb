"""Suites: what contestants are asked, and how the answers are scored; one file each."""
