"""Screens: what is certain of millions of documents at once, so that rows decide only the rest.

In the order in which data passes:

1. ``lines`` screens NDJSON, ``tables`` Parquet and whatever else has columns, both on DuckDB;
   ``spark`` judges the same on a cluster. Each asks the ``terms`` of a schema: what can be wrong.
2. ``together`` asks the rules about several documents, once all have come.
3. ``found`` is the table of findings that each of them gives.
"""
