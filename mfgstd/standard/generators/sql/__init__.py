"""Targets ``sql-duckdb`` and ``sql-postgresql``: a table for each entity, in two dialects.

What the two share is in :mod:`.layout`: which columns a document gives, what identifies it, what
must be there. Each dialect then says the same in its own types and checks.
"""
