"""Files of lines that only grow: what the sinks of JSON lines have in common."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, ClassVar

from mfgstd.collect.durable import cut_torn_line, sync


class LineSink:
    """Appends whole lines; a line that a crash tore is cut off when the file is opened again.

    The file is made with the first lines that are appended. A sink adds ``write``.
    """

    name: ClassVar[str]

    def __init__(self) -> None:
        self._path = Path()
        self._stream: BinaryIO | None = None

    def open(self, folder: Path) -> None:
        """Go on with the file of an earlier run, if it made one."""
        self._path = folder / self.name
        if self._path.exists():
            cut_torn_line(self._path)

    def append(self, lines: bytes) -> None:
        """Append complete lines and hand them to the operating system."""
        if self._stream is None:
            self._stream = self._path.open("ab")
        self._stream.write(lines)
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
        """The file, if there is one, with its number of lines."""
        return [(self._path, _count(self._path))] if self._path.exists() else []


def _count(path: Path) -> int:
    """Line feeds in a file, in bounded memory."""
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
