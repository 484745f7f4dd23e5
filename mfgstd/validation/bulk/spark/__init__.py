"""The same on a cluster of Spark: tables by their terms, lines by the row engine.

``files`` takes the files of a run, asks the cluster about many at once, and hands them on to
``tables`` (Parquet) and ``lines`` (NDJSON).
"""
