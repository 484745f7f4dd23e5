"""What a run's documents are judged by: in memory if they are few, in a database if many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from mfgstd.finding import Finding
    from mfgstd.validation.rules.rule import Rule


class Judgement(Protocol):
    """First everything is added, then judged once, then asked."""

    @property
    def entities(self) -> AbstractSet[str]:
        """The ``$id`` of each schema of which there is a document."""

    def add(self, entity: str, rows: npt.NDArray[np.int64], texts: Any) -> None:
        """Valid documents of one schema, as JSON, with their rows in the run."""

    def judge(self, rules: Sequence[Rule]) -> None:
        """Ask the rules."""

    def counts(self) -> Counter[tuple[str, str]]:
        """How many findings there are by (rule, severity)."""

    def first(self, limit: int) -> list[Finding]:
        """The first of them, in the order of the run."""

    def found(self) -> Iterator[pa.RecordBatch]:
        """All of them, in the order of the run."""
