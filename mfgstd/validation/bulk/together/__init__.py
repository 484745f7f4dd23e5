"""Rules about several documents of a run, sequences and references: in memory, or on disk if many.

In the order in which data passes:

1. ``whole_run`` takes the valid documents of all sources and judges them once all have come;
   ``row_numbers`` gives each place of the run one number.
2. ``in_memory`` judges few documents by the law itself.
3. ``in_database`` judges many: each rule is a query over ``documents_on_disk``.
4. Observations may be a hundred million rows, which stay where they are (``observation_rows``;
   those that came as documents are read by ``observation_documents``). ``ordered_stretches`` proves
   most of them to be in order, and ``observation_sequences`` asks the rules about the rest.
   ``observation_references`` is what the rules about references read of them.
"""
