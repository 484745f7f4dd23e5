"""A SHDR log as a stream of bounded chunks: plain or gzip, whole or cut off.

Bytes only; what they mean is decided elsewhere. A gzip that ends too early gives what can be
read of it, and says so.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from mfgstd.errors import InputError
from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text

CHUNK: Final = 1024 * 1024
#: Packed bytes that are unpacked at once; where they turn out to be damaged they are gone through
#: byte by byte.
_PACKED: Final = 64 * 1024
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 4096
#: A tag, an object, an array: what XML and JSON begin with, and SHDR never does.
_OTHER: Final = re.compile(rb"[\s\xef\xbb\xbf]*[<{\[]")
_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class LogFile:
    """Reads one log from its beginning, or from an offset, to its end.

    Args:
        path: the file as the user named it.
        chunk: bytes of the largest piece.

    Raises:
        InputError: it cannot be opened, or is plainly something else.
    """

    def __init__(self, path: str, *, chunk: int = CHUNK) -> None:
        self._path = path
        self._chunk = chunk
        #: What was wrong with the file as a file; complete once it has been read.
        self.findings: list[Finding] = []
        self._offset = 0
        self._unpacked: zlib._Decompress | None = None
        self._packed = b""
        self._ended = False
        self._file: BinaryIO = self._opened()
        try:
            head = self._file.peek(2)[:2]  # type: ignore[attr-defined]  # open("rb") is buffered
            if head == _GZIP:
                self._unpacked = zlib.decompressobj(wbits=31)
            self._first = self._more()
            self._refuse_other(self._first[:_HEAD])
        except OSError as error:
            raise self._unreadable(error) from error
        except InputError:
            self.close()
            raise

    def skip(self, offset: int) -> None:
        """Go on from ``offset``, counted in bytes of the unpacked log."""
        while self._offset < offset:
            piece = self.read()
            if not piece:
                break
            if self._offset > offset:
                back = self._offset - offset
                self._first, self._offset = piece[-back:], offset

    def read(self) -> bytes:
        """The next piece; empty at the end.

        Raises:
            InputError: the disk cannot be read.
        """
        try:
            piece, self._first = self._first or self._more(), b""
        except OSError as error:
            raise self._unreadable(error) from error
        self._offset += len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _opened(self) -> BinaryIO:
        try:
            return Path(self._path).open("rb")
        except OSError as error:
            raise self._unreadable(error) from error

    def _more(self) -> bytes:
        if self._unpacked is None:
            return self._file.read(self._chunk)
        while not self._ended:
            if not self._packed:
                self._packed = self._file.read(_PACKED)
                if not self._packed:
                    self._ended = True
                    if not self._unpacked.eof:
                        self._cut()
                    return self._unpacked.flush()
            if self._unpacked.eof:
                # Logs that rotate are often several gzips one behind the other.
                self._unpacked = zlib.decompressobj(wbits=31)
            before = self._unpacked.copy()
            try:
                piece = self._unpacked.decompress(self._packed, self._chunk)
            except zlib.error as error:
                self._ended = True
                self._broken(str(error))
                return self._salvaged(before)
            self._packed = self._unpacked.unconsumed_tail or self._unpacked.unused_data
            if piece:
                return piece
        return b""

    def _salvaged(self, unpacked: zlib._Decompress) -> bytes:
        """What stands before the damage: one call gives either all of its bytes or none."""
        kept = bytearray()
        for position in range(len(self._packed)):
            if len(kept) >= self._chunk:
                break
            try:
                one = self._packed[position : position + 1]
                kept += unpacked.decompress(one, self._chunk - len(kept))
            except zlib.error:
                break
        return bytes(kept)

    def _cut(self) -> None:
        self._find(
            "file.truncated",
            Text(
                "The gzip file ends too early; what could be read of it is kept.",
                "gzip 파일이 중간에 끝납니다. 읽을 수 있는 부분까지는 보존합니다.",
            ),
        )

    def _broken(self, reason: str) -> None:
        self._find(
            "file.corrupt",
            Text(
                "The gzip file is damaged; what could be read of it is kept.",
                "gzip 파일이 손상되었습니다. 읽을 수 있는 부분까지는 보존합니다.",
            ),
            found=reason[:120],
        )

    def _find(self, rule: str, message: Text, *, found: str | None = None) -> None:
        self.findings.append(
            Finding(
                rule=rule,
                severity=Severity.ERROR,
                message=message,
                found=found,
                source=Place(path=self._path),
            )
        )

    def _refuse_other(self, head: bytes) -> None:
        if not head.strip() and not self.findings:
            self._find("file.empty", Text("The file holds nothing.", "파일에 내용이 없습니다."))
            return
        binary = len(_UNPRINTABLE.findall(head)) * 10 > len(head) or (
            b"|" not in head and b"\0" in head
        )
        if binary or _OTHER.match(head):
            raise InputError(
                Text("This is not a SHDR log.", "SHDR 로그 파일이 아닙니다."),
                place=Place(path=self._path, line=1),
                hint=Text(
                    f"SHDR lines look like 2026-01-01T00:00:00Z|key|value;"
                    f" this begins with {show(head[:40].decode('latin-1'))}.",
                    f"SHDR의 줄은 2026-01-01T00:00:00Z|key|value 형식입니다."
                    f" 이 파일은 {show(head[:40].decode('latin-1'))}(으)로 시작합니다.",
                ),
            )

    def _unreadable(self, error: OSError) -> InputError:
        reason = error.strerror or str(error)
        return InputError(
            Text(
                f"The file cannot be read: {reason}.",
                f"파일을 읽을 수 없습니다: {reason}.",
            ),
            place=Place(path=self._path),
        )
