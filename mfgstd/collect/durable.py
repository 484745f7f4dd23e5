"""Writing so that a power cut leaves either the old state or the new one, never half of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path


def sync(stream: BinaryIO) -> None:
    """Return when everything written to ``stream`` is on the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the folder's list of names is on the disk (a no-op where that can't be asked)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` in one step."""
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as stream:
        stream.write(data)
        sync(stream)
    temporary.replace(path)
    sync_folder(path.parent)


def cut_torn_line(path: Path) -> int:
    """Cut off what stands after the last line feed; return how many bytes went.

    A process that died while writing leaves at most one such piece, and its data is read again.
    """
    block = 1 << 16
    with path.open("r+b") as stream:
        length = end = stream.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - block)
            stream.seek(start)
            found = stream.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end < length:
            stream.truncate(end)
            sync(stream)
    return length - end
