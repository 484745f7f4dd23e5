"""Recording what lies in files: everything is read once, as it is, and judged later.

A folder as ``mfgstd collect`` writes it, or any file of JSON, NDJSON or Parquet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.errors import InputError, UsageError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import from_documents
from mfgstd.validation.reader import read
from mfgstd.validation.sources.lines import CHUNK, Cut, Lines, opened, whole
from mfgstd_conformance.trace.writing import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mfgstd_conformance.drivers.base import Limits
    from mfgstd_conformance.trace import TraceWriter

SESSION: Final = "file"
_LINE: Final = 16 << 20
_DOCUMENT: Final = 256 << 20
_SLICE: Final = 65_536
_LEDGER: Final = "ledger.json"
_IGNORED: Final = ("rejected.ndjson",)
_NDJSON: Final = (".ndjson", ".jsonl")
_SUFFIXES: Final = (*_NDJSON, ".json", ".parquet")
_BATCH: Final = "/observation-batch/"


def drive(
    path: Path,
    writer: TraceWriter,
    limits: Limits,
    declared: list[str],
    tell: Callable[[Text], None],
) -> None:
    """Record a file, or every file of a folder.

    Raises:
        UsageError: there is no such file, or none that can be one of ours.
    """
    files = sorted(_files(path))
    if not files:
        raise UsageError(
            Text("There is nothing to judge here.", "판정할 파일이 없습니다."),
            place=Place(path=str(path)),
            hint=Text(
                "Give a folder as `mfgstd collect` writes it, or a JSON, NDJSON or Parquet file.",
                "`mfgstd collect` 결과 폴더나 JSON, NDJSON, Parquet 파일을 지정하세요.",
            ),
        )
    writer.event("product", "product.capabilities", None, declared=declared)
    writer.event("driver", "session.started", SESSION, wire="file", role="file", driver="file")
    recorder = _Recorder(writer, limits)
    columnar = any(each.name.endswith(".parquet") for each in files)
    for each in files:
        tell(Text(f"Reading {each.name}.", f"{each.name} 파일을 읽습니다."))
        try:
            recorder.file(each, rows_too=not columnar)
        except OSError as error:
            raise UsageError(
                Text(
                    f"The file cannot be read: {error.strerror or error}.",
                    f"파일을 읽을 수 없습니다: {error.strerror or error}",
                ),
                place=Place(path=str(each)),
            ) from error
    writer.event("driver", "session.ended", SESSION)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for each in path.rglob("*"):
            hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
            if not hidden and each.name.removesuffix(".gz").endswith(_SUFFIXES) and each.is_file():
                yield each
    elif path.exists():
        yield path


class _Recorder:
    def __init__(self, writer: TraceWriter, limits: Limits) -> None:
        self._writer = writer
        self._limits = limits
        self._documents = 0

    def file(self, path: Path, *, rows_too: bool) -> None:
        """Record one file; ``rows_too`` takes observations out of documents, as columns."""
        name = path.name.removesuffix(".gz")
        if name in _IGNORED:
            return
        if name == _LEDGER:
            self._ledger(path)
        elif name.endswith(".parquet"):
            self._parquet(path)
        elif name.endswith(_NDJSON):
            self._ndjson(path, rows_too=rows_too)
        else:
            with path.open("rb") as raw:
                data = whole(self._source(raw, path), _DOCUMENT)
            place = {"path": str(path), "line": 1}
            if data is None:
                self._writer.raw(SESSION, b"", "size", place=place)
            else:
                self._one(data, place, rows_too=rows_too)

    def _ndjson(self, path: Path, *, rows_too: bool) -> None:
        with path.open("rb") as raw:
            lines = Lines(self._source(raw, path), _LINE)
            try:
                for line in lines:
                    place = {"path": str(path), "line": line.number}
                    if line.data is None:
                        self._writer.raw(SESSION, b"", "size", place=place)
                    elif line.data.strip():
                        self._one(line.data, place, rows_too=rows_too)
            except Cut as cut:
                place = {"path": str(path), "line": lines.number}
                self._writer.raw(SESSION, cut.reason.encode(), "json", place=place)

    def _source(self, raw: Any, path: Path) -> Any:
        return opened(
            raw,
            compression="gzip" if path.name.endswith(".gz") else None,
            advance=lambda _size: None,
        )

    def _one(self, data: bytes, place: dict[str, Any], *, rows_too: bool) -> None:
        self._documents += 1
        if self._documents > self._limits.documents:
            raise UsageError(
                Text(
                    f"There are more than {self._limits.documents:,} documents.",
                    f"문서가 {self._limits.documents:,}건을 넘습니다.",
                ),
                place=Place(**place),
                hint=Text(
                    "Give a part of them, or the observations as Parquet.",
                    "일부만 지정하거나 관측값을 Parquet으로 제공하세요.",
                ),
            )
        self._writer.document(SESSION, data, place=place)
        if rows_too and _BATCH.encode() in data:
            self._rows(data, place)

    def _rows(self, data: bytes, place: dict[str, Any]) -> None:
        value = read(data).value
        batch: Any = value.get("data", value) if isinstance(value, dict) else None
        try:
            rows = from_documents(
                batch["observations"], source=batch.get("source"), epoch=batch.get("epoch")
            )
        except (InputError, KeyError, TypeError, AttributeError, ValueError, pa.ArrowException):
            return  # the document itself is judged against its schema
        self._writer.observations(SESSION, rows, place=place)

    def _ledger(self, path: Path) -> None:
        with path.open("rb") as raw:
            text = read(raw.read(CHUNK))
        if text.ok and isinstance(text.value, dict):
            self._writer.event("product", "product.ledger", SESSION, ledger=text.value)
        else:
            data = path.read_bytes()[:CHUNK]
            self._writer.raw(SESSION, data, "json", place={"path": str(path)})

    def _parquet(self, path: Path) -> None:
        place: dict[str, Any] = {"path": str(path)}
        try:
            file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            problem = {"column": "", "expected": "Parquet", "found": str(error)[:200]}
            self._writer.raw(SESSION, b"", "columns", place=place, problems=[problem])
            return
        with file:
            problems = list(_problems(file.schema_arrow))
            if problems:
                self._writer.raw(SESSION, b"", "columns", place=place, problems=problems)
            if any(each["found"] != "unknown" for each in problems):
                return
            names = [each for each in SCHEMA.names if each in file.schema_arrow.names]
            row = 0
            try:
                for batch in file.iter_batches(_SLICE, columns=names):
                    self._writer.observations(SESSION, _complete(batch), place=place | {"row": row})
                    row += batch.num_rows
            except (pa.ArrowException, OSError, ValueError) as error:
                problem = {"column": "", "expected": "Parquet", "found": str(error)[:200]}
                self._writer.raw(SESSION, b"", "columns", place=place, problems=[problem])


def _problems(schema: pa.Schema) -> Iterator[dict[str, str]]:
    for each in SCHEMA:
        if each.name not in schema.names:
            if not each.nullable:
                yield {"column": each.name, "expected": str(each.type), "found": "absent"}
        elif (given := _plain(schema.field(each.name).type)) != each.type:
            yield {"column": each.name, "expected": str(each.type), "found": str(given)}
    for name in schema.names:
        if name not in SCHEMA.names:
            yield {"column": name, "expected": "no such column", "found": "unknown"}


def _plain(given: pa.DataType) -> pa.DataType:
    """However Arrow stores a string, it is one."""
    if pa.types.is_dictionary(given):
        given = given.value_type
    return pa.string() if pa.types.is_large_string(given) else given


def _complete(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        batch[each.name].cast(each.type)
        if each.name in batch.schema.names
        else pa.nulls(batch.num_rows, each.type)
        for each in COLUMNS
    ]
    return pa.RecordBatch.from_arrays(columns, schema=COLUMNS)
