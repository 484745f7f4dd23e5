"""Parquet and Arrow files as batches of rows, and rows of any entity as its documents."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
    """Rows with a column for each field as documents: null is absent, an instant is its text."""
    plain: list[dict[str, Any]] = [_plain(each) or {} for each in batch.to_pylist()]
    return plain


def _plain(value: Any) -> Any:
    """A Python value of Arrow as JSON; ``None`` where nothing is there."""
    match value:
        case dict():
            return {k: plain for k, each in value.items() if (plain := _plain(each)) is not None}
        case list() if value and all(isinstance(each, tuple) for each in value):
            # A map of Arrow, as pairs.
            return {str(key): plain for key, each in value if (plain := _plain(each)) is not None}
        case list():
            return [_plain(each) for each in value]
        case datetime():
            # One without an offset stays so, which the schema will not take.
            utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            text = utc.isoformat()
            return (text.rstrip("0") if "." in text else text) + ("Z" if value.tzinfo else "")
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
