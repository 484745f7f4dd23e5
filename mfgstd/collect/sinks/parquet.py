"""``observations.parquet``: all rows as columns, in files that are either finished or not there.

A Parquet file has no footer, and so no reader, until it is closed. Rows therefore go to a journal
first, an Arrow IPC stream, which is readable up to its last whole message however it ended. A full
journal, and the last one, is sealed: written as a Parquet file beside it, renamed into place in
one step, and only then deleted. A short collection ends as one ``observations.parquet``; a long
one goes on with ``observations_00002.parquet``, which also sorts after it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.collect.durable import sync, sync_folder
from mfgstd.observations import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.adapters import Batch

#: Rows of one row group: the unit that engines read in parallel and keep in memory at once.
GROUP_ROWS: Final = 131_072
#: A file is sealed after so many rows, or when it is this old (seconds) and has any.
FILE_ROWS: Final = 1_000_000
FILE_SECONDS: Final = 3600.0


class ParquetSink:
    """Journals every batch, seals journals into Parquet."""

    def __init__(self, *, file_rows: int = FILE_ROWS, file_seconds: float = FILE_SECONDS) -> None:
        self._file_rows = file_rows
        self._file_seconds = file_seconds
        self._folder = Path()
        self._number = 1
        self._stream: BinaryIO | None = None
        self._writer: pa.RecordBatchStreamWriter | None = None
        self._rows = 0
        self._begun = 0.0

    def open(self, folder: Path) -> None:
        """Seal what a crash left in journals, and go on after the files that are there."""
        self._folder = folder
        for part in folder.glob("observations*.parquet.part"):
            part.unlink()
        while self._parquet.exists() or self._journal.exists():
            if not self._parquet.exists():
                self._seal()
            # A journal beside its finished file was about to be deleted.
            self._journal.unlink(missing_ok=True)
            self._number += 1

    def write(self, batch: Batch, record_time: str) -> None:  # noqa: ARG002 - rows carry their own
        """Append the rows to the journal."""
        rows = batch.observations
        if rows.num_rows == 0:
            return
        if self._writer is None:
            self._stream = self._journal.open("wb")
            self._writer = pa.ipc.new_stream(self._stream, SCHEMA)
            self._rows, self._begun = 0, time.monotonic()
        self._writer.write_batch(rows)
        self._rows += rows.num_rows

    def commit(self) -> None:
        """Wait until the journal is on the disk; seal it when it is full or old."""
        if self._stream is None:
            return
        sync(self._stream)
        old = time.monotonic() - self._begun >= self._file_seconds
        if old or self._rows >= self._file_rows:
            self._finish()

    def close(self) -> None:
        """Seal the last journal. A collection without rows still has a file with the columns."""
        self._finish()
        if not self.files():
            self._seal()

    def files(self) -> list[tuple[Path, int]]:
        """All finished files with their rows, oldest first."""
        paths = sorted(self._folder.glob("observations*.parquet"), key=lambda path: path.stem)
        return [(path, pq.read_metadata(path).num_rows) for path in paths]

    @property
    def _parquet(self) -> Path:
        suffix = "" if self._number == 1 else f"_{self._number:05}"
        return self._folder / f"observations{suffix}.parquet"

    @property
    def _journal(self) -> Path:
        return self._folder / f".observations-{self._number:05}.arrows"

    def _finish(self) -> None:
        if self._writer is None or self._stream is None:
            return
        self._writer.close()
        sync(self._stream)
        self._stream.close()
        self._writer = self._stream = None
        self._seal()
        self._journal.unlink()
        self._number += 1

    def _seal(self) -> None:
        """Write the journal as a Parquet file, in full row groups, and put it into place."""
        part = self._parquet.with_name(self._parquet.name + ".part")
        with part.open("wb") as stream:
            with pq.ParquetWriter(stream, SCHEMA, compression="zstd") as writer:
                for group in _groups(journal_batches(self._journal)):
                    writer.write_table(group, row_group_size=GROUP_ROWS)
            sync(stream)
        part.replace(self._parquet)
        sync_folder(self._folder)


def journal_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The whole messages of a journal; what a crash tore off the end is not there."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        try:
            reader = pa.ipc.open_stream(stream)
            yield from reader
        except (pa.ArrowInvalid, OSError):
            # Arrow says so of a message that ends early; each one before it was whole.
            return


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Small batches gathered into tables of a row group's size."""
    gathered: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += batch.num_rows
        if rows >= GROUP_ROWS:
            yield pa.Table.from_batches(gathered, SCHEMA)
            gathered, rows = [], 0
    if gathered:
        yield pa.Table.from_batches(gathered, SCHEMA)
