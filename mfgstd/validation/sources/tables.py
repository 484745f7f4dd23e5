"""Parquet and Arrow files as batches of rows, and rows of any entity as its documents."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from mfgstd.validation.sources.fitting import METADATA_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack
    from pathlib import Path

#: Rows that are in memory at once.
ROWS: Final = 16_384

_CONTINUES: Final = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class TableFile:
    """An opened table; ``group_ends`` are the row numbers at which its row groups end."""

    schema: pa.Schema
    rows: int
    batches: Iterator[pa.RecordBatch]
    group_ends: tuple[int, ...] = ()

    @property
    def named(self) -> str | None:
        """The ``$id`` that its metadata names."""
        metadata: dict[bytes, bytes] = self.schema.metadata or {}
        named = metadata.get(METADATA_KEY)
        return None if named is None else named.decode("utf-8", "replace")

    def row_group(self, row: int) -> int | None:
        """The row group, from 0, that a row lies in; ``None`` in files without such."""
        return bisect_right(self.group_ends, row) if self.group_ends else None


def table_file(path: Path, written: Literal["parquet", "arrow"], stack: ExitStack) -> TableFile:
    """Open a file; ``stack`` closes it.

    Raises:
        pa.ArrowException, OSError: it is damaged, or no such file.
    """
    if written == "parquet":
        file = stack.enter_context(pq.ParquetFile(path))
        meta = file.metadata
        sizes = [meta.row_group(each).num_rows for each in range(meta.num_row_groups)]
        batches = file.iter_batches(ROWS)
        return TableFile(file.schema_arrow, meta.num_rows, batches, tuple(accumulate(sizes)))
    source = stack.enter_context(pa.memory_map(str(path)))
    if source.read(4) == _CONTINUES:
        source.seek(0)
        return _stream(path, source, stack)
    reader = stack.enter_context(pa.ipc.open_file(source))
    numbers = range(reader.num_record_batches)
    rows = sum(reader.get_batch(each).num_rows for each in numbers)
    return TableFile(reader.schema, rows, _small(reader.get_batch(each) for each in numbers))


def _stream(path: Path, source: Any, stack: ExitStack) -> TableFile:
    """An Arrow stream says nowhere how long it is, so it is read twice."""
    with pa.memory_map(str(path)) as first, pa.ipc.open_stream(first) as counted:
        rows = sum(each.num_rows for each in counted)
    reader = stack.enter_context(pa.ipc.open_stream(source))
    return TableFile(reader.schema, rows, _small(iter(reader)))


def _small(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for each in batches:
        for start in range(0, each.num_rows, ROWS):
            yield each.slice(start, ROWS)


def documents(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Rows with a column for each field as documents: null is absent, an instant is its text.

    A null that stands in a list or a map is there, and stays.
    """
    if not batch.num_columns:
        return [{} for _ in range(batch.num_rows)]
    names = batch.schema.names
    columns = [
        [_plain(each.type, value) for value in _counted(each).to_pylist()] for each in batch.columns
    ]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    ]


def _counted(column: Any) -> Any:
    """A column whose instants are numbers: Python has no nanoseconds, and no year 10000."""
    kind = _as_numbers(column.type)
    return column if kind == column.type else column.cast(kind)


def _as_numbers(kind: pa.DataType) -> pa.DataType:
    types = pa.types
    if types.is_timestamp(kind):
        return pa.int64()
    if types.is_struct(kind):
        fields = [kind.field(i) for i in range(kind.num_fields)]
        return pa.struct([each.with_type(_as_numbers(each.type)) for each in fields])
    if types.is_map(kind):
        return pa.map_(kind.key_type, _as_numbers(kind.item_type))
    if types.is_list(kind):
        return pa.list_(_as_numbers(kind.value_type))
    if types.is_large_list(kind):
        return pa.large_list(_as_numbers(kind.value_type))
    if types.is_fixed_size_list(kind):
        return pa.list_(_as_numbers(kind.value_type), kind.list_size)
    return kind


def _plain(kind: Any, value: Any) -> Any:
    """A Python value of an Arrow type as JSON; ``None`` where nothing is there."""
    types = pa.types
    if value is None:
        return None
    if types.is_timestamp(kind):
        return _instant(kind, value)
    if types.is_struct(kind):
        held = ((name, _plain(kind.field(name).type, each)) for name, each in value.items())
        return {name: each for name, each in held if each is not None}
    if types.is_map(kind):
        return {str(key): _plain(kind.item_type, each) for key, each in value}
    if isinstance(value, list):
        return [_plain(kind.value_type, each) for each in value]
    match value:
        case date() | time():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case _:
            return value


def _instant(kind: Any, count: int) -> str:
    """An instant as RFC 3339 text; without a zone it has no offset, which the schema refuses."""
    digits = _DIGITS[kind.unit]
    seconds, below = divmod(count, 10**digits)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        # There is no such text, and the schema will not take this one.
        return str(count)
    if below:
        text += "." + str(below).rjust(digits, "0").rstrip("0")
    return text + ("Z" if kind.tz else "")


#: How many digits of a second a unit has.
_DIGITS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_EPOCH: Final = datetime(1970, 1, 1)
