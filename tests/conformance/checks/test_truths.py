"""Deliveries against the truth: each deviation falls into exactly one drawer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mfgstd_conformance.trace import Trace

Rows = Callable[..., dict[str, Any]]
Judge = Callable[[str, Trace], list[str]]
Traces = Callable[..., Trace]
Make = Callable[..., Any]

TRUE = (
    ("Xpos", 1, 31.3563), ("parts", 1, 4), ("program", 1, "00123"),
    ("Xpos", 2, 25.4), ("parts", 2, 5), ("program", 2, "하우징"),
    ("Xpos", 3, None), ("parts", 3, 6), ("program", 3, "7"),
    ("Xpos", 4, 1.0), ("parts", 4, 7), ("program", 4, "8"),
)  # fmt: skip
ABOUT = ("MFG-DLV-001", "MFG-DLV-002", "MFG-DLV-003", "MFG-UNT-003", "MFG-TXT-001", "MFG-TXT-002",
         "MFG-OBS-006")  # fmt: skip


def found(
    traces: Traces, judged: Judge, say: Make, reported: Make, delivered: list[dict[str, Any]]
) -> dict[str, list[str]]:
    reports = [reported(*each) for each in TRUE]
    for each in reports:
        if each["name"] == "Xpos":
            each["converted"] = ["s"]
    trace = traces(rows=delivered, then=say(*reports))
    return {each: rules for each in ABOUT if (rules := judged(each, trace))}


@pytest.fixture
def honest(rows: Rows) -> list[dict[str, Any]]:
    native = {each[:2]: str(each[2]) for each in TRUE}
    return [
        {**rows(*each), "native_value": "UNAVAILABLE" if each[2] is None else native[each[:2]]}
        for each in TRUE
    ]


def test_an_honest_delivery_has_nothing_against_it(
    traces: Traces, judged: Judge, say: Make, reported: Make, honest: list[dict[str, Any]]
) -> None:
    assert found(traces, judged, say, reported, honest) == {}


@pytest.mark.parametrize(
    ("index", "changes", "expected"),
    [
        (4, {"integer": 6}, {"MFG-DLV-001": ["truth.other-value"]}),
        (4, {"status": "uncertain"}, {"MFG-DLV-001": ["truth.other-status"]}),
        (4, {"at": 1_767_571_202_500_000_000}, {"MFG-DLV-001": ["truth.other-time"]}),
        (3, {"number": 25.0}, {"MFG-UNT-003": ["unit.inexact"]}),
        (2, {"text": "123"}, {"MFG-TXT-001": ["text.changed"]}),
        (5, {"text": "???"}, {"MFG-TXT-002": ["text.korean-lost"]}),
        (
            6,
            {"kind": "number", "number": 0.0, "status": "good", "native_value": None},
            {"MFG-OBS-006": ["observation.unavailable-with-value"]},
        ),
    ],
)
def test_each_deviation_is_told_once(
    index: int,
    changes: dict[str, Any],
    expected: dict[str, list[str]],
    traces: Traces,
    judged: Judge,
    say: Make,
    reported: Make,
    honest: list[dict[str, Any]],
) -> None:
    honest[index] |= changes
    assert found(traces, judged, say, reported, honest) == expected


def test_a_value_in_between_is_invented(
    traces: Traces, judged: Judge, say: Make, reported: Make, honest: list[dict[str, Any]]
) -> None:
    between = {**honest[4], "at": honest[4]["at"] + 500_000_000}
    assert found(traces, judged, say, reported, [*honest, between]) == {
        "MFG-DLV-002": ["truth.invented"]
    }


def test_a_report_that_is_left_out_is_missed(
    traces: Traces, judged: Judge, say: Make, reported: Make, honest: list[dict[str, Any]]
) -> None:
    del honest[4]
    assert found(traces, judged, say, reported, honest) == {"MFG-DLV-001": ["truth.missing"]}


def test_a_report_that_comes_twice_under_another_id_is_still_twice(
    traces: Traces, judged: Judge, say: Make, reported: Make, honest: list[dict[str, Any]]
) -> None:
    assert found(traces, judged, say, reported, [*honest, honest[4]]) == {
        "MFG-DLV-003": ["delivery.duplicate"]
    }


def test_the_source_s_own_unit_is_as_true_as_the_converted_one(
    traces: Traces, judged: Judge, say: Make, reported: Make, rows: Rows, items: Make
) -> None:
    native = {"value": "1.2345", "ucum": "[in_i]", "resolution": "127/50000"}
    report = reported("Xpos", 1, 31.3563, native=native, converted=["s"])
    row = {**rows("Xpos", 1, 1.2345), "unit": "[in_i]", "native_value": "1.2345"}
    documents = [("data-item", items("Xpos", unit="[in_i]"))]
    trace = traces(rows=[row], documents=documents, then=say(report))
    assert judged("MFG-UNT-003", trace) == []


def test_a_ledger_accounts_for_what_the_source_said(
    traces: Traces, judged: Judge, say: Make, reported: Make, honest: list[dict[str, Any]]
) -> None:
    stranger = reported("coolant_ph", 2, 8.1)
    del stranger["expected"]
    heard = say(*(reported(*each) for each in TRUE), stranger)

    def trace(**changes: Any) -> Trace:
        ledger = {"read": 13, "translated": 12, "rejected": 0, "unknown": {"coolant_ph": 1}}
        return traces(rows=honest, then=heard, ledger=ledger | changes)

    assert judged("MFG-DLV-004", trace()) == []
    assert judged("MFG-DLV-004", trace(read=14)) == ["ledger.unbalanced"]
    silent = trace(read=12, unknown={})
    assert judged("MFG-DLV-004", silent) == ["ledger.differs-from-truth"]
    assert judged("MFG-DLV-004", traces(rows=honest)) == ["ledger.missing"]


def test_a_hole_between_numbers_wants_a_gap(traces: Traces, judged: Judge, rows: Rows) -> None:
    def numbered(*numbers: int) -> list[dict[str, Any]]:
        return [
            {**rows("parts", n, n), "sequence": n, "epoch": "7", "native_value": str(n)}
            for n in numbers
        ]

    gap = {
        "id": "urn:example:g",
        "source": "urn:example:source",
        "epoch": "7",
        "from": "2026-01-05T00:00:03Z",
        "to": "2026-01-05T00:00:05Z",
        "reason": "buffer_overflow",
        "outcome": "lost",
        "fromSequence": 4,
        "toSequence": 5,
    }
    holed = numbered(1, 2, 3, 6, 7)

    assert judged("MFG-GAP-001", traces(rows=numbered(1, 2, 3, 4))) == []
    assert judged("MFG-GAP-001", traces(rows=holed)) == ["gap.undeclared-hole"]
    assert judged("MFG-GAP-001", traces(rows=holed, documents=[("gap", gap)])) == []
    wide = {**gap, "toSequence": 6}
    assert judged("MFG-GAP-002", traces(rows=holed, documents=[("gap", wide)])) == [
        "gap.covers-delivered"
    ]


def test_a_second_reading_that_differs_is_found(traces: Traces, judged: Judge, rows: Rows) -> None:
    first = [rows("parts", n, n) for n in range(1, 5)]
    assert judged("MFG-DLV-006", traces(rows=first, again=first)) == []
    other = [*first[:3], rows("parts", 4, 5)]
    assert "delivery.not-repeatable" in judged("MFG-DLV-006", traces(rows=first, again=other))
    assert judged("MFG-DLV-006", traces(rows=first)) == ["?"]


def test_a_product_that_does_not_end_is_found(traces: Traces, judged: Judge, rows: Rows) -> None:
    some = [rows("parts", 1, 1)]
    assert judged("MFG-DLV-005", traces(rows=some)) == []
    assert judged("MFG-DLV-005", traces(rows=some, ended=("killed", 10.0))) == ["delivery.no-end"]
    assert judged("MFG-DLV-005", traces(rows=some, ended=("by itself", 1.0))) == ["?"]


def test_capabilities_are_what_is_declared_and_what_is_seen(
    traces: Traces, judged: Judge, rows: Rows
) -> None:
    some = [rows("Xpos", 1, 1.5)]
    assert judged("MFG-CAP-001", traces(rows=some, declared=["numbers"])) == []
    assert judged("MFG-CAP-001", traces(rows=some, declared=["numbers", "alarms"])) == [
        "capability.not-observed"
    ]
    assert judged("MFG-CAP-002", traces(rows=some)) == ["capability.not-declared"]


def test_a_unit_that_the_source_states_may_not_be_lost(
    traces: Traces,
    judged: Judge,
    say: Make,
    reported: Make,
    honest: list[dict[str, Any]],
    items: Make,
) -> None:
    stated = [reported(*each) for each in TRUE]
    mute = [("data-item", items("Xpos", unit=None)), ("data-item", items("parts"))]
    for each in mute:
        each[1].pop("unit", None)
    bare = traces(rows=honest, then=say(*stated), master=False, documents=mute)
    assert judged("MFG-UNT-005", bare) == ["unit.lost"]
    assert judged("MFG-UNT-005", traces(rows=honest, then=say(*stated))) == []
    assert judged("MFG-UNT-005", traces(rows=honest)) == ["?"]
