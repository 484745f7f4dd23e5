"""Tables in columns: observation rows, and entities with one column for each field.

In the order in which data passes:

1. ``judging`` takes a table, counts what is wrong, and tells of the first rows.
2. ``kept`` says how the table keeps its documents: as rows of ``observations``, or in ``columns``
   of the ``arrow_type`` of their entity.
3. ``plan`` says in which groups the terms are asked, so that a clean table is read once.
4. ``looking`` looks at the bytes of columns for which that is quicker than a query.
"""
