from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_conformance import formats
from mfgstd_conformance.errors import PlanRefused, RecordRefused
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.registry import Registry
from mfgstd_conformance.report.display import LIMIT, clean, web_address
from mfgstd_conformance.report.view import FINDINGS_SHOWN, look
from mfgstd_conformance.verdict import Verdict

XML_FORBIDS = {chr(c) for c in range(32)} - {"\t", "\n", "\r"} | {"\ufffe", "\uffff"}


def test_the_samples_are_results(mixed: dict[str, Any], hostile: dict[str, Any]) -> None:
    for result in (mixed, hostile):
        assert list(formats.violations("result", result)) == []


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_cleaned_text_is_one_line_that_xml_and_utf8_can_hold(text: str) -> None:
    shown = clean(text)
    assert not XML_FORBIDS & set(shown)
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert not any("\u202a" <= each <= "\u202e" or "\u2066" <= each <= "\u2069" for each in shown)


@given(st.text(alphabet="가나다 abc_-/:%µ°²", max_size=LIMIT))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_huge_text_is_cut_and_says_how_long_it_was() -> None:
    assert clean("x" * 1_000_000) == "x" * LIMIT + "… (1000000)"


@pytest.mark.parametrize("text", ["javascript:alert(1)", "http://x.example/", "https:" + "/" * 999])
def test_only_short_https_addresses_become_links(text: str) -> None:
    assert web_address(text) is None
    assert web_address("https://ucum.org/ucum#section") == "https://ucum.org/ucum#section"


def test_the_verdicts_are_those_of_the_result(views: Any, mixed: dict[str, Any]) -> None:
    view = views(mixed)
    shown = {row.id: row.verdict.value for row in view.rows}
    assert view.overall is Verdict.FAIL
    for each in mixed["requirements"]:
        assert shown[each["id"]] == each["verdict"]


def test_an_overall_verdict_is_shown_even_where_it_seems_wrong(views: Any, results: Any) -> None:
    assert views(results("error")).overall is Verdict.ERROR


def test_what_the_plan_excluded_is_shown_with_its_clause(
    views: Any, results: Any, wide_plan: Plan
) -> None:
    rows = {row.id: row for row in views(results()).rows}
    assert wide_plan.not_applicable
    for each in wide_plan.not_applicable:
        row = rows[each.requirement]
        assert row.verdict is Verdict.NOT_APPLICABLE
        assert row.why is not None
        assert each.clause in row.why.en
        assert each.clause in row.why.ko


def test_a_planned_requirement_that_the_result_lacks_is_not_run(views: Any, results: Any) -> None:
    result = results()
    gone = result["requirements"].pop(3)["id"]
    rows = {row.id: row for row in views(result).rows}
    assert rows[gone].verdict is Verdict.NOT_RUN
    assert rows[gone].next_step is not None


def test_many_findings_are_cut_and_the_true_count_stays(views: Any, mixed: dict[str, Any]) -> None:
    result = {**mixed, "requirements": [dict(each) for each in mixed["requirements"]]}
    unit = next(each for each in result["requirements"] if each["id"] == "MFG-UNT-001")
    unit["findings"] = unit["findings"] * 50
    row = next(row for row in views(result).rows if row.id == "MFG-UNT-001")
    assert len(row.problems) == FINDINGS_SHOWN
    assert row.count == 3412


def test_a_requirement_that_the_registry_lacks_is_still_shown(views: Any, results: Any) -> None:
    result = results()
    result["requirements"].append(
        {"id": "MFG-OLD-001", "verdict": "fail", "count": 0, "findings": [], "checks": []}
    )
    row = next(row for row in views(result).rows if row.id == "MFG-OLD-001")
    assert row.verdict is Verdict.FAIL
    assert "MFG-OLD-001" not in row.sentence.en


def test_another_runs_plan_or_certificate_is_refused(
    registry: Registry, plan: Plan, wide_plan: Plan, results: Any
) -> None:
    result = results()
    with pytest.raises(PlanRefused):
        look(result, registry=registry, plan=plan)
    names = {name: result[name] for name in ("plan", "trace", "ledger")}
    with pytest.raises(RecordRefused):
        look(
            result,
            registry=registry,
            plan=wide_plan,
            certificate={**names, "trace": {"sha256": "f" * 64}},
        )


def test_what_is_attested_asks_for_nothing_more(views: Any, results: Any, wide_plan: Plan) -> None:
    name = wide_plan.attested[0].requirement
    statement = {
        "requirement": name,
        "who": "김민서",
        "when": "2026-11-20T09:00:00Z",
        "statement": "support@hanbit.example",
        "evidence": [],
    }
    for handed_in, waits in (([], True), ([statement], False)):
        result = results(decisions={"attestations": handed_in, "waivers": []})
        row = next(row for row in views(result).rows if row.id == name)
        assert row.verdict is Verdict.NOT_RUN
        assert (row.next_step is not None) == waits
        assert (row.attestation is None) == waits
