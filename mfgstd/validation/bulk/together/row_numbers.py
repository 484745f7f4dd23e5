"""One number for each place in all of a run, and the place that a number stands for.

A *row* of a run is a number of 64 bits: the source, the position in it, and whether an envelope
carried the document. Rows are in the order of the run, whatever order they come in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from mfgstd.finding import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

#: Bits of a row below the source: 40 of the position, one that says it was carried.
SOURCE_BITS: Final = 41
POSITION_MASK: Final = (1 << SOURCE_BITS) - 2
#: Where in an envelope the document is that it carries.
INSIDE: Final = "/data"


class _Source(NamedTuple):
    path: str | None
    unit: str
    item: str | None


class Sources:
    """The sources of one run, numbered in the order in which they are first named."""

    def __init__(self) -> None:
        self.paths: list[_Source] = []
        self._numbers: dict[_Source, int] = {}
        self._last: dict[tuple[int, str], int] = {}

    def number(self, path: str | None, unit: str, item: str | None = None) -> int:
        """The number of a source; ``unit`` is what its positions count, ``line`` or ``row``."""
        source = _Source(path, unit, item)
        if source not in self._numbers:
            self._numbers[source] = len(self.paths)
            self.paths.append(source)
        return self._numbers[source]

    def rows(
        self, path: str | None, unit: str, positions: Sequence[int] | npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """The rows of positions in one source."""
        first = self.number(path, unit) << SOURCE_BITS
        return np.asarray(positions, np.int64) * 2 + first

    def row(self, place: Place, entity: str) -> int:
        """The row of the place of a document.

        A place that is not behind the last of the same entity begins a new source, so that no two
        documents of an entity have one row, even if their places do not tell them apart.
        """
        unit = "row" if place.line is None else "line"
        position = (place.row if place.line is None else place.line) or 0
        source = _Source(place.path, unit, place.item)
        number = self.number(*source)
        if position <= self._last.get((number, entity), -1):
            del self._numbers[source]
            number = self.number(*source)
        self._last[number, entity] = position
        return (number << SOURCE_BITS) + position * 2

    def place(self, row: int) -> Place:
        """Where a row is, for a person."""
        source = self.paths[row >> SOURCE_BITS]
        position: dict[str, Any] = {source.unit: (row & POSITION_MASK) >> 1}
        return Place(path=source.path, item=source.item, **position)

    def found_at(self, row: int) -> tuple[str, int]:
        """The same for the table of findings: path and position."""
        return self.paths[row >> SOURCE_BITS].path or "", (row & POSITION_MASK) >> 1
