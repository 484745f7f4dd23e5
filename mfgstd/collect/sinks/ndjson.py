"""``events.ndjson``: one CloudEvents envelope a line, documents first, then their observations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import orjson

from mfgstd.collect.durable import cut_torn_line, sync
from mfgstd.collect.envelope import Origin, document_event, observation_events

if TYPE_CHECKING:
    from mfgstd.adapters import Batch

NAME: Final = "events.ndjson"


class NdjsonSink:
    """Appends whole lines; a line that a crash tore is cut off when the file is opened again."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._path = Path()
        self._stream: BinaryIO | None = None

    def open(self, folder: Path) -> None:
        """Open for appending."""
        self._path = folder / NAME
        if self._path.exists():
            cut_torn_line(self._path)
        self._stream = self._path.open("ab")

    def write(self, batch: Batch, record_time: str) -> None:
        """Append the lines of one batch and hand them to the operating system."""
        if self._stream is None:
            raise ValueError("the sink is not open")
        events = [
            orjson.dumps(
                document_event(document.schema_id, document.to_json(), self._origin, record_time)
            )
            for document in batch.documents
        ]
        events.extend(observation_events(batch.observations, self._origin, record_time))
        if events:
            self._stream.write(b"\n".join(events) + b"\n")
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
        """The one file, with its number of events."""
        return [(self._path, count_lines(self._path))]


def count_lines(path: Path) -> int:
    """Line feeds in a file, in bounded memory."""
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
