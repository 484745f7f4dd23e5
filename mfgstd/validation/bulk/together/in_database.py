"""Many documents judged together: rules as queries over what lies on disk."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa
from ibis.expr.operations import ScalarUDF

from mfgstd.expression.columns import ERROR, FALSE
from mfgstd.validation.bulk.found import FOUND
from mfgstd.validation.bulk.together.documents_on_disk import DATABASE, Shelves, name
from mfgstd.validation.bulk.together.observation_documents import ShelvedObservations
from mfgstd.validation.bulk.together.observation_references import SPOKEN, as_spoken
from mfgstd.validation.bulk.together.observation_rows import OBSERVATION
from mfgstd.validation.bulk.together.observation_sequences import ObservationSequences
from mfgstd.validation.bulk.together.row_numbers import INSIDE, POSITION_MASK, SOURCE_BITS
from mfgstd.validation.rules.columns import Rows, failures, passes
from mfgstd.validation.rules.filing import KPI_DEFINITION, NAMES_KPI, kpi_definitions
from mfgstd.validation.rules.judging import UNMATCHED, finding
from mfgstd.validation.rules.rule import Scope
from mfgstd.validation.rules.together import partners_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import numpy.typing as npt

    from mfgstd.engine import Session
    from mfgstd.finding import Finding
    from mfgstd.validation.bulk.together.observation_rows import ObservationRows
    from mfgstd.validation.bulk.together.row_numbers import Sources
    from mfgstd.validation.rules.rule import Rule

_KEPT: Final[Mapping[str, bool | str | None]] = {FALSE: False, ERROR: None, UNMATCHED: UNMATCHED}
_FAILED: Final = f"{DATABASE}.failed"
#: How many indexes of ``each`` elements a finding may have.
_LOOPS: Final = 2
_ORDER: Final = "row, rule, index_0, index_1, outcome"

#: Queries that were made before, by the rules that they ask and the tables that they ask about.
_QUERIES: Final[dict[tuple[object, ...], str]] = {}


class InDatabase:
    """The documents of a large run; a context manager that owns its database."""

    def __init__(self, session: Session, sources: Sources) -> None:
        self._session = session
        self._raw = session.raw
        self._ibis = session.ibis
        self._sources = sources
        self._shelves = Shelves(session)
        self._rules: Sequence[Rule] = ()
        self._observed: ObservationSequences | None = None
        self._rows: list[ObservationRows] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shelves.close()

    @property
    def entities(self) -> AbstractSet[str]:
        """The ``$id`` of each schema of which there is a document."""
        self._define_kpis()
        rows = {OBSERVATION} if self._rows else set()
        return self._shelves.entities.keys() | rows

    def add(self, entity: str, rows: npt.NDArray[np.int64], texts: Any) -> None:
        """Valid documents of one schema, as JSON, with their rows in the run."""
        self._shelves.add(entity, rows, texts)

    def add_rows(self, rows: ObservationRows) -> None:
        """Valid rows of observations, which stay where they are."""
        if self._observed is None:
            self._observed = ObservationSequences(self._session)
        self._observed.add(rows)
        self._rows.append(rows)

    def judge(self, rules: Sequence[Rule]) -> None:
        """Ask the rules."""
        self._rules = rules
        self._shelves.drop_repeated()
        self._observe()
        indexes = "".join(f"index_{i} BIGINT, " for i in range(_LOOPS))
        self._raw.execute(
            f"CREATE TABLE {_FAILED} (rule INTEGER, row BIGINT, {indexes}outcome VARCHAR)"
        )
        for group in passes(rules):
            self._judge(group)

    def counts(self) -> Counter[tuple[str, str]]:
        """How many findings there are by (rule, severity)."""
        counted = self._raw.execute(f"SELECT rule, count(*) FROM {_FAILED} GROUP BY 1 ORDER BY 1")  # noqa: S608 - names of our own
        rules = self._rules
        return Counter(
            {
                (rules[each].id, rules[each].severity.value): count
                for each, count in counted.fetchall()
            }
        )

    def first(self, limit: int) -> list[Finding]:
        """The first of them, in the order of the run."""
        failed = self._raw.execute(
            f"SELECT * FROM {_FAILED} ORDER BY {_ORDER} LIMIT {limit}"  # noqa: S608 - names of our own
        ).fetchall()
        wanted: dict[str, set[int]] = {}
        for number, row, *_ in failed:
            wanted.setdefault(self._rules[number].entity, set()).add(row)
        documents = {entity: self._documents(entity, rows) for entity, rows in wanted.items()}
        told = []
        for number, row, *indexes, outcome in failed:
            rule = self._rules[number]
            each = finding(
                rule, documents[rule.entity][row], indexes[: len(rule.each)], _KEPT[outcome]
            )
            pointer = (INSIDE if row & 1 else "") + each.pointer
            told.append(replace(each, source=self._sources.place(row), pointer=pointer))
        return told

    def _documents(self, entity: str, rows: set[int]) -> dict[int, Any]:
        """Some documents, by their rows in the run."""
        found: dict[int, Any] = {}
        if entity in self._shelves.entities:
            texts = self._shelves.texts(entity, rows)
            found = {row: json.loads(text) for row, text in texts.items()}
        for each in self._rows if entity == OBSERVATION else ():
            found |= each.documents(np.array(sorted(rows), np.int64))
        return found

    def found(self) -> Iterator[pa.RecordBatch]:
        """All of them, in the order of the run."""
        cursor = self._raw.cursor()
        cursor.register("rules_together", self._rule_table())
        cursor.register("sources_together", self._source_table())
        pointer = "pattern"
        for i in range(_LOOPS):
            pointer = f"replace({pointer}, loop_{i}, coalesce(index_{i}, 0)::VARCHAR)"
        batches = cursor.execute(
            f"""SELECT path, (row & {POSITION_MASK}) >> 1 AS position, id AS rule, severity,
                    if(row & 1 = 1, '{INSIDE}', '') || {pointer} AS pointer
                FROM (SELECT * FROM {_FAILED} ORDER BY {_ORDER})
                JOIN rules_together USING (rule)
                JOIN sources_together ON source = row >> {SOURCE_BITS}
                ORDER BY {_ORDER.replace("rule,", "rules_together.rule,")}"""  # noqa: S608 - names of our own
        ).fetch_record_batch(65_536)
        for batch in batches:
            yield batch.cast(FOUND)

    def _define_kpis(self) -> None:
        """Lay the catalogue's definitions beside the documents that name them."""
        shelves = self._shelves

        def said(entity: str, *fields: str) -> set[Any]:
            if entity not in shelves.entities:
                return set()
            selected = ", ".join(f"this.{each}" for each in fields)
            query = f"SELECT DISTINCT {selected} FROM {DATABASE}.{name(entity)}"  # noqa: S608 - names of our own
            return set(self._raw.execute(query).fetchall())

        used = {code for entity in NAMES_KPI for (code,) in said(entity, "definition.code")}
        for known, place in kpi_definitions(used, said(KPI_DEFINITION, "code", "version")):
            row = self._sources.row(place, KPI_DEFINITION)
            self.add(KPI_DEFINITION, np.array([row]), [json.dumps(known).encode()])

    def _observe(self) -> None:
        """Let observations that came as documents stand in sequences with those in rows."""
        if OBSERVATION in self._shelves.entities:
            if self._observed is None:
                self._observed = ObservationSequences(self._session)
            self._observed.add(ShelvedObservations(self._shelves))
        if self._observed is not None:
            self._observed.settle()

    def _judge(self, rules: Sequence[Rule]) -> None:
        """One query for rules that look at the same; what breaks one of them goes to the failed."""
        first = rules[0]
        if first.entity == OBSERVATION and first.scope is Scope.SEQUENCE and self._observed:
            rows = self._observed.rows(first)
            self._ask(rules, {first.entity: rows}, without=self._observed.settled(first))
            return
        tables = {
            each: self._shelves.table(each).drop("text")
            for each in {first.entity, *partners_of(first)}
            if each in self._shelves.entities
        }
        if first.entity == OBSERVATION and self._rows:
            self._ask_of_rows(rules, tables)
        if first.entity in tables:
            self._ask(rules, tables)

    def _ask(
        self,
        rules: Sequence[Rule],
        tables: Mapping[str, Any],
        without: str = "",
        into: str = "failed",
    ) -> None:
        if into != "failed":
            self._raw.execute(f"CREATE TABLE {DATABASE}.{into} AS FROM {_FAILED} LIMIT 0")
        self._create("failing", rules, tables)
        but = f"AND row NOT IN ({without})" if without else ""
        loops = len(rules[0].each)
        indexes = ", ".join(
            f"index_{i}" if i < loops else f"NULL AS index_{i}" for i in range(_LOOPS)
        )
        for i, rule in enumerate(rules):
            # However many partners say the same, it is said once.
            self._raw.execute(
                f"INSERT INTO {DATABASE}.{into} "  # noqa: S608 - names of our own
                f"SELECT DISTINCT {self._rules.index(rule)}, row, {indexes}, outcome_{i} "
                f"FROM {DATABASE}.failing WHERE outcome_{i} IN {tuple(_KEPT)} {but}"
            )
        self._raw.execute(f"DROP TABLE {DATABASE}.failing")

    def _create(self, table: str, rules: Sequence[Rule], tables: Mapping[str, Any]) -> None:
        """A table of what breaks the rules.

        The text of a query takes longer to make than most take to run, and is the same every time.
        """
        known = (
            *(each.id for each in rules),
            *sorted(tables),
            isinstance(tables[rules[0].entity], Rows),
        )
        if known not in _QUERIES:
            query = failures(rules, tables)
            if query.op().find(ScalarUDF):
                # The engine must be told of the function first.
                self._ibis.create_table(table, query, database=(DATABASE, "main"))
                return
            _QUERIES[known] = self._ibis.compile(query)
        self._raw.execute(f"CREATE TABLE {DATABASE}.{table} AS {_QUERIES[known]}")

    def _ask_of_rows(self, rules: Sequence[Rule], tables: Mapping[str, Any]) -> None:
        """Ask once about each way to say what the rules read, then find the rows that say it so."""
        spoken, batches = f"{DATABASE}.spoken", self._spoken
        names = ", ".join(SPOKEN)
        self._raw.execute(f"CREATE TABLE {spoken} (data_item VARCHAR, unit VARCHAR, kind VARCHAR)")
        for _ in batches():
            self._raw.execute(f"INSERT INTO {spoken} SELECT DISTINCT {names} FROM arriving")  # noqa: S608 - names of our own
        self._raw.execute(
            f"CREATE TABLE {spoken}_once AS SELECT row_number() OVER () AS row, * "  # noqa: S608 - names of our own
            f"FROM (SELECT DISTINCT * FROM {spoken})"
        )
        rows = as_spoken(self._ibis.table("spoken_once", database=(DATABASE, "main")))
        self._ask(rules, {**tables, OBSERVATION: rows}, into="spoken_failed")
        same = " AND ".join(f"arriving.{each} IS NOT DISTINCT FROM said.{each}" for each in SPOKEN)
        failed = self._raw.table(f"{DATABASE}.spoken_failed").fetchone() is not None
        for _ in batches() if failed else ():
            self._raw.execute(
                f"INSERT INTO {_FAILED} SELECT rule, arriving.row, index_0, index_1, outcome "  # noqa: S608 - names of our own
                f"FROM arriving JOIN (SELECT * FROM {spoken}_once "
                f"JOIN {DATABASE}.spoken_failed USING (row)) AS said ON {same}"
            )
        for each in ("spoken", "spoken_once", "spoken_failed"):
            self._raw.execute(f"DROP TABLE {DATABASE}.{each}")

    def _spoken(self) -> Iterator[None]:
        """The rows piece by piece as the view ``arriving``: ``row``, and what references read."""
        for rows in self._rows:
            for numbers, batch in rows.pieces(SPOKEN):
                table = pa.Table.from_batches([batch]).append_column("row", pa.array(numbers))
                self._raw.register("arriving", table)
                yield
                self._raw.unregister("arriving")

    def _rule_table(self) -> pa.Table:
        loops = {
            f"loop_{i}": [
                f"{{{each.each[i].name}}}" if i < len(each.each) else "{}" for each in self._rules
            ]
            for i in range(_LOOPS)
        }
        return pa.table(
            {
                "rule": pa.array(range(len(self._rules)), pa.int32()),
                "id": pa.array([each.id for each in self._rules], pa.string()),
                "severity": pa.array([each.severity.value for each in self._rules], pa.string()),
                "pattern": pa.array([each.at for each in self._rules], pa.string()),
                **loops,
            }
        )

    def _source_table(self) -> pa.Table:
        paths = [each.path or "" for each in self._sources.paths]
        return pa.table({"source": pa.array(range(len(paths)), pa.int64()), "path": paths})
