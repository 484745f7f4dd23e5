"""Every finding of a run as Parquet, written as the run goes on, in bounded memory."""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EISDIR, ENOENT
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.errors import UsageError
from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd.validation.sources.paths import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mfgstd.finding import Fact

#: One row for each finding. ``position`` is the line, from 1, of a text, or the row, from 0, of a
#: table, and null where the finding is about the file; ``row_group`` counts from 0. ``message`` is
#: there for every rule that has one sentence, ``expected`` and ``found`` for explained findings.
FINDINGS: Final[pa.Schema] = pa.schema(
    [
        pa.field("path", pa.string()),
        pa.field("position", pa.int64()),
        pa.field("row_group", pa.int32()),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("pointer", pa.string(), nullable=False),
        pa.field("message", pa.string()),
        pa.field("expected", pa.string()),
        pa.field("found", pa.string()),
    ],
    metadata={MARK: b"1"},
)

_AT_ONCE: Final = 65_536

#: position, rule, pointer
Told: TypeAlias = tuple[int, str, str]

#: path, position, row group, rule, severity, pointer, message, expected, found
_Row: TypeAlias = tuple[Any, ...]


def _said(fact: Fact | None) -> str | None:
    return None if fact is None else str(fact)


class FindingsFile:
    """A Parquet file of :data:`FINDINGS`; a context manager that leaves none behind on failure.

    Raises:
        UsageError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Beside its place and renamed in the end: half an account would look like a whole one.
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._rows: list[_Row] = []
        # Said now: a run may take hours, and the name is put in place when it is over.
        if path.is_dir():
            raise self._refused(IsADirectoryError(EISDIR, os.strerror(EISDIR)))
        if not path.parent.is_dir():
            raise self._refused(FileNotFoundError(ENOENT, os.strerror(ENOENT)))
        try:
            self._writer = pq.ParquetWriter(self._part, FINDINGS, compression="zstd")
        except OSError as error:
            raise self._refused(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._flush()
            self._writer.close()
            if kind is None:
                self._part.replace(self.path)
        except OSError as error:
            raise self._refused(error) from error
        finally:
            self._part.unlink(missing_ok=True)

    def spare(self, paths: Iterable[Path]) -> None:
        """Refuse to write findings over a file that they would be about.

        Raises:
            UsageError: this is one of the files.
        """
        for path in paths:
            same = False
            with suppress(OSError):
                # What is not there, or may not be looked at, is not replaced.
                same = path.samefile(self.path)
            if same:
                raise UsageError(
                    Text(
                        "The findings would replace a file that is to be checked.",
                        "문제 목록이 검사할 파일을 덮어쓰게 됩니다.",
                    ),
                    place=Place(path=str(path)),
                    hint=Text(
                        "Give --findings a name outside of what is checked.",
                        "--findings에는 검사 대상이 아닌 파일 이름을 지정하십시오.",
                    ),
                )

    def explained(self, findings: Iterable[Finding], position: int | None) -> None:
        """Findings with their sentences; all about what stands at ``position``."""
        self._rows += [
            (
                each.source.path,
                position,
                each.source.row_group,
                each.rule,
                each.severity.value,
                each.pointer,
                each.message.say(),
                _said(each.expected),
                _said(each.found),
            )
            for each in findings
        ]
        self._flush_if_many()

    def counted(
        self,
        path: str | None,
        position: int,
        found: Iterable[tuple[str, str, str]],
        row_group: int | None = None,
    ) -> None:
        """Findings of which only (rule, severity, pointer) is known."""
        self._rows += [
            (path, position, row_group, rule, severity, pointer, sentence(rule), None, None)
            for rule, severity, pointer in found
        ]
        self._flush_if_many()

    def table(
        self,
        path: str | None,
        found: pa.Table | pa.RecordBatch,
        told: Mapping[Told, Finding] | None = None,
        row_group: pa.Array | None = None,
    ) -> None:
        """The same as columns: ``position`` or ``line``, ``rule``, ``severity``, ``pointer``.

        Args:
            path: of the file, unless there is such a column.
            found: the findings.
            told: those of them that are explained, by position, rule and pointer.
            row_group: of each.
        """
        self._flush()
        names = found.schema.names
        rows = found.num_rows
        position = found["position" if "position" in names else "line"]
        rules = found["rule"].to_pylist()
        said: list[list[str | None]] = [
            [sentence(each) for each in rules],
            [None] * rows,
            [None] * rows,
        ]
        if told:
            keys = zip(position.to_pylist(), rules, found["pointer"].to_pylist(), strict=True)
            for at, key in enumerate(keys):
                if (each := told.get(key)) is not None:
                    said[0][at] = each.message.say()
                    said[1][at] = _said(each.expected)
                    said[2][at] = _said(each.found)
        columns = {
            "path": found["path"] if "path" in names else pa.array([path] * rows, pa.string()),
            "position": position,
            "row_group": pa.nulls(rows, pa.int32()) if row_group is None else row_group,
            **{name: found[name] for name in ("rule", "severity", "pointer")},
            "message": pa.array(said[0], pa.string()),
            "expected": pa.array(said[1], pa.string()),
            "found": pa.array(said[2], pa.string()),
        }
        whole = [columns[field.name].cast(field.type) for field in FINDINGS]
        self._write(pa.Table.from_arrays(whole, schema=FINDINGS))

    def _flush_if_many(self) -> None:
        if len(self._rows) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(column, field.type)
                for column, field in zip(columns, FINDINGS, strict=True)
            ]
            self._rows = []
            self._write(pa.Table.from_arrays(arrays, schema=FINDINGS))

    def _write(self, table: pa.Table) -> None:
        try:
            self._writer.write_table(table)
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> UsageError:
        # What Arrow raises has no strerror, and names a file that the user did not ask for.
        why = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
        return UsageError(
            Text(f"The findings cannot be written: {why}.", f"문제 목록을 쓸 수 없습니다: {why}."),
            place=Place(path=str(self.path)),
        )


@cache
def sentence(rule: str) -> str | None:
    """What a rule of the standard says, in the language of this run; ``None`` for others."""
    from mfgstd.validation.rules import standard_rules

    return next((each.sentence.say() for each in standard_rules() if each.id == rule), None)
