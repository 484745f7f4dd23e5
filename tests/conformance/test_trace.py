"""Traces: what is written is what is read, and one changed bit is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.observations import assemble
from mfgstd_conformance import formats
from mfgstd_conformance.errors import TraceBroken
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.trace import Trace, TraceWriter


@pytest.fixture
def folder(tmp_path: Path, plan: Plan) -> Path:
    """A trace of two documents, one of which cannot be read, and three rows."""
    with TraceWriter(tmp_path / "trace", plan=plan, seed=plan.draw_seed()) as writer:
        writer.event("product", "product.capabilities", None, declared=["numbers"])
        writer.event("driver", "session.started", "s", wire="shdr", role="live", driver="test")
        document = b'{"id": "urn:example:1",\n "level": "site", "n": 1.0}'
        writer.document("s", document, schema="https://w3id.org/mfgstd/equipment/equipment/1")
        writer.document("s", b'{"a": NaN}')
        columns = {"data_item": "urn:example:x", "kind": "number", "status": "good",
                   "number": np.array([1.0, 2.0, 3.0]), "source": "urn:example:s"}  # fmt: skip
        writer.observations("s", assemble(np.arange(3, dtype=np.int64) * 1_000_000_000, columns))
        writer.event("product", "product.ended", "s", how="asked", seconds=0.1)
    return tmp_path / "trace"


def test_what_is_written_is_what_is_read(folder: Path, plan: Plan) -> None:
    trace = Trace.open(folder)
    (delivery,) = trace.deliveries

    assert trace.manifest["plan"] == plan.digest
    assert trace.declared == ("numbers",)
    assert trace.documents("equipment") == [{"id": "urn:example:1", "level": "site", "n": 1.0}]
    assert [each["reason"] for each in trace.events("product.raw")] == ["json"]
    assert trace.observations["number"].to_pylist() == [1.0, 2.0, 3.0]
    assert delivery.rows == 3


def test_every_event_and_the_manifest_fulfil_their_formats(folder: Path) -> None:
    for line in (folder / "events.jsonl").read_bytes().splitlines():
        assert list(formats.violations("trace-event", json.loads(line))) == []
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert list(formats.violations("manifest", manifest)) == []


def test_a_document_keeps_the_digits_that_the_product_wrote(folder: Path) -> None:
    assert b'"n": 1.0}' in (folder / "events.jsonl").read_bytes()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_changed_bit_in_any_file_is_noticed(folder: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    whole = path.read_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    digest = Trace.open(folder).digest
    path.write_bytes(bytes(changed))
    try:
        # A manifest may change into another one; then its own digest, which is certified, differs.
        assert Trace.open(folder).digest != digest
        assert path.name == "manifest.json"
    except TraceBroken:
        pass
    finally:
        path.write_bytes(whole)


def test_a_file_that_nobody_signed_for_is_noticed(folder: Path) -> None:
    (folder / "observations-00009.parquet").write_bytes(b"more")
    with pytest.raises(TraceBroken, match="not in the manifest"):
        Trace.open(folder)


def test_a_folder_without_a_manifest_is_no_trace(tmp_path: Path) -> None:
    with pytest.raises(TraceBroken):
        Trace.open(tmp_path)
