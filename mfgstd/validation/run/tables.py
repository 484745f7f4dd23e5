"""The part of a run that is about tables: Parquet, Arrow IPC and CSV."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa

from mfgstd.finding import Finding, Place, Severity
from mfgstd.observations import SCHEMA
from mfgstd.validation import problems
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.engines.tally import schema_tally
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.run.rows import Judged
from mfgstd.validation.run.tables_ahead import MANY
from mfgstd.validation.sources.delimited import Row, Table
from mfgstd.validation.sources.fitting import OBSERVATION_ROW, entity_of
from mfgstd.validation.sources.lines import Cut, Lines
from mfgstd.validation.sources.slices import damaged, sliced
from mfgstd.validation.sources.tables import TableFile, documents, table_file
from mfgstd.validation.sources.texts import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.engines.tally import Tallied
    from mfgstd.validation.run.report import SourceReport
    from mfgstd.validation.run.running import Run
    from mfgstd.validation.sources.lines import Source

#: So many rows of a CSV file are judged together.
_TOGETHER: Final = 4096


def delimited(run: Run, read: Source, about: SourceReport) -> Iterator[Finding]:
    """The rows of a CSV file as the documents that they stand for."""
    lines = Lines(read, run.options.max_line)
    try:
        yield from _rows(run, lines, about)
    except Cut as cut:
        yield from run.keep([problems.cut(cut, lines.number)], about.path, lines.number)


def _rows(run: Run, lines: Lines, about: SourceReport) -> Iterator[Finding]:
    options = run.options
    tolerant = options.strictness is Strictness.TOLERANT
    rows = Table(lines, options.encoding, run.within, options.schema, tolerant=tolerant)
    waiting: list[Row] = []
    for each in rows:
        if isinstance(each, Finding):
            yield from _judged(run, waiting, about)
            waiting.clear()
            yield from run.keep([each], about.path, each.source.line)
            continue
        waiting.append(each)
        if len(waiting) == _TOGETHER:
            yield from _judged(run, waiting, about)
            waiting.clear()
    yield from _judged(run, waiting, about)


def _judged(run: Run, rows: list[Row], about: SourceReport) -> Iterator[Finding]:
    """Some rows, in their order: those of one schema next to each other are judged together."""
    start = 0
    for at in range(1, len(rows) + 1):
        first = rows[start]
        if at < len(rows) and _alike(first, rows[at]):
            continue
        same = rows[start:at]
        start = at
        if first.findings:
            yield from _unreadable(run, first, about)
            continue
        by_line = {each.line: each for each in same}

        def place(line: int, finding: Finding, rows: dict[int, Row] = by_line) -> Finding:
            return rows[line].placed(replace(finding, source=Place()))

        texts = [(each.line, _text(each.document, each.resolved)) for each in same]
        yield from run.here(
            texts,
            about,
            schema=run.options.schema or first.resolved,
            unit="row",
            place=place,
        )


def _alike(first: Row, other: Row) -> bool:
    return not first.findings and not other.findings and first.resolved is other.resolved


def _unreadable(run: Run, row: Row, about: SourceReport) -> Iterator[Finding]:
    name = "" if row.resolved is None else row.resolved.name
    judged = Judged()
    told = tuple(row.placed(each) for each in row.findings)
    judged.note(row.line, name, [(e.rule, e.severity.value, e.pointer) for e in told], told)
    yield from run.take(judged, about.path)


def _text(document: dict[str, Any], resolved: Resolved | None, *, unsayable: bool = True) -> bytes:
    """A document as the row engine reads it.

    Raises:
        ValueError: it holds NaN or an infinity, and nothing ``unsayable`` is wanted.
    """
    if resolved is not None and resolved.is_entity and resolved.domain != "envelope":
        document = {"$schema": resolved.id} | document
    return json.dumps(document, ensure_ascii=False, allow_nan=unsayable).encode()


def table(
    run: Run, path: Path, written: Literal["parquet", "arrow"], about: SourceReport
) -> Iterator[Finding]:
    """The rows of a Parquet or Arrow file."""
    with ExitStack() as stack:
        try:
            file = table_file(path, written, stack)
        except (pa.ArrowException, OSError) as error:
            yield from run.keep([damaged(error)], about.path)
            return
        options = run.options
        entity = entity_of(file.schema.names, run.within, asked=options.schema, named=file.named)
        if isinstance(entity, Finding):
            yield from run.keep([entity], about.path)
            return
        wish, many = options.engine, run.judges.columns and file.rows > MANY
        if wish in ("duckdb", "spark") or (wish == "auto" and many):
            from mfgstd.validation.run.columns import in_columns

            screened = in_columns(run, path, file, entity, about)
            if screened is not None:
                yield from screened
                return
            # Its batches may have been read.
            file = table_file(path, written, stack)
        if entity.id == OBSERVATION_ROW:
            yield from _observations(run, file, about)
        else:
            yield from _documents(run, file, entity, about)


def _observations(run: Run, file: TableFile, about: SourceReport) -> Iterator[Finding]:
    observation = run.within.find("observation")
    tolerant = run.options.strictness is Strictness.TOLERANT
    place = _placing(file)
    batches = (
        each.select([n for n in each.schema.names if n in SCHEMA.names]) for each in file.batches
    )
    for piece in sliced(file.schema, batches, tolerant=tolerant, rows=file.rows, size=about.size):
        bad: dict[int, list[Finding]] = {}
        for each in piece.findings:
            if each.source.row is None or each.rule == "file.damaged":
                yield from run.keep([each], about.path, each.source.row)
            else:
                bad.setdefault(each.source.row, []).append(each)
        judged = Judged()
        for row, found in sorted(bad.items()):
            judged.note(row, observation.name, *_noted(run, found))
        texts = [
            (row, _text(document, observation))
            for row, document in enumerate(piece.documents, piece.first_row)
            if row not in bad
        ]
        yield from run.here(texts, about, schema=observation, unit="row", place=place, and_=judged)
        run.advance(piece.size)


def _noted(run: Run, found: list[Finding]) -> tuple[list[Tallied], list[Finding]]:
    """Findings as they are noted: all of them in short, in full as many as are still wanted."""
    short = [(each.rule, each.severity.value, each.pointer) for each in found]
    return short, found[: run.report.left]


def _documents(
    run: Run, file: TableFile, entity: Resolved, about: SourceReport
) -> Iterator[Finding]:
    """Rows with a column for each field of an entity."""
    place = _placing(file)
    if find_spec("ibis") is not None:
        # Without the extra each row tells for itself what is wrong with its columns.
        from mfgstd.validation.bulk.tables.columns import findings

        tolerant = run.options.strictness is Strictness.TOLERANT
        wrong = findings(file.schema, entity, tolerant=tolerant)
        yield from run.keep(wrong, about.path)
        if any(each.severity is Severity.ERROR for each in wrong):
            return
    if not file.rows:
        yield from run.keep([problems.empty(Severity.WARNING)], about.path)
    row = 0
    try:
        for batch in file.batches:
            judged = Judged()
            texts = []
            sound, unread = readable(batch, row)
            for number, document in enumerate(documents(sound), row):
                if number in unread:
                    judged.note(number, entity.name, *_noted(run, unread[number]))
                    continue
                try:
                    texts.append((number, _text(document, entity, unsayable=False)))
                except ValueError:
                    if not _note_unsayable(run, judged, number, document, entity):
                        # Where its schema says nothing of it, its text does.
                        texts.append((number, _text(document, entity)))
            yield from run.here(texts, about, schema=entity, unit="row", place=place, and_=judged)
            row += batch.num_rows
            run.advance(about.size * batch.num_rows // max(1, file.rows))
    except (pa.ArrowException, OSError) as error:
        yield from run.keep([damaged(error, row)], about.path, row)


def _note_unsayable(
    run: Run, judged: Judged, row: int, document: dict[str, Any], entity: Resolved
) -> bool:
    """Judge a document that no JSON says: a column holds NaN or an infinity, which is no number.

    Returns:
        Whether anything is wrong with it by its schema.
    """
    strictness = run.options.strictness
    tallied = schema_tally(document, entity, strictness, run.within)
    referee = compile_schema(entity, strictness, "referee", within=run.within)
    told = referee.findings(document) if run.report.left else []
    if tallied:
        judged.note(row, entity.name, tallied, told[: run.report.left])
    return bool(tallied)


def _placing(file: TableFile) -> Callable[[int, Finding], Finding]:
    def place(row: int, finding: Finding) -> Finding:
        return replace(finding, source=Place(row=row, row_group=file.row_group(row)))

    return place
