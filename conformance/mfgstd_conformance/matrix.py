"""The kill matrix: which known-bad product fails for which requirement, and for no other.

A judge that nothing ever fails is worth nothing. So every automated requirement has at least one
mutant, a reference with one defect, that fails because of that requirement; and references, which
have none, fail nowhere. A kill that is missing and a kill that nobody expected are both defects
of the suite. The products live with the tests; here their verdicts are compared and printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mfgstd_conformance.registry import Kind, Obligation
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mfgstd.language import Text
    from mfgstd_conformance.profiles import Profile
    from mfgstd_conformance.registry import Registry, Requirement

#: What speaks against a product: a MUST that does not hold, a SHOULD that is not followed.
_AGAINST: Final = (Verdict.FAIL, Verdict.WARN)

_SIGNS: Final = {
    Verdict.PASS: "pass",
    Verdict.WARN: "warn",
    Verdict.FAIL: "**fail**",
    Verdict.NOT_APPLICABLE: "n/a",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.NOT_RUN: "not run",
    Verdict.ERROR: "**error**",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One product and what the judge said of it.

    ``base`` is the id of the reference that a mutant was made from, ``None`` for references
    themselves; ``kills`` are the requirements that must speak against it; ``why`` says why one
    defect breaks several.
    """

    id: str
    title: Text
    base: str | None
    kills: tuple[str, ...]
    why: Text | None
    verdicts: Mapping[str, Verdict]

    def against(self) -> set[str]:
        """The requirements that speak against it."""
        return {name for name, verdict in self.verdicts.items() if verdict in _AGAINST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All references and mutants over the automated requirements of one profile."""

    profile: Profile
    registry: Registry
    references: tuple[Judged, ...]
    mutants: tuple[Judged, ...]

    def requirements(self) -> list[Requirement]:
        """Those that a program examines, level by level."""
        found = (self.registry.get(each) for _, each in self.profile)
        return [each for each in found if each.kind is Kind.AUTOMATED]

    def killed(self, mutant: Judged) -> set[str]:
        """What speaks against a mutant and not against the reference that it was made from."""
        base = next(each for each in self.references if each.id == mutant.base)
        return mutant.against() - base.against()

    def killers(self, requirement: str) -> list[Judged]:
        """The mutants that a requirement kills."""
        return [each for each in self.mutants if requirement in self.killed(each)]

    def problems(self) -> Iterator[str]:
        """Why this matrix must not be published; nothing if it may."""
        for each in self.references:
            for name, verdict in each.verdicts.items():
                if verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN):
                    yield f"reference {each.id}: {name} is {verdict}"
        for each in self.mutants:
            killed, expected = self.killed(each), set(each.kills)
            for name in sorted(expected - killed):
                yield f"mutant {each.id} survives {name} ({each.verdicts.get(name)})"
            for name in sorted(killed - expected):
                yield f"mutant {each.id} is killed by {name}, which nobody expected"
            for name, verdict in each.verdicts.items():
                if verdict in (Verdict.ERROR, Verdict.NOT_RUN):
                    yield f"mutant {each.id}: {name} is {verdict}"
            if len(each.kills) > 1 and each.why is None:
                yield f"mutant {each.id} has several kills and does not say why"
        meant = {name for each in self.mutants for name in each.kills}
        for requirement in self.requirements():
            must = requirement.obligation is Obligation.MUST
            if must and requirement.id not in meant:
                yield f"{requirement.id} has no mutant"

    def markdown(self) -> str:
        """The page, in both languages."""
        return "\n".join([*self._head(), *self._table(), *self._products(), ""])

    def _head(self) -> Iterator[str]:
        requirements = self.requirements()
        musts = [each for each in requirements if each.obligation is Obligation.MUST]
        killed = [each for each in musts if self.killers(each.id)]
        others = [each for each in requirements if each.obligation is not Obligation.MUST]
        noticed = [each for each in others if self.killers(each.id)]
        missed = [each.id for each in requirements if not self.killers(each.id)]
        references = ", ".join(each.title.en for each in self.references)
        verdicts = [each for one in self.references for each in one.verdicts.values()]
        open_ = sum(each is Verdict.INCONCLUSIVE for each in verdicts)
        yield "<!-- Generated by python -m tests.mutants.bench; do not edit. -->"
        yield ""
        yield "# The kill matrix / 결함 검출표"
        yield ""
        yield (
            "The judge is judged here. Each mutant is a reference with one defect; it must fail "
            "for the requirements named beside it and for no other. References must fail nowhere. "
            "A missing and an unexpected kill both fail CI."
        )
        yield ""
        yield (
            "판정 도구 자체를 시험한 결과입니다. 각 결함 제품은 기준 제품에 결함 하나를 넣은 "
            "것으로, 함께 적힌 요구사항에서만 부적합이 되어야 합니다. 기준 제품은 어떤 "
            "요구사항에서도 부적합이 되어서는 안 됩니다. 검출되지 않은 결함과 예상하지 "
            "않은 부적합은 모두 CI를 실패하게 합니다."
        )
        yield ""
        yield "| | |"
        yield "|---|---|"
        yield f"| profile / 프로파일 | `{self.profile.id}` {self.profile.version} |"
        yield f"| mutants / 결함 제품 | {len(self.mutants)} |"
        yield f"| MUST killed / 검출된 의무 요구사항 | {len(killed)} of {len(musts)} |"
        yield f"| SHOULD noticed / 검출된 권고 요구사항 | {len(noticed)} of {len(others)} |"
        yield f"| without a mutant / 결함 제품 없음 | {', '.join(missed) or 'none'} |"
        yield f"| references / 기준 제품 | {references} |"
        yield f"| references undecided / 기준 제품의 판정 불가 | {open_} |"
        yield ""

    def _table(self) -> Iterator[str]:
        yield "## By requirement / 요구사항별"
        yield ""
        names = " | ".join(each.id for each in self.references)
        yield f"| requirement / 요구사항 | level / 수준 | {names} | killed / 검출한 결함 제품 |"
        yield "|---" * (len(self.references) + 3) + "|"
        levels = {name: level for level, name in self.profile}
        for each in self.requirements():
            said = " | ".join(
                _SIGNS[verdict] if (verdict := one.verdicts.get(each.id)) else "-"
                for one in self.references
            )
            killers = ", ".join(f"`{one.id}`" for one in self.killers(each.id)) or "none / 없음"
            title = f"{each.id} ({each.obligation}) {each.title.en} / {each.title.ko}"
            yield f"| {title} | {levels[each.id]} | {said} | {killers} |"
        yield ""
        yield (
            "`n/a`: the reference does not have the capability. `-`: beyond what is asked of it "
            "(files never exceed the level schema). `inconclusive`: its run has no evidence for it."
        )
        yield ""
        yield (
            "`n/a`: 기준 제품에 해당 기능이 없습니다. `-`: 요구되는 수준을 벗어납니다(파일은 "
            "스키마 수준까지만 판정합니다). `inconclusive`: 시험에서 판단 근거가 나오지 않았습니다."
        )
        yield ""

    def _products(self) -> Iterator[str]:
        yield "## By mutant / 결함 제품별"
        yield ""
        yield "| mutant / 결함 제품 | what is wrong / 결함 | made from / 기준 | killed by / 검출 |"
        yield "|---|---|---|---|"
        for each in self.mutants:
            title = f"{each.title.en} / {each.title.ko}"
            if each.why is not None:
                title += f" ({each.why.en} / {each.why.ko})"
            killed = ", ".join(sorted(self.killed(each))) or "**nothing / 없음**"
            yield f"| `{each.id}` | {title} | {each.base} | {killed} |"
