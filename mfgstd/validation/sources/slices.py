"""Observations as Parquet: columns checked as columns, then rows as the documents they stand for.

Slices keep memory bounded. (A columnar engine for the whole predicate comes later; what is
checked here by column is what a row's document would no longer show.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import KINDS, to_documents
from mfgstd.validation import problems
from mfgstd.validation.sources.texts import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SLICE: Final = 16_384


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows as documents, the findings on their columns, and how many bytes they stand for."""

    first_row: int
    documents: list[dict[str, Any]]
    findings: list[Finding]
    size: int


def slices(path: Path, *, tolerant: bool) -> Iterator[Slice]:
    """The rows of one Parquet file of observations, or what is wrong with its columns."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        yield Slice(0, [], [damaged(error)], 0)
        return
    with file:
        known = [name for name in SCHEMA.names if name in file.schema_arrow.names]
        batches = file.iter_batches(_SLICE, columns=known)
        rows, size = file.metadata.num_rows, path.stat().st_size
        yield from sliced(file.schema_arrow, batches, tolerant=tolerant, rows=rows, size=size)


def sliced(
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    *,
    tolerant: bool,
    rows: int,
    size: int,
) -> Iterator[Slice]:
    """Batches of rows, not larger than memory allows; ``size`` is in bytes, of all ``rows``."""
    wrong = findings(schema, tolerant=tolerant)
    if any(each.severity is Severity.ERROR for each in wrong):
        yield Slice(0, [], wrong, 0)
        return
    if not rows:
        yield Slice(0, [], [*wrong, problems.empty(Severity.WARNING)], 0)
        return
    row = 0
    try:
        for batch in batches:
            sound, unread = readable(batch, row)
            whole = complete(sound)
            found = [*wrong, *chain.from_iterable(unread.values())]
            found += [e for e in row_findings(whole, row) if e.source.row not in unread]
            wrong = []
            yield Slice(row, to_documents(whole), found, size * batch.num_rows // rows)
            row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        yield Slice(row, [], [damaged(error, row)], 0)


def findings(schema: pa.Schema, *, tolerant: bool) -> list[Finding]:
    """What is wrong with the columns of a table of observations as such."""
    findings = []
    for field in SCHEMA:
        if field.name not in schema.names:
            if not field.nullable:
                findings.append(_missing(field.name))
        elif not _same(schema.field(field.name).type, field.type):
            findings.append(_wrong_type(field, schema.field(field.name).type))
    if not tolerant:
        findings += [_unknown(name) for name in schema.names if name not in SCHEMA.names]
    return findings


def _same(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Equal but for how Arrow stores strings."""
    if pa.types.is_dictionary(given):
        given = given.value_type
    if pa.types.is_large_string(given):
        given = pa.string()
    same: bool = given == wanted
    return same


def complete(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with all columns of the observation table, null where they were missing."""
    columns = [
        batch[field.name].cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in SCHEMA
    ]
    nullable = pa.schema([field.with_nullable(True) for field in SCHEMA])
    return pa.RecordBatch.from_arrays(columns, schema=nullable)


def row_findings(batch: pa.RecordBatch, first: int) -> list[Finding]:
    """What is wrong with each row before it can be a document; ``first`` numbers the first row."""
    findings: list[Finding] = []
    for field in SCHEMA:
        if not field.nullable and batch[field.name].null_count:
            nulls = _mask(batch[field.name].is_null())
            findings.extend(_null(field.name, first + row) for row in _where(nulls))
    kinds = batch["kind"]
    known = _mask(kinds.is_null())
    agrees = np.ones(batch.num_rows, bool)
    for kind in (*KINDS, "none"):
        named = _mask(pc.equal(kinds, pa.scalar(kind)))
        known |= named
        if kind != "none":
            agrees &= _mask(batch[kind].is_valid()) == named
    wrong = _where(~(known & agrees))
    findings += [_kind(kinds[row].as_py(), batch, row, first + row) for row in wrong]
    numbers = batch["number"].fill_null(0.0).to_numpy(zero_copy_only=False)
    findings += [_not_finite(numbers[row], first + row) for row in _where(~np.isfinite(numbers))]
    below = batch["event_time_ns"].fill_null(0).to_numpy(zero_copy_only=False)
    outside = (below < 0) | (below > 999)
    findings += [_nanoseconds(int(below[row]), first + row) for row in _where(outside)]
    return findings


def _mask(array: pa.Array[Any]) -> npt.NDArray[np.bool_]:
    """A boolean column as NumPy, null as false."""
    mask: npt.NDArray[np.bool_] = array.fill_null(False).to_numpy(zero_copy_only=False)
    return mask


def _where(mask: npt.NDArray[np.bool_]) -> list[int]:
    rows: list[int] = np.flatnonzero(mask).tolist()
    return rows


def damaged(error: Exception, row: int | None = None) -> Finding:
    """The file cannot be read, or not from ``row`` on."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    return Finding(
        rule="file.damaged",
        message=Text(
            f"The table cannot be read: {reason}",
            f"표를 읽을 수 없습니다: {reason}",
        ),
        hint=Text("Write the file again.", "파일을 다시 만드십시오."),
        source=Place(row=row),
    )


def _missing(name: str) -> Finding:
    return Finding(
        rule="schema.required",
        message=Text(f"The column {show(name)} is missing.", f"{show(name)} 열이 없습니다."),
        expected=name,
    )


def _wrong_type(field: pa.Field[Any], given: pa.DataType) -> Finding:
    return Finding(
        rule="schema.type",
        message=Text(
            f"The column {show(field.name)} has the wrong type.",
            f"{show(field.name)} 열의 자료형이 다릅니다.",
        ),
        pointer=f"/{field.name}",
        expected=str(field.type),
        found=str(given),
    )


def _unknown(name: str) -> Finding:
    return Finding(
        rule="schema.unknown-field",
        message=Text(
            f"Observations have no column {show(name)}.",
            f"관측값에는 {show(name)} 열이 없습니다.",
        ),
        pointer=f"/{name}",
        hint=nearest(name, SCHEMA.names),
    )


def _null(name: str, row: int) -> Finding:
    return replace(problems.no_value(name, "null"), source=Place(row=row))


def _kind(kind: str | None, batch: pa.RecordBatch, row: int, number: int) -> Finding:
    filled = [name for name in KINDS if batch[name][row].is_valid]
    return replace(problems.wrong_kind(kind, filled), source=Place(row=number))


def _not_finite(value: float, row: int) -> Finding:
    return Finding(
        rule="json.nan",
        message=Text("The number is not finite.", "유한한 숫자가 아닙니다."),
        pointer="/number",
        expected=Text("a finite number", "유한한 숫자"),
        found=str(value),
        hint=Text(
            "A value that is not known has the kind none and the status bad.",
            "알 수 없는 값은 kind를 none으로, status를 bad로 적습니다.",
        ),
        source=Place(row=row),
    )


def _nanoseconds(value: int, row: int) -> Finding:
    return Finding(
        rule="schema.maximum" if value > 0 else "schema.minimum",
        message=Text(
            "The nanoseconds below a microsecond are 0 to 999.",
            "마이크로초 미만의 나노초는 0에서 999까지입니다.",
        ),
        pointer="/event_time_ns",
        expected="0..999",
        found=str(value),
        source=Place(row=row),
    )
