"""What a sink is: it takes batches, says when they are durable, and lists what it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from mfgstd.adapters import Batch


class Sink(Protocol):
    """Keeps batches in the folder of a collection.

    The runtime calls ``open`` once, then ``write`` and ``commit`` in any number, then ``close``.
    After a crash ``open`` finds whatever was there and repairs it: each committed batch is kept,
    an uncommitted one is kept whole or in whole lines, or not at all; the runtime has the
    adapter read it again. So a batch arrives at least once, and event ids tell the repeats.
    """

    def open(self, folder: Path) -> None:
        """Begin, or go on with what lies in ``folder``."""
        ...

    def write(self, batch: Batch, record_time: str) -> None:
        """Take a batch; it may still be lost. ``record_time`` is RFC 3339, for what has none."""
        ...

    def commit(self) -> None:
        """Return when every batch so far would survive a power cut."""
        ...

    def close(self) -> None:
        """Finish the files so that any reader can read them."""
        ...

    def files(self) -> list[tuple[Path, int]]:
        """The finished files with the number of their rows or lines."""
        ...
