"""Every entity that columns can hold is judged in columns, and as the row engine judges it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mfgstd.engine import duckdb_session
from mfgstd.standard import catalogue
from mfgstd.validation.bulk.found import ordered
from mfgstd.validation.bulk.tables.judging import screen_table
from mfgstd.validation.lowering import Strictness
from tests.validation.agreement import pool
from tests.validation.entity_tables import held, law, table


@pytest.mark.parametrize("schema_id", held(), ids=pool.name)
def test_columns_find_row_for_row_what_the_row_engine_finds(schema_id: str, tmp_path: Path) -> None:
    schema = catalogue().get(schema_id)
    path = tmp_path / "table.parquet"
    pq.write_table(table(schema_id), path)
    with duckdb_session(threads=1) as session:
        screen = screen_table(path, schema, Strictness.STRICT, session)
        found = ordered(screen.found(str(path))).to_pylist()
    wanted = law(path, schema)
    assert sorted(tuple(each.values()) for each in found) == wanted
    assert 0 < screen.failing < screen.rows
    assert screen.invalid == len({each[1] for each in wanted if each[3] == "error"})
    assert screen.counts == Counter(each[2:4] for each in wanted)
