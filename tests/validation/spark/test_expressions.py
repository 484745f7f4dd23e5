"""The table of what expressions mean, on Spark: some laws at a time, each a row and a column."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mfgstd.engine import Session
from mfgstd.engine.spark import frame
from mfgstd.expression import Shapes
from mfgstd.expression.columns import outcome
from mfgstd.expression.layout import Part, column, used
from mfgstd.standard.catalogue import catalogue
from tests.expression.conftest import compiled
from tests.expression.test_semantics import BASE, TABLE, TYPES

#: One query for each law would take minutes, and one for all is more than Spark compiles.
_AT_ONCE = 12


@pytest.mark.parametrize("first", range(0, len(TABLE), _AT_ONCE))
def test_spark_keeps_the_laws_of_expressions(first: int, spark: Session) -> None:
    laws = TABLE[first : first + _AT_ONCE]
    shapes = Shapes(catalogue())
    shapes.document(catalogue().find("Observation"))
    trees = [compiled(text, TYPES, shapes) for text, _, _ in laws]
    parts = {name: Part(kind) for name, kind in TYPES.items()}
    for tree in trees:
        used(tree, {name: (part,) for name, part in parts.items()})
    rows = [{**BASE, **given} for _, given, _ in laws]
    table = pa.table(
        {
            "number": pa.array(range(len(rows)), pa.int64()),
            **{name: column(part, [row[name] for row in rows]) for name, part in parts.items()},
        }
    )
    spark.raw.createDataFrame(table).createOrReplaceTempView("laws")
    held = spark.ibis.table("laws")
    names = {name: held[name] for name in TYPES}
    said = {f"law_{i}": outcome(tree, names) for i, tree in enumerate(trees)}
    answers = frame(spark, held.select(held.number, **said).order_by("number")).toArrow()
    told = [answers[f"law_{i}"][i].as_py() for i in range(len(laws))]
    texts = {True: "true", False: "false", None: "error"}
    assert dict(zip([each[0] for each in laws], told, strict=True)) == {
        text: texts[wanted] for text, _, wanted in laws
    }


def test_nan_is_a_number_and_not_absent(spark: Session) -> None:
    """Ibis says otherwise of Spark, and of no other engine."""
    given = pa.table({"x": [float("nan"), None, 1.0]})
    spark.raw.createDataFrame(given).createOrReplaceTempView("nans")
    table = spark.ibis.table("nans")
    asked = table.aggregate(there=table.x.notnull().sum(), absent=table.x.isnull().sum())
    assert frame(spark, asked).toArrow().to_pylist() == [{"there": 2, "absent": 1}]


def test_infinity_is_told_from_numbers(spark: Session) -> None:
    """Ibis says of no number on Spark that it is infinite."""
    given = pa.table({"x": [float("inf"), float("-inf"), float("nan"), None, 1.0]})
    spark.raw.createDataFrame(given).createOrReplaceTempView("infinite")
    table = spark.ibis.table("infinite")
    asked = table.aggregate(infinite=table.x.isinf().sum(), nan=table.x.isnan().sum())
    assert frame(spark, asked).toArrow().to_pylist() == [{"infinite": 2, "nan": 1}]
