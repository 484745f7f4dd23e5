"""Columns in a real Parquet file, judged as they lie and as the documents that they stand for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd import validate_table
from mfgstd.engine import Session, duckdb_session
from mfgstd.finding import Severity
from mfgstd.standard import Catalogue
from mfgstd.validation import Strictness, compile_schema
from mfgstd.validation.bulk.found import FOUND, ordered
from mfgstd.validation.bulk.tables.judging import documents, screen_table
from mfgstd.validation.bulk.terms.constraints import NotInColumns
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.reader import read
from mfgstd.validation.sources import tables
from tests.validation.semantics.column import Column
from tests.validation.semantics.columns import COLUMNS
from tests.validation.semantics.row import Row, slug, written

NUMBERED = [pytest.param(n, id=each.what.replace(" ", "-")) for n, each in enumerate(COLUMNS)]

Told = list[tuple[int, str, str]]


@pytest.fixture(scope="module")
def within(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    rows = [Row(each.what, each.schema, "", None, optional=each.optional) for each in COLUMNS]
    return written(rows, tmp_path_factory.mktemp("semantics"))


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Session]:
    with duckdb_session(threads=1) as session:
        yield session


@pytest.fixture
def path(number: int, tmp_path: Path) -> Path:
    each = COLUMNS[number]
    path = tmp_path / "columns.parquet"
    pq.write_table(pa.table({"it": each.column}), path)
    return path


def wanted(each: Column) -> Told:
    return sorted(
        (row, f"schema.{rule}", "" if at == "^" else f"/it{at}")
        for row, said in enumerate(each.found)
        for rule, _, at in (one.partition(" ") for one in said)
    )


@pytest.mark.parametrize("number", NUMBERED)
def test_columns_as_they_lie(number: int, path: Path, within: Catalogue, duckdb: Session) -> None:
    each, schema = COLUMNS[number], within.find(slug(number))
    if each.rows:
        with pytest.raises(NotInColumns):
            screen_table(path, schema, Strictness.STRICT, duckdb, within)
        return
    screen = screen_table(path, schema, Strictness.STRICT, duckdb, within)
    assert screen.columns == []
    found = ordered(screen.found("x")).select(FOUND.names[1:]).to_pylist()
    assert sorted((e["position"], e["rule"], e["pointer"]) for e in found) == wanted(each)
    explained = screen.explained(1_000)
    assert sorted((e.source.row or 0, e.rule, e.pointer) for e in explained) == wanted(each)
    assert Counter(rule for _, rule, _ in wanted(each)) == {
        rule: count for (rule, _), count in screen.counts.items()
    }
    assert screen.invalid == len([said for said in each.found if said])


@pytest.mark.parametrize("number", NUMBERED)
def test_rows_as_documents(number: int, path: Path, within: Catalogue) -> None:
    schema = within.find(slug(number))
    made = [each for _, some in documents(path, schema) for each in some]
    assert _told(made, number, within) == wanted(COLUMNS[number])


@pytest.mark.parametrize("number", NUMBERED)
def test_rows_as_texts(number: int, path: Path, within: Catalogue) -> None:
    with pq.ParquetFile(path) as file:
        made = [each for batch in file.iter_batches() for each in tables.documents(batch)]
    assert _told([_again(each) for each in made], number, within) == wanted(COLUMNS[number])


@pytest.mark.parametrize("zone", ["UTC", None])
@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_table_is_judged_alike_by_both_engines(unit: str, zone: str | None) -> None:
    """Whether a table is large enough for columns must not decide what is wrong with it."""
    durations = [1.0, float("nan"), float("inf"), -1.0, None]
    count = len(durations)
    table = pa.table(
        {
            "id": [f"urn:a:{n}" for n in range(count)],
            "equipment": [{"id": "urn:a:machine", "kind": "Equipment"}] * count,
            "eventTime": pa.array(range(count), pa.int64()).cast(pa.timestamp(unit, zone)),
            "state": [{"procedural": "held", "summary": "not_executing"}] * count,
            "quality": [{"status": "good"}] * count,
            "duration": durations,
        }
    )
    rows, columns = (
        validate_table(table, schema="state-event", engine=engine, together=False)
        for engine in ("row", "duckdb")
    )
    assert rows.counts == columns.counts
    bad = {"schema.type": 2, "schema.minimum": 1, "schema.format": 0 if zone else count}
    assert {rule: rows.counts[rule, Severity.ERROR] for rule in bad} == bad
    told = [
        sorted((each.source.row or 0, each.rule, each.pointer) for each in report.findings)
        for report in (rows, columns)
    ]
    assert told[0] == told[1]


def test_a_file_written_again_in_a_session_is_judged_anew(
    tmp_path: Path, within: Catalogue, duckdb: Session
) -> None:
    number = next(n for n, each in enumerate(COLUMNS) if each.what == "NaN beside numbers")
    schema, path = within.find(slug(number)), tmp_path / "again.parquet"
    # The same size and the same columns, so that nothing but the bytes tells.
    for value, failing in ((1.0, 0), (float("nan"), 1), (2.0, 0), (10.0, 1)):
        pq.write_table(pa.table({"it": [value, 3.0]}), path)
        screen = screen_table(path, schema, Strictness.STRICT, duckdb, within)
        assert (screen.failing, len(screen.explained(9))) == (failing, failing)


def _again(document: dict[str, object]) -> object:
    """A document that was a text; one that no JSON says is judged as it is."""
    try:
        return read(json.dumps(document, allow_nan=False).encode()).value
    except ValueError:
        return document


def _told(made: Sequence[object], number: int, within: Catalogue) -> Told:
    schema = within.find(slug(number))
    referee = compile_schema(schema, Strictness.STRICT, "referee", within=within)
    tallied = sorted(
        (row, rule, pointer)
        for row, each in enumerate(made)
        for rule, _, pointer in tally(each, schema, Strictness.STRICT, within)
    )
    assert tallied == sorted(
        (row, found.rule, found.pointer)
        for row, each in enumerate(made)
        for found in referee.findings(each)
    )
    return tallied
