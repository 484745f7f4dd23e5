"""Queries as text for Spark: what its parser need not look ahead for, and what it still means."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.engine import Session
from mfgstd.engine.spark import frame
from mfgstd.engine.spark_dialect import written
from mfgstd.errors import SystemFault
from mfgstd.expression.column_functions import timestamp
from mfgstd.standard import catalogue
from mfgstd.validation.bulk.spark import tables
from mfgstd.validation.bulk.spark.tables import Tables
from mfgstd.validation.run.rows import Judging
from tests.validation.spark.test_tables import observations

OBSERVATION = catalogue().find("observation")


def states(spark: Session) -> int:
    """How many states Spark's parser remembers, of all texts that it has read so far."""
    from py4j.java_gateway import get_field

    parser = spark.raw._jvm.org.apache.spark.sql.catalyst.parser.SqlBaseParser(None)
    decisions = get_field(parser.getInterpreter(), "decisionToDFA")
    return sum(get_field(each, "states").size() for each in decisions)


def test_the_parser_remembers_little_of_a_long_text(spark: Session) -> None:
    """Parentheses in each other cost it thousands of states, which it never gives back."""
    names = [f"t{i}" for i in range(4)]
    table = ibis.table(dict.fromkeys(names, "string"), name="nowhere")
    differences = [
        timestamp(table[later]) - timestamp(table[sooner]) > 0 for sooner, later in pairwise(names)
    ]
    text = written(spark.ibis.compiler.to_sqlglot(table.filter(differences)))
    assert len(text) > 20_000
    before = states(spark)
    spark.raw._jsparkSession.sessionState().sqlParser().parsePlan(text)
    assert states(spark) - before < 2_000


def test_operators_mean_in_calls_what_they_mean_between_operands(spark: Session) -> None:
    given = pa.table(
        {
            "a": pa.array([7, -7, None, 0]),
            "b": pa.array([2.5, float("nan"), None, -0.0]),
            "s": pa.array(["bad", "'; x\\", None, ""]),
            "l": pa.array([[1, 2, 4], [], None, [5]]),
        }
    )
    spark.raw.createDataFrame(given).createOrReplaceTempView("operands")
    t = spark.ibis.table("operands")
    asked: dict[str, Any] = {
        "in_equals": t.s.isin(["bad", "good"]) == (t.a == 7),
        "not_null": ~t.s.isnull() & (t.b.notnull() | (t.a < 0)),
        "arithmetic": (t.a - (3 - t.a)) * -(t.a + 1),
        "remainder": (t.a % 4).cast("int64"),
        "halves": t.a / 2,
        "between": t.a.between(-7, 0),
        "different": t.a != 7,
        "same": t.s.identical_to(ibis.literal("bad")),
        "joined": (t.s + "/").substr(1, 2),
        "sum": t.l.sums(),
        "chosen": ibis.cases((t.a > 0, "more"), (t.a < 0, "less"), else_="none"),
        "lowest": ibis.literal(-(2**63)) + 0,
        "packed": ibis.struct({"x": t.a, "y": t.s})["y"],
        "quoted": t.s == "'; x\\",
    }
    answers = frame(spark, t.select(**asked)).toArrow().to_pydict()
    null = None
    assert answers == {
        "in_equals": [True, True, null, True],
        "not_null": [True, True, False, True],
        "arithmetic": [-88, -102, null, 3],
        "remainder": [3, -3, null, 0],
        "halves": [3.5, -3.5, null, 0.0],
        "between": [False, True, null, True],
        "different": [False, True, null, True],
        "same": [True, False, False, False],
        "joined": ["ad", "; ", null, ""],
        "sum": [7, null, null, 5],
        "chosen": ["more", "less", "none", "none"],
        "lowest": [-(2**63)] * 4,
        "packed": ["bad", "'; x\\", null, ""],
        "quoted": [False, True, null, False],
    }


@pytest.mark.parametrize("number", ["9223372036854775807", "9223372036854775808", "-1", None])
def test_a_cast_of_a_wide_number_is_null_where_it_would_wrap(
    number: str | None, spark: Session
) -> None:
    spark.raw.createDataFrame(pa.table({"n": pa.array([number], pa.string())})).selectExpr(
        "CAST(n AS DECIMAL(38, 0)) AS n"
    ).createOrReplaceTempView("wide")
    asked = spark.ibis.table("wide").n.try_cast("int64").name("said").as_table()
    fits = number is not None and int(number) < 2**63
    assert frame(spark, asked).toArrow()["said"].to_pylist() == [int(number) if fits else None]  # type: ignore[arg-type] # fits says so


def test_a_query_that_is_no_sql_is_a_fault_and_not_another_engine(
    tmp_path: Path, spark: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(observations(3), path)
    monkeypatch.setattr(tables, "frame", lambda session, _: session.raw.sql("SELECT a IN (1) = 2"))
    with pytest.raises(SystemFault, match="PARSE_SYNTAX_ERROR"):
        Tables(spark, Judging()).screen([(path, OBSERVATION)])
