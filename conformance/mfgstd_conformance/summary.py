"""A result on a few lines of a terminal: what does not hold, why, and what to do next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import Text
from mfgstd_conformance.registry import registry
from mfgstd_conformance.report.display import clean
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mfgstd_conformance.result import Judged, Result

#: Findings of one requirement that a terminal shows; the report has more.
_SHOWN: Final = 2

#: Verdicts that ask nobody to do anything.
_NO_STEP: Final = (Verdict.WARN, Verdict.NOT_APPLICABLE)

_OVERALL: Final = {
    0: Text("The product conforms", "적합합니다"),
    1: Text("The product does not conform", "부적합합니다"),
    3: Text("Undecided: the evidence does not suffice", "판정 불가: 증거가 부족합니다"),
    4: Text("The suite itself failed", "시험 도구에 오류가 발생했습니다"),
}


def summary(result: Result, folder: Path) -> dict[str, Any]:
    """The result as ``--json`` prints it, with the folder and the exit code beside it."""
    return {**result.to_json(), "exitCode": result.exit_code, "folder": str(folder)}


def summary_lines(result: Result, folder: Path) -> Iterator[str]:
    """What a person wants to know first."""
    known = registry()
    planned = {each.requirement for each in result.plan.planned}
    telling = [
        each
        for each in result.judged
        if each.requirement in planned and each.verdict is not Verdict.PASS
    ]
    for each in telling:
        title = known.get(each.requirement).title.say() if each.requirement in known else ""
        yield f"{each.verdict.text.say():12} {each.requirement}  {title}"
        yield from _findings(each)
        if each.verdict not in _NO_STEP and each.requirement in known:
            yield f"    -> {known.get(each.requirement).next_step.say()}"
    counts = Counter(each.verdict for each in result.judged if each.requirement in planned)
    told = ", ".join(
        f"{verdict.text.say()} {counts[verdict]}" for verdict in Verdict if counts[verdict]
    )
    level = result.plan.level.text.say()
    yield f"{_OVERALL[result.exit_code].say()} ({result.plan.profile_id}, {level}): {told}"
    if attested := [each.requirement for each in result.plan.attested]:
        names = ", ".join(attested)
        yield str(
            Text(
                f"To be attested by a person for a certificate: {names}",
                f"인증서에는 다음 항목의 확인서가 필요합니다: {names}",
            )
        )
    report = folder / "report.html"
    if report.exists():
        yield str(Text(f"Report: {report}", f"보고서: {report}"))


def _findings(judged: Judged) -> Iterator[str]:
    for each in judged.findings[:_SHOWN]:
        where = clean(str(each.source))
        yield f"    {where}{': ' if where else ''}{clean(each.message.say())}"
        if each.expected is not None:
            expected = Text("expected", "기대").say()
            found = Text("found", "실제").say()
            facts = clean(str(each.expected)), clean(str(each.found or ""))
            yield f"      {expected}: {facts[0]}  {found}: {facts[1]}"
    if judged.count > _SHOWN:
        more = judged.count - _SHOWN
        yield str(Text(f"    and {more} more", f"    외 {more}건"))
