"""Every entity that columns can hold is judged on Spark, and as the row engine judges it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mfgstd.engine import Session
from mfgstd.engine.spark import frame, refusals
from mfgstd.standard import catalogue
from mfgstd.validation.bulk.found import ordered
from mfgstd.validation.bulk.spark.tables import Tables
from mfgstd.validation.bulk.terms.constraints import any_bad
from mfgstd.validation.run.rows import Judging
from tests.validation.agreement import pool
from tests.validation.entity_tables import held, law, table

#: One of its rules asks a Python function about each element of a list, which Spark refuses.
NOT_ON_SPARK = "production-record"
#: Entities that have between them whatever terms are made of. Spark compiles for seconds for each.
SOME = ("capability", "counter-reading", "data-item", "gap", "health-prediction", "state-event")


@pytest.mark.parametrize("schema_id", held(), ids=pool.name)
def test_spark_takes_the_questions_about_every_entity(
    schema_id: str, tmp_path: Path, spark: Session
) -> None:
    schema = catalogue().get(schema_id)
    path = tmp_path / "table.parquet"
    pq.write_table(table(schema_id), path)
    tables = Tables(spark, Judging())
    told = tables._readable(path, schema)
    assert told is not None
    rows = tables._table([told])
    terms = [each for level in tables._levels(rows, schema) for each in level]
    asked = rows.aggregate(failing=any_bad(terms).cast("int64").sum())
    if pool.name(schema_id) == NOT_ON_SPARK:
        with pytest.raises(refusals(), match=r"(?i)lambda"):
            frame(spark, asked)
        return
    # Spark parses and analyses a text as it takes it.
    assert frame(spark, asked).columns == ["failing"]


@pytest.mark.parametrize("name", [*SOME, NOT_ON_SPARK])
def test_spark_finds_row_for_row_what_the_row_engine_finds(
    name: str, tmp_path: Path, spark: Session
) -> None:
    schema = catalogue().find(name)
    path = tmp_path / "table.parquet"
    pq.write_table(table(schema.id), path)
    done = Tables(spark, Judging()).screen([(path, schema)])
    if name == NOT_ON_SPARK:
        assert not done
        return
    told, wanted = done[path], law(path, schema)
    found = ordered(told.found(str(path))).to_pylist()
    assert sorted(tuple(each.values()) for each in found) == wanted
    assert 0 < told.failing < told.rows
    assert told.failing == len({each[1] for each in wanted})
    assert told.invalid == len({each[1] for each in wanted if each[3] == "error"})
    assert told.counts == Counter(each[2:4] for each in wanted)
