"""Judging: a plan and a trace in, a result out. Nothing here looks anywhere else.

What is not planned is never judged; what is planned and examined by nothing is ``not_run``; a
check that breaks is a verdict ``error`` of its requirement, and the others go on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mfgstd.finding import Finding, Severity
from mfgstd.language import Text
from mfgstd_conformance import canonical
from mfgstd_conformance.checks import Check, Inapplicable, Inconclusive, More, checks_of
from mfgstd_conformance.decision import DecisionRecord
from mfgstd_conformance.registry import Obligation
from mfgstd_conformance.result import FINDINGS, Judged, Result
from mfgstd_conformance.verdict import Verdict, join

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd_conformance.plan import Plan
    from mfgstd_conformance.planned import Planned
    from mfgstd_conformance.trace import Trace


def judge(
    trace: Trace,
    plan: Plan,
    *,
    record: DecisionRecord | None = None,
    find: Callable[[str], tuple[Check, ...]] = checks_of,
) -> Result:
    """Judge a trace by a plan.

    Args:
        trace: the evidence.
        plan: what was asked. It must be the one that the trace was recorded for; another one
            leaves every requirement undecided.
        record: what people handed in; goes into the result, and changes no verdict.
        find: the checks of a requirement.
    """
    foreign = trace.manifest["plan"] != plan.digest
    judged = [
        _other_plan(each) if foreign else _examine(trace, each, find(each.requirement))
        for each in plan.planned
    ]
    judged += [
        Judged(
            requirement=each.requirement,
            verdict=Verdict.NOT_RUN,
            findings=(),
            count=0,
            checks=(),
        )
        for each in plan.attested
    ]
    return Result(
        plan=plan,
        trace=trace.digest,
        ledger=canonical.sha256(ledger_bytes(trace)),
        observations=sum(each.rows for each in trace.deliveries),
        judged=tuple(judged),
        record=record or DecisionRecord(),
    )


def ledger_bytes(trace: Trace) -> bytes:
    """``ledger.json`` of a run: the loss ledgers of its sessions, canonical."""
    return canonical.encode({"sessions": [_plain(each) for each in trace.ledgers]})


def _plain(value: object) -> object:
    """What a product wrote, as canonical JSON can hold it: huge integers as text."""
    match value:
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case bool():
            return value
        case int() if abs(value) >= 2**53:
            return str(value)
        case _:
            return value


def _examine(trace: Trace, planned: Planned, checks: tuple[Check, ...]) -> Judged:
    verdicts: list[Verdict] = []
    findings: list[Finding] = []
    count = 0
    for each in checks:
        verdict, found, number = _run(trace, each, planned.obligation)
        verdicts.append(verdict)
        findings += found
        count += number
    return Judged(
        requirement=planned.requirement,
        # Without any check the join is not_run: what nobody examined is not a pass.
        verdict=join(verdicts),
        findings=tuple(findings[:FINDINGS]),
        count=count,
        checks=tuple(each.name for each in checks),
    )


def _run(trace: Trace, check: Check, obligation: Obligation) -> tuple[Verdict, list[Finding], int]:
    verdict, findings, count = Verdict.NOT_APPLICABLE, list[Finding](), 0
    concerned = True
    binding = obligation is Obligation.MUST
    try:
        for outcome in check.run(trace):
            match outcome:
                case Inconclusive(text=text):
                    verdict |= Verdict.INCONCLUSIVE
                    findings.append(_lacking(text))
                    count += 1
                case Inapplicable(text=text):
                    concerned = False
                    findings.append(_lacking(text, "requirement.not-applicable"))
                    count += 1
                case More(count=more):
                    count += more
                case Finding():
                    severity = outcome.severity if binding else Severity.WARNING
                    verdict |= Verdict.FAIL if severity is Severity.ERROR else Verdict.WARN
                    count += 1
                    if len(findings) < FINDINGS:
                        findings.append(replace(outcome, severity=severity))
    except Exception as error:  # noqa: BLE001 - a broken check must not take the others with it
        findings.append(_broken(check, error))
        return verdict | Verdict.ERROR, findings, count + 1
    return verdict | (Verdict.PASS if concerned else verdict), findings, count


def _lacking(text: Text, rule: str = "evidence.missing") -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=text)


def _broken(check: Check, error: Exception) -> Finding:
    return Finding(
        rule="judge.error",
        message=Text(
            f"The check {check.name} failed by its own fault ({type(error).__name__}).",
            f"{check.name} 점검이 자체 오류로 실패했습니다({type(error).__name__}).",
        ),
        found=str(error)[:200],
        hint=_REPORT,
    )


_REPORT: Final = Text(
    "This is a defect of the suite: please report it with the trace.",
    "시험 도구의 결함입니다. 시험 기록을 첨부하여 알려 주십시오.",
)


def _other_plan(planned: Planned) -> Judged:
    why = Text("The trace was recorded for another plan.", "다른 시험 계획을 위해 기록된 것입니다.")
    return Judged(
        requirement=planned.requirement,
        verdict=Verdict.INCONCLUSIVE,
        findings=(_lacking(why),),
        count=1,
        checks=(),
    )
