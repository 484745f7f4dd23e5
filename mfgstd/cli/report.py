"""The account of a run as text: counts, what was left out, the verdict, and what it took."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mfgstd.cli.output import print_table, say
from mfgstd.finding import Severity
from mfgstd.language import Text, counted

if TYPE_CHECKING:
    from mfgstd.validation.run.report import Report

_SEVERITIES = {
    Severity.ERROR: Text("error", "오류"),
    Severity.WARNING: Text("warning", "경고"),
    Severity.INFO: Text("info", "정보"),
}


def print_report(report: Report) -> None:
    """Everything but the findings, which have been printed as they came."""
    _tables(report)
    _omitted(report)
    _verdict(report)
    _cost(report)


def _tables(report: Report) -> None:
    names = sorted(set(report.valid) | set(report.invalid))
    if names:
        unreadable = str(Text("(unknown)", "(알 수 없음)"))
        print_table(
            Text("Documents", "문서"),
            (Text("kind", "종류"), Text("valid", "적합"), Text("invalid", "부적합")),
            [(name or unreadable, report.valid[name], report.invalid[name]) for name in names],
        )
    if report.counts:
        print_table(
            Text("Findings", "문제"),
            (Text("rule", "규칙"), Text("severity", "심각도"), Text("count", "건수")),
            [
                (rule, str(_SEVERITIES[severity]), count)
                for (rule, severity), count in sorted(report.counts.items())
            ],
        )


def _omitted(report: Report) -> None:
    if report.not_told or report.unexplained:
        say(
            Text(
                f"Not told: {counted(report.not_told, 'finding')}, among them all of "
                f"{counted(report.unexplained, 'invalid document')} "
                "(--max-findings tells more, --findings writes all).",
                f"표시하지 않음: 문제 {report.not_told}건(부적합 문서 {report.unexplained}개의 "
                "문제는 전부). --max-findings로 더 보거나 --findings로 모두 기록할 수 있습니다.",
            )
        )
    if report.invalid.total() and _about_several(report):
        say(
            Text(
                "Invalid documents took no part in rules about several documents: a gap that such "
                "a rule found may be where one of them stands.",
                "부적합 문서는 여러 문서에 걸친 규칙에서 제외했습니다. 그런 규칙이 찾은 "
                "빠진 번호는 부적합 문서의 자리일 수 있습니다.",
            )
        )
    for reason, count in sorted(Counter(report.not_judged.values()).items()):
        say(
            Text(
                f"Not judged, {counted(count, 'rule')}: {reason.en}",
                f"판정하지 않은 규칙 {count}개: {reason.ko}",
            )
        )
    for path, why in report.left_out.items():
        say(Text(f"Left out, {why.en}: {path}", f"{why.ko} 제외함: {path}"))


def _about_several(report: Report) -> bool:
    from mfgstd.validation.rules.together import rules_together

    asked = {each.id for each in rules_together()}
    return any(rule in asked for rule, _severity in report.counts)


def _verdict(report: Report) -> None:
    if report.conforms:
        say(
            Text(
                f"Conforms: {counted(report.documents, 'document')} in "
                f"{counted(report.files, 'file')}.",
                f"적합: 파일 {report.files}개, 문서 {report.documents}개.",
            )
        )
        return
    invalid = report.invalid.total()
    if not report.documents:
        say(
            Text(
                f"Does not conform: no document could be checked (files: {report.files}).",
                f"부적합: 검사할 수 있는 문서가 없습니다(파일 {report.files}개).",
            )
        )
        return
    if not invalid:
        wrong = sum(n for (_, severity), n in report.counts.items() if severity == "error")
        say(
            Text(
                f"Does not conform: each of {counted(report.documents, 'document')} in "
                f"{counted(report.files, 'file')} is valid by itself; "
                f"{counted(wrong, 'error')} about several together, or about a file.",
                f"부적합: 파일 {report.files}개의 문서 {report.documents}개는 각각 적합하지만, "
                f"여러 문서 또는 파일에 관한 오류가 {wrong}개 있습니다.",
            )
        )
        return
    say(
        Text(
            f"Does not conform: {invalid} of {counted(report.documents, 'document')} invalid in "
            f"{counted(report.files, 'file')}.",
            f"부적합: 파일 {report.files}개, 문서 {report.documents}개 중 {invalid}개가 "
            "맞지 않습니다.",
        )
    )


def _cost(report: Report) -> None:
    """What it took, where that is more than a moment."""
    if report.seconds < 1 or not report.documents:
        return
    rate = report.documents / report.seconds
    speed = report.size / 1e6 / report.seconds
    engines = ", ".join(sorted({each.engine for each in report.sources}))
    say(
        Text(
            f"Took {report.seconds:.1f} s: {rate:,.0f} documents/s, {speed:,.1f} MB/s "
            f"(engine: {engines}).",
            f"소요 시간 {report.seconds:.1f}초: 초당 문서 {rate:,.0f}개, {speed:,.1f} MB/s"
            f"(엔진: {engines}).",
        )
    )
