"""A table of each entity that columns can hold, and what the row engine finds in its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.standard import Resolved, catalogue
from mfgstd.validation.bulk.tables.arrow_type import arrow_type
from mfgstd.validation.bulk.tables.kept import Kept
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from tests.validation.agreement import hurting, pool
from tests.validation.arrow_columns import column, fits


def held() -> list[str]:
    """The ids of the entities of which columns can hold documents, one column for each field.

    Observations are kept otherwise, and have tests of their own.
    """
    entities = [each for each in catalogue() if each.is_entity and each.name != "Observation"]
    kinds = {each.id: kind for each in entities if (kind := arrow_type(each)) is not None}
    return [
        name
        for name, kind in kinds.items()
        if any(fits(kind, each) for each in pool.documents(name, 3))
    ]


def table(schema_id: str) -> pa.Table:
    """Valid documents and hurt ones, as far as columns can hold them."""
    schema = catalogue().get(schema_id)
    kind = arrow_type(schema)
    assert kind is not None
    documents = []
    for number, document in enumerate(pool.documents(schema_id, 3)):
        documents.append(document)
        for hurt in hurting.hurt(schema, document, number):
            try:
                documents.append(json.loads(hurt.text))
            except ValueError:
                continue
    return pa.Table.from_struct_array(column(kind, [e for e in documents if fits(kind, e)]))


def law(path: Path, schema: Resolved) -> list[tuple[Any, ...]]:
    """Every finding of the row engine in the rows of a table."""
    rows = pq.read_metadata(path).num_rows
    return sorted(
        (str(path), row, *each)
        for row, _, document, _ in Kept.of(path, schema).some(path, range(rows))
        for each in tally(document, schema, Strictness.STRICT)
    )
