"""Tables of observations in columns: the same findings as row by row, however they are hurt."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.expression.tree import Compare, Constant
from mfgstd.observations import SCHEMA
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.found import ordered
from mfgstd.validation.bulk.tables import judging, observations
from mfgstd.validation.bulk.tables.judging import screen_table
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules.compiled import rules_of
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


@st.composite
def _filled_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows in which the columns of a good one are never null, and others sometimes."""
    rows = [FULL]
    for _ in range(draw(st.integers(1, 25))):
        names = draw(st.lists(st.sampled_from(SCHEMA.names), max_size=4, unique=True))
        hurts = {name: draw(HURTS[name]) for name in names}
        rows.append({**GOOD, **{name: each for name, each in hurts.items() if each is not None}})
    return rows


@pytest.mark.parametrize("strictness", list(Strictness))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_filled_rows())
def test_columns_without_nulls_are_judged_in_large_tables_as_in_small_ones(
    strictness: Strictness,
    rows: list[dict[str, Any]],
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "_MANY", 1)
    path = tmp_path / "table.parquet"
    pq.write_table(_table(rows), path)
    assert _in_columns(path, strictness, session) == _by_row(path, strictness)


@pytest.mark.parametrize("many", [1, 1_000_000])
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"number": float("nan")}, "json.nan"),
        ({"number": -float("inf")}, "json.nan"),
        ({"kind": "integer"}, "observation.kind"),
        ({"kind": "none"}, "observation.kind"),
        ({"status": "bad"}, "equipment.observation.bad-has-no-value"),
        ({"status": "fair"}, "schema.enum"),
        ({"sequence": -1}, "schema.minimum"),
        ({"event_time_ns": 1000}, "schema.maximum"),
        ({"event_id": "0" * 31 + "F"}, "schema.pattern"),
        ({"event_time": _YEARS[-1], "record_time": _YEARS[-1]}, "schema.format"),
        (
            {"record_time": GOOD["event_time"] - dt.timedelta(seconds=60)},
            "equipment.observation.recorded-after-it-happened",
        ),
    ],
)
def test_one_wrong_row_of_many_is_found_whatever_is_known_of_the_columns(
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    rule: str,
    many: int,
) -> None:
    monkeypatch.setattr(judging, "_MANY", many)
    rows = [GOOD] * 3_000
    rows[2_222] = {**GOOD, **changes}
    path = tmp_path / "table.parquet"
    pq.write_table(_table(rows), path, row_group_size=1_000)
    screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
    assert [name for name, _ in screen.counts] == [rule]
    assert {each.source.row for each in screen.explained(5)} == {2_222}


def _with_bytes(table: pa.Table, name: str, texts: list[str]) -> pa.Table:
    """A column of texts in which a surrogate stands for a byte that is no UTF-8."""
    data = pa.array([each.encode("utf-8", "surrogateescape") for each in texts])
    column = pa.Array.from_buffers(pa.string(), len(data), data.buffers())
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), column)


@pytest.mark.parametrize("many", [1, 1_000_000])
@pytest.mark.parametrize("name", [each.name for each in SCHEMA if pa.types.is_string(each.type)])
def test_a_text_that_is_no_utf8_stops_the_judging_in_any_column(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, name: str
) -> None:
    monkeypatch.setattr(judging, "_MANY", many)
    given = FULL[name]
    texts = [given, given, f"{given}\udcff", given]
    path = tmp_path / "table.parquet"
    pq.write_table(_with_bytes(_table([FULL] * 4), name, texts), path)
    with pytest.raises(duckdb.Error, match="encoding"):
        screen_table(path, OBSERVATION, Strictness.STRICT, session)


@pytest.mark.parametrize("many", [1, 1_000_000])
@pytest.mark.parametrize("wrong", [None, "", "\udcff"])
@pytest.mark.parametrize("layout", [{}, {"data_page_version": "2.0"}, {"use_dictionary": False}])
def test_what_does_not_fit_in_a_dictionary_is_looked_at_too(
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    many: int,
    wrong: str | None,
    layout: dict[str, Any],
) -> None:
    monkeypatch.setattr(judging, "_MANY", many)
    texts = [f"{n:020d}" for n in range(4_000)]
    texts[3_500] = texts[3_500] if wrong is None else wrong
    path = tmp_path / "table.parquet"
    layout = {"dictionary_pagesize_limit": 4_000, "data_page_size": 2_000, **layout}
    pq.write_table(_with_bytes(_table([GOOD] * 4_000), "epoch", texts), path, **layout)
    if wrong == "\udcff":
        with pytest.raises(duckdb.Error, match="encoding"):
            screen_table(path, OBSERVATION, Strictness.STRICT, session)
    else:
        screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
        assert screen.invalid == (0 if wrong is None else 1)


def test_a_record_sixty_seconds_early_and_a_nanosecond_is_late(
    session: Session, tmp_path: Path
) -> None:
    early = GOOD["event_time"] - dt.timedelta(seconds=60)
    rows = [{**GOOD, "record_time": early, "event_time_ns": below} for below in (0, 1)]
    path = tmp_path / "table.parquet"
    pq.write_table(_table(rows), path)
    screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
    assert [each.source.row for each in screen.explained(5)] == [1]


def test_only_rules_with_room_below_zero_are_kept_by_whatever_was_recorded_late() -> None:
    (rule,) = (each for each in rules_of(OBSERVATION.id) if each.id in observations.clock_rules())
    assert rule.id == "equipment.observation.recorded-after-it-happened"
    assert isinstance(rule.check, Compare)
    for least, room in ((-60.0, True), (-1.0, True), (-0.0001, False), (0.0, False), (5.0, False)):
        check = replace(rule.check, right=Constant(least))
        assert observations.leaves_room(replace(rule, check=check)) is room
    assert not observations.leaves_room(replace(rule, check=replace(rule.check, by=">")))


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
