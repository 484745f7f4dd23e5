"""A run counts, tells and writes down the same, whatever its input is written as."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from mfgstd.errors import UsageError
from mfgstd.finding import Finding, Severity
from mfgstd.observations import assemble
from mfgstd.standard import catalogue
from mfgstd.validation import Strictness
from mfgstd.validation.run.options import Options
from mfgstd.validation.run.over_files import check
from mfgstd.validation.run.report import Report
from mfgstd.validation.sources.paths import find


def _checked(*paths: Path | str, **options: Any) -> tuple[Report, list[Finding]]:
    report = Report()
    told = list(check(find([str(each) for each in paths], report), Options(**options), report))
    assert told == report.findings
    return report, told


def _write_observations(path: Path) -> None:
    instants = 1_709_600_000_000_000_000 + np.arange(100) * 1_000_000
    columns = {
        "data_item": pa.array(["https://plant.example.co.kr/cnc-07/Xabs"] * 100),
        "kind": pa.array(["number"] * 100),
        "number": pa.array(np.arange(100, dtype=np.float64)),
        "status": pa.array(["good"] * 100),
        "source": pa.array(["https://plant.example.co.kr/agent"] * 100),
        "epoch": pa.array(["1"] * 100),
        "sequence": pa.array(np.arange(100)),
    }
    pq.write_table(pa.Table.from_batches([assemble(instants, columns)]), path)


def _zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, "zstd", asbytes=True)
    return packed


PACKINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("", bytes),
    (".gz", gzip.compress),
    (".zst", _zstd),
    (".zstd", _zstd),
]


@pytest.mark.parametrize(("suffix", "pack"), PACKINGS, ids=[each[0] for each in PACKINGS])
@pytest.mark.parametrize("name", ["a.ndjson", "a.jsonl"])
def test_lines_are_read_whatever_they_are_packed_in(
    tmp_path: Path, gap: dict[str, Any], name: str, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / (name + suffix)
    wrong = {**gap, "outcome": "lots"}
    path.write_bytes(pack("\n".join(map(json.dumps, [gap, wrong, gap])).encode()))
    report, told = _checked(path)
    assert (report.valid, report.invalid) == ({"Gap": 2}, {"Gap": 1})
    assert [(each.rule, each.source.line) for each in told] == [("schema.enum", 2)]
    assert report.size == path.stat().st_size


@pytest.mark.parametrize(("suffix", "pack"), PACKINGS, ids=[each[0] for each in PACKINGS])
def test_documents_and_tables_of_text_are_unpacked(
    tmp_path: Path, gap: dict[str, Any], suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    names = [each for each in gap if each != "$schema"]
    cells = ",".join(names) + "\n" + ",".join(gap[each] for each in names)
    (tmp_path / f"a.csv{suffix}").write_bytes(pack(cells.encode()))
    (tmp_path / f"b.json{suffix}").write_bytes(pack(json.dumps(gap, indent=1).encode()))
    report, told = _checked(tmp_path)
    assert report.valid == {"Gap": 2}
    assert not told


def test_a_cut_zstd_is_judged_up_to_the_cut(tmp_path: Path, gap: dict[str, Any]) -> None:
    path = tmp_path / "a.ndjson.zst"
    lines = [json.dumps({**gap, "id": f"urn:x:{number}"}) for number in range(20_000)]
    data = _zstd("\n".join(lines).encode())
    path.write_bytes(data[: len(data) // 2])
    report, told = _checked(path)
    assert [each.rule for each in told] == ["file.truncated"]
    assert told[0].source.line == report.documents + 1
    assert report.documents > 1_000


def test_a_csv_finding_has_its_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        "equipment.id,equipment.kind,kind,value,eventTime\n"
        "urn:example:m1,Equipment,processed,12a,2026-02-03T00:00:00Z\n"
        "urn:example:m1,Equipment,processed,13,2026-02-03T00:00:01Z\n"
        "urn:example:m1,Equipment,processed\n"
        "urn:example:m1,Equipment,,13,2026-02-03T00:00:01Z\n"
    )
    report, told = _checked(path)
    assert [(e.rule, e.source.line, e.source.item, e.source.column) for e in told] == [
        ("schema.type", 2, "value", None),
        ("csv.fields", 4, None, None),
        ("schema.required", 5, "kind", None),
    ]
    assert (report.valid, report.invalid) == (
        {"CounterReading": 1},
        {"CounterReading": 2, "": 1},
    )
    assert str(told[0].source) == f"{path}:2 (value)"


def test_rules_about_several_documents_are_asked_over_all_files(tmp_path: Path) -> None:
    reading = {
        "$schema": "https://w3id.org/mfgstd/equipment/observation/1",
        "dataItem": "urn:x:a",
        "quality": {"status": "good"},
        "value": {"number": 1},
        "source": "urn:x:s",
        "epoch": "1",
    }
    for number, sequence in enumerate([1, 2, 5]):
        text = json.dumps(
            {**reading, "eventTime": f"2026-02-03T00:00:0{number}Z", "sequence": sequence}
        )
        (tmp_path / f"{number}.json").write_text(text)
    every, told = _checked(tmp_path)
    assert [(each.rule, each.source.path) for each in told] == [
        ("equipment.observation.sequence-has-no-gap", str(tmp_path / "2.json"))
    ]
    assert every.valid == {"Observation": 3}
    for rules in ("record", "none"):
        assert not _checked(tmp_path, rules=rules)[1]
    assert not _checked(tmp_path, strictness=Strictness.TOLERANT)[1]


def test_rules_without_a_partner_in_the_run_are_named(checkout: Path) -> None:
    folder = checkout / "schemas" / "examples" / "process" / "job-response" / "valid"
    report, told = _checked(folder)
    assert report.conforms
    assert not told
    assert report.not_judged
    assert not _checked(folder, rules="record")[0].not_judged


def test_warnings_are_told_and_do_not_make_data_invalid(
    tmp_path: Path, gap: dict[str, Any]
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(gap).encode())
    report, told = _checked(path)
    assert [each.severity for each in told] == [Severity.WARNING]
    assert report.conforms
    assert report.valid == {"Gap": 1}


@pytest.mark.parametrize("limit", [0, 1, 7, 1000])
def test_every_finding_is_counted_and_written_however_few_are_told(
    tmp_path: Path, gap: dict[str, Any], limit: int
) -> None:
    path = tmp_path / "a.ndjson"
    wrong = {**gap, "outcome": "lots", "x": 1}
    lines = [json.dumps(wrong), "{", json.dumps(gap), json.dumps({**gap, "id": 5})] * 50
    path.write_text("\n".join(lines))
    (tmp_path / "b.json").write_text("")
    out = tmp_path / "found.parquet"
    report, told = _checked(path, tmp_path / "b.json", max_findings=limit, findings=out)
    assert report.counts.total() == 50 * 4 + 1
    assert len(told) == min(limit, 201)
    assert report.not_told == 201 - len(told)
    rows = pq.read_table(out).to_pylist()
    assert len(rows) == 201
    assert [(each["position"], each["rule"]) for each in rows[:4]] == [
        (1, "schema.enum"),
        (1, "schema.unknown-field"),
        (2, "json.syntax"),
        (4, "schema.type"),
    ]
    assert {each["path"] for each in rows} == {str(path), str(tmp_path / "b.json")}
    explained = [each for each in rows if each["message"] is not None]
    assert len(explained) >= len(told)
    assert list(tmp_path.glob(".*")) == []


def test_findings_that_cannot_be_written_are_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        _checked(tmp_path, findings=tmp_path / "no such folder" / "found.parquet")


def test_no_half_file_of_findings_is_left_behind(tmp_path: Path, gap: dict[str, Any]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(gap))
    paths = [tmp_path / "gone.json", tmp_path / "a.json"]
    telling = check(paths, Options(findings=tmp_path / "found.parquet"), Report())
    next(iter(telling))
    with pytest.raises(KeyboardInterrupt):
        telling.throw(KeyboardInterrupt)  # type: ignore[attr-defined] # it is a generator
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.json"]


def test_findings_never_replace_what_is_checked(tmp_path: Path, gap: dict[str, Any]) -> None:
    path = tmp_path / "gaps.json"
    path.write_text(json.dumps(gap))
    (tmp_path / "link.parquet").symlink_to(path)
    for findings in (path, tmp_path / "link.parquet"):
        with pytest.raises(UsageError, match="would replace"):
            _checked(path, findings=findings)
    assert json.loads(path.read_text()) == gap


def test_a_folder_is_no_place_for_findings_and_that_is_said_at_once(
    tmp_path: Path, gap: dict[str, Any]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(gap))
    (tmp_path / "found").mkdir()
    report = Report()
    with pytest.raises(UsageError, match="Is a directory"):
        list(check([tmp_path / "a.json"], Options(findings=tmp_path / "found"), report))
    assert not report.files


def test_a_file_that_cannot_be_opened_does_not_stop_the_rest(
    tmp_path: Path, gap: dict[str, Any]
) -> None:
    (tmp_path / "b.json").write_text(json.dumps(gap))
    report = Report()
    options = Options(findings=tmp_path / "found.parquet")
    told = list(check([tmp_path / "gone.json", tmp_path / "b.json"], options, report))
    assert [each.rule for each in told] == ["file.unreadable"]
    assert told[0].source.path == str(tmp_path / "gone.json")
    assert report.valid.total() == 1
    assert not report.conforms


@pytest.mark.parametrize("suffix", ["json", "ndjson.gz", "csv", "parquet", "arrow"])
@pytest.mark.parametrize("to", ["nowhere", "itself"])
def test_a_link_to_nothing_is_a_finding_and_the_rest_goes_on(
    tmp_path: Path, gap: dict[str, Any], suffix: str, to: str
) -> None:
    link = tmp_path / f"itself.{suffix}"
    link.symlink_to(link.name if to == "itself" else to)
    (tmp_path / "z.json").write_text(json.dumps(gap))
    report, told = _checked(tmp_path)
    assert [(each.rule, each.source.path) for each in told] == [("file.unreadable", str(link))]
    assert report.valid["Gap"] == 1
    assert not report.conforms


@pytest.mark.parametrize("name", ["book.xlsx", "book.csv", "book.json"])
def test_a_workbook_is_told_by_its_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04\x14\0\x06\0")
    _, told = _checked(tmp_path / name)
    assert [each.rule for each in told] == ["file.format"]


@pytest.mark.parametrize("engine", ["row", "duckdb"])
@pytest.mark.parametrize("column", ["status", "boolean", "text"])
def test_a_damaged_column_is_found_whoever_judges_and_the_rest_goes_on(
    tmp_path: Path, gap: dict[str, Any], engine: str, column: str
) -> None:
    path = tmp_path / "a.parquet"
    _write_observations(path)
    place = pq.read_schema(path).get_field_index(column)
    about = pq.ParquetFile(path).metadata.row_group(0).column(place)
    at = about.data_page_offset if about.dictionary_page_offset is None else None
    at = about.dictionary_page_offset if at is None else at
    data = bytearray(path.read_bytes())
    data[at : at + about.total_compressed_size] = b"\xff" * about.total_compressed_size
    path.write_bytes(data)
    (tmp_path / "b.json").write_text(json.dumps(gap))
    report, told = _checked(tmp_path, engine=engine)
    assert [each.rule for each in told] == ["file.damaged"]
    assert report.valid["Gap"] == 1
    assert not report.conforms


def test_each_source_is_accounted_for(tmp_path: Path, gap: dict[str, Any]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(gap))
    (tmp_path / "b.ndjson").write_text(json.dumps(gap) + "\n{}\n")
    report, _ = _checked(tmp_path)
    assert [(e.format, e.engine, e.valid, e.invalid, e.findings) for e in report.sources] == [
        ("json", "row", 1, 0, 0),
        ("ndjson", "row", 1, 1, 1),
    ]
    assert report.seconds > 0


def test_standard_input_may_be_compressed(
    monkeypatch: pytest.MonkeyPatch, gap: dict[str, Any]
) -> None:
    data = gzip.compress(json.dumps(gap).encode() + b"\n{}\n")

    class _Stdin:
        buffer = io.BufferedReader(io.BytesIO(data))

    monkeypatch.setattr("sys.stdin", _Stdin)
    report, told = _checked("-")
    assert (report.valid.total(), report.invalid.total()) == (1, 1)
    assert [(each.source.path, each.source.line) for each in told] == [("<stdin>", 2)]


def _observations(count: int = 5_000) -> pa.Table:
    batch = assemble(
        np.arange(count, dtype=np.int64) * 1_000_000_007 + 1_700_000_000_000_000_000,
        {
            "data_item": "urn:example:x",
            "kind": "number",
            "number": np.arange(count, dtype=np.float64),
            "unit": "mm",
            "status": "good",
            "source": "urn:example:agent",
        },
    )
    return pa.Table.from_batches([batch])


def _hurt(table: pa.Table, row: int) -> pa.Table:
    values = table["status"].to_pylist()
    values[row] = "fine"
    at = table.schema.get_field_index("status")
    return table.set_column(at, table.schema.field(at), pa.array(values, pa.string()))


def _as_file(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, 1000)


def _as_stream(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, 1000)


def _as_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, row_group_size=1000)


@pytest.mark.parametrize("name", ["a.arrow", "a.feather", "a.ipc", "a"])
@pytest.mark.parametrize("write", [_as_file, _as_stream, _as_parquet])
def test_tables_are_judged_whatever_they_are_written_as(
    tmp_path: Path, name: str, write: Callable[[pa.Table, Path], None]
) -> None:
    if write is _as_parquet and name != "a":
        name = "a.parquet"
    write(_hurt(_observations(), 3_500), tmp_path / name)
    report, told = _checked(tmp_path / name)
    assert (report.valid, report.invalid) == ({"Observation": 4_999}, {"Observation": 1})
    assert [(each.rule, each.pointer, each.source.row) for each in told] == [
        ("schema.enum", "/quality/status", 3_500)
    ]
    assert told[0].source.row_group == (3 if write is _as_parquet else None)


def test_a_table_of_any_entity_is_judged_as_its_documents(
    tmp_path: Path, gap: dict[str, Any]
) -> None:
    columns = {name: [value] * 3 for name, value in gap.items() if name != "$schema"}
    columns["outcome"] = ["lost", "lots", "lost"]
    instants = pa.array([0, 1, 2], pa.timestamp("us", "UTC"))
    table = pa.table({**columns, "from": instants})
    pq.write_table(table, tmp_path / "a.parquet")
    report, told = _checked(tmp_path / "a.parquet")
    assert (report.valid, report.invalid) == ({"Gap": 2}, {"Gap": 1})
    assert [(each.rule, each.pointer, each.source.row) for each in told] == [
        ("schema.enum", "/outcome", 1)
    ]


def test_a_table_may_name_its_schema_in_its_metadata(tmp_path: Path, gap: dict[str, Any]) -> None:
    # Too few columns to tell by.
    for named, rule in ((gap["$schema"], "schema.required"), ("urn:x:no", "schema.unknown")):
        table = pa.table({"reason": ["sequence_jump"]})
        table = table.replace_schema_metadata({"mfgstd.schema": named})
        pq.write_table(table, tmp_path / "a.parquet")
        _, told = _checked(tmp_path / "a.parquet")
        assert {each.rule for each in told} == {rule}
    pq.write_table(table.replace_schema_metadata(None), tmp_path / "a.parquet")
    assert [each.rule for each in _checked(tmp_path / "a.parquet")[1]] == ["schema.undeclared"]
    _, told = _checked(tmp_path / "a.parquet", schema=catalogue().find("gap"))
    assert {each.rule for each in told} == {"schema.required"}


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather"])
@pytest.mark.parametrize("data", [b"", b"hello", b"ARROW1\0\0", b"PAR1", b"\xff\xff\xff\xff\x10\0"])
def test_a_table_that_cannot_be_read_is_damaged(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    report, told = _checked(tmp_path / name)
    assert [each.rule for each in told] == ["file.damaged"]
    assert not report.conforms
