"""``mfgstd validate`` as users meet it: files, folders, Parquet, JSON out, both strictnesses."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.observations import assemble

Run = Callable[..., "subprocess.CompletedProcess[str]"]

GAP: dict[str, Any] = {
    "$schema": "https://w3id.org/mfgstd/equipment/gap/1",
    "id": "urn:uuid:0190a7c8-1f2e-7abc-8def-0123456789ab",
    "source": "urn:example:agent",
    "from": "2026-02-03T00:00:00Z",
    "to": "2026-02-03T00:00:05Z",
    "reason": "sequence_jump",
    "outcome": "lost",
}
ENVELOPE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:example:agent",
    "type": "org.mfgstd.equipment.gap.recorded.v1",
    "time": "2026-02-03T00:00:05Z",
    "dataschema": GAP["$schema"],
    "data": {name: value for name, value in GAP.items() if name != "$schema"},
}


def _result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(done.stdout)
    assert done.stderr == ""
    assert result["exitCode"] == done.returncode
    return result


def test_a_good_document_conforms(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "gap.json"
    path.write_text(json.dumps(GAP, indent=2))
    done = mfgstd("validate", path)
    assert done.returncode == 0
    assert "Conforms: 1 document in 1 file." in done.stdout


def test_a_finding_names_the_line_of_the_users_own_file(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "gap.json"
    path.write_text(json.dumps({**GAP, "outcome": "lots", "outcom": 1}, indent=2))
    done = mfgstd("validate", path)
    assert done.returncode == 1
    assert f"{path}:8:14: error:" in done.stdout
    assert "Did you mean: lost?" in done.stdout
    assert f"{path}:9:3: error:" in done.stdout


def test_folders_globs_and_compressed_files_are_searched(mfgstd: Run, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.json").write_text(json.dumps(GAP))
    (tmp_path / "deep" / "b.ndjson.gz").write_bytes(gzip.compress(json.dumps(GAP).encode() * 1))
    (tmp_path / "c.jsonl").write_text(json.dumps(ENVELOPE) + "\r\n\r\n" + json.dumps(GAP))
    (tmp_path / "notes.txt").write_text("not data")
    (tmp_path / ".hidden.json").write_text("{}")
    (tmp_path / "ledger.json").write_text("{}")
    result = _result(mfgstd("validate", tmp_path, "--json"))
    assert result["conforms"] is True
    assert (result["files"], result["documents"]) == (3, 4)
    assert result["kinds"] == {"Gap": {"valid": 4, "invalid": 0}}
    assert result["leftOut"] == [str(tmp_path / "ledger.json")]
    said = mfgstd("validate", tmp_path)
    assert f"Left out, not a document of the standard: {tmp_path / 'ledger.json'}" in said.stdout
    assert "Conforms: 4 documents in 3 files." in said.stdout
    globbed = _result(mfgstd("validate", f"{tmp_path}/**/*.json", "--json"))
    assert globbed["files"] == 2


def test_the_findings_of_one_run_are_no_data_of_the_next(mfgstd: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**GAP, "lots": 1}))
    found = tmp_path / "found.parquet"
    for _ in range(2):
        said = mfgstd("validate", tmp_path, "--findings", found, "--json")
        assert (said.returncode, _result(said)["documents"]) == (1, 1)
        assert pq.read_table(found)["pointer"].to_pylist() == ["/lots"]
    assert _result(said)["leftOut"] == [str(found)]
    assert mfgstd("validate", found).returncode == 1


def test_the_data_of_an_envelope_is_judged_by_the_schema_it_names(
    mfgstd: Run, tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson"
    wrong = {**ENVELOPE, "data": {**ENVELOPE["data"], "outcome": 5}}
    nobodys = {**ENVELOPE, "dataschema": "https://w3id.org/mfgstd/equipment/gapp/1"}
    primitive = {**ENVELOPE, "dataschema": "https://w3id.org/mfgstd/primitives/unit/1"}
    path.write_text("\n".join(map(json.dumps, [ENVELOPE, wrong, nobodys, primitive])))
    result = _result(mfgstd("validate", path, "--json"))
    found = [(e["rule"], e["pointer"], e["source"]["line"]) for e in result["findings"]]
    assert found == [
        ("schema.type", "/data/outcome", 2),
        ("schema.typed-by", "/dataschema", 3),
        ("schema.typed-by", "/dataschema", 4),
    ]
    assert "gap/1" in result["findings"][1]["hint"]


@pytest.mark.parametrize("engine", ["row", "referee", "fastjsonschema"])
def test_tolerant_ignores_unknown_fields_in_every_engine(
    mfgstd: Run, tmp_path: Path, engine: str
) -> None:
    path = tmp_path / "gap.json"
    path.write_text(json.dumps({**ENVELOPE, "data": {**ENVELOPE["data"], "x": 1}}))
    strict = _result(mfgstd("validate", path, "--engine", engine, "--json"))
    assert [each["pointer"] for each in strict["findings"]] == ["/data/x"]
    tolerant = mfgstd("validate", path, "--engine", engine, "--tolerant", "--json")
    assert _result(tolerant)["conforms"] is True


def test_an_extension_by_an_unknown_schema_is_accepted(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "gap.json"
    own = {"$schema": "https://vendor.example/spindle/1", "score": 1}
    path.write_text(json.dumps({**GAP, "extensions": {"com.vendor.spindle": own}}))
    assert mfgstd("validate", path).returncode == 0
    wrong = {"$schema": GAP["$schema"], "score": 1}
    path.write_text(json.dumps({**GAP, "extensions": {"com.vendor.spindle": wrong}}))
    result = _result(mfgstd("validate", path, "--json"))
    assert "/extensions/com.vendor.spindle/score" in {e["pointer"] for e in result["findings"]}


def test_the_schema_can_be_named_on_the_command_line(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "quantity.json"
    path.write_text('{"value": 25.4, "unit": "mm"}')
    assert mfgstd("validate", path).returncode == 1
    for name in ("quantity", "Quantity", "https://w3id.org/mfgstd/primitives/quantity/1"):
        assert mfgstd("validate", path, "--schema", name).returncode == 0
    path.write_text(json.dumps(GAP))
    assert "schema.mismatch" in mfgstd("validate", path, "--schema", "alarm").stdout


def test_many_findings_are_counted_but_not_all_told(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.ndjson"
    path.write_text(json.dumps({**GAP, "outcome": "lots"}) + "\n")
    path.write_text(path.read_text() * 50)
    result = _result(mfgstd("validate", path, "--max-findings", "10", "--json"))
    assert len(result["findings"]) == 10
    assert (result["invalid"], result["unexplained"]) == (50, 40)
    assert "--max-findings" in mfgstd("validate", path, "--max-findings", "10").stdout


def test_standard_input_is_read_as_ndjson(tmp_path: Path) -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "mfgstd", "validate", "-"],
        input=json.dumps(GAP) + "\n{}\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert "<stdin>:2:1" in done.stdout


def _observations(count: int = 40_000) -> pa.RecordBatch:
    return assemble(
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


def _write(path: Path, batch: pa.RecordBatch) -> Path:
    pq.write_table(pa.Table.from_batches([batch]), path)
    return path


def _replaced(batch: pa.RecordBatch, name: str, row: int, value: Any) -> pa.RecordBatch:
    values = batch[name].to_pylist()
    values[row] = value
    index = batch.schema.get_field_index(name)
    field = batch.schema.field(name).with_nullable(True)
    return batch.set_column(index, field, pa.array(values, field.type))


def test_parquet_observations_are_judged_row_by_row(mfgstd: Run, tmp_path: Path) -> None:
    path = _write(tmp_path / "observations.parquet", _observations())
    result = _result(mfgstd("validate", path, "--json"))
    assert result["conforms"] is True
    assert result["kinds"] == {"Observation": {"valid": 40_000, "invalid": 0}}


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("unit", "no unit", "schema."),
        ("status", "fine", "schema.enum"),
        ("data_item", "not a uri", "schema.format"),
        ("data_item", None, "schema.required"),
        ("source", None, "schema.required"),
        ("kind", "text", "observation.kind"),
        ("kind", "none", "observation.kind"),
        ("kind", "complex", "observation.kind"),
        ("number", None, "observation.kind"),
        ("text", "and a text", "observation.kind"),
        ("number", float("nan"), "json.nan"),
        ("event_time_ns", 1000, "schema.maximum"),
    ],
)
def test_a_bad_row_of_parquet_is_found_by_its_number(
    mfgstd: Run, tmp_path: Path, column: str, value: Any, rule: str
) -> None:
    batch = _replaced(_observations(20_000), column, 17_000, value)
    path = _write(tmp_path / "observations.parquet", batch)
    result = _result(mfgstd("validate", path, "--json"))
    assert (result["valid"], result["invalid"]) == (19_999, 1)
    assert {each["source"]["row"] for each in result["findings"]} == {17_000}
    assert any(each["rule"].startswith(rule) for each in result["findings"])


def test_columns_are_judged_before_rows(mfgstd: Run, tmp_path: Path) -> None:
    batch = _observations(10).drop_columns(["source"])
    batch = batch.append_column("colour", pa.array(["red"] * 10))
    batch = batch.set_column(0, "data_item", pa.array(range(10)))
    result = _result(mfgstd("validate", _write(tmp_path / "o.parquet", batch), "--json"))
    assert result["documents"] == 0
    assert {each["rule"] for each in result["findings"]} == {
        "schema.required",
        "schema.type",
        "schema.unknown-field",
    }


def test_a_parquet_file_without_rows_is_not_a_success(mfgstd: Run, tmp_path: Path) -> None:
    path = _write(tmp_path / "observations.parquet", _observations(1).slice(0, 0))
    result = _result(mfgstd("validate", path, "--json"))
    assert result["conforms"] is False
    assert [each["severity"] for each in result["findings"]] == ["warning"]


def test_the_account_names_engine_rules_and_sources(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "gap.ndjson"
    path.write_text(json.dumps(GAP) + "\n" + json.dumps({**GAP, "x": 1}))
    found = tmp_path / "found.parquet"
    result = _result(mfgstd("validate", path, "--json", "--rules", "record", "--findings", found))
    assert (result["engine"], result["rulesAsked"]) == ("auto", "record")
    assert result["severities"] == {"error": 1}
    assert result["bytes"] == path.stat().st_size
    (source,) = result["sources"]
    assert (source["format"], source["engine"], source["documents"]) == ("ndjson", "row", 2)
    assert pq.read_table(found).to_pylist()[0]["position"] == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rules", "some"], "--rules is one of all, record, none"),
        (["--encoding", "cp94"], "There is no encoding"),
        (["--master", "spark://x:7077"], "--engine spark"),
        (["--engine", "warp"], "There is no engine"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(
    mfgstd: Run, tmp_path: Path, options: list[str], said: str
) -> None:
    path = tmp_path / "gap.json"
    path.write_text(json.dumps(GAP))
    done = mfgstd("validate", path, *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_korean_spreadsheet_is_read_when_its_encoding_is_named(
    mfgstd: Run, tmp_path: Path
) -> None:
    path = tmp_path / "gaps.csv"
    names = [each for each in GAP if each != "$schema"]
    cells = [GAP[each] for each in names]
    text = ",".join([*names, "note"]) + "\n" + ",".join([*cells, "절삭유 부족"]) + "\n"
    path.write_bytes(text.encode("cp949"))
    refused = mfgstd("validate", path)
    assert refused.returncode == 1
    assert f"{path}:2: error:" in refused.stdout
    assert "--encoding cp949" in refused.stdout
    read = mfgstd("validate", path, "--encoding", "cp949")
    assert f"{path}:2 (note): error:" in read.stdout


def test_a_run_without_a_document_says_so_and_gives_no_count_of_none(
    mfgstd: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("colour\nred\n")
    done = mfgstd("validate", path)
    assert done.returncode == 1
    assert "no document could be checked (files: 1)" in done.stdout


def test_a_gap_that_an_invalid_document_leaves_is_explained(mfgstd: Run, tmp_path: Path) -> None:
    row = {
        "$schema": "https://w3id.org/mfgstd/equipment/observation/1",
        "dataItem": "urn:example:x",
        "eventTime": "2026-11-22T09:30:00Z",
        "quality": {"status": "good"},
        "value": {"number": 1},
        "source": "urn:example:agent",
        "epoch": "1",
    }
    rows = [row | {"sequence": number} for number in range(3)]
    rows[1]["quality"] = {"status": "fine"}
    path = tmp_path / "rows.ndjson"
    path.write_text("\n".join(map(json.dumps, rows)))
    said = mfgstd("validate", path).stdout
    assert "equipment.observation.sequence-has-no-gap" in said
    assert "Invalid documents took no part in rules about several documents" in said


def test_where_only_several_together_are_wrong_no_single_one_is_blamed(
    mfgstd: Run, tmp_path: Path
) -> None:
    batch = _replaced(_replaced(_observations(2), "sequence", 0, 5), "sequence", 1, 5)
    done = mfgstd("validate", _write(tmp_path / "twice.parquet", batch))
    assert done.returncode == 1
    assert (
        "Does not conform: each of 2 documents in 1 file is valid by itself; "
        "1 error about several together, or about a file.\n"
    ) in done.stdout
