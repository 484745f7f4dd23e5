"""Few documents judged together: in memory, by the law itself."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Place
from mfgstd.validation.bulk.found import found
from mfgstd.validation.bulk.together.row_numbers import INSIDE
from mfgstd.validation.rules import ENVELOPE
from mfgstd.validation.rules.filing import KPI_DEFINITION, Filing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from mfgstd.finding import Finding
    from mfgstd.validation.bulk.together.row_numbers import Sources
    from mfgstd.validation.rules.rule import Rule

#: How many findings are in one batch of all.
_BATCH: Final = 65_536


class InMemory:
    """The documents of a small run."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._added: list[tuple[int, str, Any]] = []
        self._filed: Filing | None = None
        self._found: list[tuple[int, Finding]] = []

    @property
    def entities(self) -> AbstractSet[str]:
        """The ``$id`` of each schema of which there is a document."""
        return self._filing().documents.keys()

    def add(self, entity: str, rows: npt.NDArray[np.int64], texts: Any) -> None:
        """Valid documents of one schema, as JSON, with their rows in the run."""
        plain = texts if isinstance(texts, list) else texts.to_pylist()
        self._added += [(row, entity, text) for row, text in zip(rows.tolist(), plain, strict=True)]

    def judge(self, rules: Sequence[Rule]) -> None:
        """Ask the rules."""
        numbers = {rule.id: number for number, rule in enumerate(rules)}
        said = []
        for rule, each in self._filing().findings(rules):
            row = each.source.row or 0
            said.append((row, numbers[rule.id], each))
        said.sort(key=lambda each: each[:2])
        self._found = [(row, finding) for row, _, finding in said]

    def counts(self) -> Counter[tuple[str, str]]:
        """How many findings there are by (rule, severity)."""
        return Counter((each.rule, each.severity.value) for _, each in self._found)

    def first(self, limit: int) -> list[Finding]:
        """The first of them, in the order of the run."""
        return [replace(each, source=self._sources.place(row)) for row, each in self._found[:limit]]

    def found(self) -> Iterator[pa.RecordBatch]:
        """All of them, in the order of the run."""
        for start in range(0, len(self._found), _BATCH):
            yield found(
                (*self._sources.found_at(row), each.rule, each.severity.value, each.pointer)
                for row, each in self._found[start : start + _BATCH]
            )

    def _filing(self) -> Filing:
        """The documents in the order of the run; a row stands for its place until one is told."""
        if self._filed is None:
            self._filed = Filing()
            for row, entity, text in sorted(self._added, key=lambda each: each[0]):
                document = json.loads(text)
                self._filed.add(entity, document, Place(row=row))
                if entity == ENVELOPE and isinstance(document.get("data"), dict):
                    named = document.get("dataschema")
                    if isinstance(named, str):
                        at = Place(row=row + 1)
                        self._filed.add(named, document["data"], at, inside=INSIDE)
            for known, place in self._filed.kpis_not_defined():
                self._filed.add(
                    KPI_DEFINITION, known, Place(row=self._sources.row(place, KPI_DEFINITION))
                )
        return self._filed
