"""Documents judged: a fault speaks against the requirement that it concerns most, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mfgstd_conformance.checks.ucum import is_unit
from mfgstd_conformance.trace import Trace

Judge = Callable[[str, Trace], list[str]]
Traces = Callable[..., Trace]
Items = Callable[..., dict[str, Any]]

BASE = "https://plant.example/"
ABOUT = ("MFG-DOC-001", "MFG-IDN-001", "MFG-OBS-003", "MFG-STA-001", "MFG-UNT-001")

EVENT: dict[str, Any] = {
    "id": "urn:example:e1",
    "equipment": {"id": BASE + "m1"},
    "eventTime": "2026-01-05T00:00:01Z",
    "state": {"availability": "available"},
    "quality": {"status": "good"},
}
ALARM: dict[str, Any] = {
    "id": "urn:example:a1",
    "equipment": {"id": BASE + "m1"},
    "conditionId": BASE + "program#A-1",
    "active": True,
    "severity": 500,
    "eventTime": "2026-01-05T00:00:01Z",
    "raisedAt": "2026-01-05T00:00:01Z",
    "dataItem": BASE + "program",
    "native": {"code": "A-1"},
}
CLEARED = {**ALARM, "id": "urn:example:a2", "active": False, "clearedAt": "2026-01-05T00:00:09Z"}
GAP: dict[str, Any] = {
    "id": "urn:example:g1",
    "source": "urn:example:source",
    "from": "2026-01-05T00:00:01Z",
    "to": "2026-01-05T00:00:05Z",
    "reason": "buffer_overflow",
    "outcome": "lost",
}


@pytest.mark.parametrize(
    ("requirement", "changes"),
    [
        ("MFG-DOC-001", {"colour": "red"}),
        ("MFG-IDN-001", {"id": "event 1"}),
        ("MFG-OBS-003", {"eventTime": "2026-01-05T00:00:01"}),
        ("MFG-STA-001", {"state": {"availability": "sometimes"}}),
    ],
)
def test_one_fault_speaks_against_one_requirement(
    requirement: str, changes: dict[str, Any], traces: Traces, judged: Judge
) -> None:
    right = traces(documents=[("state-event", EVENT)])
    wrong = traces(documents=[("state-event", {**EVENT, **changes})])

    assert {each for each in ABOUT if judged(each, right)} == set()
    assert {each for each in ABOUT if judged(each, wrong)} == {requirement}


def test_json_that_is_not_strict_is_found_with_its_rule(traces: Traces, judged: Judge) -> None:
    texts = [b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\xff\xfe", b"[" * 100_000]
    found = judged("MFG-DOC-002", traces(raw=texts))
    assert found == ["json.depth", "json.duplicate-key", "json.nan", "json.utf8"]


def test_equipment_that_hangs_in_the_air_or_on_itself_is_found(
    traces: Traces, judged: Judge
) -> None:
    def machine(name: str, parent: str) -> tuple[str, dict[str, Any]]:
        document = {"id": BASE + name, "level": "work_unit", "parent": {"id": BASE + parent}}
        return "equipment", document

    assert judged("MFG-EQP-002", traces()) == []
    assert judged("MFG-EQP-002", traces(documents=[machine("a", "b"), machine("b", "a")])) == [
        "equipment.cycle"
    ]
    assert judged("MFG-EQP-002", traces(documents=[machine("a", "lost")])) == [
        "equipment.parent-undescribed"
    ]


def test_an_item_without_its_equipment_or_unit_is_found(
    traces: Traces, judged: Judge, items: Items
) -> None:
    stray = items("stray", category="sample", valueType="number", equipment={"id": BASE + "m9"})
    trace = traces(documents=[("data-item", stray)])
    assert judged("MFG-EQP-001", trace) == ["equipment.undescribed"]
    assert judged("MFG-UNT-004", trace) == ["unit.missing"]
    assert judged("MFG-UNT-001", trace) == []
    rpm = traces(documents=[("data-item", items("Xpos", unit="rpm"))])
    assert judged("MFG-UNT-001", rpm) == ["unit.not-ucum"]


def test_without_any_unit_nothing_is_known_of_their_code(
    traces: Traces, judged: Judge, items: Items
) -> None:
    stray = items("stray", category="sample", valueType="number")
    trace = traces(master=False, documents=[("data-item", stray)])
    assert judged("MFG-UNT-001", trace) == ["?"]
    events = traces(master=False, documents=[("data-item", items("parts"))])
    assert judged("MFG-UNT-004", events) == ["?"]


@pytest.mark.parametrize(
    ("requirement", "alarms", "rules"),
    [
        ("MFG-ALM-001", [ALARM, CLEARED], []),
        ("MFG-ALM-001", [CLEARED], ["alarm.cleared-unraised"]),
        (
            "MFG-ALM-001",
            [ALARM, {**CLEARED, "clearedAt": "2026-01-05T00:00:00Z"}],
            ["alarm.cleared-before-raised"],
        ),
        ("MFG-ALM-001", [ALARM], ["?"]),
        ("MFG-ALM-002", [ALARM, CLEARED], []),
        ("MFG-ALM-002", [{**CLEARED, "active": True}], ["alarm.cleared-active"]),
        ("MFG-ALM-002", [{**ALARM, "active": False}], ["alarm.inactive-uncleared"]),
        ("MFG-ALM-003", [ALARM, CLEARED], []),
        (
            "MFG-ALM-003",
            [ALARM, {**CLEARED, "conditionId": "urn:example:other"}],
            ["alarm.condition-changed"],
        ),
    ],
)
def test_alarms_are_one_story_under_one_name(
    requirement: str,
    alarms: list[dict[str, Any]],
    rules: list[str],
    traces: Traces,
    judged: Judge,
) -> None:
    assert judged(requirement, traces(documents=[("alarm", each) for each in alarms])) == rules


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"to": "2026-01-05T00:00:00Z"}, ["gap.inverted"]),
        ({"fromSequence": 9, "toSequence": 5}, ["gap.inverted"]),
        ({"reason": " "}, ["gap.no-reason"]),
    ],
)
def test_a_gap_makes_sense(
    changes: dict[str, Any], rules: list[str], traces: Traces, judged: Judge
) -> None:
    assert judged("MFG-GAP-002", traces(documents=[("gap", {**GAP, **changes})])) == rules


def test_an_envelope_names_the_schema_of_what_it_holds(traces: Traces, judged: Judge) -> None:
    import json

    envelope = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:example:source",
        "type": "org.mfgstd.equipment.state_event.recorded.v1",
        "time": "2026-01-05T00:00:02Z",
        "dataschema": "https://w3id.org/mfgstd/equipment/state-event/1",
        "data": EVENT,
    }

    def trace(*envelopes: dict[str, Any]) -> Trace:
        return traces(master=False, raw=[json.dumps(each).encode() for each in envelopes])

    assert judged("MFG-DOC-003", trace(envelope)) == []
    other = {**envelope, "type": "org.mfgstd.equipment.alarm.recorded.v1"}
    assert judged("MFG-DOC-003", trace(other)) == ["envelope.other-schema"]
    assert judged("MFG-DOC-003", trace({**envelope, "specversion": "0.3"})) == [
        "envelope.malformed"
    ]
    changed = {**envelope, "data": {**EVENT, "state": {"availability": "unknown"}}}
    assert judged("MFG-DOC-004", trace(envelope, envelope)) == []
    assert judged("MFG-DOC-004", trace(envelope, changed)) == ["envelope.id-reused"]
    assert judged("MFG-DOC-003", traces()) == ["envelope.malformed"] * 4


@pytest.mark.parametrize(
    "code",
    ["mm", "Cel", "{rev}/min", "1", "%", "mm/s2", "[in_i]/min", "kW.h", "10*3/ul", "mm[Hg]",
     "J/(kg.K)", "s-1", "[pH]", "B[SPL]", "/min", "{count}"],
)  # fmt: skip
def test_ucum_codes_are_known(code: str) -> None:
    assert is_unit(code)


@pytest.mark.parametrize(
    "code",
    ["", "rpm", "°C", "MM", "mm/", "m//s", "(m", "in", "1e3", "Celsius", "PERCENT", "m s",
     "(" * 500 + "m"],
)  # fmt: skip
def test_what_looks_like_a_unit_is_not_one(code: str) -> None:
    assert not is_unit(code)


def test_every_unit_of_our_own_table_is_ucum(checkout: Any) -> None:
    import json

    table = json.loads((checkout / "schemas/vocabularies/mtconnect-units.json").read_bytes())
    codes = {each["ucum"] for each in table["words"].values() if each["ucum"]}
    assert len(codes) > 50
    assert sorted(each for each in codes if not is_unit(each)) == []
