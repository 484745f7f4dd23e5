"""Lines that one program wrote look alike: they are compared with each other, not parsed.

In the order in which data passes:

1. ``shaped`` takes a chunk, learns its shapes from a sample and gives each core a piece.
2. ``blocks`` finds the places of quotes and newlines; ``looking`` compares lines with a ``shape``
   (and why that proves that they are strict JSON stands there).
3. ``judges`` says who judges which value by its bytes, in the ways of ``tokens``.
4. ``queries`` asks a database what is left.
"""
