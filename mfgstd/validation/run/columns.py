"""The part of a run that judges tables in columns: counted by DuckDB, explained for the first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from mfgstd.engine import damages
from mfgstd.finding import Finding, Severity
from mfgstd.validation.bulk.tables.judging import TableScreen, documents, screen_table
from mfgstd.validation.bulk.terms.constraints import NotInColumns
from mfgstd.validation.rules.together import entities_together
from mfgstd.validation.sources.fitting import judged_as
from mfgstd.validation.sources.slices import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.spark.tables import TableOnSpark
    from mfgstd.validation.run.report import SourceReport
    from mfgstd.validation.run.running import Run
    from mfgstd.validation.run.tables_ahead import Ready
    from mfgstd.validation.sources.tables import TableFile

# The stubs of pyarrow reject the Python literals that its functions take.
pc: Any = pyarrow.compute


def in_columns(
    run: Run, path: Path, file: TableFile, entity: Resolved, about: SourceReport
) -> Iterator[Finding] | None:
    """Judge a table; ``None`` if columns cannot, and its rows must become documents."""
    resolved = judged_as(entity)
    if resolved is None:
        return None
    if run.spark is not None and (done := run.spark.table(path)) is not None:
        about.engine = "spark"
        return _Screened(run, path, file, resolved, about).told(done)
    if run.options.rules == "none":
        # The terms of a table hold those of its rules.
        return None
    if (ready := run.ahead.take(path)) is not None:
        if ready.resolved is resolved:
            about.engine = "duckdb"
            return _told(run, _Screened(run, path, file, resolved, about), ready)
        run.ahead.give_back(ready.session)
    lies = path
    unable: tuple[type[Exception], ...] = (NotInColumns, *damages())
    try:
        if not file.group_ends:
            lies = _as_parquet(run, file)
        screen = screen_table(lies, resolved, run.options.strictness, run.judges.session)
    except unable:
        # Of a damaged file the rows tell up to where it can be read.
        return None
    about.engine = "duckdb"
    return _Screened(run, lies, file, resolved, about).told(screen)


def _told(run: Run, screened: _Screened, ready: Ready) -> Iterator[Finding]:
    try:
        yield from screened.told(ready.screen)
    finally:
        run.ahead.give_back(ready.session)


def _as_parquet(run: Run, file: TableFile) -> Path:
    """An Arrow file as a temporary one that DuckDB reads."""
    folder = run.judges.session.folder
    path = folder / f"arrow-{len(list(folder.glob('arrow-*')))}.parquet"
    with pq.ParquetWriter(path, file.schema) as writer:
        for batch in file.batches:
            writer.write_batch(batch)
    return path


class _Screened:
    """One table that went through a screen."""

    def __init__(
        self, run: Run, lies: Path, file: TableFile, resolved: Resolved, about: SourceReport
    ) -> None:
        self._run = run
        self._lies = lies
        self._file = file
        self._resolved = resolved
        self._about = about

    def told(self, screen: TableScreen | TableOnSpark) -> Iterator[Finding]:
        """Count everything, explain the first."""
        run, path, report = self._run, self._about.path, self._run.report
        yield from run.keep(screen.columns, path)
        name = self._resolved.name
        report.valid[name] += screen.rows - screen.invalid
        report.invalid[name] += screen.invalid
        report.add(screen.counts)
        explained: list[Finding] = []
        try:
            explained = [self._placed(each) for each in screen.explained(report.left)]
        except damages() as error:
            # In a column that nothing is asked about, and that only whole rows need.
            yield from run.keep([damaged(error)], path)
        told = report.tell(explained)
        report.unexplained += screen.invalid - len(_rows_with_errors(told))
        refused = self._write(screen, explained)
        yield from told
        if run.options.judging().shelve and screen.rows:
            try:
                self._gather(refused)
            except (OSError, pa.ArrowException) as error:
                run.gathering.refuse(damaged(error).message)
                yield from run.keep([damaged(error)], path)
        run.advance(self._about.size)

    def _placed(self, each: Finding) -> Finding:
        row = each.source.row
        group = None if row is None else self._file.row_group(row)
        return replace(each, source=replace(each.source, path=self._about.path, row_group=group))

    def _write(
        self, screen: TableScreen | TableOnSpark, explained: list[Finding]
    ) -> NDArray[np.int64]:
        """Write down every finding; the rows that are no valid documents, in order."""
        run = self._run
        refused: list[NDArray[np.int64]] = []
        wanted = run.options.judging().shelve and self._resolved.id in entities_together()
        if not screen.failing or (run.file is None and not wanted):
            return np.zeros(0, np.int64)
        by_place = {(e.source.row or 0, e.rule, e.pointer): e for e in explained}
        ends = np.array(self._file.group_ends, np.int64)
        for batch in screen.found(self._about.path or ""):
            if run.file is not None:
                groups = None
                if len(ends):
                    at = np.searchsorted(ends, batch["position"].to_numpy(), side="right")
                    groups = pa.array(at, pa.int32())
                run.file.table(self._about.path, batch, by_place, groups)
            if wanted:
                of_schema = pc.match_substring_regex(
                    batch["rule"], r"^(?:schema|json)\.|^observation\.kind$"
                )
                refused.append(np.unique(batch.filter(of_schema)["position"].to_numpy()))
        return np.unique(np.concatenate(refused)) if refused else np.zeros(0, np.int64)

    def _gather(self, refused: NDArray[np.int64]) -> None:
        """Hand the rows that are valid documents to the rules about several."""
        run, path = self._run, self._about.path
        if self._resolved.id not in entities_together():
            return
        if self._resolved.name == "Observation":
            run.gathering.add_observations(self._lies, path, refused)
            return
        for first, some in documents(self._lies, self._resolved):
            rows = [first + at for at in range(len(some))]
            kept = [
                (row, each)
                for row, each, bad in zip(rows, some, np.isin(rows, refused), strict=True)
                if not bad
            ]
            run.gathering.add_documents(self._resolved.id, path, kept)


def _rows_with_errors(findings: list[Finding]) -> set[int | None]:
    return {each.source.row for each in findings if each.severity is Severity.ERROR}
