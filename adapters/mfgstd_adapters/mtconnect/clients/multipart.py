"""Cutting an agent's endless answer into the documents that it pushes.

Agents send ``multipart/x-mixed-replace``: a boundary, headers with a Content-length, a document.
Pure: chunks of bytes in, documents out, whatever the chunks' borders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mfgstd.errors import SystemFault
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER_LIMIT: Final = 16 * 1024


class Parts:
    """Collects chunks and yields each document once it is complete.

    Args:
        boundary: as the Content-Type header names it, without leading dashes.
        limit: the largest document, in bytes.
    """

    def __init__(self, boundary: bytes, limit: int) -> None:
        self._marker = b"--" + boundary.removeprefix(b"--")
        self._limit = limit
        self._buffer = bytearray()
        self._expected: int | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes.

        Raises:
            SystemFault: a part is too large, or has no Content-length.
        """
        self._buffer += chunk
        while True:
            if self._expected is None and not self._head():
                return
            expected = self._expected or 0
            if len(self._buffer) < expected:
                return
            document = bytes(self._buffer[:expected])
            del self._buffer[:expected]
            self._expected = None
            yield document

    def _head(self) -> bool:
        """Read one part's headers, if all of them are here."""
        start = self._buffer.find(self._marker)
        end = self._buffer.find(b"\r\n\r\n", max(start, 0))
        if start < 0 or end < 0:
            if len(self._buffer) > _HEADER_LIMIT:
                raise _broken("no boundary")
            return False
        lines = bytes(self._buffer[start:end]).split(b"\r\n")[1:]
        del self._buffer[: end + 4]
        for line in lines:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                text = value.strip()
                if not text.isdigit() or len(text) > 15 or int(text) > self._limit:
                    raise _broken(f"Content-length {text[:20]!r}")
                self._expected = int(text)
                return True
        raise _broken("no Content-length")


def _broken(what: str) -> SystemFault:
    return SystemFault(
        Text(
            f"The agent's stream is not what MTConnect describes: {what}.",
            f"에이전트의 스트림이 MTConnect 규격과 다릅니다: {what}.",
        )
    )
