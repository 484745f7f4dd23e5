"""NDJSON in columns: which lines are certainly right, and what is wrong with others."""
