"""Tables of observations in columns: the same findings as row by row, however they are hurt."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.observations import SCHEMA
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.found import ordered
from mfgstd.validation.bulk.tables.judging import screen_table
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.sources.slices import slices

OBSERVATION = catalogue().find("observation")

GOOD: dict[str, Any] = {
    "data_item": "https://plant.example.co.kr/line-2/cnc-07/Xabs",
    "event_time": dt.datetime(2024, 3, 5, 9, 30, tzinfo=dt.UTC),
    "event_time_ns": 7,
    "record_time": dt.datetime(2024, 3, 5, 9, 30, 1, tzinfo=dt.UTC),
    "kind": "number",
    "number": 12.5,
    "unit": "mm",
    "status": "good",
    "source": "agent",
    "epoch": "1709624712",
    "sequence": 5,
    "event_id": "0f2c9a417be35d6880a1c4e2f7b39d05",
}

_YEARS = [
    dt.datetime(year, month, day, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    for year, month, day in (
        (1899, 12, 31),
        (1900, 1, 1),
        (1908, 1, 1),
        (2024, 3, 5),
        (2199, 12, 31),
        (2200, 1, 1),
    )
]
_TIMES = st.sampled_from(
    [None, *_YEARS, dt.datetime(2024, 3, 5, 9, 28, 59, 999_999, tzinfo=dt.UTC)]
)
_URIS = st.sampled_from(
    ["urn:a:b", "https://a", "urn:a:b\n", "", "가", "https://w3id.org/mfgstd/x"]
)
_TEXTS = st.sampled_from([None, "", "a", "[1]", "가", "0", "a\x00b"])

#: What each column may be hurt with: values that the Arrow type takes.
HURTS: dict[str, st.SearchStrategy[Any]] = {
    "data_item": _URIS | st.none(),
    "event_time": _TIMES,
    "event_time_ns": st.sampled_from([None, 0, 999, 1000, -1, 32767, -32768]),
    "server_time": _TIMES,
    "record_time": _TIMES,
    "time_quality": st.sampled_from([None, "synchronized", "Synchronized", ""]),
    "kind": st.sampled_from([None, "number", "integer", "decimal", "text", "boolean", "none", "x"]),
    "number": st.sampled_from([None, 0.0, -0.0, 1e308, float("nan"), float("inf"), -float("inf")]),
    "integer": st.sampled_from([None, 0, 2**63 - 1, -(2**63)]),
    "decimal": st.sampled_from([None, "1.50", "1e5", "01", "9" * 65, "-0", "٣"]),
    "text": _TEXTS,
    "boolean": st.sampled_from([None, True, False]),
    "unit": st.sampled_from([None, "mm", "", "m" * 65, "㎜", "m m"]),
    "status": st.sampled_from([None, "good", "bad", "uncertain", "GOOD"]),
    "reason": st.sampled_from(
        [None, "waiting", "no_such_reason", "NO", "urn:a:b", "https://w3id.org/mfgstd/x"]
    ),
    "native_value": _TEXTS,
    "native_unit": _TEXTS,
    "native_status": _TEXTS,
    "source": _TEXTS,
    "epoch": _TEXTS,
    "sequence": st.sampled_from([None, 0, -1, 2**63 - 1]),
    "replayed": st.sampled_from([None, True, False]),
    "event_id": st.sampled_from(
        [None, "", "0" * 32, "0" * 31, "0" * 33, "A" * 32, "0" * 31 + "\n"]
    ),
}


#: Something in every column: otherwise the columns of a table, and so the queries, would differ
#: from example to example, and writing them takes longer than asking.
FULL: dict[str, Any] = {
    **GOOD,
    "server_time": GOOD["event_time"],
    "time_quality": "synchronized",
    "integer": 1,
    "decimal": "1",
    "text": "a",
    "boolean": True,
    "reason": "waiting",
    "native_value": "1",
    "native_unit": "mm",
    "native_status": "ok",
    "replayed": False,
}


@st.composite
def _rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = [FULL]
    for _ in range(draw(st.integers(1, 25))):
        names = draw(st.lists(st.sampled_from(SCHEMA.names), max_size=4, unique=True))
        rows.append({**GOOD, **{name: draw(HURTS[name]) for name in names}})
    return rows


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    fields = [each.with_nullable(True) for each in SCHEMA]
    return pa.Table.from_pylist(rows, pa.schema(fields))


def _by_row(path: Path, strictness: Strictness) -> tuple[Counter[Any], int]:
    """What the rows say one by one: findings by position, and how many rows are invalid."""
    said: Counter[Any] = Counter()
    for piece in slices(path, tolerant=strictness is Strictness.TOLERANT):
        bad = set()
        for each in piece.findings:
            if each.source.row is not None:
                bad.add(each.source.row)
                said[each.source.row, each.rule, each.severity.value, each.pointer] += 1
        for row, document in enumerate(piece.documents, piece.first_row):
            if row not in bad:
                for found in tally(document, OBSERVATION, strictness):
                    said[(row, *found)] += 1
    return said, len({row for row, _, severity, _ in said if severity == "error"})


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=1) as opened:
        yield opened


def _in_columns(path: Path, strictness: Strictness, session: Session) -> tuple[Counter[Any], int]:
    screen = screen_table(path, OBSERVATION, strictness, session)
    table = ordered(screen.found("x"))
    rows = table.select(["position", "rule", "severity", "pointer"]).to_pylist()
    said = Counter(tuple(each.values()) for each in rows)
    counts = Counter[tuple[str, str]]()
    for (_, rule, severity, _), number in said.items():
        counts[rule, severity] += number
    assert counts == screen.counts
    assert len({row for row, *_ in said}) == screen.failing
    return said, screen.invalid


@pytest.mark.parametrize("strictness", list(Strictness))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_rows())
def test_hurt_tables_have_the_same_findings_by_column_and_by_row(
    strictness: Strictness, rows: list[dict[str, Any]], session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(_table(rows), path)
    assert _in_columns(path, strictness, session) == _by_row(path, strictness)


def test_a_clean_table_has_no_finding(session: Session, tmp_path: Path) -> None:
    kinds = {"integer": 5, "decimal": "1.50", "text": "[1]", "boolean": True}
    rows = [{**GOOD, "sequence": i} for i in range(50)]
    rows += [{**GOOD, "number": None, "unit": None, "kind": k, k: v} for k, v in kinds.items()]
    rows.append({**GOOD, "number": None, "unit": None, "kind": "none", "status": "bad"})
    path = tmp_path / "table.parquet"
    pq.write_table(_table(rows), path)
    screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
    assert (screen.rows, screen.invalid, screen.failing, screen.counts) == (55, 0, 0, Counter())
    assert screen.explained(10) == []
    assert list(screen.found("x")) == []


def test_what_is_found_is_explained_as_the_referee_explains_it(
    session: Session, tmp_path: Path
) -> None:
    rows = [dict(GOOD) for _ in range(30)]
    rows[11]["unit"] = "m m"
    rows[25]["kind"] = "text"
    path = tmp_path / "table.parquet"
    pq.write_table(_table(rows), path, row_group_size=10)
    screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
    first, second = screen.explained(100)
    assert (first.rule, first.pointer) == ("schema.pattern", "/unit")
    assert (first.source.row, first.source.row_group) == (11, 1)
    assert first.found == '"m m"'
    assert (second.rule, second.source.row, second.source.row_group) == ("observation.kind", 25, 2)
    assert screen.explained(1) == [first]


def test_a_warning_makes_no_row_invalid(session: Session, tmp_path: Path) -> None:
    late = dt.datetime(2024, 3, 5, 8, 0, tzinfo=dt.UTC)
    path = tmp_path / "table.parquet"
    pq.write_table(_table([{**GOOD, "record_time": late}]), path)
    screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
    assert {severity for _, severity in screen.counts} == {"warning"}
    assert (screen.invalid, screen.failing) == (0, 1)
