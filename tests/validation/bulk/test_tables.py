"""Tables of documents: columns of fields, wrong columns, and rows that only rows can judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.found import FOUND, ordered
from mfgstd.validation.bulk.tables.judging import TableScreen, documents, screen_table
from mfgstd.validation.bulk.terms.alphabet import alphabet
from mfgstd.validation.bulk.terms.constraints import NotInColumns
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness

GAP = catalogue().find("gap")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=1) as opened:
        yield opened


def _gap(**changes: Any) -> dict[str, Any]:
    gap = {
        "id": "urn:a:gap",
        "source": "agent",
        "from": dt.datetime(2024, 3, 5, 9, 30, tzinfo=dt.UTC),
        "to": dt.datetime(2024, 3, 5, 9, 31, 0, 500, tzinfo=dt.UTC),
        "items": ["urn:a:b", "urn:a:c"],
        "reason": "buffer_overflow",
        "outcome": "lost",
        "fromSequence": 3,
        "toSequence": 2**53 + 1,
        "count": 7,
    }
    return {name: each for name, each in {**gap, **changes}.items() if each is not None}


def _screened(
    path: Path, table: pa.Table, session: Session, strictness: Strictness = Strictness.STRICT
) -> TableScreen:
    pq.write_table(table, path)
    return screen_table(path, GAP, strictness, session)


def _as_rows(path: Path) -> list[tuple[int, str, str, str]]:
    return sorted(
        (row, *found)
        for first, some in documents(path, GAP)
        for row, document in enumerate(some, first)
        for found in tally(document, GAP)
    )


def _as_columns(screen: TableScreen) -> list[tuple[Any, ...]]:
    rows = ordered(screen.found("x")).select(FOUND.names[1:]).to_pylist()
    return sorted(tuple(each.values()) for each in rows)


def test_fields_as_columns_have_the_findings_of_their_documents(
    session: Session, tmp_path: Path
) -> None:
    backwards = dt.datetime(2024, 3, 5, 9, 29, tzinfo=dt.UTC)
    rows = [
        _gap(),
        _gap(source=""),
        _gap(items=["urn:a:b", "no uri", "urn:a:b"]),
        _gap(items=["urn:a:b", None]),
        _gap(to=backwards),
        _gap(fromSequence=2**53 + 2),
        _gap(source=None),
    ]
    path = tmp_path / "gaps.parquet"
    screen = _screened(path, pa.Table.from_pylist(rows), session)
    assert screen.columns == []
    said = _as_columns(screen)
    assert said == _as_rows(path)
    # Which element it was is known, too.
    assert (2, "schema.format", "error", "/items/1") in said
    assert screen.rows == 7
    assert screen.failing == len({row for row, *_ in said})
    assert sum(screen.counts.values()) == len(said)
    explained = screen.explained(100)
    assert sorted((e.source.row, e.rule, e.severity.value, e.pointer) for e in explained) == said


def test_columns_that_are_wrong_as_such_are_told_once_and_no_row_is_judged(
    session: Session, tmp_path: Path
) -> None:
    table = pa.table({"source": [1, 2], "sorce": ["a", "b"]})
    screen = _screened(tmp_path / "t.parquet", table, session)
    said = {(each.rule, each.pointer, each.expected) for each in screen.columns}
    assert ("schema.type", "/source", '"string"') in said
    assert any(rule == "schema.unknown-field" and p == "/sorce" for rule, p, _ in said)
    assert any(rule == "schema.required" for rule, _, _ in said)
    assert (screen.rows, screen.counts.total(), screen.explained(5)) == (0, 0, [])


def test_tolerance_lets_an_unknown_column_pass(session: Session, tmp_path: Path) -> None:
    table = pa.Table.from_pylist([{**_gap(), "added": 1}])
    strict = _screened(tmp_path / "t.parquet", table, session)
    assert [each.rule for each in strict.columns] == ["schema.unknown-field"]
    tolerant = screen_table(tmp_path / "t.parquet", GAP, Strictness.TOLERANT, session)
    assert (tolerant.columns, tolerant.rows, tolerant.failing) == ([], 1, 0)


def test_what_columns_cannot_hold_is_left_to_rows(session: Session, tmp_path: Path) -> None:
    extensions = {"com.example": {"$schema": "urn:a:b"}}
    path = tmp_path / "t.parquet"
    with pytest.raises(NotInColumns):
        _screened(path, pa.Table.from_pylist([{**_gap(), "extensions": extensions}]), session)
    ((first, (document,)),) = documents(path, GAP)
    assert first == 0
    assert document["extensions"] == extensions
    assert document["to"] == "2024-03-05T09:31:00.0005Z"
    assert tally(document, GAP) == []


@pytest.mark.parametrize("name", ["it's.parquet", "[1]*.parquet", "한글 파일.parquet"])
def test_any_name_of_a_file_will_do(session: Session, tmp_path: Path, name: str) -> None:
    assert _screened(tmp_path / name, pa.Table.from_pylist([_gap()]), session).rows == 1


def test_a_file_written_again_is_read_again(session: Session, tmp_path: Path) -> None:
    for source, failing in (("a", 0), ("", 1), ("a", 0)):
        table = pa.Table.from_pylist([_gap(source=source)])
        assert _screened(tmp_path / "t.parquet", table, session).failing == failing


def test_dictionaries_and_large_texts_are_texts(session: Session, tmp_path: Path) -> None:
    table = pa.Table.from_pylist([_gap(), _gap(source="")])
    for kind in (pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        column = table["source"].cast(kind)
        other = table.set_column(table.schema.get_field_index("source"), "source", column)
        screen = _screened(tmp_path / "t.parquet", other, session)
        assert (screen.columns, screen.failing) == ([], 1)
        assert [each.source.row for each in screen.explained(5)] == [1]


def test_an_empty_table_is_told_and_conforms(session: Session, tmp_path: Path) -> None:
    table = pa.Table.from_pylist([_gap()]).slice(0, 0)
    screen = _screened(tmp_path / "t.parquet", table, session)
    assert (screen.rows, [each.severity.value for each in screen.columns]) == (0, ["warning"])


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        (["0a", "ff"], True),
        (["0a", "fg"], False),
        (["0a", "0A"], False),
        (["0a", "0"], False),
        (["0", "0ab"], False),
        (["0a", None], False),
        (["0a", "é"], False),
        ([], True),
    ],
)
def test_an_alphabet_holds_what_its_pattern_matches(texts: list[str | None], held: bool) -> None:
    known = alphabet("^[0-9a-f]{2}$")
    assert known is not None
    assert known.holds(pa.array(texts, pa.string())) is held
    # A slice begins in the middle of its memory.
    assert known.holds(pa.array(["zz", *texts], pa.string()).slice(1)) is held


@pytest.mark.parametrize("pattern", ["^[0-9]+$", "^(a|b)$", "[0-9]{2}", None, "^[^a]{2}$"])
def test_other_patterns_are_no_alphabet(pattern: str | None) -> None:
    assert alphabet(pattern) is None
