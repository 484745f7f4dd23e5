"""A report counts everything, tells as much as it may, and survives pickling and JSON."""

from __future__ import annotations

import json
import pickle

import pytest

from mfgstd.finding import Finding, Severity
from mfgstd.language import Text
from mfgstd.validation.run.report import Report, SourceReport


def _finding(rule: str = "schema.type", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule=rule, severity=severity, message=Text("a", "가"))


def _filled() -> Report:
    report = Report(limit=2, files=1, seconds=1.25)
    report.valid["Gap"] += 3
    report.invalid[""] += 1
    report.add({("schema.type", "error"): 4, ("observation.clock", "warning"): 2})
    report.tell([_finding(), _finding(), _finding()])
    report.not_judged["job.dangling"] = Text("No JobOrder.", "JobOrder가 없습니다.")
    report.sources.append(
        SourceReport(path="a.ndjson", format="ndjson", engine="row", valid=3, invalid=1, size=10)
    )
    return report


def test_all_findings_are_counted_and_the_first_are_told() -> None:
    report = _filled()
    assert len(report.findings) == 2
    assert report.left == 0
    assert report.not_told == 4
    assert report.rules == {"schema.type": 4, "observation.clock": 2}
    assert report.severities == {Severity.ERROR: 4, Severity.WARNING: 2}
    assert (report.documents, report.size) == (4, 10)


def test_a_report_is_json_in_both_languages() -> None:
    said = json.loads(json.dumps(_filled().to_json("ko"), allow_nan=False))
    assert said["kinds"] == {
        "unknown": {"valid": 0, "invalid": 1},
        "Gap": {"valid": 3, "invalid": 0},
    }
    assert said["severities"] == {"error": 4, "warning": 2}
    assert said["findings"][0]["message"] == "가"
    assert said["notJudged"] == {"job.dangling": "JobOrder가 없습니다."}
    assert said["sources"][0]["documents"] == 4
    assert (said["bytes"], said["notTold"], said["conforms"]) == (10, 4, False)
    assert _filled().to_json("en")["notJudged"] == {"job.dangling": "No JobOrder."}


def test_a_report_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(_filled())) == _filled()  # noqa: S301 - made just now


@pytest.mark.parametrize(
    ("counts", "valid", "conforms"),
    [
        ({}, 1, True),
        ({("a", "warning"): 3, ("b", "info"): 1}, 1, True),
        ({("a", "error"): 1}, 1, False),
        # Nothing was judged: that is no success.
        ({}, 0, False),
    ],
)
def test_only_errors_make_data_not_conforming(
    counts: dict[tuple[str, str], int], valid: int, conforms: bool
) -> None:
    report = Report()
    report.valid["Gap"] = valid
    report.add(counts)
    assert report.conforms is conforms


def test_an_invalid_document_makes_data_not_conforming() -> None:
    report = Report()
    report.valid["Gap"] += 1
    report.invalid["Gap"] += 1
    assert not report.conforms
