"""The table of findings, the same from every engine, so that engines can be compared row by row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

#: One row for each finding. ``position`` is the line, from 1, of a text, the row, from 0, of a
#: table. ``pointer`` is an RFC 6901 pointer into the document.
FOUND: Final[pa.Schema] = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("pointer", pa.string(), nullable=False),
    ]
)

_INDEX: Final = re.compile(r"/(?:0|[1-9][0-9]*)(?=/|\Z)")


def found(rows: Iterable[tuple[str, int, str, str, str]]) -> pa.RecordBatch:
    """Findings as one batch; each row is (path, position, rule, severity, pointer)."""
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [() for _ in FOUND]
    arrays = [pa.array(each, field.type) for each, field in zip(columns, FOUND, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=FOUND)


def ordered(batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """All findings in one table, sorted by all columns: the form in which engines are compared."""
    table = pa.Table.from_batches(list(batches), FOUND)
    return table.sort_by([(name, "ascending") for name in FOUND.names])


def starred(pointer: str) -> str:
    """A pointer with ``*`` for each array index, as a term of a column names all elements at once.

    >>> starred("/items/12/name")
    '/items/*/name'
    """
    return _INDEX.sub("/*", pointer)
