"""Two ways in which tables keep documents: the observation table, and one column for each field."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.finding import Finding, Severity
from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import to_documents
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import Object, Ref, Text
from mfgstd.validation import problems
from mfgstd.validation.bulk.tables import observations
from mfgstd.validation.bulk.tables.columns import findings, view
from mfgstd.validation.bulk.terms.constraints import NotInColumns, terms
from mfgstd.validation.sources import slices as columns
from mfgstd.validation.sources import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.terms.constraints import Term
    from mfgstd.validation.lowering import Strictness

#: A column holds many different texts if it has at least this many bytes for each row.
_DIVERSE: Final = 8

#: A row: its number, its row group, its document, what its columns have against it.
Row = tuple[int, int, dict[str, Any], list[Finding]]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """How one Parquet file keeps the documents of one entity; ``rows`` is how many."""

    resolved: Resolved
    schema: pa.Schema
    metadata: Any
    within: Catalogue

    @classmethod
    def of(cls, source: Path, resolved: Resolved, within: Catalogue | None = None) -> Kept:
        """What the end of the file says."""
        with pq.ParquetFile(source) as file:
            return cls(resolved, file.schema_arrow, file.metadata, within or catalogue())

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        count: int = self.metadata.num_rows
        return count

    def check_instants(self) -> None:
        """Refuse columns of instants that rows know better.

        Engines cut off nanoseconds; and a time without a zone is none, as only its text tells.

        Raises:
            NotInColumns: there is such a column.
        """
        for each in () if self._is_rows else self.schema:
            kind: Any = each.type
            if pa.types.is_timestamp(kind) and (kind.unit == "ns" or kind.tz is None):
                raise NotInColumns(each.name)

    @property
    def _is_rows(self) -> bool:
        return self.resolved.id == observations.OBSERVATION

    def columns(self, *, tolerant: bool) -> list[Finding]:
        """What is wrong with the columns of the table as such."""
        if self._is_rows:
            wrong = columns.findings(self.schema, tolerant=tolerant)
        else:
            wrong = findings(self.schema, self.resolved, tolerant=tolerant, within=self.within)
        if not self.rows and not any(each.severity is Severity.ERROR for each in wrong):
            wrong.append(problems.empty(Severity.WARNING))
        return wrong

    @staticmethod
    def levels(
        table: Any,
        resolved: Resolved,
        strictness: Strictness,
        microseconds: Callable[[Any], Any],
        within: Catalogue | None = None,
    ) -> list[list[Term]]:
        """The terms of a row, from those that are asked first."""
        if resolved.id == observations.OBSERVATION:
            first = [observations.column_terms(table)]
            asked = observations.document_terms(table, strictness, microseconds)
        else:
            first = []
            asked = terms(resolved, view(table, microseconds), strictness, within)
        return [
            *first,
            [each for each in asked if each.guard is None],
            [each for each in asked if each.guard is not None],
        ]

    def pattern(self, name: str) -> str | None:
        """The pattern of all that is asked of a column of texts; ``None`` if there is more."""
        if self._is_rows:
            name = {"event_id": "eventId"}.get(name, "")
        fields = self.resolved.node if isinstance(self.resolved.node, Object) else ()
        node = next((each.node for each in fields if each.name == name), None)
        if isinstance(node, Ref):
            node = self.within.get(node.id).node
        if isinstance(node, Text) and node.min_length is None and node.max_length is None:
            return node.pattern
        return None

    def is_diverse(self, name: str) -> bool:
        """Whether nearly every row has a text of its own, so that there is no dictionary."""
        index = self.metadata.schema.to_arrow_schema().get_field_index(name)
        if index < 0 or self.metadata.num_columns != len(self.schema):
            return False
        groups = range(self.metadata.num_row_groups)
        size = sum(self.metadata.row_group(i).column(index).total_uncompressed_size for i in groups)
        return bool(size >= _DIVERSE * self.rows)

    def empty(self) -> list[str]:
        """The columns that hold nothing at all, as far as the file's statistics say."""
        found = []
        for name, nulls in self._nulls():
            needed = self._is_rows and name in SCHEMA.names and not SCHEMA.field(name).nullable
            if not needed and nulls == self.rows:
                found.append(name)
        return found if len(found) < len(self.schema) else found[1:]

    def full(self) -> frozenset[str]:
        """The columns that have a value in every row, as far as the file's statistics say.

        They are believed where DuckDB believes them: it answers ``IS NULL`` from the same numbers
        and reads nothing.
        """
        return frozenset(name for name, nulls in self._nulls() if nulls == 0)

    def _nulls(self) -> Iterator[tuple[str, int]]:
        """In how many rows each column is null, of the columns of which the file says so."""
        if self.metadata.num_columns != len(self.schema):
            # Nested columns are several in the file.
            return
        groups = [self.metadata.row_group(i) for i in range(self.metadata.num_row_groups)]
        for index, name in enumerate(self.schema.names):
            given = [group.column(index).statistics for group in groups]
            if all(each is not None and each.has_null_count for each in given):
                yield name, sum(each.null_count for each in given)

    def some(self, source: Path, rows: Sequence[int]) -> Iterator[Row]:
        """Some rows by number, which must ascend."""
        starts = np.cumsum(
            [0, *(self.metadata.row_group(i).num_rows for i in range(self.metadata.num_row_groups))]
        )
        groups = np.searchsorted(starts, rows, side="right") - 1
        with pq.ParquetFile(source) as file:
            for group, members in groupby(zip(groups.tolist(), rows, strict=True), lambda e: e[0]):
                numbers = [row for _, row in members]
                yield from self._taken(file, group, int(starts[group]), numbers)

    def _taken(
        self, file: pq.ParquetFile, group: int, start: int, numbers: list[int]
    ) -> Iterator[Row]:
        """Rows of one group, read in batches: a group may be larger than memory."""
        waiting = [number - start for number in numbers]
        at = 0
        for batch in file.iter_batches(_BATCH, row_groups=[group]):
            here = [each - at for each in waiting if each < at + batch.num_rows]
            waiting = waiting[len(here) :]
            if here:
                taken = _taken(batch, here)
                for place, each, found in zip(
                    here, self.documents(taken), self._wrong(taken), strict=True
                ):
                    yield start + at + place, group, each, found
            at += batch.num_rows
            if not waiting:
                return

    def documents(self, batch: pa.RecordBatch) -> list[dict[str, Any]]:
        """The documents of some rows; of a row whose columns are wrong, whatever comes out."""
        if self._is_rows:
            return to_documents(columns.complete(batch))
        return tables.documents(batch)

    def _wrong(self, batch: pa.RecordBatch) -> list[list[Finding]]:
        """What columns have against each row."""
        found: list[list[Finding]] = [[] for _ in range(batch.num_rows)]
        if self._is_rows:
            for each in columns.row_findings(columns.complete(batch), 0):
                found[each.source.row or 0].append(each)
        return found


_BATCH: Final = 65_536


def _taken(batch: pa.RecordBatch, rows: list[int]) -> pa.RecordBatch:
    """Some rows of a batch; Arrow takes none out of texts that are views."""
    for index, each in enumerate(batch.schema):
        if pa.types.is_string_view(each.type):
            column = batch.column(index).cast(pa.string())
            batch = batch.set_column(index, each.name, column)
    return batch.take(pa.array(rows))
