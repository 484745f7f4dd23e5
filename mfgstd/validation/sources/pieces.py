"""A stream of lines in pieces: as many whole lines as fit, so that memory stays bounded.

Screens and worker processes take lines by the tens of megabytes; a single line may still be
longer than any memory, and is then counted and passed over without being held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mfgstd.validation.sources.lines import CHUNK, Cut, Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from mfgstd.validation.sources.lines import Source


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines, the first of which is ``first_line`` of its file (from 1).

    Only the last piece of a stream may lack its last newline.
    """

    first_line: int
    data: bytes

    @property
    def lines(self) -> int:
        """How many lines begin in it."""
        return self.data.count(b"\n") + (not self.data.endswith(b"\n"))

    def texts(self, numbers: Sequence[int]) -> list[bytes]:
        """Some of its lines, without their ends; ``numbers`` go up."""
        found: list[bytes] = []
        at, line = 0, self.first_line
        for number in numbers:
            while line < number:
                at = self.data.index(b"\n", at) + 1
                line += 1
            end = self.data.find(b"\n", at)
            found.append(self.data[at:] if end < 0 else self.data[at:end])
        return found

    def cut(self, size: int) -> Iterator[Piece]:
        """Smaller pieces, of about so many bytes each."""
        at, line = 0, self.first_line
        while at < len(self.data):
            end = self.data.find(b"\n", min(at + size, len(self.data)) - 1) + 1 or len(self.data)
            part = self.data[at:end]
            yield Piece(line, part)
            line += part.count(b"\n")
            at = end

    def column(self, numbers: Sequence[int]) -> pa.Array:
        """The same lines, each with its end; not copied where all are asked."""
        import numpy as np
        import pyarrow as pa

        ends = np.flatnonzero(np.frombuffer(self.data, np.uint8) == ord("\n")) + 1
        if not self.data.endswith(b"\n"):
            ends = np.append(ends, len(self.data))
        offsets = np.concatenate([np.zeros(1, np.int64), ends])
        buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(self.data)]
        lines = pa.Array.from_buffers(pa.large_string(), len(ends), buffers)
        if len(numbers) == len(lines):
            return lines
        return lines.take(pa.array(np.asarray(numbers, np.int64) - self.first_line))


#: A line that is longer than the limit comes alone, without its bytes.
Cutting: TypeAlias = Piece | Line


class Pieces:
    """The lines of a source, in order; ``number`` is the last one begun, also after a ``Cut``.

    ``size`` is how many bytes a piece has at most, but for one line that alone has more;
    ``limit`` how many bytes a line has at most.
    """

    def __init__(self, read: Source, *, size: int, limit: int) -> None:
        self.number = 1
        self._read = read
        self._size = size
        self._limit = limit

    def __iter__(self) -> Iterator[Cutting]:
        """Pieces and too long lines.

        Raises:
            Cut: the stream breaks off; the whole lines before that have been given out.
        """
        whole: list[bytes] = []  # lines that are complete
        begun: list[bytes] = []  # the line after them, as far as it has come
        held = length = 0  # bytes in ``whole``; length of the line that is begun
        try:
            while chunk := self._read(min(CHUNK, self._size)):
                end = chunk.rfind(b"\n") + 1
                first = chunk.find(b"\n") if end else len(chunk)
                length += first
                if length > self._limit:
                    begun.clear()
                    if end:
                        # What came before the line that was too long goes first.
                        yield from self._whole(whole)
                        yield self._too_long(length)
                        whole, held = [chunk[first + 1 : end]], end - first - 1
                elif end:
                    whole += [*begun, chunk[:end]]
                    held += length + end - first
                if not end:
                    if length <= self._limit:
                        begun.append(chunk)
                    continue
                length = len(chunk) - end
                begun = [chunk[end:]] if length <= self._limit else []
                if held >= self._size - CHUNK:
                    yield from self._whole(whole)
                    whole, held = [], 0
        except Cut:
            yield from self._whole(whole)
            raise
        yield from self._whole([*whole, *begun])
        if length > self._limit:
            yield self._too_long(length)

    def _too_long(self, size: int) -> Line:
        line = Line(self.number, None, size)
        self.number += 1
        return line

    def _whole(self, parts: list[bytes]) -> Iterator[Cutting]:
        """Lines that fit into memory, of which a single one may still be beyond the limit."""
        data = b"".join(parts)
        start = at = 0
        while len(data) - at > self._limit:
            # All lines that end before this newline are short enough, if there is one.
            end = data.rfind(b"\n", at, at + self._limit + 1)
            if end < 0:
                yield from self._piece(data[start:at])
                end = data.find(b"\n", at)
                end = len(data) if end < 0 else end
                yield self._too_long(end - at)
                start = end + 1
            at = end + 1
        yield from self._piece(data[start:] if start else data)

    def _piece(self, data: bytes) -> Iterator[Cutting]:
        if data:
            piece = Piece(self.number, data)
            yield piece
            self.number += data.count(b"\n")
