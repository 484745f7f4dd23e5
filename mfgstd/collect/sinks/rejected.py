"""``rejected.ndjson``: input that could not be read, byte for byte, with the place and reason."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import orjson

from mfgstd.collect.durable import cut_torn_line, sync
from mfgstd.collect.sinks.ndjson import count_lines

if TYPE_CHECKING:
    from mfgstd.adapters import Batch

NAME: Final = "rejected.ndjson"


class RejectedSink:
    """Makes its file only when there is something to put into it."""

    def __init__(self) -> None:
        self._path = Path()
        self._stream: BinaryIO | None = None

    def open(self, folder: Path) -> None:
        """Go on with the file of an earlier run, if it made one."""
        self._path = folder / NAME
        if self._path.exists():
            cut_torn_line(self._path)

    def write(self, batch: Batch, record_time: str) -> None:
        """Append one line for each piece: its finding, and ``raw`` as base64."""
        if not batch.rejected:
            return
        if self._stream is None:
            self._stream = self._path.open("ab")
        for piece in batch.rejected:
            line = {
                "recordTime": record_time,
                **piece.finding.to_json("en"),
                "raw": base64.b64encode(piece.raw).decode(),
            }
            self._stream.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self._stream.flush()

    def commit(self) -> None:
        """Wait until the lines are on the disk."""
        if self._stream is not None:
            sync(self._stream)

    def close(self) -> None:
        """Commit and let go of the file, also of one on a full disk."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        try:
            sync(stream)
        finally:
            stream.close()

    def files(self) -> list[tuple[Path, int]]:
        """The file, if there is one."""
        return [(self._path, count_lines(self._path))] if self._path.exists() else []
