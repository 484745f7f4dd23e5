"""A run over a table that a program holds: judged as the command judges a file of it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from mfgstd.errors import InputError, UsageError
from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.run.options import CHOICES, Choice, Options, no_engine
from mfgstd.validation.run.over_files import check
from mfgstd.validation.run.report import Report
from mfgstd.validation.sources.paths import find

if TYPE_CHECKING:
    import pyarrow as pa


class ArrowStream(Protocol):
    """What gives itself out as Arrow batches: an Arrow table or reader, Ibis, Polars, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


Table: TypeAlias = "ArrowStream | pa.RecordBatch | str | os.PathLike[str]"


def validate_table(
    table: Table,
    *,
    schema: str | None = None,
    strictness: Strictness | str = Strictness.STRICT,
    engine: Choice = "auto",
    together: bool = True,
    limit: int = 100,
) -> Report:
    """Everything that is wrong with the rows of a table, each of which stands for a document.

    ``table`` is an Arrow table, batch or reader, an Ibis table, anything else that speaks the
    Arrow stream protocol, or the path of a file (or folder) as the command takes it. Its columns
    tell what the rows are, unless ``schema`` does. Rows are numbered from 0 in findings, of which
    up to ``limit`` are explained; all are counted. A reader is read to its end.

    Raises:
        UnknownSchema: the caller's ``schema`` is none.
        UsageError: there is no such file, this is no table, or nobody of that name judges.
        MissingExtra: the engine that was asked for is not installed.
        InputError: the batches cannot be read.
    """
    if engine not in CHOICES:
        raise no_engine(engine, CHOICES)
    options = Options(
        schema=None if schema is None else catalogue().find(schema),
        strictness=Strictness(strictness),
        engine=engine,
        rules="all" if together else "record",
        max_findings=limit,
    )
    report = Report(limit=limit)
    if isinstance(table, (str, os.PathLike)):
        _run(find([os.fspath(table)], report), options, report)
        return report
    with tempfile.TemporaryDirectory(prefix="mfgstd-") as folder:
        path = Path(folder) / "table.parquet"
        _write(table, path)
        _run([path], options, report)
    # The user knows no such file.
    report.findings = [
        replace(each, source=replace(each.source, path=None, row_group=None))
        for each in report.findings
    ]
    report.files = 0
    for source in report.sources:
        source.path, source.format = None, "arrow"
    return report


def _run(paths: list[Path], options: Options, report: Report) -> None:
    for _ in check(paths, options, report):
        # The report keeps them.
        pass


def _write(table: ArrowStream | pa.RecordBatch, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if not hasattr(table, "__arrow_c_stream__"):
        raise UsageError(
            Text(
                f"A {type(table).__name__} is no table.",
                f"{type(table).__name__}은(는) 테이블이 아닙니다.",
            ),
            hint=Text(
                "Give an Arrow or Ibis table, or the path of a file.",
                "Arrow 또는 Ibis 테이블이나 파일 경로를 지정하십시오.",
            ),
        )
    try:
        with pa.RecordBatchReader.from_stream(table) as reader:
            # What may not be null and is, is a finding; no writer of files should refuse it.
            fields = [each.with_nullable(True) for each in reader.schema]
            schema = pa.schema(fields, reader.schema.metadata)
            with pq.ParquetWriter(path, schema) as writer:
                for batch in reader:
                    writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    except pa.ArrowException as error:
        raise InputError(
            Text(f"The table cannot be read: {error}.", f"테이블을 읽을 수 없습니다: {error}.")
        ) from error
