"""Spark says of documents what the referee says: in columns, and line by line."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mfgstd.engine import Session
from mfgstd.standard import Catalogue, catalogue
from mfgstd.validation import Strictness
from mfgstd.validation.bulk.tables.arrow_type import arrow_type
from mfgstd.validation.bulk.terms.constraints import counted, terms
from tests.validation.agreement import hurting, pool, sampled, suite
from tests.validation.agreement.held import held, one_row, rules
from tests.validation.agreement.law import UNREADABLE, Law, patterned
from tests.validation.agreement.shaping import Shape
from tests.validation.arrow_columns import column, fits
from tests.validation.semantics.row import written
from tests.validation.semantics.table import ROWS
from tests.validation.semantics.test_semantics import holdable, wanted
from tests.validation.spark.cluster import Cluster


def fetching(spark: Session) -> Callable[[Any], pa.Table]:
    """What runs a query: Ibis itself would make pandas of the answer."""
    from mfgstd.engine.spark import frame

    return lambda expression: frame(spark, expression).toArrow()


def test_the_table_of_semantics(tmp_path: Path, spark: Session) -> None:
    within = written(ROWS, tmp_path)
    documents = holdable(within)
    assert len(documents) > 100
    spark.raw.createDataFrame(one_row(documents)).createOrReplaceTempView("semantics")
    row = spark.ibis.table("semantics")
    for each, said in zip(documents, rules(documents, row, within, fetching(spark)), strict=True):
        assert said == wanted(int(each.name)), ROWS[int(each.name)].what


def test_the_json_schema_test_suite(corpus: Path, tmp_path: Path, spark: Session) -> None:
    taken = [each for each in suite.cases(corpus) if isinstance(each.shape, Shape)]
    suite.write_schemas(taken, tmp_path / "schemas")
    within = Catalogue(tmp_path / "schemas")
    fit = {}
    for case in taken:
        schema = within.find(case.name)
        if document := held(case.name, schema, case.document, case.strictness, within):
            fit[case.name] = (case, document)
    assert len(fit) > 150
    documents = [document for _, document in fit.values()]
    spark.raw.createDataFrame(one_row(documents)).createOrReplaceTempView("suite")
    found = rules(documents, spark.ibis.table("suite"), within, fetching(spark))
    for (case, _), said in zip(fit.values(), found, strict=True):
        assert said is None or case.valid is (not said), (case, said)


@pytest.mark.parametrize("slug", ["observation", "state-event", "gap", "quantity"])
def test_columns_of_hurt_documents(slug: str, spark: Session) -> None:
    schema = catalogue().find(slug)
    kind = arrow_type(schema)
    assert kind is not None
    law = Law(schema, Strictness.STRICT)
    cases = [
        law.judged(hurt)
        for number, document in enumerate(pool.documents(schema.id, 10))
        for hurt in hurting.hurt(schema, document, number)
    ]
    fit = [each for each in cases if each.value is not UNREADABLE and fits(kind, each.value)]
    assert any(each.findings for each in fit)
    assert any(not each.findings for each in fit)
    rows = pa.table({"row": range(len(fit)), "this": column(kind, [e.value for e in fit])})
    view = slug.replace("-", "_")
    spark.raw.createDataFrame(rows).createOrReplaceTempView(view)
    held_ = spark.ibis.table(view)
    asked = terms(schema, held_["this"], Strictness.STRICT)
    known = [(each.rule, each.severity, each.pointer) for each in asked]
    answers = fetching(spark)(counted(held_, asked, "row")).to_pylist()
    assert len(answers) == len(fit)
    for answer in answers:
        each = fit[answer["row"]]
        said: Counter[tuple[str, str, str]] = Counter()
        for number, term in enumerate(known):
            said[term] += answer[f"t{number}"]
        assert +said == patterned(each.findings, known), each.hurt


def test_lines_of_every_kind(
    tmp_path: Path, cluster: Cluster, mfgstd: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    lines = sampled.lines(1)
    data, found = tmp_path / "hurt.ndjson", tmp_path / "found.parquet"
    data.write_bytes(b"\n".join(lines))
    done = mfgstd(
        *("validate", data, "--json", "--engine", "spark", "--master", cluster.master),
        *("--rules", "record", "--max-findings", "1", "--findings", found),
        env={"SPARK_CONF_DIR": str(cluster.conf)},
    )
    assert done.returncode == 1, done.stderr
    assert sampled.written_findings(found) == sampled.law(lines)
