"""Many documents and whole tables: one report, equal to what each document gets by itself."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd import (
    Finding,
    Severity,
    UnknownSchema,
    UsageError,
    validate,
    validate_many,
    validate_table,
)
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.observations import SCHEMA
from mfgstd.validation.run import over_documents
from mfgstd.validation.run.workers import Workers


@pytest.fixture(scope="module")
def examples(checkout: Path) -> list[Any]:
    """Every example of the standard, the invalid ones too."""
    found = []
    for path in sorted((checkout / "schemas" / "examples").rglob("*.json")):
        example = json.loads(path.read_bytes())
        found.append(example if path.parent.name == "valid" else example["document"])
    return found


def test_a_report_is_the_sum_of_what_validate_says(examples: list[Any]) -> None:
    report = validate_many(examples, together=False, limit=10_000)
    said = [
        replace(finding, source=Place(row=number))
        for number, document in enumerate(examples)
        for finding in (
            validate(document)
            if isinstance(document, dict)
            else validate(json.dumps(document).encode())
        )
    ]
    assert [replace(each, source=Place(row=each.source.row)) for each in report.findings] == said
    assert report.documents == len(examples)
    assert report.counts == Counter((each.rule, each.severity) for each in said)
    assert report.valid.total() > 100
    assert report.invalid.total() > 100


def test_text_and_values_and_processes_give_the_same(examples: list[Any]) -> None:
    texts = [json.dumps(each) for each in examples]
    ways = [
        validate_many(examples),
        validate_many([each.encode() for each in texts], processes=0),
        validate_many(iter(texts), processes=2),
        validate_many(
            [
                each if at % 3 else text
                for at, (each, text) in enumerate(zip(examples, texts, strict=True))
            ]
        ),
    ]
    for each in ways[1:]:
        assert each.valid == ways[0].valid
        assert each.invalid == ways[0].invalid
        assert each.counts == ways[0].counts
        assert each.not_judged == ways[0].not_judged
        places = [(f.rule, f.pointer, f.source.row) for f in each.findings]
        assert sorted(places[:50]) == sorted(
            (f.rule, f.pointer, f.source.row) for f in ways[0].findings[:50]
        )


def test_workers_help_once_there_is_much(
    examples: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hired = []
    started = Workers

    def hire(how: Any, processes: int | None = None) -> Any:
        hired.append(processes)
        return started(how, 1 if processes is None else processes)

    monkeypatch.setattr(over_documents, "Workers", hire)
    texts = [json.dumps(each) for each in examples]
    few = validate_many(texts)
    assert hired == [0]
    monkeypatch.setattr(over_documents, "_MUCH", 100_000)
    monkeypatch.setattr(over_documents, "_CHUNK", 50_000)
    assert validate_many(texts).counts == few.counts
    assert hired == [0, 0, None]


def test_findings_of_text_have_line_and_column_inside_it(gap: dict[str, Any]) -> None:
    text = json.dumps(gap | {"id": 5}, indent=1)
    (found,) = validate_many([json.dumps(gap), text]).findings
    assert found.source.row == 1
    assert text.splitlines()[(found.source.line or 0) - 1].strip() == '"id": 5,'


def test_documents_are_judged_together_unless_told_not_to(checkout: Path) -> None:
    folder = checkout / "schemas" / "examples" / "equipment" / "observation" / "valid"
    first = json.loads(min(folder.glob("*.json")).read_bytes())
    first |= {"source": "urn:x:agent", "epoch": "1", "sequence": 1, "eventId": "0" * 32}
    after = first | {"sequence": 3, "eventId": "1" * 32}
    rule = "equipment.observation.sequence-has-no-gap"
    assert validate_many([first, after]).rules[rule] == 1
    assert validate_many([json.dumps(first), json.dumps(after)]).rules[rule] == 1
    assert validate_many([first, after], together=False).rules[rule] == 0
    assert validate_many([first, after], strictness="tolerant").rules[rule] == 0


def test_only_as_many_as_wanted_are_explained_and_all_are_counted(gap: dict[str, Any]) -> None:
    report = validate_many([gap | {"id": 5}] * 30, limit=7)
    assert len(report.findings) == 7
    assert report.rules == {"schema.type": 30}
    assert report.invalid == {"Gap": 30}
    assert report.unexplained == 23
    assert not report.conforms


def test_what_no_json_can_hold_is_a_finding(gap: dict[str, Any]) -> None:
    report = validate_many([gap, gap | {"id": {1, 2}}, gap | {"count": float("nan")}])
    assert report.rules == {"json.type": 1, "json.nan": 1}
    assert [each.source.row for each in report.findings] == [1, 2]


def test_a_stream_is_not_held(gap: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_documents, "_TEXTS", 10)
    begun, line = [], json.dumps(gap)

    def stream() -> Iterator[str]:
        for number in range(1000):
            begun.append(number)
            yield line

    taken: list[int] = []
    take = over_documents._Run._take

    def watched(*given: Any) -> None:
        taken.append(len(begun))
        take(*given)

    monkeypatch.setattr(over_documents._Run, "_take", watched)
    assert validate_many(stream()).valid == {"Gap": 1000}
    assert max(read - 10 * done for done, read in enumerate(taken)) <= 50


@pytest.mark.parametrize("one", [b"{}", "{}", {}])
def test_a_single_document_is_a_mistake_of_the_caller(one: Any) -> None:
    with pytest.raises(UsageError, match="one document"):
        validate_many(one)


def test_an_unknown_schema_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(UnknownSchema):
        validate_many([], schema="nothing")
    with pytest.raises(UnknownSchema):
        validate_table("x.parquet", schema="nothing")


def test_nothing_at_all_does_not_conform() -> None:
    assert not validate_many([]).conforms


def _rows() -> pa.Table:
    one = dict.fromkeys(SCHEMA.names) | {
        "data_item": "https://plant.example/x",
        "event_time": datetime(2026, 1, 1, tzinfo=UTC),
        "time_quality": "synchronized",
        "kind": "number",
        "number": 1.5,
        "unit": "mm",
        "status": "good",
        "source": "urn:example:agent",
        "event_id": "0" * 32,
    }
    rows = [one | {"event_id": f"{at:032x}"} for at in range(5)]
    rows[3] = rows[3] | {"data_item": "no uri"}
    return pa.Table.from_pylist(rows, SCHEMA)


def test_a_table_gives_the_same_report_by_whatever_way_it_comes(tmp_path: Path) -> None:
    table = _rows()
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path)
    ways = [
        validate_table(path),
        validate_table(str(path)),
        validate_table(table),
        validate_table(table.to_reader(2)),
        validate_table(table.combine_chunks().to_batches()[0]),
    ]
    for report in ways:
        assert report.valid == {"Observation": 4}
        assert report.invalid == {"Observation": 1}
        (found,) = report.findings
        assert (found.rule, found.pointer) == ("schema.format", "/dataItem")
        assert found.source.row == 3
    assert ways[0].findings[0].source.path == str(path)
    assert ways[2].findings[0].source.path is None
    assert ways[2].sources[0].path is None


def test_a_null_where_none_may_be_is_a_finding_and_no_error() -> None:
    table = _rows()
    nulls = pa.array([None, "urn:x:y", "urn:x:y", "urn:x:y", "urn:x:y"])
    at = table.schema.get_field_index("source")
    report = validate_table(table.set_column(at, table.schema.field(at), nulls))
    assert {each.source.row for each in report.findings} == {0, 3}
    assert report.invalid == {"Observation": 2}


def test_an_ibis_table_is_a_table() -> None:
    ibis = pytest.importorskip("ibis")
    report = validate_table(ibis.memtable(_rows()))
    assert report.invalid == {"Observation": 1}


def test_what_is_no_table_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(UsageError, match="A list is no table"):
        validate_table([1])


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - made just now


def test_a_report_and_its_findings_can_be_sent_and_written(examples: list[Any]) -> None:
    report = validate_many(examples, limit=10_000)
    assert pickled(report) == report
    assert json.loads(json.dumps(report.to_json())) == report.to_json()
    assert len(report.findings) > 200
    for each in report.findings:
        assert Finding.from_json(json.loads(json.dumps(each.to_json("both")))) == each
        assert hash(pickled(each)) == hash(each)
        korean = Finding.from_json(each.to_json("ko"))
        assert korean.message == (each.message.ko, each.message.ko)
        assert korean.to_json("ko") == each.to_json("ko")


def test_every_part_of_a_place_comes_back() -> None:
    full = Place(path="x", line=1, column=2, row=3, row_group=4, item="y")
    assert len(full.to_json()) == len(Place.__slots__)
    assert Place.from_json(full.to_json()) == full
    assert Place.from_json({"line": 3, "of-a-newer-version": 1}) == Place(line=3)


@pytest.mark.parametrize("wrong", [{}, {"rule": "x"}, {"rule": 1, "message": 2}, [], "x"])
def test_what_is_no_finding_is_not_read_as_one(wrong: Any) -> None:
    with pytest.raises(ValueError, match="no finding"):
        Finding.from_json(wrong)


def test_a_finding_is_a_value() -> None:
    one, two = (Finding(rule="x", message=Text("a", "가")) for _ in range(2))
    assert {one, two} == {one}
    assert one.severity is Severity.ERROR


def test_an_engine_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no engine"):
        validate_many([], engine="warp")  # type: ignore[arg-type] # that is the point
    with pytest.raises(UsageError, match="no engine"):
        validate_table(tmp_path, engine="warp")  # type: ignore[arg-type] # that is the point
