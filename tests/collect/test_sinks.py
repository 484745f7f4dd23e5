"""What the files of a collection look like to those who read them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.collect.durable import cut_torn_line
from mfgstd.collect.envelope import document_event, event_type, observation_events
from mfgstd.collect.sinks import ParquetSink
from mfgstd.observations import SCHEMA, assemble
from mfgstd.observations.documents import from_documents
from tests.collect.listed import ORIGIN, batch_of, numbers

WHEN = "2026-01-01T00:00:00Z"


def envelopes(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in observation_events(batch, ORIGIN, WHEN)]


def test_observations_travel_in_envelopes_of_at_most_500() -> None:
    found = envelopes(numbers(1201, 1))
    assert [len(each["data"]["observations"]) for each in found] == [500, 500, 201]
    first = found[0]
    assert first["specversion"] == "1.0"
    assert first["type"] == "org.mfgstd.equipment.observation_batch.recorded.v1"
    assert first["dataschema"] == "https://w3id.org/mfgstd/equipment/observation-batch/1"
    assert first["data"]["id"] == f"urn:uuid:{first['id']}"
    assert first["time"] == first["data"]["recordTime"] == WHEN


def test_a_batch_on_the_wire_becomes_the_same_rows_again() -> None:
    batch = numbers(1201, 1)
    again = [
        from_documents(
            each["data"]["observations"],
            source=each["data"]["source"],
            epoch=each["data"].get("epoch"),
        )
        for each in envelopes(batch)
    ]
    assert pa.Table.from_batches(again).equals(pa.Table.from_batches([batch]))


def test_an_observation_batch_has_one_source_and_one_epoch() -> None:
    epochs = ["1", "1", None, "2", "2", "1"]
    batch = assemble(
        np.arange(6, dtype=np.int64),
        {
            "data_item": "urn:example:item",
            "kind": "none",
            "status": "bad",
            "source": "urn:example:agent",
            "epoch": pa.array(epochs),
        },
    )
    found = [(e["data"].get("epoch"), len(e["data"]["observations"])) for e in envelopes(batch)]
    assert found == [(epoch, len(list(group))) for epoch, group in itertools.groupby(epochs)]


def test_no_rows_make_no_envelope() -> None:
    assert envelopes(numbers(0, 1)) == []


def test_a_document_written_down_later_is_the_same_event_and_a_changed_one_is_not() -> None:
    schema_id = "https://w3id.org/mfgstd/equipment/state-event/1"
    told = {"id": "urn:x", "eventTime": WHEN, "state": {"summary": "executing"}}
    first = document_event(schema_id, {**told, "recordTime": WHEN}, ORIGIN, WHEN)
    later = document_event(schema_id, {**told, "recordTime": "2027-01-01T00:00:00Z"}, ORIGIN, WHEN)
    changed = document_event(schema_id, {**told, "state": {"summary": "idle"}}, ORIGIN, WHEN)
    assert first["id"] == later["id"] != changed["id"]
    assert first["time"] == later["time"] == WHEN
    assert first["type"] == event_type(schema_id) == "org.mfgstd.equipment.state_event.recorded.v1"
    assert first["mfgadapter"] == "list/1"


def test_the_time_of_an_envelope_is_when_it_happened_and_failing_that_when_it_was_recorded() -> (
    None
):
    schema_id = "https://w3id.org/mfgstd/equipment/equipment/1"
    later = "2027-01-01T00:00:00Z"
    told = {"id": "urn:x", "level": "work_cell"}
    assert document_event(schema_id, told, ORIGIN, WHEN)["time"] == WHEN
    told["recordTime"] = later
    assert document_event(schema_id, told, ORIGIN, WHEN)["time"] == later
    told["eventTime"] = WHEN
    assert document_event(schema_id, told, ORIGIN, WHEN)["time"] == WHEN


def test_a_full_parquet_file_is_sealed_and_the_next_one_begun(tmp_path: Path) -> None:
    sink = ParquetSink(file_rows=250)
    sink.open(tmp_path)
    for position in range(1, 8):
        sink.write(batch_of(100, position), WHEN)
        sink.commit()
    assert [rows for _, rows in sink.files()] == [300, 300]
    sink.close()
    assert [(path.name, rows) for path, rows in sink.files()] == [
        ("observations.parquet", 300),
        ("observations_00002.parquet", 300),
        ("observations_00003.parquet", 100),
    ]
    table = pq.read_table(tmp_path / "observations.parquet")
    assert table.schema.equals(SCHEMA)
    assert not list(tmp_path.glob(".*"))


def test_an_old_parquet_file_is_sealed_however_small(tmp_path: Path) -> None:
    sink = ParquetSink(file_seconds=0)
    sink.open(tmp_path)
    for position in (1, 2):
        sink.write(batch_of(1, position), WHEN)
        sink.commit()
    assert [rows for _, rows in sink.files()] == [1, 1]
    sink.close()


def test_a_journal_whose_file_was_finished_is_not_read_twice(tmp_path: Path) -> None:
    sink = ParquetSink()
    sink.open(tmp_path)
    sink.write(batch_of(100, 1), WHEN)
    sink.commit()
    journal = tmp_path / ".observations-00001.arrows"
    kept = journal.read_bytes()
    sink.close()
    journal.write_bytes(kept)  # as if the process had died before it could delete it
    again = ParquetSink()
    again.open(tmp_path)
    again.close()
    assert [rows for _, rows in again.files()] == [100]


@pytest.mark.parametrize("cut", [0, 1, 7, 100, 2000, 20_000])
def test_a_torn_journal_yields_every_whole_batch_before_the_tear(cut: int, tmp_path: Path) -> None:
    sink = ParquetSink()
    sink.open(tmp_path)
    journal = tmp_path / ".observations-00001.arrows"
    sizes = [0]
    for position in (1, 2, 3):
        sink.write(batch_of(100, position), WHEN)
        sink.commit()
        sizes.append(journal.stat().st_size)
    content = journal.read_bytes()[: sizes[-1] - cut]
    sink.close()
    (tmp_path / "observations.parquet").unlink()
    journal.write_bytes(content)
    whole = sum(size <= len(content) for size in sizes[1:])
    again = ParquetSink()
    again.open(tmp_path)
    again.close()
    assert sum(rows for _, rows in again.files()) == 100 * whole


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"", b""),
        (b"whole\n", b"whole\n"),
        (b"whole\ntorn", b"whole\n"),
        (b"torn", b""),
        (b"whole\n" + b"x" * 200_000, b"whole\n"),
    ],
)
def test_only_a_torn_last_line_is_cut_off(content: bytes, kept: bytes, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(content)
    assert cut_torn_line(path) == len(content) - len(kept)
    assert path.read_bytes() == kept
