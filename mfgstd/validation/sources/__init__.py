"""What is judged: which files are meant, how each is written, and its content in bounded pieces.

In the order in which data passes:

1. ``paths`` finds the files that the user means; ``formats`` tells how each is written.
2. Text: ``lines`` unpacks it and cuts it into lines, ``pieces`` puts whole lines together again.
3. CSV: ``fitting`` tells by the names of the columns which entity the rows are, ``delimited`` reads
   them, ``cells`` makes a document of each.
4. Parquet and Arrow: ``fitting`` again, then ``tables`` reads batches and makes documents of rows;
   rows of observations go through ``slices``, and ``texts`` says which of them are no UTF-8.
"""
