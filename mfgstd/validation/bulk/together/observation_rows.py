"""Rows of observations as they lie in files and tables: read again, never copied whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import to_documents
from mfgstd.validation.bulk.together.row_numbers import SOURCE_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

OBSERVATION: Final = "https://w3id.org/mfgstd/equipment/observation/1"

#: Rows in one piece.
_PIECE: Final = 1 << 20
#: Rows that are in memory with all their columns.
_BATCH: Final = 1 << 16
#: Columns of which a file says each value once.
_WORDS: Final = ("data_item", "source", "epoch", "unit", "kind")


@dataclass(frozen=True, slots=True, eq=False)
class ObservationRows:
    """The valid rows of one source of a run.

    ``data`` is a Parquet file or an Arrow table; ``invalid`` are the positions, in order, of rows
    that are no valid observations.
    """

    source: int
    data: Path | pa.Table
    invalid: Numbers

    def __len__(self) -> int:
        if isinstance(self.data, pa.Table):
            return int(self.data.num_rows - len(self.invalid))
        with pq.ParquetFile(self.data) as file:
            return int(file.metadata.num_rows - len(self.invalid))

    def documents(self, wanted: Numbers) -> dict[int, dict[str, Any]]:
        """Some rows of the run as the documents that they stand for."""
        found: dict[int, dict[str, Any]] = {}
        for numbers, batch in self.whole(wanted):
            found |= zip(numbers.tolist(), _documents(batch), strict=True)
        return found

    def all_documents(self) -> Iterator[tuple[Numbers, list[dict[str, Any]]]]:
        """Every row as the document that it stands for, with its number in the run."""
        for numbers, batch in self.pieces():
            yield numbers, _documents(batch)

    def pieces(
        self, columns: Sequence[str] = SCHEMA.names
    ) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
        """The rows piece by piece: their numbers in the run, and some columns of the schema.

        A column that the source does not have is null.
        """
        first = self.source << SOURCE_BITS
        position = 0
        for batch in self._batches(columns):
            if not batch.num_rows:
                continue
            positions = np.arange(position, position + batch.num_rows, dtype=np.int64)
            position += batch.num_rows
            batch = _complete(batch, columns)
            out = self.invalid[slice(*np.searchsorted(self.invalid, [positions[0], position]))]
            if len(out):
                kept = np.ones(len(positions), np.bool_)
                kept[out - positions[0]] = False
                positions, batch = positions[kept], batch.filter(pa.array(kept))
            if len(positions):
                yield positions * 2 + first, batch

    def whole(self, wanted: Numbers) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
        """Some rows of the run with all their columns; those of other sources are not here."""
        first = self.source << SOURCE_BITS
        mine = np.sort(wanted[(wanted >> SOURCE_BITS) == self.source])
        positions = (mine - first) >> 1
        for start, batch in self._around(positions):
            low, high = np.searchsorted(positions, [start, start + batch.num_rows])
            if low < high:
                found = batch.take(pa.array(positions[low:high] - start))
                yield mine[low:high], _complete(found, SCHEMA.names)

    def _around(self, positions: Numbers) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Batches that hold the positions, and where each begins."""
        if isinstance(self.data, pa.Table):
            start = 0
            for batch in self.data.to_batches(_PIECE):
                yield start, batch
                start += batch.num_rows
            return
        with pq.ParquetFile(self.data) as file:
            start = 0
            for group in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                low, high = np.searchsorted(positions, [start, start + rows])
                begin = start
                for batch in file.iter_batches(_BATCH, row_groups=[group]) if low < high else ():
                    yield begin, batch
                    begin += batch.num_rows
                start += rows

    def _batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if isinstance(self.data, pa.Table):
            present = [name for name in columns if name in self.data.column_names]
            yield from self.data.select(present).to_batches(_PIECE)
            return
        words = [name for name in _WORDS if name in columns]
        with pq.ParquetFile(self.data, read_dictionary=words) as file:
            present = [name for name in columns if name in file.schema_arrow.names]
            yield from file.iter_batches(_PIECE, columns=present)


def _complete(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    arrays: list[Any] = []
    for name in columns:
        kind = SCHEMA.field(name).type
        if name not in batch.schema.names:
            arrays.append(pa.nulls(batch.num_rows, kind))
        elif pa.types.is_dictionary(batch[name].type):
            arrays.append(batch[name])
        else:
            arrays.append(batch[name].cast(kind))
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _documents(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    plain = [batch[each.name].cast(each.type) for each in SCHEMA]
    nullable = pa.schema([each.with_nullable(True) for each in SCHEMA])
    return to_documents(pa.RecordBatch.from_arrays(plain, schema=nullable))
