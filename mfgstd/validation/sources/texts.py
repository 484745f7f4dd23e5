"""Texts in columns that are no UTF-8, as Parquet and Arrow promise and not every program keeps.

Arrow looks at the bytes only when it is told to. Whoever makes Python texts of them stumbles;
whoever looks at a part of the columns sees nothing. So rows are asked here first, and such a row is
judged no further.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd.validation.unreadable import not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator


def readable(batch: pa.RecordBatch, first: int) -> tuple[pa.RecordBatch, dict[int, list[Finding]]]:
    """The batch with null for whatever is no text, and what is wrong with which rows.

    Rows are numbered from ``first``, that of the batch's first row.
    """
    found: dict[int, list[Finding]] = {}
    for index, field in enumerate(batch.schema):
        column = batch.column(index)
        if not _holds_texts(field.type) or _is_sound(column):
            continue
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        rows = list(_unsound(column, 0, len(column)))
        for row in rows:
            told = replace(
                _finding(column.take(pa.array([row]))),
                pointer=f"/{field.name}",
                source=Place(row=first + row),
            )
            found.setdefault(first + row, []).append(told)
        kept: list[int | None] = list(range(len(column)))
        for row in rows:
            kept[row] = None
        batch = batch.set_column(index, field.name, column.take(pa.array(kept, pa.int64())))
    return batch, found


def _holds_texts(kind: Any) -> bool:
    types: Any = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        each(kind)
        for each in (types.is_string, types.is_large_string, types.is_string_view, types.is_nested)
    )


def _is_sound(column: Any) -> bool:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _unsound(column: Any, start: int, end: int) -> Iterator[int]:
    """The rows between two that hold such a text, found by halves."""
    if _is_sound(column.take(pa.array(range(start, end), pa.int64()))):
        return
    if end - start == 1:
        yield start
        return
    middle = (start + end) // 2
    yield from _unsound(column, start, middle)
    yield from _unsound(column, middle, end)


def _finding(one: Any) -> Finding:
    """What is wrong with the one value of a column."""
    if pa.types.is_nested(one.type):
        return replace(
            not_utf8(b"", 0),
            message=Text("A text in it is not UTF-8.", "안에 있는 텍스트가 UTF-8이 아닙니다."),
            found=None,
        )
    data: bytes = one.cast(pa.binary())[0].as_py()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return not_utf8(data, error.start)
    return not_utf8(data, 0)
