"""NDJSON in columns: which lines are certainly right, and what is wrong with others.

In the order in which data passes:

1. ``screens`` tells the kinds of the lines of a chunk apart; each kind has its ``screen``, which
   says what it found as ``told``.
2. ``shapes`` passes lines that look alike without reading them as JSON.
3. Of others ``texts`` hands the bytes to DuckDB; ``leaves`` says what columns hold of a document,
   ``queries`` reads that and asks the terms about it, in the words of ``sql``.
4. ``marks`` proves from the raw bytes that no line holds more than was read of it.
"""
