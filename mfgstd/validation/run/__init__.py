"""One run over files or a program's own data: pieces in, one report out, whatever engine judges.

In the order in which data passes:

1. ``over_files`` (the command), ``over_documents`` and ``over_table`` (a program) take the data in,
   as ``options`` say. JSON goes on to ``json_texts``, CSV and tables to ``tables``, large tables
   from there to ``columns``; ``tables_ahead`` has begun with some before their turn comes.
2. ``judges`` decides who looks at a piece of lines: ``screening`` in columns, ``workers`` in other
   processes, or this one. What no screen can vouch for comes to ``rows``, where ``quick_pass`` lets
   pass at once what is right.
3. ``gathering`` keeps what rules about several documents look at, until all have come.
4. ``report`` counts everything and holds the first findings; ``findings_file`` writes all.
"""
