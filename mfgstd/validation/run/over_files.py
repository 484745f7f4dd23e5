"""A run over files: every document of all of them judged, in bounded memory, by whatever engine.

One bad line, document or file never stops the rest. Findings carry the place in the user's own
file. Which engine judges is decided piece by piece (:mod:`mfgstd.validation.run.judges`); what it
says is counted, told and written down (:mod:`mfgstd.validation.run.running`) in the order of the
files.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from mfgstd.engine import has_no_room
from mfgstd.validation import problems
from mfgstd.validation.run import json_texts
from mfgstd.validation.run.report import Report, SourceReport
from mfgstd.validation.run.running import Run
from mfgstd.validation.sources.formats import HEAD, Written, compression, written
from mfgstd.validation.sources.lines import fits, opened
from mfgstd.validation.sources.paths import STDIN, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import IO

    from mfgstd.finding import Finding
    from mfgstd.validation.run.options import Options
    from mfgstd.validation.sources.lines import Compression, Source

#: A workbook of Excel is a ZIP archive; people give it the name that they want to have.
_ZIP: Final = b"PK\x03\x04"


def check(
    paths: Iterable[Path],
    options: Options,
    report: Report,
    advance: Callable[[int], None] = lambda _amount: None,
) -> Iterator[Finding]:
    """Judge every document of the files; yields at most ``max_findings`` findings.

    ``report`` is filled on the way; ``advance`` hears of each stretch of bytes that is done.

    Raises:
        UsageError: the findings cannot be written, or would take the place of one of the files.
        MissingExtra: the engine that was asked for is not installed.
    """
    begun = time.perf_counter()
    report.limit = options.max_findings
    with ExitStack() as stack:
        run = Run(options, report, advance, stack)
        run.expect(paths := list(paths))
        for path in paths:
            yield from _source(run, path)
        if not paths:
            yield from run.keep([problems.nothing_to_check(SUFFIXES)], None)
        yield from run.finish()
    report.seconds = time.perf_counter() - begun


def _source(run: Run, path: Path) -> Iterator[Finding]:
    """One file, or the standard input."""
    report = run.report
    report.files += 1
    documents, valid, found = report.documents, report.valid.total(), report.counts.total()
    begun = time.perf_counter()
    label = "<stdin>" if path == STDIN else str(path)
    about = SourceReport(path=label, format="", engine=run.judges.here)
    report.sources.append(about)
    try:
        if path == STDIN:
            yield from _stream(run, sys.stdin.buffer, about)
        else:
            yield from _file(run, path, about)
    except Exception as error:
        if has_no_room(error):
            yield from run.keep([problems.no_room(error)], label)
        elif isinstance(error, OSError):
            yield from run.keep([problems.unreadable(error)], label)
        else:
            raise
    if report.documents == documents and report.counts.total() == found:
        yield from run.keep([problems.empty()], label)
    about.valid = report.valid.total() - valid
    about.invalid = report.documents - documents - about.valid
    about.findings = report.counts.total() - found
    about.seconds = time.perf_counter() - begun


def _stream(run: Run, raw: IO[bytes], about: SourceReport) -> Iterator[Finding]:
    head = raw.peek(HEAD) if hasattr(raw, "peek") else b""
    packed = compression(head)
    about.format = "ndjson"
    run.gathering.source(about.path, "line")
    yield from json_texts.lines(run, _opened(run, raw, packed, about), about)


def _file(run: Run, path: Path, about: SourceReport) -> Iterator[Finding]:
    with path.open("rb") as raw:
        head = raw.read(HEAD) if raw.seekable() else b""
        if head:
            raw.seek(0)
        if head.startswith(_ZIP):
            about.format = "zip"
            yield from run.keep([problems.workbook()], about.path)
            return
        how = written(path.name, head)
        about.format = how.format if how.compression is None else f"{how.format}+{how.compression}"
        if how.format in ("parquet", "arrow"):
            from mfgstd.validation.run.tables import table

            about.size = path.stat().st_size
            run.gathering.source(about.path, "row")
            yield from table(run, path, how.format, about)
            return
        run.gathering.source(about.path, "line")
        if run.spark is not None and (parts := run.spark.lines(path)) is not None:
            yield from json_texts.lines_on_spark(run, parts, about)
            return
        read = _opened(run, raw, how.compression, about)
        if how.format == "ndjson":
            yield from json_texts.lines(run, read, about)
        elif how.format == "csv":
            from mfgstd.validation.run.tables import delimited

            yield from delimited(run, read, about)
        elif not _fits(path, how, run.options.max_document):
            too_large = problems.document_too_large(run.options.max_document)
            yield from run.keep([too_large], about.path)
        else:
            yield from json_texts.document(run, read, about)


def _opened(run: Run, raw: IO[bytes], packed: Compression | None, about: SourceReport) -> Source:
    def advance(amount: int) -> None:
        about.size += amount
        run.advance(amount)

    return opened(raw, compression=packed, advance=advance)


def _fits(path: Path, how: Written, limit: int) -> bool:
    if how.compression is None:
        return path.stat().st_size <= limit
    return fits(path, limit, how.compression)
