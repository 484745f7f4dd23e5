"""Parquet on a cluster: every finding of DuckDB's, row for row, and nothing else."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.engine import Session
from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import from_documents
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.found import ordered
from mfgstd.validation.bulk.spark.tables import Tables, is_text
from mfgstd.validation.bulk.tables.judging import screen_table
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.run.rows import Judging

OBSERVATION = catalogue().find("observation")

#: Column -> what it may be hurt with.
HURTS: dict[str, list[Any]] = {
    "data_item": ["no uri", "", None, "urn:x:y\n"],
    "event_time_ns": [-1, 1000, 999],
    "time_quality": ["good"],
    "kind": ["text", "none", "number", "심", None],
    "number": [math.nan, math.inf, -math.inf, 1.7e308, None, -0.0],
    "integer": [-(2**63), 2**63 - 1],
    "decimal": ["1.5", "01", "1" * 65],
    "unit": ["m m", "", "m" * 65, "mm\n"],
    "status": ["bad", "gut", None],
    "reason": ["sensor_failure", "our_own", "https://w3id.org/mfgstd/x", "https://a.example/x"],
    "source": ["", None],
    "epoch": ["", "가"],
    "sequence": [-1, 0],
    "event_id": ["q", "A" * 32, None],
}


def observations(rows: int) -> pa.Table:
    documents = (
        {
            "dataItem": f"urn:plant:axis-{number % 7}",
            "eventTime": f"2026-02-03T04:05:{number % 60:02}.{number:09}Z",
            "quality": {"status": "good"},
            "value": {"number": number / 8},
            "unit": "mm",
            "source": "가공기",
            "epoch": "1",
            "sequence": number,
        }
        for number in range(rows)
    )
    return pa.Table.from_batches([from_documents(documents)])


def hurt(table: pa.Table, seed: int, times: int) -> pa.Table:
    choose = random.Random(seed)  # noqa: S311 - tests, not secrets
    columns = {name: table[name].to_pylist() for name in HURTS}
    for _ in range(times):
        name = choose.choice(sorted(HURTS))
        columns[name][choose.randrange(table.num_rows)] = choose.choice(HURTS[name])
    nullable = pa.schema([field.with_nullable(True) for field in SCHEMA])
    arrays = [
        pa.array(columns[each.name], each.type) if each.name in HURTS else table[each.name]
        for each in nullable
    ]
    return pa.Table.from_arrays(arrays, schema=nullable)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two that are hurt, one that is not, one with fewer columns, one of a single wrong row."""
    folder = tmp_path_factory.mktemp("표 100% é")
    table = observations(3000)
    few = table.drop_columns(["server_time", "replayed", "event_time_ns", "decimal"])
    made = {
        "a.parquet": hurt(table, 1, 400),
        "b c.parquet": hurt(table, 2, 60),
        "clean.parquet": table,
        "few.parquet": few.set_column(
            few.schema.get_field_index("unit"), "unit", pa.array(["m m"] + ["mm"] * 2999)
        ),
        "one%20.parquet": hurt(table.slice(0, 1), 3, 1),
    }
    for name, each in made.items():
        pq.write_table(each, folder / name, row_group_size=700)
    return [folder / name for name in made]


@pytest.mark.parametrize("strictness", list(Strictness))
def test_spark_finds_row_for_row_what_duckdb_finds(
    strictness: Strictness, files: list[Path], spark: Session, duckdb: Callable[[], Session]
) -> None:
    tables = Tables(spark, Judging(strictness=strictness))
    done = tables.screen([(each, OBSERVATION) for each in files])
    assert list(done) == [each for each in done if each in files]
    assert set(done) == set(files)
    for path, told in done.items():
        law = screen_table(path, OBSERVATION, strictness, duckdb())
        assert (told.rows, told.failing, told.invalid) == (law.rows, law.failing, law.invalid)
        assert told.counts == law.counts
        assert ordered(told.found(str(path))) == ordered(law.found(str(path)))
    assert done[files[0]].failing > 200
    assert done[files[2]].failing == 0
    assert done[files[3]].counts == {("schema.pattern", "error"): 1}


def test_the_first_findings_are_explained_as_duckdb_explains_them(
    files: list[Path], spark: Session, duckdb: Callable[[], Session]
) -> None:
    (told,) = Tables(spark, Judging()).screen([(files[1], OBSERVATION)]).values()
    law = screen_table(files[1], OBSERVATION, Strictness.STRICT, duckdb())
    assert told.explained(20) == law.explained(20)
    assert told.explained(20)[-1].source.row_group is not None


def test_what_spark_would_not_read_as_we_do_is_left_to_others(
    files: list[Path], spark: Session
) -> None:
    """It passes over hidden files and expands patterns, without a word."""
    folder = files[0].parent
    whole = files[2].read_bytes()
    left = [folder / "_hidden.parquet", folder / "a[bc].parquet"]
    for each in left:
        each.write_bytes(whole)
    damaged = folder / "damaged.parquet"
    damaged.write_bytes(b"PAR1" + b"\xff" * (len(whole) // 2) + whole[4 + len(whole) // 2 :])
    asked = [(each, OBSERVATION) for each in [files[2], *left, damaged]]
    assert set(Tables(spark, Judging()).screen(asked)) == {files[2]}


def no_utf_8(rows: int, at: int) -> pa.Array:
    """A column of texts, one of which is in CP949."""
    texts = [b"1.5"] * at + ["정지".encode("cp949")] + [b"1.5"] * (rows - at - 1)
    return pa.Array.from_buffers(pa.string(), rows, pa.array(texts, pa.binary()).buffers())


def test_a_text_that_is_no_utf_8_is_left_to_others(
    files: list[Path], tmp_path: Path, spark: Session
) -> None:
    """Software from before Unicode writes such columns, and Spark would not mind."""
    table = pq.read_table(files[2])
    path = tmp_path / "cp949.parquet"
    index = table.schema.get_field_index("native_value")
    pq.write_table(table.set_column(index, "native_value", no_utf_8(3000, 2000)), path)
    asked = [(each, OBSERVATION) for each in (files[2], path)]
    assert set(Tables(spark, Judging()).screen(asked)) == {files[2]}


def test_texts_that_are_no_utf_8_are_seen_in_nested_columns(tmp_path: Path, spark: Session) -> None:
    texts = no_utf_8(4, 2)
    packed = pa.StructArray.from_arrays([pa.array([1, 2, 3, 4]), texts], ["n", "a.b"])
    listed = pa.ListArray.from_arrays(pa.array([0, 1, 2, 4, 4]), packed)
    mapped = pa.MapArray.from_arrays(pa.array([0, 2, 2, 4, 4]), pa.array(["k"] * 4), texts)
    plain = pa.array([[1], None, [2], []])
    for column, fit in (
        (texts, [True, True, False, True]),
        (packed, [True, True, False, True]),
        (listed, [True, True, False, True]),
        (mapped, [True, True, False, True]),
        (plain, [True] * 4),
    ):
        path = tmp_path / f"{column.type.id}.parquet"
        pq.write_table(pa.table({"a`b": column}), path)
        read = spark.raw.read.parquet(str(path))
        assert read.select(is_text(read).alias("fit")).toArrow()["fit"].to_pylist() == fit
