"""Who judges a piece of text: this process, worker processes, or a screen in columns before them.

Help costs time to start, so a run asks for it only once there is much to do. Whoever judges, the
verdicts and findings are the same; what a screen cannot vouch for, the row engine judges. Nobody
explains anything here: that is done for the first documents alone, once it is known which they are
(:meth:`Judges.explained`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from mfgstd.validation.run.rows import Chunk, Judged, Rows
from mfgstd.validation.sources.lines import Cut, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from contextlib import ExitStack

    import pyarrow as pa

    from mfgstd.engine import Session
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.run.options import Options
    from mfgstd.validation.run.report import SourceReport
    from mfgstd.validation.run.screening import Screening
    from mfgstd.validation.run.workers import Workers
    from mfgstd.validation.sources.pieces import Cutting, Piece

#: Bytes of text that this process judges in less time than worker processes need to start, and
#: those in less time than a screen needs, which writes its queries first.
MUCH: Final = 24 << 20
VERY_MUCH: Final = 96 << 20

#: How many bytes of text each engine takes at once.
_HERE: Final = 1 << 20
_WORKER: Final = 2 << 20
_SCREEN: Final = 64 << 20

#: Pieces that are screened while the workers still judge what was suspect in one before.
_AHEAD: Final = 2


@dataclass(slots=True)
class Outcome:
    """What was found in a piece.

    ``judged`` is what the row engine says, and all counts of documents. ``known`` are findings
    that a screen is sure of, in documents that are not in ``judged.noted``: columns line, rule,
    severity, pointer.
    """

    judged: Judged = field(default_factory=Judged)
    known: pa.Table | None = None


class Judges:
    """The engines of one run, each started when it is first needed; closed by ``stack``."""

    def __init__(self, options: Options, stack: ExitStack) -> None:
        self._options = options
        self._judging = options.judging()
        self._stack = stack
        self._expected = 0
        self._rows: dict[str | None, Rows] = {}
        self._workers: Workers | None = None
        self._screening: Screening | None = None
        self._session: Session | None = None

    @property
    def here(self) -> str:
        """The engine that judges single documents in this process."""
        return self._judging.engine

    @property
    def much(self) -> bool:
        """Whether there is so much text in this run that help pays."""
        return self._expected > MUCH

    @property
    def columns(self) -> bool:
        """Whether columns may be judged by DuckDB: wished for, or not ruled out and installed."""
        wish = self._options.engine
        return wish == "duckdb" or (
            wish == "auto" and find_spec("ibis") is not None and find_spec("duckdb") is not None
        )

    @property
    def screens(self) -> bool:
        """Whether lines go through a screen, which always asks the rules about one document."""
        if self._options.rules == "none":
            return False
        return self._options.engine == "duckdb" or (self.columns and self._expected > VERY_MUCH)

    @property
    def piece_size(self) -> int:
        """How many bytes of lines to hand in at once."""
        if self.screens:
            return _SCREEN
        return _WORKER if self.much else _HERE

    def expect(self, size: int) -> None:
        """Hear of so many bytes more."""
        self._expected += size

    def rows(self, schema: Resolved | None = None) -> Rows:
        """The row engine in this process, for one schema or for what documents name."""
        name = self._judging.schema if schema is None else schema.id
        if name not in self._rows:
            self._rows[name] = Rows(replace(self._judging, schema=name))
        return self._rows[name]

    @property
    def session(self) -> Session:
        """DuckDB, connected once for the run.

        Raises:
            MissingExtra: the extra ``columns`` is not installed.
        """
        if self._session is None:
            from mfgstd.engine import duckdb_session

            self._session = self._stack.enter_context(duckdb_session())
        return self._session

    @property
    def workers(self) -> Workers:
        """The worker processes of the run."""
        if self._workers is None:
            from mfgstd.validation.run.workers import Workers

            made = Workers(self._judging, self._options.processes)
            self._workers = self._stack.enter_context(made)
        return self._workers

    def pieces(
        self, pieces: Iterable[Cutting], about: SourceReport
    ) -> Iterator[tuple[Cutting, Outcome]]:
        """Each piece with what was found in it, in order; a line alone is handed through."""
        if self.screens:
            return self._ahead(pieces, _AHEAD, lambda piece: self._screened(piece, about))
        if self.much:
            workers = self.workers
            return self._ahead(pieces, 2 * workers.processes, self._submitted)
        return self._ahead(pieces, 0, self._judged_here)

    def explained(self, outcome: Outcome, piece: Piece, limit: int) -> Outcome:
        """The same with the first findings, up to ``limit``, explained.

        At most so many documents are judged once more, by the row engine here.
        """
        if limit <= 0 or (not outcome.judged.noted and outcome.known is None):
            return outcome
        import numpy as np

        noted = {each.position: each for each in outcome.judged.noted}
        known = outcome.known
        lines = [] if known is None else np.unique(known["line"].to_numpy())[:limit].tolist()
        first = sorted({*sorted(noted)[:limit], *lines})[:limit]
        texts = piece.texts(first)
        again = self.rows().judge(Chunk(list(zip(first, texts, strict=True)), limit=limit))
        noted |= {each.position: each for each in again.noted}
        if known is not None:
            known = known.filter(~np.isin(known["line"].to_numpy(), first))
        outcome.judged.noted = [noted[each] for each in sorted(noted)]
        return Outcome(outcome.judged, known if known is not None and known.num_rows else None)

    def _ahead(
        self,
        pieces: Iterable[Cutting],
        room: int,
        begin: Callable[[Piece], Callable[[], Outcome]],
    ) -> Iterator[tuple[Cutting, Outcome]]:
        """Begin with pieces before those before them are done, but tell of them in order."""
        waiting: deque[tuple[Cutting, Callable[[], Outcome]]] = deque()

        def done() -> tuple[Cutting, Outcome]:
            piece, finish = waiting.popleft()
            return piece, finish()

        try:
            for piece in pieces:
                waiting.append((piece, Outcome if isinstance(piece, Line) else begin(piece)))
                while len(waiting) > room:
                    yield done()
        except Cut:
            # What was read before the stream broke off is told first.
            while waiting:
                yield done()
            raise
        while waiting:
            yield done()

    def _judged_here(self, piece: Piece) -> Callable[[], Outcome]:
        judged = self.rows().judge(Chunk(piece.data, piece.first_line))
        return lambda: Outcome(judged)

    def _submitted(self, piece: Piece) -> Callable[[], Outcome]:
        future = self.workers.submit(Chunk(piece.data, piece.first_line))
        return lambda: Outcome(future.result())

    def _screened(self, piece: Piece, about: SourceReport) -> Callable[[], Outcome]:
        """What a screen says; what it suspects goes to the row engine, the workers' if much."""
        if self._screening is None:
            from mfgstd.validation.run.screening import Screening

            self._screening = Screening(self._options, self._judging, self.session, self._stack)
        sieved = self._screening.sieve(piece)
        if sieved.judged.documents:
            about.engine = "duckdb"
        chunks = sieved.suspects(_WORKER)
        if len(chunks) <= 1:
            parts = [self.rows().judge(each) for each in chunks]
            return lambda: Outcome(_merged(sieved.judged, parts), sieved.known)
        futures = [self.workers.submit(each) for each in chunks]
        return lambda: Outcome(_gathered(sieved.judged, futures), sieved.known)


def _gathered(judged: Judged, futures: Iterable[Future[Judged]]) -> Judged:
    return _merged(judged, [each.result() for each in futures])


def _merged(judged: Judged, parts: Iterable[Judged]) -> Judged:
    """One account of all; what is noted stays in the order of the parts."""
    for each in parts:
        judged.valid.update(each.valid)
        judged.invalid.update(each.invalid)
        judged.noted += each.noted
        for schema_id, numbers in each.accepted.items():
            judged.accept(schema_id, numbers)
    return judged
