"""Parquet files judged on a Spark cluster, by the terms that DuckDB judges by.

One reading counts the rows of which a term is broken. Only if there are some are they looked at
again: counted by file and term, the first ones explained here, and, if wished, all of them told.
A file that Spark does not read as we do is left to the other engines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlparse

import numpy as np
import pyarrow as pa

from mfgstd.engine.spark import failed, frame, refusals
from mfgstd.errors import SystemFault
from mfgstd.finding import Place, Severity
from mfgstd.language import Text
from mfgstd.validation.bulk.found import FOUND
from mfgstd.validation.bulk.spark.lines import not_seen
from mfgstd.validation.bulk.tables.kept import Kept
from mfgstd.validation.bulk.tables.plan import ROW
from mfgstd.validation.bulk.terms.constraints import NotInColumns, any_bad
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules import record_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mfgstd.engine import Session
    from mfgstd.finding import Finding
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.terms.constraints import Term
    from mfgstd.validation.run.rows import Judging

#: Spark passes over files with such names, and reads these signs as patterns.
_HIDDEN: Final = ("_", ".")
_PATTERN: Final = frozenset("*?[]{}\\")
#: A view of one row.
_ONE: Final = "mfgstd_one"
#: Failing rows that come to the driver at once.
_AT_ONCE: Final = 2_000_000


@dataclass(slots=True)
class TableOnSpark:
    """What is wrong with one file, as the screen of a table says it on DuckDB."""

    path: Path
    kept: Kept
    columns: list[Finding]
    rows: int
    _tables: Tables
    invalid: int = 0
    failing: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def found(self, path: str) -> Iterator[pa.RecordBatch]:
        """Every finding in a row as batches of ``FOUND``; ``path`` as the user named it."""
        if self.failing:
            yield from self._tables.found(self, path)

    def explained(self, limit: int) -> list[Finding]:
        """The first findings in rows, in full; places have row and row group, no path."""
        return self._tables.explained(self, limit) if self.failing and limit > 0 else []


class Tables:
    """Judges Parquet files on one session."""

    def __init__(self, session: Session, how: Judging) -> None:
        self._session = session
        self._how = how
        self._views = 0

    def screen(self, files: Sequence[tuple[Path, Resolved]]) -> dict[Path, TableOnSpark]:
        """What is found in each file that Spark can read; the others are not there.

        Args:
            files: each with the entity of its rows.

        Raises:
            SystemFault: a worker does not see a file, or Spark gives other rows than a file has.
        """
        groups: dict[tuple[str, str], list[TableOnSpark]] = defaultdict(list)
        for path, resolved in files:
            if (told := self._readable(path, resolved)) is not None:
                groups[resolved.id, str(told.kept.schema.remove_metadata())].append(told)
        return {each.path: each for group in groups.values() for each in self._screened(group)}

    def found(self, screened: TableOnSpark, path: str) -> Iterator[pa.RecordBatch]:
        """Every finding in a file, as many at a time as the driver can hold."""
        from pyspark.sql import functions as sql

        failing, terms = self._failing([screened])
        names = [f"t{i}" for i in range(len(terms))]
        pairs = (
            sql.struct(sql.lit(i).alias("term"), sql.col(name).alias("times"))
            for i, name in enumerate(names)
        )
        broken = sql.filter(sql.array(*pairs), lambda pair: pair["times"] > 0)
        step = max(1, screened.rows * _AT_ONCE // screened.failing)
        for start in range(0, screened.rows, step):
            row = failing[ROW]["row"]
            piece = failing.filter(row.between(start, start + step - 1)).select(*names, row=row)
            spread = frame(self._session, piece).select("row", sql.explode(broken).alias("pair"))
            told = spread.select("row", "pair.term").toArrow()
            yield self._told(screened, told, terms, path)

    def _told(
        self, screened: TableOnSpark, told: pa.Table, terms: Sequence[Term], path: str
    ) -> pa.RecordBatch:
        rows, broken = told["row"].to_numpy(), told["term"].to_numpy()
        starred = np.array(["*" in each.pointer.split("/") for each in terms])
        # Which element it is, only the row says.
        inside = np.unique(rows[starred[broken]])
        plain = ~np.isin(rows, inside)
        again = [
            (row, *each)
            for row, _, document, _ in screened.kept.some(screened.path, inside.tolist())
            for each in tally(document, screened.kept.resolved, self._how.strictness)
        ]
        numbers = pa.array(broken[plain])

        def words(values: list[str], index: int) -> pa.Array:
            taken = pa.array(values, pa.string()).take(numbers)
            return pa.concat_arrays([taken, pa.array([each[index] for each in again], pa.string())])

        position = np.concatenate([rows[plain], np.array([each[0] for each in again], np.int64)])
        columns = [
            pa.repeat(pa.scalar(path, pa.string()), len(position)),
            pa.array(position, pa.int64()),
            words([each.rule for each in terms], 1),
            words([each.severity for each in terms], 2),
            words([each.pointer for each in terms], 3),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=FOUND)

    def explained(self, screened: TableOnSpark, limit: int) -> list[Finding]:
        """The first findings of a file, by the referee."""
        table = self._table([screened])
        levels = self._levels(table, screened.kept.resolved)
        failing = table.filter(any_bad([each for level in levels for each in level]))
        # Each failing row has at least one.
        numbers = failing.select(row=failing[ROW]["row"]).order_by("row").limit(limit)
        rows = frame(self._session, numbers).toArrow()["row"].to_pylist()
        told: list[Finding] = []
        for row, group, document, found in screened.kept.some(screened.path, rows):
            findings = found or self._findings(document, screened.kept.resolved)
            told += [replace(each, source=Place(row=row, row_group=group)) for each in findings]
        return told[:limit]

    def _findings(self, document: Any, resolved: Resolved) -> list[Finding]:
        said = compile_schema(resolved, self._how.strictness, "referee").findings(document)
        if said or not self._how.rules:
            return said
        return record_findings(document, resolved)

    def _readable(self, path: Path, resolved: Resolved) -> TableOnSpark | None:
        """The file, if there are rows to judge and Spark reads it as we do."""
        if path.name.startswith(_HIDDEN) or _PATTERN & set(str(path.resolve())):
            return None
        try:
            kept = Kept.of(path, resolved)
            kept.check_instants()
        except (pa.ArrowException, OSError, NotInColumns):
            return None
        wrong = kept.columns(tolerant=self._how.strictness is Strictness.TOLERANT)
        if not kept.rows or any(each.severity is Severity.ERROR for each in wrong):
            return None
        return TableOnSpark(path, kept, wrong, kept.rows, self)

    def _screened(self, group: list[TableOnSpark]) -> list[TableOnSpark]:
        """Files of the same columns; if one of them cannot be read, each by itself."""
        from pyspark.errors import AnalysisException, ParseException

        try:
            return self._counted(group)
        except NotInColumns:
            return []
        except _Garbled:
            if len(group) == 1:
                return []
        except refusals() as error:
            said = str(error)
            if isinstance(error, ParseException):
                # Our own text is no SQL: that is no property of a file, and must not look like one.
                raise failed(error) from error
            if "FILE_NOT_EXIST" in said or "FileNotFoundException" in said:
                raise not_seen(str(group[0].path), said.partition("\n")[0][:300]) from error
            if not isinstance(error, AnalysisException) and "READ_FILE" not in said:
                raise failed(error) from error
            if len(group) == 1:
                return []
        return [done for each in group for done in self._screened([each])]

    def _counted(self, group: list[TableOnSpark]) -> list[TableOnSpark]:
        table = self._table(group)
        levels = self._levels(table, group[0].kept.resolved)
        bad = any_bad(self._doubtful([each for level in levels for each in level]))
        asked = table.aggregate(
            rows=table.count(),
            failing=bad.cast("int64").sum(),
            garbled=(~table[ROW]["is_text"]).cast("int64").sum(),
        )
        (total,) = frame(self._session, asked).toArrow().to_pylist()
        _check_whole(group, total["rows"])
        if total["garbled"]:
            raise _Garbled
        if not total["failing"]:
            return group
        failing, terms = self._failing(group)
        errors = (i for i, each in enumerate(terms) if each.severity == Severity.ERROR.value)
        error = reduce(or_, (failing[f"t{i}"] > 0 for i in errors))
        said = failing.group_by(path=failing[ROW]["path"]).aggregate(
            failing=failing.count(),
            invalid=error.cast("int64").sum(),
            **{f"t{i}": failing[f"t{i}"].sum() for i in range(len(terms))},
        )
        by_path = {str(each.path.resolve()): each for each in group}
        for row in frame(self._session, said).toArrow().to_pylist():
            each = by_path[unquote(urlparse(row["path"]).path)]
            each.failing, each.invalid = row["failing"], row["invalid"]
            for i, term in enumerate(terms):
                if row[f"t{i}"]:
                    each.counts[term.rule, term.severity] += row[f"t{i}"]
        return group

    def _levels(self, table: Any, resolved: Resolved) -> list[list[Term]]:
        """The terms of a row, from those that are asked first."""
        levels = Kept.levels(table, resolved, self._how.strictness, self._session.microseconds)
        return levels if self._how.rules else levels[:-1]

    def _doubtful(self, terms: Sequence[Term]) -> list[Term]:
        """The terms that some row may break.

        What reads no column is the same in all rows (a rule about a field that these tables do not
        have), and Spark would compute it anew in each.
        """
        import ibis
        import ibis.expr.operations as ops

        fixed = [i for i, each in enumerate(terms) if not each.bad.op().find(ops.Field)]
        if not fixed:
            return list(terms)
        # Values that stand in a query are computed by who plans it; there is no job.
        self._session.raw.sql("VALUES (1) AS one(one)").createOrReplaceTempView(_ONE)
        one = self._session.ibis.table(_ONE)
        asked = one.select(**{f"t{i}": ibis.coalesce(terms[i].bad, True) for i in fixed})
        (said,) = frame(self._session, asked).toArrow().to_pylist()
        return [each for i, each in enumerate(terms) if said.get(f"t{i}", True)]

    def _failing(self, group: Sequence[TableOnSpark]) -> tuple[Any, list[Term]]:
        """The failing rows with a column for each term, ``t0``, ``t1``...: how often it is broken.

        A term counts only where nothing is wrong on a level before its own.
        """
        import ibis

        resolved = group[0].kept.resolved
        table = self._table(group)
        bad = any_bad([each for level in self._levels(table, resolved) for each in level])
        rows = table.filter(bad)
        levels = self._levels(rows, resolved)
        terms = [each for level in levels for each in level]
        counted = rows.select(ROW, **{f"t{i}": each.count for i, each in enumerate(terms)})
        start = 0
        for level in levels[:-1]:
            end = start + len(level)
            dirty = reduce(
                or_, (counted[f"t{i}"] > 0 for i in range(start, end)), ibis.literal(False)
            )
            counted = counted.mutate(
                **{
                    f"t{i}": ibis.ifelse(dirty, ibis.literal(0, "int64"), counted[f"t{i}"])
                    for i in range(end, len(terms))
                }
            )
            start = end
        return counted, terms

    def _table(self, group: Sequence[TableOnSpark]) -> Any:
        """The rows of files as an Ibis table, with where each is from as its row."""
        from pyspark.sql import functions as sql

        reader = self._session.raw.read
        names = [f"file://{each.path.resolve()}" for each in group]
        # The columns are the same in all, as was seen here; Spark would look into each again.
        read = reader.schema(reader.parquet(names[0]).schema).parquet(*names)
        place = sql.struct(
            sql.col("_metadata.file_path").alias("path"),
            sql.col("_metadata.row_index").alias("row"),
            is_text(read).alias("is_text"),
        )
        # A query is text until it runs, so no view may come to mean other files meanwhile.
        self._views += 1
        view = f"mfgstd_tables_{id(self)}_{self._views}"
        read.select("*", place.alias(ROW)).createOrReplaceTempView(view)
        return self._session.ibis.table(view)


class _Garbled(Exception):
    """A text that is no UTF-8. Spark passes it over; what it is, those say who read row by row."""


def is_text(read: Any) -> Any:
    """Whether every text of a row of a ``DataFrame`` is UTF-8; those that are nested as well."""
    from pyspark.sql import functions as sql
    from pyspark.sql.types import ArrayType, MapType, StringType, StructType

    nested = (ArrayType, MapType, StructType)
    fit = sql.lit(True)
    for each in read.schema:
        if isinstance(each.dataType, (StringType, *nested)):
            name = each.name.replace("`", "``")
            # As text, what is nested has signs of ASCII between its parts, and so no part heals
            # another.
            text = sql.col(f"`{name}`").cast("string")
            fit = fit & sql.coalesce(sql.is_valid_utf8(text), sql.lit(True))
    return fit


def _check_whole(group: Sequence[TableOnSpark], rows: int) -> None:
    """A row that was not read was not judged."""
    expected = sum(each.rows for each in group)
    if rows != expected:
        raise SystemFault(
            Text(
                f"Spark reads {rows} rows of {len(group)} files that have {expected}.",
                f"Spark가 행 {expected}개 중 {rows}개를 읽었습니다(파일 {len(group)}개).",
            ),
            hint=Text(
                "Do the workers see the same files as this computer?",
                "작업자가 이 컴퓨터와 같은 파일을 보고 있습니까?",
            ),
        )
