"""The judge: what is planned is judged, what is not planned never, and a broken check is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mfgstd.finding import Finding, Severity
from mfgstd.language import Text
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.checks import Check, Inapplicable, Inconclusive, More, Outcome
from mfgstd_conformance.judge import judge
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.trace import Trace, TraceWriter
from mfgstd_conformance.verdict import Verdict

Find = Callable[[str], tuple[Check, ...]]


@pytest.fixture
def trace(tmp_path: Path, plan: Plan) -> Trace:
    with TraceWriter(tmp_path / "trace", plan=plan, seed=plan.draw_seed()):
        pass
    return Trace.open(tmp_path / "trace")


def finding(severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule="test.rule", message=Text("It is wrong.", "틀립니다."), severity=severity)


def by(*outcomes: Outcome) -> Find:
    """The same check for every requirement."""

    def run(_: Trace) -> Iterator[Outcome]:
        yield from outcomes

    return lambda requirement: (Check(requirement, "test.check", run),)


UNCONCERNED = Inapplicable(Text("ISO 1, clause 2: no gaps.", "ISO 1, 2절: Gap이 없습니다."))
LACKING = Inconclusive(Text("Nothing there.", "없습니다."))


@pytest.mark.parametrize(
    ("outcomes", "verdict", "code"),
    [
        ([], Verdict.PASS, 0),
        ([finding(Severity.WARNING)], Verdict.WARN, 0),
        ([finding()], Verdict.FAIL, 1),
        ([LACKING], Verdict.INCONCLUSIVE, 3),
        ([UNCONCERNED], Verdict.NOT_APPLICABLE, 0),
        ([UNCONCERNED, finding(Severity.WARNING)], Verdict.WARN, 0),
        ([finding(), LACKING], Verdict.FAIL, 1),
    ],
)
def test_outcomes_become_a_verdict_and_an_exit_code(
    outcomes: list[Outcome], verdict: Verdict, code: int, trace: Trace, plan: Plan
) -> None:
    result = judge(trace, plan, find=by(*outcomes))
    assert result.verdicts["MFG-SMK-001"] is verdict
    assert result.exit_code == code


def test_a_check_that_breaks_is_an_error_of_its_requirement_alone(trace: Trace, plan: Plan) -> None:
    def broken(_: Trace) -> list[Outcome]:
        raise ZeroDivisionError

    def find(requirement: str) -> tuple[Check, ...]:
        run = broken if requirement == "MFG-OBS-001" else by()("x")[0].run
        return (Check(requirement, "test.check", run),)

    result = judge(trace, plan, find=find)
    assert result.verdicts["MFG-OBS-001"] is Verdict.ERROR
    assert set(result.verdicts.values()) == {Verdict.ERROR, Verdict.PASS}
    assert result.exit_code == 4


def test_what_nobody_examines_is_not_run(trace: Trace, plan: Plan) -> None:
    result = judge(trace, plan, find=lambda _: ())
    assert set(result.verdicts.values()) == {Verdict.NOT_RUN}
    assert result.exit_code == 3


def test_only_what_is_planned_is_judged(trace: Trace, plan: Plan) -> None:
    result = judge(trace, plan)
    assert list(result.verdicts) == [each.requirement for each in plan.planned]


def test_a_recommendation_never_fails(trace: Trace, plan: Plan) -> None:
    result = judge(trace, plan, find=by(finding()))
    assert result.verdicts["MFG-EQP-003"] is Verdict.WARN


def test_a_trace_of_another_plan_decides_nothing(trace: Trace, plan: Plan) -> None:
    other = replace(plan, capabilities=("numbers",))
    assert set(judge(trace, other).verdicts.values()) == {Verdict.INCONCLUSIVE}


def test_the_result_is_bounded_canonical_and_of_its_format(trace: Trace, plan: Plan) -> None:
    hostile = Finding(
        rule="test.rule",
        message=Text("x" * 10_000, "\ud800"),
        found="\x00" * 10_000,
    )
    result = judge(trace, plan, find=by(*[hostile] * 100, More("test.rule", 1_000_000)))
    data = result.to_bytes()
    value = canonical.decode(data)

    assert list(formats.violations("result", value)) == []
    first = value["requirements"][0]
    assert (first["count"], len(first["findings"])) == (1_000_100, 20)
    assert judge(
        trace, plan, find=by(*[hostile] * 100, More("test.rule", 1_000_000))
    ).to_bytes() == (data)
