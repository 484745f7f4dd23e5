"""The engines that judge columns, and the only place that knows how each is connected.

What is judged is an Ibis expression and speaks to no engine by name. How much memory one may use,
where it spills and what it must not do (fetch extensions, guess a time zone) is said here.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfgstd.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: What DuckDB may hold in memory unless told otherwise, in bytes; the rest goes to disk.
DEFAULT_MEMORY = 1 << 30


@dataclass(frozen=True, slots=True)
class Session:
    """One engine, connected.

    ``ibis`` is the Ibis backend, ``raw`` the engine's own connection below it; ``folder`` is
    private to the session, for whatever must be on disk while it is open. ``microseconds`` gives
    a timestamp column as int64, counted from 1970, UTC: Ibis has no name for it that both know.
    """

    ibis: Any
    raw: Any
    folder: Path
    microseconds: Callable[[Any], Any]


def microseconds(function: str) -> Callable[[Any], Any]:
    """A function of an engine that counts microseconds since 1970, by its name there."""
    import ibis

    def when(_column: Any) -> Any: ...

    kind = "timestamp('UTC')"
    counted = ibis.udf.scalar.builtin(when, name=function, signature=((kind,), "int64"))
    return lambda column: counted(column.cast(kind))


def tell_functions(session: Session, expressions: Iterable[Any]) -> None:
    """Let DuckDB know the Python functions that expressions call, before it sees their text.

    Ibis does so only for what it runs itself. One that is known is let be: another query may be
    using it.
    """
    from ibis.expr import operations

    called = {
        type(node).__name__: node
        for each in expressions
        for node in each.op().find(operations.ScalarUDF)
        if node.__input_type__.name == "PYTHON"
    }
    for name, node in called.items():
        asked = "SELECT count(*) FROM duckdb_functions() WHERE function_name = lower(?)"
        ((known,),) = session.raw.execute(asked, [name]).fetchall()
        if not known:
            session.ibis._register_udfs(node.to_expr())  # noqa: SLF001 - else only done on running


def damages() -> tuple[type[Exception], ...]:
    """What reading a damaged table raises: DuckDB knows no narrower name for a broken page."""
    import duckdb
    import pyarrow as pa

    return (OSError, pa.ArrowException, duckdb.Error)


def has_no_room(error: BaseException) -> bool:
    """Whether an error says that disk or memory are full; of a disk DuckDB has only words."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "No space left on device" in str(error) or type(error).__name__ == "OutOfMemoryException"


def was_interrupted(error: BaseException) -> bool:
    """Whether an engine gave up since somebody asked it to: Ctrl-C becomes an error of DuckDB's."""
    return str(error) == "Query interrupted" or type(error).__name__ == "InterruptException"


@contextmanager
def duckdb_session(
    *, memory_bytes: int | None = None, threads: int | None = None, folder: Path | None = None
) -> Iterator[Session]:
    """A DuckDB of its own, in memory, spilling into a private folder that is removed in the end.

    Args:
        memory_bytes: what it may hold; :data:`DEFAULT_MEMORY` by default. Readers and Python
            itself come on top.
        threads: as many as the machine has by default.
        folder: where the private folder is made; the system's place for such by default.

    Raises:
        MissingExtra: the extra ``columns`` is not installed.
    """
    try:
        import duckdb  # noqa: F401 - so that its absence is told by name
        import ibis
    except ImportError as error:
        raise MissingExtra(error.name or "duckdb", "columns") from error

    private = Path(tempfile.mkdtemp(prefix="mfgstd-", dir=folder))
    settings: dict[str, Any] = {
        "memory_limit": f"{(memory_bytes or DEFAULT_MEMORY) // 1024} KiB",
        "temp_directory": str(private / "spill"),
        # What is not in the package is not there: a judgement must never wait for a network.
        "autoinstall_known_extensions": False,
        # A file that was written again within a second must not be answered for by the old one.
        "enable_external_file_cache": False,
        # Queries here count or sort; keeping the order of all others costs memory.
        "preserve_insertion_order": False,
    }
    if threads is not None:
        settings["threads"] = threads
    try:
        backend = ibis.duckdb.connect(**settings)
        from mfgstd.engine.dialect import Compiler

        # Of this connection only; `backend.compile` gives the text of a query, `ibis.to_sql`
        # does not know of it.
        backend.compiler = Compiler()
        try:
            yield Session(backend, backend.con, private, microseconds("epoch_us"))
        except BaseException:
            # A query that a signal broke off goes on behind, and closing would wait for it.
            backend.con.interrupt()
            raise
        finally:
            backend.disconnect()
    finally:
        shutil.rmtree(private, ignore_errors=True)
