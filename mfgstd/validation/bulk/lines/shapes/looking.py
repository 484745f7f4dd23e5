"""One piece of a chunk as bytes: which lines have which shape, and whose values are right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mfgstd.validation.bulk.lines.shapes.blocks import BLOCK, Block
from mfgstd.validation.bulk.lines.shapes.shape import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mfgstd.validation.bulk.lines.leaves import Path
    from mfgstd.validation.bulk.lines.shapes.blocks import Places, Rows, Truths
    from mfgstd.validation.bulk.lines.shapes.judges import Judge
    from mfgstd.validation.bulk.lines.shapes.shape import Fit, Shape

_BEYOND_ASCII: Final = 0x80
#: Of a piece, more than one line in so many without a shape is too much.
_REST: Final = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of one shape, by their index in the piece, with strict JSON in all holes.

    ``begins`` and ``ends`` are the places of their values in the chunk, one row for each leaf.
    ``columns`` are about those alone that are ``sure``: their values are right in themselves.
    """

    shape: int
    index: Places
    sure: Truths
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of a piece; ``rest`` are the lines without a known shape, by index."""

    lines: int
    rest: Places
    batches: Sequence[Batch]

    @property
    def poor(self) -> bool:
        """Whether it is better judged in another way as a whole."""
        return len(self.rest) * _REST > self.lines


def looked_at(
    chunk: bytes,
    data: NDArray[np.uint8],
    shapes: Sequence[Shape],
    judges: Mapping[Path, Judge],
    wanted: frozenset[str],
    piece: slice,
) -> Looked:
    """Look at a piece of a chunk, whose bytes are ``data``; ``wanted`` are columns for a query."""
    lines = 0
    rest: list[Places] = []
    batches: list[Batch] = []
    looking = _Looking(data, shapes, judges, wanted)
    for part in _parts(chunk, piece):
        if part is None:
            rest.append(np.array([lines]))
            lines += 1
        else:
            block = Block(data, part.start, part.stop)
            found, left = looking.block(block, _plain(chunk, block), lines)
            batches += found
            rest.append(left + lines)
            lines += block.lines
    return Looked(lines, np.concatenate(rest) if rest else np.zeros(0, np.int64), batches)


def _parts(chunk: bytes, piece: slice) -> Iterator[slice | None]:
    """Whole lines of about the same size together; ``None`` for one that is left to others.

    That is a very long one, or the last one of a file, which may have no end.
    """
    at, whole = piece.start, piece.stop - piece.start
    size = -(-whole // max(1, round(whole / BLOCK)))
    while at < piece.stop:
        about = min(at + size, piece.stop)
        end = chunk.find(b"\n", about - 1, min(about + LONGEST, piece.stop)) + 1
        end = end or chunk.rfind(b"\n", at, about) + 1
        if end:
            yield slice(at, end)
        else:
            yield None
            end = chunk.find(b"\n", about, piece.stop) + 1 or piece.stop
        at = end


def _plain(chunk: bytes, block: Block) -> Truths | None:
    """Which lines are UTF-8 without a backslash; ``None`` if all are.

    Of text that is not UTF-8 as a whole only the lines in ASCII are taken.
    """
    begin, end = block.base, block.base + len(block.data)
    odd = []
    if chunk.find(b"\\", begin, end) >= 0:
        odd.append(np.flatnonzero(block.data == ord("\\")))
    if block.data.max() >= _BEYOND_ASCII and not _decodes(chunk[begin:end]):
        odd.append(np.flatnonzero(block.data >= _BEYOND_ASCII))
    if not odd:
        return None
    plain = np.ones(block.lines, np.bool_)
    plain[np.searchsorted(block.ends, np.concatenate(odd))] = False
    return plain


def _decodes(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Looking:
    data: NDArray[np.uint8]
    shapes: Sequence[Shape]
    judges: Mapping[Path, Judge]
    wanted: frozenset[str]

    def block(self, block: Block, plain: Truths | None, first: int) -> tuple[list[Batch], Places]:
        """The lines of each shape, numbered from ``first`` on; and those of none, from zero."""
        found: list[Batch] = []
        without: Truths | None = None
        for number, shape in enumerate(self.shapes):
            open_ = without if plain is None else plain if without is None else without & plain
            rows = block.rows(shape.quotes, open_)
            if rows is None:
                continue
            fit = shape.fit(block, rows)
            if not fit.good.any():
                continue
            batch = self._batch(block, rows, fit, number)
            if without is None:
                without = np.ones(block.lines, np.bool_)
            without[batch.index] = False
            found.append(replace(batch, index=batch.index + first))
            if not without.any():
                break
        return found, np.arange(block.lines) if without is None else np.flatnonzero(without)

    def _batch(self, block: Block, rows: Rows, fit: Fit, number: int) -> Batch:
        """The lines that fit a shape; an unsound value is no value, so its line has no shape."""
        index, begins, ends = rows.index, fit.begins, fit.ends
        if not fit.good.all():
            index = index[fit.good]
            begins = [each[fit.good] for each in begins]
            ends = [each[fit.good] for each in ends]
        sound = np.ones(len(index), np.bool_)
        sure = np.ones(len(index), np.bool_)
        columns: dict[str, NDArray[Any]] = {}
        for leaf, places in zip(
            self.shapes[number].leaves, zip(begins, ends, strict=True), strict=True
        ):
            seen = self.judges[leaf.path].look(block, self.data, places, self.wanted)
            if seen.sound is not None:
                sound &= seen.sound
            if seen.sure is not None:
                sure &= seen.sure
            columns |= seen.columns
        sure &= sound
        if not sure.all():
            columns = {name: array[sure] for name, array in columns.items()}
        if not sound.all():
            index, sure = index[sound], sure[sound]
        kept = None if sound.all() else sound
        first, last = (_in_chunk(each, len(sound), block.base, kept) for each in (begins, ends))
        return Batch(number, index, sure, first, last, columns)


def _in_chunk(
    places: Sequence[Places], count: int, base: int, kept: Truths | None
) -> NDArray[np.int32]:
    """Places in a block as places in its chunk, one row for each leaf, of lines that are kept."""
    found = np.empty((len(places), count), np.int32)
    for row, each in zip(found, places, strict=True):
        np.add(each, base, out=row, casting="same_kind")
    return found if kept is None else found[:, kept]
