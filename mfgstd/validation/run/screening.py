"""Lines through the screens of columns: what they vouch for, what they know, what they suspect."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.lines.screens import LineScreens, Screened, kind_of
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules.together import entities_together
from mfgstd.validation.run.rows import Chunk, Judged

if TYPE_CHECKING:
    from contextlib import ExitStack

    import pyarrow as pa
    from numpy.typing import NDArray

    from mfgstd.engine import Session
    from mfgstd.validation.run.options import Options
    from mfgstd.validation.run.rows import Judging
    from mfgstd.validation.sources.pieces import Piece

#: Lines of one kind that are worth a screen; asked for by name, it judges any number.
_WORTH: Final = 20_000

#: Rules of the schema: what breaks one is not looked at together with others.
_SCHEMA: Final = ("schema.", "json.")


@dataclass(slots=True)
class Sieved:
    """What the screens say of a piece.

    ``judged`` counts the documents that are not suspect, and names those that rules about several
    documents are to look at; ``known`` is what is wrong with them.
    """

    piece: Piece
    screened: Screened
    judged: Judged = field(default_factory=Judged)

    @property
    def known(self) -> pa.Table | None:
        """Line, rule, severity and pointer of each finding that is certain."""
        return self.screened.known

    def suspects(self, size: int) -> list[Chunk]:
        """What the row engine must judge, in chunks of about so many bytes."""
        suspects = self.screened.suspects
        if len(suspects) == self.screened.lines and len(suspects) > 1:
            return [Chunk(each.data, each.first_line) for each in self.piece.cut(size)]
        chunks: list[Chunk] = []
        texts: list[tuple[int, bytes]] = []
        held = 0
        for each in suspects:
            texts.append(each)
            held += len(each[1])
            if held >= size:
                chunks.append(Chunk(texts))
                texts, held = [], 0
        return [*chunks, Chunk(texts)] if texts else chunks


class Screening:
    """The screens of one run, made when the first line of their kind comes; closed by ``stack``."""

    def __init__(
        self, options: Options, judging: Judging, session: Session, stack: ExitStack
    ) -> None:
        self._asked = options.schema
        self._shelve = judging.shelve and options.strictness is Strictness.STRICT
        self._within = catalogue()
        least = _WORTH if options.engine == "auto" else 0
        self._screens = stack.enter_context(LineScreens(options.strictness, session, least=least))

    def sieve(self, piece: Piece) -> Sieved:
        """Put the lines of a piece through the screens."""
        screened = self._screens.screen(piece.data, piece.first_line, self._asked)
        sieved = Sieved(piece, screened)
        for schema_id, count in screened.passed.items():
            sieved.judged.valid[self._within.get(schema_id).name] += count
        for schema_id, count in screened.failed.items():
            sieved.judged.invalid[self._within.get(schema_id).name] += count
        if self._shelve:
            self._accept(sieved)
        return sieved

    def _accept(self, sieved: Sieved) -> None:
        """Name the documents that their schema accepts, of the kinds that are wanted."""
        screened = sieved.screened
        kinds = set(screened.passed) | set(screened.failed)
        if not kinds & entities_together():
            return
        piece = sieved.piece
        refused = {line for line, _ in screened.suspects}
        if screened.known is not None:
            rules = screened.known["rule"].to_pylist()
            lines = screened.known["line"].to_pylist()
            refused.update(
                line for line, rule in zip(lines, rules, strict=True) if rule.startswith(_SCHEMA)
            )
        accepted = np.arange(piece.first_line, piece.first_line + piece.lines)
        if refused:
            accepted = np.setdiff1d(accepted, np.fromiter(refused, np.int64, len(refused)))
        if piece.lines > screened.lines:
            blank = [
                number
                for number, line in enumerate(piece.data.split(b"\n"), piece.first_line)
                if not line or line.isspace()
            ]
            accepted = np.setdiff1d(accepted, np.array(blank, np.int64))
        if len(kinds) == 1:
            self._keep(sieved.judged, kinds.pop(), accepted)
            return
        by_kind: dict[str, list[int]] = {}
        numbers = accepted.tolist()
        for number, line in zip(numbers, piece.texts(numbers), strict=True):
            by_kind.setdefault(kind_of(line), []).append(number)
        for kind, of_it in by_kind.items():
            if kind in entities_together():
                self._keep(sieved.judged, kind, np.array(of_it, np.int64))

    def _keep(self, judged: Judged, kind: str, numbers: NDArray[np.int64]) -> None:
        judged.accepted[kind] = array("q", numbers.astype(np.int64).tobytes())
