"""The comparison must find what differs: data that is right, then spoilt one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.observations import SCHEMA
from mfgstd_conformance.peers.machine import Report
from mfgstd_conformance.peers.shop import SECOND, Shop
from mfgstd_conformance.peers.truth import Comparison, compare, identity

START = 1_767_571_200 * SECOND
BASE = "https://plant.example/"

Row = dict[str, Any]


def row_of(each: Report) -> Row:
    """The row that a faultless collection holds."""
    truth = each.truth
    assert truth is not None
    row: Row = dict.fromkeys(SCHEMA.names)
    row |= {
        "data_item": identity(BASE, each),
        "event_time": each.at // 1000,
        "event_time_ns": each.at % 1000,
        "kind": truth.kind,
        "unit": truth.unit,
        "status": truth.status,
        "reason": truth.reason,
        "native_status": truth.native_status,
        "source": "urn:test",
        "event_id": "",
    }
    if truth.kind == "decimal":
        row["decimal"] = str(truth.value)
    elif truth.kind != "none":
        nested = isinstance(truth.value, dict | tuple)
        row[truth.kind] = json.dumps(truth.value) if nested else truth.value
    return row


def is_series(each: Report) -> bool:
    return each.truth is not None and each.truth.kind == "number" and isinstance(
        each.truth.value, tuple
    )  # fmt: skip


@pytest.fixture
def collected(tmp_path: Path) -> Callable[[Callable[[list[Row]], object]], Comparison]:
    """Write a faultless collection of three cycles, spoilt by a function, and compare it."""
    shop = Shop(start=START)
    said = [each for _ in range(96) for each in shop.next_beat()]

    def write(spoil: Callable[[list[Row]], object]) -> Comparison:
        rows = [row_of(each) for each in said if each.truth and not is_series(each)]
        spoil(rows)
        columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
        table = pa.table(columns, schema=SCHEMA)
        pq.write_table(table, tmp_path / "observations.parquet")
        with (tmp_path / "events.ndjson").open("w") as out:
            for each in said:
                if is_series(each) and each.truth:
                    data = {
                        "dataItem": identity(BASE, each),
                        "values": each.truth.value,
                        "unit": each.truth.unit,
                    }
                    schema = "https://w3id.org/mfgstd/equipment/time-series-segment/1"
                    out.write(json.dumps({"dataschema": schema, "data": data}) + "\n")
        return compare(tmp_path, said, base=BASE, wire="shdr")

    return write


def first(rows: list[Row], **facts: object) -> Row:
    return next(row for row in rows if all(row[name] == value for name, value in facts.items()))


def test_faultless_data_is_all_equal(
    collected: Callable[[Callable[[list[Row]], object]], Comparison],
) -> None:
    result = collected(list.copy)
    assert result.differences == []
    assert result.values > 1000


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda rows: first(rows, number=31.3563).update(number=1.2345), "in truth 31.3563"),
        (lambda rows: first(rows, number=31.3563).update(number=31.35631), "in truth 31.3563"),
        (lambda rows: first(rows, unit="mm").update(unit="[in_i]"), "in truth 'mm'"),
        (lambda rows: first(rows, text="00123").update(text="123"), "in truth '00123'"),
        (
            lambda rows: first(rows, integer=2**53 + 1).update(integer=2**53),
            "in truth 9007199254740993",
        ),
        (
            lambda rows: first(rows, kind="decimal").update(decimal="18446744073709551616"),
            "in truth 18446744073709551615",
        ),
        (
            lambda rows: first(rows, kind="none").update(kind="number", number=0.0),
            "in truth 'none'",
        ),
        (lambda rows: first(rows, status="bad").update(reason="waiting"), "no_communication"),
        (
            lambda rows: first(rows, native_status="AL-1021|4|HIGH").update(native_status="||"),
            "AL-1021",
        ),
        (lambda rows: rows[5].update(event_time=0), "nothing was said at"),
        (lambda rows: rows.pop(200), "did not arrive"),
        (lambda rows: rows.clear(), "nothing was collected"),
    ],
)
def test_whatever_is_spoilt_is_found(
    spoil: Callable[[list[Row]], object],
    sentence: str,
    collected: Callable[[Callable[[list[Row]], object]], Comparison],
) -> None:
    result = collected(spoil)
    assert result.differing >= 1
    assert sentence in " ".join(result.differences)


def test_what_came_before_joining_and_after_leaving_is_not_missed(
    collected: Callable[[Callable[[list[Row]], object]], Comparison],
) -> None:
    def join_late_and_leave_early(rows: list[Row]) -> None:
        del rows[-40:]
        before = [row for row in rows if row["event_time"] < START // 1000 + 6_000_000]
        del rows[: len(before)]
        # Who joins is told what stands, whenever it was said.
        rows += {row["data_item"]: row for row in before}.values()

    result = collected(join_late_and_leave_early)
    assert result.differences == []
    assert result.values > 900


def test_what_stood_at_joining_is_missed(
    collected: Callable[[Callable[[list[Row]], object]], Comparison],
) -> None:
    def join_without_being_told(rows: list[Row]) -> None:
        rows[:] = [row for row in rows if row["event_time"] >= START // 1000 + 6_000_000]

    sentence = " ".join(collected(join_without_being_told).differences)
    assert "/km_prog: what was said" in sentence
