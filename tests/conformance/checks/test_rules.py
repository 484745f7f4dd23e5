"""The rules of the standard before the judge: each fixture that breaks one is found, by one check.

Rules have their own tests; here it is told from which requirement a broken rule is heard, what is
judged together, and where it ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mfgstd.finding import Finding, Severity
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.rules import files, read_rules
from mfgstd.validation.rules.authored import Authored
from mfgstd.validation.rules.fixtures import Fixture, fixtures, made
from mfgstd.validation.rules.rule import Rule
from mfgstd_conformance.checks import Inconclusive, More, checks_of, effort
from mfgstd_conformance.judge import judge
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.registry import Registry
from mfgstd_conformance.trace import Trace, TraceWriter
from mfgstd_conformance.verdict import Verdict

Judge = Callable[[str, Trace], list[str]]
Traces = Callable[..., Trace]
Told = Callable[..., Trace]

RULES, _ = read_rules(files(), catalogue())
ID = "https://w3id.org/mfgstd/equipment"
BASE = "https://plant.example/"
ALONE, TOGETHER, ADVICE = "MFG-RUL-001", "MFG-RUL-002", "MFG-RUL-003"

ALARM: dict[str, Any] = {
    "id": "urn:example:a1",
    "equipment": {"id": BASE + "m1"},
    "conditionId": BASE + "program#A-1",
    "active": True,
    "severity": 500,
    "severityBand": "medium",
    "eventTime": "2026-01-05T00:00:01Z",
}
WRONG_BAND = {**ALARM, "severityBand": "low"}


def state(number: int, procedural: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    return "state-event", {
        "id": f"urn:example:e{number}",
        "equipment": {"id": BASE + "m1"},
        "eventTime": f"2026-01-05T00:00:{number:02d}Z",
        "state": {"procedural": procedural},
        "quality": {"status": "good"},
        "complete": True,
        **changes,
    }


def assignment(start: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    return "equipment-asset-assignment", {
        "id": f"urn:example:{start}",
        "equipment": {"id": BASE + "m1"},
        "asset": {"id": "urn:example:asset"},
        "validity": {"start": f"{start}T00:00:00Z"},
        **changes,
    }


@pytest.fixture
def told(tmp_path: Path, plan: Plan) -> Told:
    """Documents, each with the ``$id`` of its schema, as the one delivery of a trace."""

    def write(*records: tuple[str, Any]) -> Trace:
        folder = tmp_path / f"trace-{len(list(tmp_path.iterdir()))}"
        with TraceWriter(folder, plan=plan, seed=plan.draw_seed()) as writer:
            writer.event("driver", "session.started", "s", wire="file", role="file", driver="test")
            for schema, document in records:
                writer.document("s", json.dumps(document).encode(), schema=schema)
        return Trace.open(folder)

    return write


def broken(requirement: str, trace: Trace) -> list[Finding]:
    (check,) = checks_of(requirement)
    return [each for each in check.run(trace) if isinstance(each, Finding)]


def failing(authored: Authored) -> list[Fixture]:
    return [
        made(authored, key, number, catalogue())
        for (key, number), _ in fixtures(authored)
        if key == "fail"
    ]


@pytest.mark.parametrize(
    ("authored", "rule"), [pytest.param(*each, id=each[1].id) for each in RULES]
)
def test_what_breaks_a_rule_is_found_by_the_requirement_that_the_rule_speaks_against(
    authored: Authored, rule: Rule, told: Told, registry: Registry
) -> None:
    (requirement,) = registry.by_rule()[rule.id]
    sides = {each.entity for each in rule.partners}
    fixture = next(each for each in failing(authored) if sides <= each.filed.keys())
    found = broken(requirement, told(*fixture.records))
    if rule.id in registry.get(requirement).covers:
        assert found
    else:
        assert rule.id in {each.rule for each in found}
        assert {each.severity for each in found if each.rule == rule.id} == {rule.severity}


def test_every_fixture_of_a_covered_rule_is_found_where_it_is_covered(
    registry: Registry, told: Told
) -> None:
    """And nowhere else: one deviation speaks against one requirement."""
    covered = {rule: each.id for each in registry for rule in each.covers}
    for authored, rule in RULES:
        for fixture in failing(authored) if rule.id in covered else ():
            trace = told(*fixture.records)
            assert broken(covered[rule.id], trace), rule.id
            assert rule.id not in {each.rule for each in broken(ALONE, trace)}


def test_a_finding_names_rule_sentence_document_and_pointer(traces: Traces) -> None:
    (check,) = checks_of(ALONE)
    (found,) = check.run(traces(documents=[("alarm", WRONG_BAND)]))
    assert isinstance(found, Finding)
    assert found.rule == "equipment.alarm.band-fits-the-severity"
    assert "low to 200" in found.message.en
    assert found.severity is Severity.ERROR
    assert (found.pointer, found.found) == ("/severityBand", '"low"')
    assert found.source.item == ALARM["id"]


def test_in_an_envelope_the_pointer_leads_through_data(traces: Traces) -> None:
    envelope = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:example:source",
        "type": "org.mfgstd.equipment.alarm.recorded.v1",
        "time": "2026-01-05T00:00:02Z",
        "dataschema": f"{ID}/alarm/1",
        "data": WRONG_BAND,
    }
    (check,) = checks_of(ALONE)
    (found,) = check.run(traces(master=False, raw=[json.dumps(envelope).encode()]))
    assert isinstance(found, Finding)
    assert found.pointer == "/data/severityBand"


def test_a_document_that_breaks_its_schema_is_judged_by_that_alone(
    traces: Traces, judged: Judge
) -> None:
    unsound = {**WRONG_BAND, "colour": "red"}
    trace = traces(master=False, documents=[("alarm", unsound)])
    assert judged("MFG-DOC-001", trace) == ["schema.unknown-field"]
    assert judged(ALONE, trace) == ["?"]
    assert judged(TOGETHER, trace) == ["-"]


def test_a_leap_over_states_shows_in_the_sequence(traces: Traces, judged: Judge) -> None:
    leap = traces(documents=[state(1, "idle"), state(2, "execute")])
    step = traces(documents=[state(1, "idle"), state(2, "starting"), state(3, "execute")])
    rule = "equipment.state-event.procedural-states-follow"
    assert judged(TOGETHER, leap) == [rule]
    assert judged(TOGETHER, step) == []
    assert judged(ALONE, leap) == []
    said = state(2, "execute", previous={"procedural": "idle"})
    assert judged(ALONE, traces(documents=[said])) == ["equipment.state-event.previous-leads-here"]


def test_two_wires_of_one_product_are_no_sequence(plan: Plan, tmp_path: Path) -> None:
    with TraceWriter(tmp_path / "t", plan=plan, seed=plan.draw_seed()) as writer:
        for session, (slug, document) in (("a", state(1, "idle")), ("b", state(2, "execute"))):
            writer.event("driver", "session.started", session, wire="x", role="live", driver="test")
            writer.document(session, json.dumps(document).encode(), schema=f"{ID}/{slug}/1")
    (check,) = checks_of(TOGETHER)
    assert list(check.run(Trace.open(tmp_path / "t"))) == []


def test_a_document_that_comes_again_is_the_same_document(traces: Traces, judged: Judge) -> None:
    first = assignment("2024-01-01")
    assert judged(TOGETHER, traces(documents=[first] * 3)) == []
    assert judged(TOGETHER, traces(documents=[first, assignment("2025-01-01")])) == [
        "equipment.equipment-asset-assignment.one-role-at-a-time"
    ]


def test_a_reference_is_judged_where_both_sides_were_delivered(
    traces: Traces, judged: Judge
) -> None:
    stray = assignment("2024-01-01", equipment={"id": BASE + "lost"})
    rule = "equipment.equipment-asset-assignment.equipment-exists"
    assert judged(ADVICE, traces(documents=[stray])) == [rule]
    assert judged(ADVICE, traces(master=False, documents=[stray])) == ["-"]


def test_a_recommended_rule_warns(traces: Traces, plan: Plan) -> None:
    early = state(1, "idle", recordTime="2026-01-04T00:00:00Z")
    verdicts = judge(traces(documents=[early]), plan).verdicts
    assert [verdicts[each] for each in (ALONE, TOGETHER, ADVICE)] == [
        Verdict.PASS,
        Verdict.PASS,
        Verdict.WARN,
    ]


def test_where_no_document_has_rules_they_do_not_apply_and_the_clause_is_named(
    traces: Traces, plan: Plan
) -> None:
    series = {
        "id": "urn:example:s1",
        "dataItem": BASE + "Xpos",
        "start": "2026-01-05T00:00:00Z",
        "sampleRate": 1000,
        "values": [1.5],
    }
    trace = traces(master=False, documents=[("time-series-segment", series)])
    result = judge(trace, plan)
    for name in (ALONE, TOGETHER, ADVICE):
        (one,) = [each for each in result.judged if each.requirement == name]
        assert one.verdict is Verdict.NOT_APPLICABLE
        assert "mfgstd 1.0, rules of" in one.findings[0].message.en
        assert one.findings[0].severity is Severity.INFO


def test_findings_are_told_five_to_a_rule_and_the_rest_is_counted(traces: Traces) -> None:
    alarms = [("alarm", {**WRONG_BAND, "id": f"urn:example:a{each}"}) for each in range(12)]
    outcomes = list(checks_of(ALONE)[0].run(traces(documents=alarms)))
    assert sum(isinstance(each, Finding) for each in outcomes) == 5
    assert outcomes[-1] == More("equipment.alarm.band-fits-the-severity", 7)


def test_what_would_take_too_long_is_left_undecided(
    traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of forty assignments joins each of forty tellings of one machine."""
    machine = {"id": BASE + "m1", "level": "work_unit"}
    told = [("equipment", {**machine, "name": f"{each}"}) for each in range(40)]
    told += [assignment(f"2{each:03d}-01-01", asset={"id": f"urn:a:{each}"}) for each in range(40)]
    (check,) = checks_of(TOGETHER)
    assert list(check.run(traces(documents=told))) == []
    monkeypatch.setattr(effort, "STEPS", 1000)
    (undecided,) = check.run(traces(documents=told))
    assert isinstance(undecided, Inconclusive)
    assert "equipment.equipment-asset-assignment.role-is-a-machine" in undecided.text.en


def test_long_lists_that_are_held_against_themselves_are_left_undecided(told: Told) -> None:
    """Twenty thousand points of which each number must be its own: a square of steps."""
    authored = next(
        authored
        for authored, rule in RULES
        if rule.id == "quality.control-chart.point-numbers-are-distinct"
    )
    ((schema, chart),) = made(authored, "pass", 0, catalogue()).records
    points = [{**chart["points"][0], "number": each + 1} for each in range(20_000)]
    (check,) = checks_of(ALONE)
    outcomes = list(check.run(told((schema, {**chart, "points": points}))))
    assert outcomes
    assert all(isinstance(each, Inconclusive) for each in outcomes)


def test_no_document_at_all_decides_nothing(traces: Traces, judged: Judge) -> None:
    assert [judged(each, traces(master=False)) for each in (ALONE, TOGETHER, ADVICE)] == [["?"]] * 3
