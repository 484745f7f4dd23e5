"""Tables of documents judged as they lie: one query says that a table is clean, a second what not.

A table is a Parquet file; whatever else holds columns becomes a temporary one. Its rows stand for
documents: those of the observation table for observations, in any other table one column for each
field of its entity. Rows become Python objects only to be explained.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql.datatypes import DuckDBType

from mfgstd.engine import microseconds, tell_functions
from mfgstd.finding import Finding, Place, Severity
from mfgstd.validation.bulk.found import FOUND
from mfgstd.validation.bulk.tables.kept import Kept
from mfgstd.validation.bulk.tables.looking import Finite, looking
from mfgstd.validation.bulk.tables.plan import ROW, VIEW, Leveled, Plan
from mfgstd.validation.bulk.terms.alphabet import alphabet
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.engines.compiled import MOST
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules import record_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mfgstd.engine import Session
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.tables.looking import Look
    from mfgstd.validation.bulk.tables.plan import Group

#: Rows of which one batch of findings is made.
_BATCH: Final = 65_536
#: From so many rows on it pays to plan for columns that are null nowhere.
_MANY: Final = 200_000
#: Rows that are read at once to be explained.
_SOME: Final = 1_024


@dataclass(slots=True)
class TableScreen:
    """What is wrong with one table.

    ``columns`` are findings about the table as a whole; if one of them is an error, no row was
    judged. ``rows`` are the rows judged, ``invalid`` those with an error, ``failing`` those with
    any finding. ``counts`` counts the findings in rows by rule and severity.

    Nothing here holds rows: :meth:`found` and :meth:`explained` ask the table again, as long as
    the session is open and no other table is screened in it.
    """

    columns: list[Finding]
    rows: int = 0
    invalid: int = 0
    failing: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _asked: _Asked | None = None

    def found(self, path: str) -> Iterator[pa.RecordBatch]:
        """Every finding in a row as batches of :data:`FOUND`; ``path`` as the user named it."""
        if self._asked is not None and self.failing:
            yield from self._asked.found(path)

    def explained(self, limit: int) -> list[Finding]:
        """The first findings in rows, in full; places have row and row group, no path."""
        if self._asked is None or not self.failing or limit <= 0:
            return []
        return self._asked.explained(limit)


def screen_table(
    source: Path,
    resolved: Resolved,
    strictness: Strictness,
    session: Session,
    within: Catalogue | None = None,
) -> TableScreen:
    """Judge every row of a Parquet file.

    Args:
        source: the file.
        resolved: the entity of the rows; an ``Observation`` has the columns of the observation
            table.
        strictness: as everywhere.
        session: a DuckDB session of its own: the table is a view in it.
        within: where the entity's references lead; the standard by default.

    Raises:
        NotInColumns: columns cannot judge this entity or these types; the rows must become
            documents (:func:`documents`).
        OSError: the file cannot be read.
        pyarrow.ArrowException: it is no Parquet file, or a damaged one.
    """
    kept = Kept.of(source, resolved, within)
    wrong = kept.columns(tolerant=strictness is Strictness.TOLERANT)
    if any(each.severity is Severity.ERROR for each in wrong):
        return TableScreen(wrong)
    kept.check_instants()
    asked = _Asked(source, kept, resolved, strictness, session)
    screen = TableScreen(wrong, rows=kept.rows, _asked=asked)
    if kept.rows:
        asked.count(screen)
    return screen


def documents(source: Path, resolved: Resolved) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The rows of a Parquet file as documents, some at a time, each time with the first's number.

    For entities that columns cannot judge. What is null is absent.
    """
    kept = Kept.of(source, resolved)
    row = 0
    with pq.ParquetFile(source) as file:
        for batch in file.iter_batches(_BATCH // 8):
            yield row, kept.documents(batch)
            row += batch.num_rows


class _Asked:
    """One table as a view of a session, with the plan of the questions to it."""

    def __init__(
        self,
        source: Path,
        kept: Kept,
        resolved: Resolved,
        strictness: Strictness,
        session: Session,
    ) -> None:
        self._source = source
        self._kept = kept
        self._resolved = resolved
        self._strictness = strictness
        self._session = session
        self._dirty: tuple[int, ...] = ()
        parquet = f"read_parquet({_quoted(source, session)}, file_row_number = true)"
        # A column without a value says what a column that is missing does, and is not read then.
        without = ", ".join(map(_name, kept.empty()))
        chosen = f"* EXCLUDE ({without})" if without else "*"
        # A statement that makes a view takes no parameters; names and path are quoted.
        view = f"SELECT {chosen} FROM {parquet}"  # noqa: S608 - see above
        session.raw.execute(f"CREATE OR REPLACE TEMP VIEW {VIEW} AS {view}")
        described = session.raw.execute(f"DESCRIBE {VIEW}").fetchall()
        columns = tuple((name, _type(kind)) for name, kind, *_ in described)
        self._full = kept.full()
        # Another plan takes longer than a small table is asked for.
        told = self._full if kept.rows >= _MANY else frozenset()
        self._plan = _plan(columns, strictness, resolved.id, kept.within, told)
        tell_functions(session, self._plan.calls)
        read = self._plan.read | {ROW}
        # Of a nested column DuckDB may read the parts that a term is about.
        self._unread = [name for name, kind in columns if kind.is_nested() or name not in read]

    def _broken(self) -> tuple[int, ...]:
        """The groups of terms of which at least one is broken somewhere."""
        asks: dict[int, str] = {}
        looks: dict[str, Look] = {}
        looked: dict[int, str] = {}
        for index, group in enumerate(self._plan.groups):
            look = self._look(group)
            if look is None:
                asks[index] = group.asks
            else:
                (looked[index],) = group.columns
                looks[looked[index]] = look
        with looking(self._source, self._kept.metadata.num_row_groups, looks) as holds:
            rows = self._ask(asks)
            return tuple(
                index
                for index in range(len(self._plan.groups))
                if (rows[index] if index in rows else not holds(looked[index]))
            )

    def _ask(self, asks: dict[int, str]) -> dict[int, int]:
        """What the questions of some groups say.

        What no question looks at is read beside them: a text that is no UTF-8, or a damaged page,
        stops DuckDB.
        """
        queries = list(asks.values())
        if self._unread:
            read = ", ".join(map(_name, self._unread))
            queries.append(f"SELECT bit_xor(hash({read})) FROM {VIEW}")  # noqa: S608 - names, quoted
        if not queries:
            return {}
        asked = ", ".join(f"({each})" for each in queries)
        said = self._session.raw.execute(f"SELECT {asked}").fetchone()
        return dict(zip(asks, said[: len(asks)], strict=True))

    def _look(self, group: Group) -> Look | None:
        """What one column is asked without DuckDB, if that says as much as all terms of a group.

        Texts are looked at only if there is one in every row: of null, bytes say nothing.
        """
        if len(group.columns) != 1:
            return None
        (name,) = group.columns
        if group.asks_finite:
            return Finite()
        known = alphabet(self._kept.pattern(name)) if name in self._full else None
        return known if known is not None and self._kept.is_diverse(name) else None

    def count(self, screen: TableScreen) -> None:
        """Count what is broken, exactly."""
        self._dirty = self._broken()
        if not self._dirty:
            return
        terms, query = self._plan.counting(self._dirty)
        invalid, failing, most, *counts = self._session.raw.execute(query).fetchone()
        screen.invalid, screen.failing = int(invalid or 0), int(failing or 0)
        for each, count in zip(terms, counts, strict=True):
            if count:
                screen.counts[each.term.rule, each.term.severity] += int(count)
        if int(most or 0) > MOST:
            self._cut(screen)

    def _cut(self, screen: TableScreen) -> None:
        """Count of each row only what the row engine lists."""
        terms, query = self._plan.rows(self._dirty, None)
        total = " + ".join(f"t{i}" for i in range(len(terms)))
        full = f"SELECT * FROM ({query}) WHERE {total} > {MOST:d}"  # noqa: S608 - texts that we wrote
        for row, *counts in self._session.raw.execute(full).fetchall():
            for each, count in zip(terms, counts, strict=True):
                screen.counts[each.term.rule, each.term.severity] -= int(count)
            for _, rule, severity, _ in self._told([row]):
                screen.counts[rule, severity] += 1
        screen.counts = +screen.counts

    def found(self, path: str) -> Iterator[pa.RecordBatch]:
        """Every finding, one batch after the other."""
        terms, query = self._plan.rows(self._dirty, None)
        for batch in self._session.raw.execute(query).fetch_record_batch(_BATCH):
            yield self._spread(batch, terms, path)

    def _spread(self, batch: pa.RecordBatch, terms: list[Leveled], path: str) -> pa.RecordBatch:
        numbers = batch[ROW].to_numpy()
        parts: list[tuple[Any, Leveled]] = []
        inside = np.zeros(len(numbers), bool)
        for i, each in enumerate(terms):
            counts = batch[f"t{i}"].to_numpy()
            if "*" in each.term.pointer.split("/"):
                # Which element it is, only the row says.
                inside |= counts > 0
            else:
                parts.append((counts, each))
        rows: list[Any] = []
        rules: list[Any] = []
        severities: list[Any] = []
        pointers: list[Any] = []
        for counts, each in parts:
            at = numbers[(counts > 0) & ~inside]
            rows.append(at)
            for values, said in (
                (rules, each.term.rule),
                (severities, each.term.severity),
                (pointers, each.term.pointer),
            ):
                values.append(pa.repeat(pa.scalar(said, pa.string()), len(at)))
        if inside.any():
            told = self._told(numbers[inside].tolist())
            rows.append(np.array([row for row, *_ in told], np.int64))
            for values, index in ((rules, 1), (severities, 2), (pointers, 3)):
                values.append(pa.array([each[index] for each in told], pa.string()))
        position = pa.array(np.concatenate(rows))
        paths = pa.repeat(pa.scalar(path, pa.string()), len(position))
        columns = [paths, position, *map(pa.concat_arrays, (rules, severities, pointers))]
        return pa.RecordBatch.from_arrays(columns, schema=FOUND)

    def _told(self, rows: list[int]) -> list[tuple[int, str, str, str]]:
        return [
            (row, *each)
            for row, _, document, _ in self._kept.some(self._source, sorted(rows))
            for each in tally(document, self._resolved, self._strictness, self._kept.within)
        ]

    def explained(self, limit: int) -> list[Finding]:
        """The first findings, in full."""
        # Each failing row has at least one.
        _, query = self._plan.rows(self._dirty, limit)
        rows = [row for (row,) in self._session.raw.execute(query).fetchall()]
        told: list[Finding] = []
        for start in range(0, len(rows), _SOME):
            for row, group, document, found in self._kept.some(
                self._source, rows[start : start + _SOME]
            ):
                place = Place(row=row, row_group=group)
                findings = found or self._findings(document)
                told += [replace(each, source=place) for each in findings]
                if len(told) >= limit:
                    return told[:limit]
        return told

    def _findings(self, document: Any) -> list[Finding]:
        judge = compile_schema(
            self._resolved, self._strictness, "referee", within=self._kept.within
        )
        said = judge.findings(document)
        if said or self._strictness is not Strictness.STRICT:
            return said
        return record_findings(document, self._resolved)


@lru_cache(maxsize=64)
def _plan(
    columns: tuple[tuple[str, Any], ...],
    strictness: Strictness,
    schema_id: str,
    within: Catalogue,
    full: frozenset[str],
) -> Plan:
    """The plan of all tables with these columns; writing it takes longer than a small table."""
    table = ibis.table(dict(columns), name=VIEW)
    resolved = within.get(schema_id)
    levels = Kept.levels(table, resolved, strictness, microseconds("epoch_us"), within)
    return Plan(table, levels, full)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


@lru_cache(maxsize=256)
def _type(kind: str) -> Any:
    """A type of DuckDB's; reading its name takes longer than a small table does."""
    return DuckDBType.from_string(kind)


def _quoted(source: Path, session: Session) -> str:
    """A path as SQL, and as a file: signs that are patterns to DuckDB are hidden behind a link."""
    if any(sign in str(source) for sign in "*?["):
        link = session.folder / "table.parquet"
        link.unlink(missing_ok=True)
        link.symlink_to(source.absolute())
        source = link
    return "'" + str(source).replace("'", "''") + "'"
