"""Benches: each prints a table, and as its last line one JSON object of ratios measured in one run."""
