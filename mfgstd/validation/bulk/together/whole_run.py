"""Rules about several documents, over a whole run: documents come in, one account comes out.

The law is :func:`mfgstd.validation.rules.judge`, which has all documents in memory; it judges a run
of few documents, too (:mod:`~mfgstd.validation.bulk.together.in_memory`). Those of a large run wait
on disk until all have come, and a rule is a query over them
(:mod:`~mfgstd.validation.bulk.together.in_database`); only what breaks it leaves the database.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeAlias

import numpy as np
import pyarrow as pa

from mfgstd.language import Text
from mfgstd.validation.bulk.together.row_numbers import Sources
from mfgstd.validation.rules.together import entities_together, partners_of, rules_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import numpy.typing as npt

    from mfgstd.engine import Session
    from mfgstd.finding import Finding, Place
    from mfgstd.validation.rules.rule import Rule

#: What is judged in memory: starting a database costs as much as judging so many.
FEW: Final = 10_000
_FEW_BYTES: Final = 32 << 20

Counts: TypeAlias = "Counter[tuple[str, str]]"


class Judgement(Protocol):
    """Who judges: in memory or in a database. First all is added, then judged once, then asked."""

    @property
    def entities(self) -> AbstractSet[str]:
        """The ``$id`` of each schema of which there is a document."""

    def add(self, entity: str, rows: npt.NDArray[np.int64], texts: Any) -> None:
        """Valid documents of one schema, as JSON, with their rows in the run."""

    def judge(self, rules: Sequence[Rule]) -> None:
        """Ask the rules."""

    def counts(self) -> Counts:
        """How many findings there are by (rule, severity)."""

    def first(self, limit: int) -> list[Finding]:
        """The first of them, in the order of the run."""

    def found(self) -> Iterator[pa.RecordBatch]:
        """All of them, in the order of the run."""


@dataclass(slots=True)
class TogetherResult:
    """What the rules about many documents say of a run.

    ``counts`` has the findings by (rule, severity), ``findings`` the first of them in the order of
    the sources, ``not_judged`` why a rule was not asked.
    """

    counts: Counts = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    not_judged: dict[str, Text] = field(default_factory=dict)
    batches: Callable[[], Iterator[pa.RecordBatch]] = lambda: iter(())

    def found(self) -> Iterator[pa.RecordBatch]:
        """Every finding as batches of :data:`~mfgstd.validation.bulk.found.FOUND`.

        In the order of the sources, in bounded memory, and as long as the run is open.
        """
        return self.batches()


class Together:
    """The documents of one run, gathered, then judged once.

    Use it as a context manager: what it keeps on disk goes when it closes.
    """

    def __init__(self, session: Session | None = None) -> None:
        self._stack = ExitStack()
        self._session = session
        self._sources = Sources()
        self._held: list[tuple[str, npt.NDArray[np.int64], Any]] = []
        self._few = FEW
        self._bytes = _FEW_BYTES
        self._large: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is on disk."""
        self._held.clear()
        self._large = None
        self._stack.close()

    @staticmethod
    def wants(schema_id: str) -> bool:
        """Whether any rule looks at documents of that schema together with others."""
        return schema_id in entities_together()

    def source(self, path: str | None, unit: str = "line") -> None:
        """Say that a source comes next: among equals of a sequence, sources decide in this order.

        Without it the order is that in which they are first added.

        Args:
            path: the file, as the user named it.
            unit: what positions count: ``line`` or ``row``.
        """
        self._sources.number(path, unit)

    def add_lines(
        self, schema_id: str, source: str | None, numbers: Sequence[int], texts: Any
    ) -> None:
        """Documents of one schema that a screen or the row engine found valid.

        Args:
            schema_id: the ``$id`` of their schema.
            source: the file, as the user named it.
            numbers: the line of each, from 1.
            texts: each as JSON in UTF-8: bytes in a list, or an Arrow array.
        """
        if self.wants(schema_id) and len(numbers):
            self._add(schema_id, self._sources.rows(source, "line", numbers), texts)

    def add_documents(
        self, schema_id: str, documents: Sequence[Mapping[str, Any]], places: Sequence[Place]
    ) -> None:
        """The same for documents that are values already; ``places`` says where each is."""
        if self.wants(schema_id) and documents:
            rows = np.array([self._sources.row(each, schema_id) for each in places], np.int64)
            texts = [json.dumps(each, ensure_ascii=False).encode() for each in documents]
            self._add(schema_id, rows, texts)

    def add_observations(
        self, data: Path | str | pa.Table, source: str | None, invalid: Any = ()
    ) -> None:
        """Rows of observations, in the columns of :data:`mfgstd.observations.SCHEMA`.

        They are not copied: a file must stay as it is until the run is judged.

        Args:
            data: a Parquet file or an Arrow table.
            source: the file, as the user named it.
            invalid: the positions, from 0, of rows that are no valid observations.
        """
        from mfgstd.validation.bulk.together.observation_rows import OBSERVATION, ObservationRows

        if not isinstance(data, pa.Table):
            data = Path(data)
        positions = np.unique(np.asarray(invalid, np.int64))
        number = self._sources.number(source, "row")
        rows = ObservationRows(number, data, positions)
        if self._large is None and len(rows) > self._few:
            self._grow()
        if self._large is not None:
            self._large.add_rows(rows)
            return
        for numbers, documents in rows.all_documents():
            texts = [json.dumps(each, ensure_ascii=False).encode() for each in documents]
            self._add(OBSERVATION, numbers, texts)

    def finish(self, limit: int = 100) -> TogetherResult:
        """Judge what has come; nothing can be added any more.

        Args:
            limit: how many findings are told in full.
        """
        judgement = self._judgement()
        entities = judgement.entities
        result = TogetherResult(batches=judgement.found)
        rules = []
        for rule in rules_together():
            if rule.entity not in entities:
                continue
            missing = [each for each in partners_of(rule) if each not in entities]
            if missing:
                result.not_judged[rule.id] = _without(missing)
            else:
                rules.append(rule)
        judgement.judge(rules)
        result.counts = judgement.counts()
        result.findings = judgement.first(limit)
        return result

    def _add(self, entity: str, rows: npt.NDArray[np.int64], texts: Any) -> None:
        if self._large is None:
            self._few -= len(rows)
            self._bytes -= sum(map(len, texts)) if isinstance(texts, list) else texts.nbytes
            if self._few >= 0 and self._bytes >= 0:
                self._held.append((entity, rows, texts))
                return
            self._grow()
        self._large.add(entity, rows, texts)

    def _grow(self) -> None:
        """Go on with a database, since many documents come."""
        from mfgstd.engine import duckdb_session
        from mfgstd.validation.bulk.together.in_database import InDatabase

        session = self._session or self._stack.enter_context(duckdb_session())
        self._large = self._stack.enter_context(InDatabase(session, self._sources))
        for held in self._held:
            self._large.add(*held)
        self._held.clear()

    def _judgement(self) -> Judgement:
        if self._large is not None:
            large: Judgement = self._large
            return large
        from mfgstd.validation.bulk.together.in_memory import InMemory

        few = InMemory(self._sources)
        for entity, rows, texts in self._held:
            few.add(entity, rows, texts)
        return few


def _without(missing: Sequence[str]) -> Text:
    from mfgstd.standard.catalogue import catalogue

    names = ", ".join(catalogue().get(each).name for each in dict.fromkeys(missing))
    return Text(
        f"No {names} came along to compare with.",
        f"함께 비교할 {names} 문서가 없습니다.",
    )
