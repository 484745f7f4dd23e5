"""Rules about several documents of a run: sequences and references, in memory or on disk."""
