"""The bytes of a chunk as lines, for a reader that wants a column of texts or a file.

Nothing is copied but what DuckDB reads by path.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from mfgstd.validation.bulk.lines.marks import trailing_commas, unfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: What passes or fails together, in bytes: one bad line costs a slow look at so much.
PIECE: Final = 8 << 20
#: Lines in one batch of a table; DuckDB reads batches in parallel.
_BATCH: Final = 8_192
#: Runs of lines beyond which copying them is cheaper than cutting them out.
_RUNS: Final = 64


def pieces_of(chunk: bytes) -> list[slice]:
    """Whole lines, about so many bytes that a lost piece is no great loss."""
    pieces = []
    begin = 0
    while begin < len(chunk):
        end = begin + PIECE
        end = len(chunk) if end >= len(chunk) else chunk.find(b"\n", end - 1) + 1 or len(chunk)
        pieces.append(slice(begin, end))
        begin = end
    return pieces


def offsets_of(chunk: bytes) -> NDArray[np.int64]:
    """Where each line begins, and where the last one ends; ends belong to their lines."""
    ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n")) + 1
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    return offsets if offsets[-1] == len(chunk) else np.append(offsets, len(chunk))


def lines_of(offsets: NDArray[np.int64], pieces: Sequence[slice]) -> NDArray[np.int64]:
    """The indexes of the lines of some pieces."""
    runs = [np.arange(*np.searchsorted(offsets, [each.start, each.stop])) for each in pieces]
    return np.concatenate([np.zeros(0, np.int64), *runs])


def sample_of(lines: int, most: int) -> NDArray[np.int64]:
    """The indexes of some of so many lines, at no regular distance: machines take turns."""
    if lines <= most:
        return np.arange(lines)
    return np.sort(np.random.default_rng(0).choice(lines, most, replace=False))


def cut_out(chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> bytes:
    """Some lines of a chunk as a chunk of their own."""
    begins, ends = offsets[wanted].tolist(), offsets[wanted + 1].tolist()
    return b"".join(chunk[begin:end] for begin, end in zip(begins, ends, strict=True))


def table_of(chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> pa.Table:
    """The columns ``line`` and ``text`` of some lines; the texts stay where they are.

    A line that is not UTF-8 has no text: DuckDB does not look.
    """
    texts = pa.Array.from_buffers(
        pa.large_string(),
        len(offsets) - 1,
        [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(chunk)],
    )
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        valid = np.packbits(_decodable(chunk, offsets), bitorder="little")
        texts = pa.Array.from_buffers(
            texts.type, len(texts), [pa.py_buffer(valid.tobytes()), *texts.buffers()[1:]]
        )
    numbers = pa.array(np.arange(len(texts)), pa.int64())
    table = pa.table({"line": numbers, "text": texts})
    if len(wanted) == len(texts):
        parts = [table]
    else:
        runs = np.split(wanted, np.flatnonzero(np.diff(wanted) != 1) + 1) if len(wanted) else []
        if len(runs) > _RUNS:
            return table.take(pa.array(wanted))
        parts = [table.slice(int(run[0]), len(run)) for run in runs]
    batches = [each for part in parts for each in part.to_batches(max_chunksize=_BATCH)]
    return pa.Table.from_batches(batches, table.schema)


def _decodable(chunk: bytes, offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each line whether it is UTF-8; only those that are not ASCII are looked at."""
    fine = np.ones(len(offsets) - 1, np.bool_)
    for line in _lines_at(offsets, np.flatnonzero(np.frombuffer(chunk, np.uint8) >= 0x80)).tolist():
        try:
            chunk[offsets[line] : offsets[line + 1]].decode("utf-8")
        except UnicodeDecodeError:
            fine[line] = False
    return fine


def _lines_at(offsets: NDArray[np.int64], places: NDArray[Any]) -> NDArray[np.int64]:
    """The lines in which some bytes stand."""
    return np.unique(np.searchsorted(offsets, places, side="right") - 1)


_NUL: Final = re.compile(rb"\\u0000")


def hurt_of(chunk: bytes, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lines with what DuckDB forgives and its values do not show."""
    data = np.frombuffer(chunk, np.uint8)
    places = [trailing_commas(data), unfit(data)]
    if b"\\u0000" in chunk:
        places.append(np.array([each.start() for each in _NUL.finditer(chunk)], np.int64))
    return _lines_at(offsets, np.concatenate(places))


def blank_of(
    chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The lines that are no documents."""
    data = np.frombuffer(chunk, np.uint8)
    if not len(wanted):
        return wanted
    perhaps = wanted[data[offsets[wanted]] <= ord(" ")].tolist()
    found = [each for each in perhaps if chunk[offsets[each] : offsets[each + 1]].isspace()]
    return np.array(found, np.int64)


class MemoryFile:
    """Bytes under a path: in memory where the system has such files, else in a private folder."""

    def __init__(self, folder: Path) -> None:
        if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
            self._descriptor = os.memfd_create("mfgstd-lines")
            self.path = f"/proc/self/fd/{self._descriptor}"
        else:
            self._descriptor, self.path = tempfile.mkstemp(suffix=".ndjson", dir=folder)

    def write(self, data: memoryview) -> None:
        """Replace what was there; the memory of the last content is used again."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.truncate(self._descriptor, len(data))
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)
