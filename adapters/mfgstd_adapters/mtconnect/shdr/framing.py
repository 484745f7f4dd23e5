"""From bytes as they arrive to complete lines of UTF-8, with everything else set apart.

Chunks end anywhere; lines may be in another encoding, broken, endless, or belong to a document
that spans many of them. What comes out is the same however the bytes were cut.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from mfgstd.errors import ConfigError
from mfgstd.language import Text

#: Bytes of one line, and of one document that spans lines, that are read.
LINE_LIMIT: Final = 16 * 1024 * 1024
#: Bytes kept of what is longer.
KEPT: Final = 64 * 1024

_MARK: Final = b"--multiline--"
#: A line of data inside a document that spans lines: its sender was cut off and came back.
_DATA: Final = re.compile(rb"\n[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][^|\n]{0,40}\|")
_FIRST: Final = re.compile(_DATA.pattern.removeprefix(rb"\n"))
_WHITE: Final = b" \t\r\x0b\x0c"


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not read at all: why, and its bytes as they came (perhaps only a part)."""

    line: int
    rule: str
    raw: bytes
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Spanning:
    """A report that spans the lines ``first`` to ``last`` of a block, joined into one text.

    ``first`` is negative where it began in an earlier block; ``lines`` counts its lines less the
    refused ones. ``whole`` is false for one that was cut off or grew too long.
    """

    first: int
    last: int
    raw: bytes
    lines: int
    whole: bool = True
    rule: str = "mtconnect.line-cut"


@dataclass(slots=True)
class Block:
    """Complete lines of valid UTF-8, each ended by a newline; refused ones are empty.

    ``ends`` holds the position of each newline, ``raw`` the bytes as they came.
    """

    data: bytes
    raw: bytes
    ends: list[int]
    refused: list[Refused] = field(default_factory=list)


class Framer:
    """Cuts the bytes of one source into blocks of complete lines.

    Args:
        encoding: how the source writes text; ASCII must be the same bytes in it.

    Raises:
        ConfigError: there is no such encoding, or lines cannot be found in it.
    """

    def __init__(self, encoding: str, limit: int = LINE_LIMIT) -> None:
        self._encoding = _ascii_based(encoding)
        self._limit = limit
        self.kept = min(limit, KEPT)
        self._begun = False
        self._pending: list[bytes] = []
        self._held = 0
        self._skipping: bytes | None = None

    def blocks(self, data: bytes) -> Block | None:
        """The lines that ``data`` completes."""
        end = data.rfind(b"\n") + 1
        if not end:
            self._hold(data)
            return None
        complete = b"".join([*self._pending, data[:end]]) if self._pending else data[:end]
        skipped = self._skipping
        self._pending, self._held, self._skipping = [], 0, None
        if end < len(data):
            self._hold(data[end:])
        refused: list[Refused] = []
        if not self._begun:
            self._begun = True
            complete = complete.removeprefix(codecs.BOM_UTF8)
        if skipped is not None:
            # The tail of a line that was too long to be held.
            first = complete.find(b"\n")
            refused.append(Refused(0, "mtconnect.line-too-long", skipped))
            complete = complete[first:]
        return self._block(complete, refused)

    def rest(self) -> bytes | None:
        """The line that was never ended, if there is one; the source has ended."""
        if self._skipping is not None:
            return self._skipping
        return b"".join(self._pending) or None

    def reset(self) -> None:
        """Forget the line that waits for its end."""
        self._pending, self._held, self._skipping = [], 0, None

    @property
    def held(self) -> int:
        """How many bytes wait for the end of their line."""
        return self._held

    @property
    def too_long(self) -> bool:
        """Whether the line that is waiting for its end has already grown too long."""
        return self._skipping is not None

    def _hold(self, data: bytes) -> None:
        self._held += len(data)
        if self._skipping is not None:
            return
        self._pending.append(data)
        if self._held > self._limit + 1:
            self._skipping = b"".join(self._pending)[: self.kept]
            self._pending = []

    def _block(self, data: bytes, refused: list[Refused]) -> Block:
        raw = data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        if b"\0" in data or not data.isascii() or len(data) > self._limit:
            data = self._cleaned(data, refused)
        return Block(data, raw, _ends(data), refused)

    def _cleaned(self, data: bytes, refused: list[Refused]) -> bytes:
        """The data as UTF-8, with the lines that cannot be read emptied."""
        if b"\0" not in data and len(data) <= self._limit:
            try:
                text = data.decode(self._encoding)
            except UnicodeDecodeError:
                pass
            else:
                return data if self._encoding == "utf-8" else text.encode()
        lines = data.split(b"\n")
        for number, line in enumerate(lines):
            if len(line) > self._limit:
                refused.append(Refused(number, "mtconnect.line-too-long", line[: self.kept]))
                lines[number] = b""
            elif b"\0" in line:
                refused.append(Refused(number, "mtconnect.not-text", line))
                lines[number] = b""
            elif not line.isascii():
                try:
                    lines[number] = line.decode(self._encoding).encode()
                except UnicodeError:
                    refused.append(Refused(number, "mtconnect.not-text", line))
                    lines[number] = b""
        return b"\n".join(lines)


