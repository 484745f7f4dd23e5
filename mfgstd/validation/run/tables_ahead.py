"""Tables screened beside each other: a file of one row group keeps one processor busy, not all."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mfgstd.errors import MfgStdError
from mfgstd.finding import Finding
from mfgstd.validation.sources.fitting import entity_of, judged_as
from mfgstd.validation.sources.formats import HEAD, written
from mfgstd.validation.sources.tables import table_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mfgstd.engine import Session
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.tables.judging import TableScreen
    from mfgstd.validation.run.options import Options

#: Rows that this process judges in less time than DuckDB needs to start.
MANY: Final = 20_000
#: More sessions than this would each have too little memory.
_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Ready:
    """A table that went through a screen, with the session that still knows it."""

    resolved: Resolved
    screen: TableScreen
    session: Session


class Ahead:
    """The Parquet files of a run, some of them screened before their turn comes.

    It never tells anything by itself: whatever goes wrong here goes wrong again when the run
    comes to that file, and is told there.

    Args:
        options: how the run judges.
        within: the schemas.
        stack: closes the sessions.
    """

    def __init__(
        self,
        options: Options,
        within: Catalogue,
        stack: ExitStack,
    ) -> None:
        self._options = options
        self._within = within
        self._stack = stack
        self._beside = min(os.cpu_count() or 1, _MOST)
        self._waiting: deque[Path] = deque()
        self._begun: dict[Path, Future[Ready | None]] = {}
        self._free: list[Session] = []
        self._pool: ThreadPoolExecutor | None = None

    def expect(self, paths: Sequence[Path]) -> None:
        """Hear of the files of the run, in their order; one alone needs no help."""
        tables = [each for each in paths if each.suffix.lower() == ".parquet"]
        if self._beside > 1 and len(tables) > 1:
            self._waiting.extend(tables)

    def take(self, path: Path) -> Ready | None:
        """The screen of a file whose turn has come; ``None`` if the run must see to it itself."""
        if path not in self._begun and path not in self._waiting:
            return None
        while path not in self._begun:
            self._begin()
        while self._waiting and len(self._begun) < self._beside:
            self._begin()
        return self._begun.pop(path).result()

    def give_back(self, session: Session) -> None:
        """Take a session back when nothing more is asked about its table."""
        self._free.append(session)

    def _begin(self) -> None:
        path = self._waiting.popleft()
        if self._pool is None:
            self._open()
        if self._pool is not None and self._free:
            self._begun[path] = self._pool.submit(self._screened, path, self._free.pop())
        else:
            nothing: Future[Ready | None] = Future()
            nothing.set_result(None)
            self._begun[path] = nothing

    def _open(self) -> None:
        from mfgstd.engine import DEFAULT_MEMORY, duckdb_session

        share = DEFAULT_MEMORY // self._beside
        # One more than files are begun: what the run tells of may still be asked for.
        self._free = [
            self._stack.enter_context(duckdb_session(memory_bytes=share))
            for _ in range(self._beside + 1)
        ]
        self._pool = pool = ThreadPoolExecutor(self._beside, "mfgstd-tables")
        self._stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        # Whoever leaves early does not wait for what nobody will ask.
        for each in self._free:
            self._stack.callback(each.raw.interrupt)

    def _screened(self, path: Path, session: Session) -> Ready | None:
        from mfgstd.engine import damages
        from mfgstd.validation.bulk.terms.scalars import NotInColumns

        unable: tuple[type[Exception], ...] = (*damages(), MfgStdError, NotInColumns)
        ready = None
        try:
            ready = self._ready(path, session)
        except unable:
            # Told when its turn comes.
            pass
        finally:
            if ready is None:
                self._free.append(session)
        return ready

    def _ready(self, path: Path, session: Session) -> Ready | None:
        from mfgstd.validation.bulk.tables.judging import screen_table

        with path.open("rb") as raw:
            if written(path.name, raw.read(HEAD)).format != "parquet":
                return None
        with ExitStack() as stack:
            file = table_file(path, "parquet", stack)
        asked = self._options.schema
        entity = entity_of(file.schema.names, self._within, asked=asked, named=file.named)
        if isinstance(entity, Finding) or file.rows <= MANY:
            return None
        resolved = judged_as(entity)
        if resolved is None:
            return None
        screen = screen_table(path, resolved, self._options.strictness, session)
        return Ready(resolved, screen, session)
