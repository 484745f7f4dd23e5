from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mfgstd.language import LANGUAGES
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.report import junit

OUTCOMES = {"failure", "error", "skipped"}

#: Children of a test case, in the order in which Jenkins' and GitLab's readers know them.
CHILDREN = ["properties", "skipped", "error", "failure", "system-out", "system-err"]

EXPECTED = {
    "pass": None,
    "warn": None,
    "fail": "failure",
    "error": "error",
    "inconclusive": "error",
    "not_run": "error",
    "not_applicable": "skipped",
}


def read(data: bytes) -> ET.Element:
    """Parse, and hold the document against what CI tools read of JUnit's schema."""
    root = ET.fromstring(data)  # noqa: S314 - our own document
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert suite.attrib.keys() == {"name", "tests", "failures", "errors", "skipped"}
        cases = suite.findall("testcase")
        assert [each.tag for each in suite] == ["properties"] + ["testcase"] * len(cases)
        assert int(suite.attrib["tests"]) == len(cases)
        for counter, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[counter]) == len(suite.findall(f"testcase/{tag}"))
        for case in cases:
            assert case.attrib.keys() == {"classname", "name"}
            tags = [each.tag for each in case]
            assert tags == sorted(set(tags), key=CHILDREN.index)
            assert len(OUTCOMES & set(tags)) <= 1
            for each in case.findall("properties/property"):
                assert each.attrib.keys() == {"name", "value"}
            for tag in ("failure", "error"):
                for each in case.findall(tag):
                    assert each.attrib.keys() == {"type", "message"}
            for each in case.findall("skipped"):
                assert each.attrib.keys() == {"message"}
                assert each.text is None
    return root


def properties(case: ET.Element) -> dict[str, str]:
    return {p.attrib["name"]: p.attrib["value"] for p in case.findall("properties/property")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_requirement_of_the_plan_is_one_case(
    views: Any, mixed: dict[str, Any], wide_plan: Plan, language: Any
) -> None:
    root = read(junit.render(views(mixed), language))
    names = [properties(case)["requirement"] for case in root.iter("testcase")]
    lists = (wide_plan.planned, wide_plan.attested, wide_plan.not_applicable)
    assert sorted(names) == sorted(each.requirement for entries in lists for each in entries)


def test_each_verdict_has_its_junit_outcome(views: Any, mixed: dict[str, Any]) -> None:
    root = read(junit.render(views(mixed), "en"))
    met = set()
    for case in root.iter("testcase"):
        verdict = properties(case)["verdict"]
        outcome = next((each.tag for each in case if each.tag in OUTCOMES), None)
        if properties(case)["verification"] == "attested":
            assert outcome == "skipped"
            continue
        assert outcome == EXPECTED[verdict], verdict
        if outcome in {"failure", "error"}:
            (element,) = case.findall(outcome)
            assert element.attrib["type"] == verdict
        met.add(verdict)
    assert met == set(EXPECTED)


def test_a_case_carries_requirement_obligation_and_clause(
    views: Any, mixed: dict[str, Any]
) -> None:
    root = read(junit.render(views(mixed), "ko"))
    cases = {properties(case)["requirement"]: case for case in root.iter("testcase")}
    found = properties(cases["MFG-UNT-001"])
    assert found["level"] == "MUST"
    assert found["standard"] == "UCUM 2.1"
    assert found["clause"]
    failure = cases["MFG-UNT-001"].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "logs/line-2/20261121.shdr:1204" in failure.text
    assert "3,412" in failure.text


def test_a_skipped_case_says_which_clause_excluded_it(
    views: Any, results: Any, wide_plan: Plan
) -> None:
    root = read(junit.render(views(results()), "en"))
    messages = [each.attrib["message"] for each in root.iter("skipped")]
    assert len(messages) == len(wide_plan.not_applicable) + len(wide_plan.attested)
    for each in wide_plan.not_applicable:
        assert any(each.clause in message for message in messages)


def test_a_conforming_product_turns_nothing_red_while_people_have_yet_to_attest(
    views: Any, results: Any, wide_plan: Plan
) -> None:
    assert wide_plan.attested
    root = read(junit.render(views(results()), "en"))
    assert not list(root.iter("failure"))
    assert not list(root.iter("error"))


def test_hostile_values_leave_the_document_well_formed(views: Any, hostile: dict[str, Any]) -> None:
    root = read(junit.render(views(hostile), "en"))
    (failure,) = root.iter("failure")
    assert failure.text is not None
    assert "<script>window.hacked" in failure.text
    assert "[U+0000]" in failure.text
    assert len(failure.text) < 50_000


def test_the_same_result_gives_the_same_bytes(views: Any, mixed: dict[str, Any]) -> None:
    assert junit.render(views(mixed), "en") == junit.render(views(mixed), "en")
