"""NDJSON whose lines may be of several kinds: each line goes to the screen of its kind."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pyarrow as pa

from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.validation.bulk.lines.screen import TOGETHER, LineScreen
from mfgstd.validation.bulk.lines.texts import MemoryFile
from mfgstd.validation.bulk.lines.told import KNOWN, Screened, by_line
from mfgstd.validation.bulk.terms.constraints import NotInColumns

if TYPE_CHECKING:
    from mfgstd.engine import Session
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.lowering import Strictness

__all__ = ["KNOWN", "LineScreen", "LineScreens", "Screened"]

#: How many lines, all over a chunk, are asked of what kind they are.
_GLANCE: Final = 200


class LineScreens:
    """A screen for each kind of document that comes, picked by what the lines say they are.

    Args:
        strictness: who is checked.
        session: a DuckDB.
        within: the schemas; the standard by default.
        least: of a kind with fewer lines in a chunk of several kinds, and without a screen so far,
            all are suspects: making a screen takes a second or two.
    """

    def __init__(
        self,
        strictness: Strictness,
        session: Session,
        within: Catalogue | None = None,
        least: int = 0,
    ) -> None:
        self._least = least
        self._strictness = strictness
        self._session = session
        self._within = within or catalogue()
        self._screens: dict[tuple[str, bool], LineScreen | None] = {}
        self._files = [MemoryFile(session.folder) for _ in range(TOGETHER)]

    def __enter__(self) -> Self:
        """The screens themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give back what the screens hold."""
        self.close()

    def close(self) -> None:
        """Give back what the screens hold."""
        for each in self._screens.values():
            if each is not None:
                each.close()
        self._screens.clear()
        for file in self._files:
            file.close()
        self._files.clear()

    def screen(self, chunk: bytes, first_line: int, schema: Resolved | None = None) -> Screened:
        """Judge the whole lines of a chunk; of what no screen can judge all lines are suspects.

        With ``schema``, documents need not name theirs.
        """
        if schema is not None:
            return self._all_as(chunk, first_line, schema.id, named=False)
        kinds = self._kinds(chunk)
        if len(kinds) == 1:
            return self._all_as(chunk, first_line, kinds.pop(), named=True)
        return self._mixed(chunk, first_line)

    def _all_as(self, chunk: bytes, first_line: int, kind: str, *, named: bool) -> Screened:
        screen = self._screen(kind, named=named)
        return screen.screen(chunk, first_line) if screen else _unjudged(chunk, first_line)

    def _screen(self, kind: str, *, named: bool) -> LineScreen | None:
        if (kind, named) not in self._screens:
            self._screens[kind, named] = self._made(kind, named=named)
        return self._screens[kind, named]

    def _made(self, kind: str, *, named: bool) -> LineScreen | None:
        if kind not in self._within:
            return None
        resolved = self._within.get(kind)
        if named and not resolved.is_entity:
            return None
        try:
            return LineScreen(
                resolved,
                self._strictness,
                self._session,
                named=named,
                within=self._within,
                files=self._files,
            )
        except NotInColumns:
            return None

    def _kinds(self, chunk: bytes) -> set[str]:
        """The kinds of some lines all over a chunk; the screens look at every line themselves."""
        found: set[str] = set()
        for i in range(_GLANCE):
            begin = chunk.find(b"\n", i * len(chunk) // _GLANCE) + 1 if i else 0
            end = chunk.find(b"\n", begin)
            line = chunk[begin : end if end >= 0 else len(chunk)]
            if line and not line.isspace():
                found.add(kind_of(line))
        return found or {""}

    def _mixed(self, chunk: bytes, first_line: int) -> Screened:
        """Each kind for itself, with the numbers of its lines."""
        by_kind: dict[str, tuple[list[int], list[bytes]]] = {}
        for number, line in enumerate(chunk.split(b"\n")):
            if line and not line.isspace():
                numbers, lines = by_kind.setdefault(kind_of(line), ([], []))
                numbers.append(number)
                lines.append(line)
        total = 0
        suspects: list[tuple[int, bytes]] = []
        known: list[pa.Table] = []
        passed: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for kind, (numbers, lines) in by_kind.items():
            text = b"\n".join([*lines, b""])
            if (kind, True) not in self._screens and len(lines) < self._least:
                one = _unjudged(text, 0)
            else:
                one = self._all_as(text, 0, kind, named=True)
            total += one.lines
            suspects += [(numbers[at] + first_line, line) for at, line in one.suspects]
            if one.known is not None:
                at = np.array(numbers, np.int64)[one.known["line"].to_numpy()] + first_line
                known.append(one.known.set_column(0, KNOWN.field(0), pa.array(at, pa.int64())))
            passed += one.passed
            failed += one.failed
        table = by_line(known) if known else None
        return Screened(total, sorted(suspects), table, passed, failed)


_NAMED: Final = re.compile(rb'"\$schema"[ \t]*:[ \t]*"([^"\\]*)"')


def kind_of(line: bytes) -> str:
    """What a line seems to say it is."""
    found = _NAMED.search(line)
    return found[1].decode("utf-8", "replace") if found else ""


def _unjudged(chunk: bytes, first_line: int) -> Screened:
    suspects = [
        (first_line + i, line)
        for i, line in enumerate(chunk.split(b"\n"))
        if line and not line.isspace()
    ]
    return Screened(len(suspects), suspects)
