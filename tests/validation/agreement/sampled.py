"""A sample of the hurt documents as one file, for whoever judges files: the command, a cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from mfgstd import validate
from mfgstd.standard import catalogue
from tests.validation.agreement import hurting, pool

#: Line, rule, severity and pointer, and how often.
Found = Counter[tuple[int, str, str, str]]


def lines(documents: int, *slugs: str) -> list[bytes]:
    """So many documents of each kind that travels by itself, each hurt in forty ways.

    ``slugs`` are those kinds only: to make the queries of one kind takes DuckDB seconds.
    """
    return [
        hurt.text
        for schema in catalogue()
        if schema.is_entity and (not slugs or schema.slug in slugs)
        for number, document in enumerate(pool.documents(schema.id, documents))
        for hurt in hurting.hurt(schema, document, number)
    ]


def law(texts: Sequence[bytes]) -> Found:
    """What the referee says of each line, judged by what it says it is."""
    return Counter(
        (position, each.rule, each.severity.value, each.pointer)
        for position, text in enumerate(texts, 1)
        for each in validate(text, engine="referee")
    )


def written_findings(path: Path) -> Found:
    """What a run has written down as Parquet."""
    table = pq.read_table(path, columns=["position", "rule", "severity", "pointer"])
    columns = (table[name].to_pylist() for name in table.column_names)
    return Counter(zip(*columns, strict=True))
