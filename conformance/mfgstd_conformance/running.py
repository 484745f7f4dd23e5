"""The folder of a run: made once, judged again any number of times, never changed in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import UsageError
from mfgstd.finding import Place
from mfgstd.language import Text, current
from mfgstd_conformance import canonical
from mfgstd_conformance.certificate.issue import Run
from mfgstd_conformance.certificate.statement import Digests
from mfgstd_conformance.decision import DecisionRecord
from mfgstd_conformance.errors import CertificateRefused
from mfgstd_conformance.judge import judge, ledger_bytes
from mfgstd_conformance.plan import Plan, Seed
from mfgstd_conformance.registry import registry
from mfgstd_conformance.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mfgstd_conformance.drivers import Product, Scenario
    from mfgstd_conformance.result import Result

PLAN: Final = "plan.json"
TRACE: Final = "trace"
RESULT: Final = "result.json"
LEDGER: Final = "ledger.json"
DECISIONS: Final = "decisions.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A run as it is now: its plan, its trace, and what they come to."""

    plan: Plan
    trace: Trace
    result: Result
    record: DecisionRecord


def prepare(folder: Path, plan: Plan, record: DecisionRecord) -> None:
    """Make the folder and fix the plan in it, before anything runs.

    Raises:
        UsageError: the folder holds something, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(
                Text(
                    "The folder is not empty; evidence is never overwritten.",
                    "폴더가 비어 있지 않습니다. 증거는 덮어쓰지 않습니다.",
                ),
                place=Place(path=str(folder)),
                hint=Text("Name another with --to.", "--to로 다른 폴더를 지정하세요."),
            )
        (folder / PLAN).write_bytes(plan.to_bytes())
        if record != DecisionRecord():
            text = json.dumps(record.to_json(), ensure_ascii=False, indent=2)
            (folder / DECISIONS).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            Text(
                f"The folder cannot be used: {error.strerror}.",
                f"폴더를 사용할 수 없습니다: {error.strerror}.",
            ),
            place=Place(path=str(folder)),
        ) from error


def run(
    product: Product,
    scenario: Scenario,
    folder: Path,
    record: DecisionRecord,
    tell: Callable[[Text], None],
) -> Result:
    """Record, judge, and write everything into a folder that :func:`prepare` made.

    Raises:
        SetUpBroken: the product could not be started.
    """
    from mfgstd_conformance.drivers import record as drive
    from mfgstd_conformance.report import write_all

    trace = drive(product, scenario, folder / TRACE, tell=tell)
    tell(Text("The trace is judged.", "시험 기록을 판정합니다."))
    result = judge(trace, scenario.plan, record=record)
    (folder / LEDGER).write_bytes(ledger_bytes(trace))
    (folder / RESULT).write_bytes(result.to_bytes())
    write_all(result, folder, current(), registry=registry(), plan=scenario.plan)
    return result


def reopen(folder: Path) -> Judgement:
    """Judge the trace of a folder again, from the trace alone.

    Raises:
        UsageError: there is no run here.
        PlanRefused, TraceBroken, RecordRefused: a part of it was changed.
    """
    try:
        data = (folder / PLAN).read_bytes()
    except OSError as error:
        raise no_run(folder) from error
    plan = Plan.from_bytes(data)
    trace = Trace.open(folder / TRACE)
    decisions = folder / DECISIONS
    record = DecisionRecord.load(decisions) if decisions.exists() else DecisionRecord()
    return Judgement(
        plan=plan, trace=trace, result=judge(trace, plan, record=record), record=record
    )


def no_run(folder: Path) -> UsageError:
    """The error for a folder that :func:`run` did not write."""
    return UsageError(
        Text("This folder holds no run.", "이 폴더에는 시험 결과가 없습니다."),
        place=Place(path=str(folder)),
        hint=Text(
            "Name the folder that `mfgstd conform run` wrote.",
            "`mfgstd conform run`이 만든 폴더를 지정하세요.",
        ),
    )


def recorded_result(folder: Path) -> bytes | None:
    """The bytes of ``result.json`` as they lie there."""
    try:
        return (folder / RESULT).read_bytes()
    except OSError:
        return None


def differences(recorded: bytes | None, result: Result) -> list[str]:
    """The requirements whose verdict is not the one in ``result.json``; names of parts else."""
    if recorded == result.to_bytes():
        return []
    try:
        said = canonical.decode(recorded or b"")
        before: dict[str, Any] = {each["id"]: each["verdict"] for each in said["requirements"]}
    except (canonical.NotCanonicalError, KeyError, TypeError):
        return [RESULT]
    now = {each.requirement: each.verdict.value for each in result.judged}
    return sorted(
        name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
    ) or [RESULT]


def certifiable(folder: Path, evidence: Path | None, record: DecisionRecord | None) -> Run:
    """The run of a folder as a certificate needs it; judged again, not believed.

    Raises:
        CertificateRefused: ``result.json`` is not what the trace comes to.
    """
    judgement = reopen(folder)
    result = judgement.result
    if differing := differences(recorded_result(folder), result):
        raise CertificateRefused(
            (
                Text(
                    f"Judged again, the trace gives another result: {', '.join(differing)}.",
                    f"다시 판정한 결과가 기록과 다릅니다: {', '.join(differing)}",
                ),
            )
        )
    seed = judgement.trace.manifest["seed"]
    return Run(
        plan=judgement.plan,
        seed=Seed(value=seed["value"], plan=seed["plan"], by_hand=seed["byHand"]),
        verdicts=result.verdicts,
        observations=result.observations,
        digests=Digests(
            trace=judgement.trace.digest,
            ledger=canonical.sha256_of_file(folder / LEDGER),
            result=result.digest,
        ),
        record=judgement.record if record is None else record,
        evidence=evidence,
    )
