"""Bytes of a user's file in bounded memory: lines of any length, gzip and zstd of any size.

A line beyond the limit is counted and passed over without being held; a compressed stream that
ends too early gives out all that was readable before it says so.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Compression: TypeAlias = Literal["gzip", "zstd"]

CHUNK: Final = 1 << 20
#: Of zstd less is asked at a time: what one call has got is lost when it then fails.
_ZSTD_CHUNK: Final = 1 << 16


class Cut(Exception):
    """The stream cannot be read on: ``truncated`` if it just ends, else it is damaged."""

    def __init__(self, *, truncated: bool, reason: str) -> None:
        self.truncated = truncated
        self.reason = reason
        super().__init__(reason)


class Source(Protocol):
    """What lines are read from: at most ``size`` bytes at a time, none at the end."""

    def __call__(self, size: int, /) -> bytes:
        """The next bytes."""
        ...


def opened(
    raw: IO[bytes], *, compression: Compression | None, advance: Callable[[int], None]
) -> Source:
    """A source of plain bytes; ``advance`` hears of the bytes consumed from ``raw``.

    The source raises :class:`Cut` where a compressed stream ends early or is damaged.
    """
    if compression == "gzip":
        plain: Source = _gzip(raw)
    elif compression == "zstd":
        plain = _Zstd(raw)
    else:
        plain = raw.read
    done = 0

    def read(size: int) -> bytes:
        nonlocal done
        data = plain(size)
        consumed = raw.tell() if raw.seekable() else done + len(data)
        advance(consumed - done)
        done = consumed
        return data

    return read


def _gzip(raw: IO[bytes]) -> Source:
    stream = gzip.GzipFile(fileobj=raw, mode="rb")

    def read(size: int) -> bytes:
        try:
            # read1 hands out what is there; read would lose it when the stream then breaks off.
            return stream.read1(size)
        except EOFError as error:
            raise Cut(truncated=True, reason=str(error)) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Cut(truncated=False, reason=str(error)) from error

    return read


class _Zstd:
    """A zstd stream by Arrow, whose read gives nothing if it fails after the first byte."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._start = raw.tell() if raw.seekable() else None
        self._stream = self._opened()
        self._given = 0
        self._failed: Cut | None = None

    def _opened(self) -> Any:
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(self._raw, mode="r"), "zstd")

    def __call__(self, size: int, /) -> bytes:
        if self._failed is not None:
            raise self._failed
        try:
            data: bytes = self._stream.read(min(size, _ZSTD_CHUNK))
        except OSError as error:
            reason = str(error)
            self._failed = Cut(truncated=reason.startswith("Truncated"), reason=reason)
            data = self._rest()
            if not data:
                raise self._failed from error
        self._given += len(data)
        return data

    def _rest(self) -> bytes:
        """What comes before the failure: the stream read again, at last byte by byte."""
        if self._start is None:
            return b""
        self._raw.seek(self._start)
        stream = self._opened()
        left = self._given
        while left:
            left -= len(stream.read(min(left, _ZSTD_CHUNK)))
        rest = bytearray()
        try:
            while data := stream.read(1):
                rest += data
        except OSError:
            pass
        return bytes(rest)


def whole(read: Source, limit: int) -> bytes | None:
    """Everything up to the end, or ``None`` if that is more than ``limit`` bytes."""
    parts: list[bytes] = []
    size = 0
    while data := read(CHUNK):
        size += len(data)
        if size > limit:
            return None
        parts.append(data)
    return b"".join(parts)


def fits(path: Path, limit: int, compression: Compression) -> bool:
    """Whether a compressed file expands to at most ``limit`` bytes; holds none of them."""
    with path.open("rb") as raw:
        read = opened(raw, compression=compression, advance=lambda _amount: None)
        size = 0
        while size <= limit:
            try:
                data = read(CHUNK)
            except Cut:
                # Broken, but small enough to be read up to there.
                return True
            if not data:
                return True
            size += len(data)
    return False


@dataclass(frozen=True, slots=True)
class Line:
    """One line, from 1, without its end; ``data`` is ``None`` if it is longer than the limit."""

    number: int
    data: bytes | None
    size: int


class Lines:
    """The lines of a source; ``number`` is the last one begun, also after a :class:`Cut`."""

    def __init__(self, read: Source, limit: int) -> None:
        self.number = 1
        self._read = read
        self.limit = limit

    def __iter__(self) -> Iterator[Line]:
        kept: list[bytes] = []
        size = 0
        while chunk := self._read(CHUNK):
            first, *others = chunk.split(b"\n")
            size += len(first)
            if size <= self.limit:
                kept.append(first)
            else:
                kept.clear()
            for piece in others:
                yield self._line(kept, size)
                self.number += 1
                kept, size = [piece], len(piece)
        if size:
            yield self._line(kept, size)

    def _line(self, kept: list[bytes], size: int) -> Line:
        # A piece is at most one chunk, which may be more than a small limit.
        data = b"".join(kept) if size <= self.limit else None
        return Line(self.number, data, size)
