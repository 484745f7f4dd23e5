"""Rows judged by themselves: each law with rows that keep it and rows that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mfgstd_conformance.checks import all_checks
from mfgstd_conformance.registry import Kind, Registry
from mfgstd_conformance.trace import Trace

Rows = Callable[..., dict[str, Any]]
Judge = Callable[[str, Trace], list[str]]
Traces = Callable[..., Trace]


def test_every_automated_requirement_has_one_check_and_no_check_is_of_anything_else(
    registry: Registry,
) -> None:
    automated = {each.id for each in registry if each.kind is Kind.AUTOMATED}
    examined = [each.requirement for each in all_checks()]

    assert set(examined) == automated
    assert len(examined) == len(set(examined))


def test_nothing_delivered_passes_nothing(
    traces: Traces, judged: Judge, registry: Registry
) -> None:
    empty = traces(master=False, ended=None)
    for each in registry:
        if each.kind is Kind.AUTOMATED and not each.id.startswith("MFG-CAP"):
            assert judged(each.id, empty), each.id


GOOD = (("Xpos", 1, 1.5), ("parts", 1, 4), ("program", 1, "00123"), ("Xpos", 2, None))

BAD: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("MFG-OBS-002", "observation.no-value", {"number": None}),
    ("MFG-OBS-002", "observation.two-values", {"text": "1.5"}),
    ("MFG-OBS-004", "time.after-record", {"record_time": 1_767_571_190_000_000}),
    ("MFG-OBS-005", "observation.other-type", {"kind": "text", "number": None, "text": "1.5"}),
    ("MFG-OBS-006", "observation.unavailable-with-value", {"native_value": "UNAVAILABLE"}),
    ("MFG-OBS-006", "observation.none-not-bad", {"kind": "none", "number": None}),
    ("MFG-OBS-006", "observation.bad-without-reason", {"status": "bad"}),
    ("MFG-OBS-009", "event-id.wrong", {"event_id": "0" * 32}),
    ("MFG-OBS-010", "time.no-quality", {"time_quality": None}),
    ("MFG-OBS-011", "time.no-record", {"record_time": None}),
    ("MFG-UNT-002", "unit.other", {"unit": "[in_i]"}),
    ("MFG-UNT-002", "unit.other", {"unit": None}),
    ("MFG-OBS-001", "observation.undeclared-item", {"data_item": "urn:example:stranger"}),
    ("MFG-IDN-001", "identity.not-absolute", {"data_item": "Xpos"}),
    ("MFG-DOC-001", "schema.enum", {"time_quality": "good enough"}),
)


@pytest.mark.parametrize(("requirement", "rule", "changes"), BAD)
def test_one_wrong_row_is_found_by_the_requirement_it_concerns(
    requirement: str, rule: str, changes: dict[str, Any], traces: Traces, judged: Judge, rows: Rows
) -> None:
    right = [rows(*each) for each in GOOD]
    wrong = {**rows("Xpos", 3, 2.5), **changes}

    assert rule not in judged(requirement, traces(rows=right))
    assert rule in judged(requirement, traces(rows=[*right, wrong]))


def test_an_integer_beyond_64_bits_is_a_decimal_and_no_deviation(
    traces: Traces, judged: Judge, rows: Rows
) -> None:
    wide = {**rows("parts", 1, 4), "kind": "decimal", "integer": None, "decimal": str(2**64 - 1)}
    narrow = {**wide, "decimal": "7"}

    assert judged("MFG-OBS-005", traces(rows=[wide])) == []
    assert judged("MFG-OBS-005", traces(rows=[narrow])) == ["observation.other-type"]


def test_a_shared_event_id_is_told_from_a_repeated_report(
    traces: Traces, judged: Judge, rows: Rows
) -> None:
    first = {**rows("Xpos", 1, 1.5), "event_id": "a" * 32}
    other = {**rows("Xpos", 1, 2.5), "event_id": "a" * 32}

    shared, repeated = traces(rows=[first, other]), traces(rows=[first, first])

    assert judged("MFG-OBS-008", shared) == ["event-id.shared"]
    assert judged("MFG-DLV-003", shared) == []
    assert judged("MFG-OBS-008", repeated) == []
    assert judged("MFG-DLV-003", repeated) == ["delivery.duplicate"]
    replayed = [first, {**first, "replayed": True}]
    assert judged("MFG-DLV-003", traces(rows=replayed)) == []


def test_equal_samples_of_one_moment_are_told_apart_by_their_ordinal(
    traces: Traces, judged: Judge, rows: Rows
) -> None:
    trace = traces(rows=[rows("Xpos", 1, 1.5)] * 3)
    assert judged("MFG-OBS-009", trace) == []
    assert judged("MFG-DLV-003", trace) == []


def test_the_place_of_a_finding_is_the_supplier_s_tag_and_row(traces: Traces, rows: Rows) -> None:
    from mfgstd.finding import Finding
    from mfgstd_conformance.checks import checks_of

    trace = traces(rows=[rows("Xpos", 1, 1.5), {**rows("Xpos", 2, 2.5), "unit": "[in_i]"}])
    (check,) = checks_of("MFG-UNT-002")
    (finding,) = (each for each in check.run(trace) if isinstance(each, Finding))
    assert (finding.source.item, finding.source.row) == ("Xpos", 1)