class Spans:
    """Finds the reports that span lines (``--multiline--TAG`` up to a line that says it again)."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._parts: list[bytes] | None = None
        self._end = b""
        self._size = 0
        self._line = 0
        self._refused = 0
        #: The line of the last block from which on lines wait for the end of what they are in.
        self.open_from: int | None = None
        #: Bytes and lines, as they came, of what is open.
        self.held = (0, 0)

    def find(self, block: Block, number: int) -> list[Spanning]:
        """The spanning reports that end in ``block``.

        Args:
            block: the lines.
            number: how many lines of the source came before them.
        """
        found: list[Spanning] = []
        at = 0
        data, ends = block.data, block.ends
        self.open_from = 0
        held = self.held
        while at < len(data):
            if self._parts is None:
                mark = data.find(_MARK, at)
                if mark < 0:
                    break
                line = bisect_left(ends, mark)
                begin = ends[line - 1] + 1 if line else 0
                self._parts = [data[begin:mark]]
                self._end = data[mark : ends[line]].strip(_WHITE)
                self._size = len(data[begin : ends[line]])
                self._line = number + line
                self._refused = 0
                self.open_from = line
                at = ends[line] + 1
                continue
            at = self._continue(block, number, at, found)
        if self._parts is None:
            self.open_from = None
        else:
            tail = block.raw.split(b"\n", self.open_from)[-1]
            octets, lines = held if self._line < number else (0, 0)
            self.held = (octets + len(tail), lines + len(ends) - self.open_from)
            self._refused += _within(block, self.open_from, len(ends) - 1)
        return found

    def left(self, number: int) -> Spanning | None:
        """What was begun and never ended, once the source has; ``number`` as in :meth:`find`."""
        if self._parts is None:
            return None
        return self._close(None, number, -1, whole=False)

    def _continue(self, block: Block, number: int, at: int, found: list[Spanning]) -> int:
        """Read on in the body that is open; return where reading goes on."""
        data, ends = block.data, block.ends
        parts = self._parts
        if parts is None:
            return at
        stop, line = self._terminator(data, ends, at)
        # A body begins behind a newline, so that one is a part of what is looked for.
        if at:
            cut = _DATA.search(data, at - 1, stop)
        else:
            cut = _FIRST.match(data, 0, stop) or _DATA.search(data, 0, stop)
        if cut:
            stop = cut.end() - len(cut[0].lstrip(b"\n"))
        room = self._limit - self._size
        if stop - at > room:
            # The first line that no longer fits ends it, wherever the chunks were cut.
            over = bisect_left(ends, at + room)
            self._append(data[at : ends[over] + 1])
            found.append(
                self._close(block, number, over, whole=False, rule="mtconnect.line-too-long")
            )
            return ends[over] + 1
        self._append(data[at:stop])
        if cut:
            found.append(self._close(block, number, bisect_left(ends, stop) - 1, whole=False))
            return stop
        if line is None:
            return len(data)
        found.append(self._close(block, number, line))
        return ends[line] + 1

    def _append(self, data: bytes) -> None:
        if self._parts is not None and data:
            self._parts.append(data)
            self._size += len(data)

    def _terminator(self, data: bytes, ends: list[int], at: int) -> tuple[int, int | None]:
        """Where the line stands that ends the body, and its number."""
        start = at
        while True:
            hit = data.find(self._end, start)
            if hit < 0:
                return len(data), None
            line = bisect_left(ends, hit)
            begin = ends[line - 1] + 1 if line else 0
            if begin >= at and data[begin : ends[line]].strip(_WHITE) == self._end:
                return begin, line
            start = ends[line] + 1

    def _close(
        self,
        block: Block | None,
        number: int,
        line: int,
        *,
        whole: bool = True,
        rule: str = "mtconnect.line-cut",
    ) -> Spanning:
        parts, self._parts = self._parts or [], None
        self.held = (0, 0)
        body = b"".join(parts[1:]).removesuffix(b"\n")
        raw = parts[0] + (b"" if whole else self._end + b"\n") + body
        first = self._line - number
        refused = self._refused
        if block is not None:
            refused += _within(block, max(first, 0), line)
        return Spanning(first, line, raw, line - first + 1 - refused, whole, rule)


def _within(block: Block, first: int, last: int) -> int:
    """How many refused lines stand from ``first`` to ``last``."""
    return sum(first <= each.line <= last for each in block.refused) if block.refused else 0


def _ends(data: bytes) -> list[int]:
    """The positions of all newlines."""
    if len(data) < 4096:
        found = []
        at = data.find(b"\n")
        while at >= 0:
            found.append(at)
            at = data.find(b"\n", at + 1)
        return found
    import numpy as np

    # A list, not an array: what looks single positions up is faster in it.
    return np.flatnonzero(np.frombuffer(data, np.uint8) == 10).tolist()


def _ascii_based(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        plain = bytes(range(1, 128))
        if plain.decode(name) == plain.decode("ascii"):
            return name
    except (LookupError, UnicodeError):
        pass
    raise ConfigError(
        Text(
            f"SHDR cannot be read in the encoding {encoding!r}.",
            f"{encoding!r} 인코딩으로는 SHDR을 읽을 수 없습니다.",
        ),
        hint=Text(
            "Use an encoding that holds ASCII as it is, such as utf-8 or cp949.",
            "utf-8이나 cp949처럼 ASCII를 그대로 담는 인코딩을 사용하세요.",
        ),
    )
