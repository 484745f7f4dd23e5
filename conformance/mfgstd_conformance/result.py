"""The result of a run: one verdict for each requirement, its findings, and nothing of the moment.

``result.json`` is canonical. The same plan and trace give the same bytes anywhere: there is no
time, no host and no folder in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import english
from mfgstd_conformance import canonical
from mfgstd_conformance.verdict import Verdict, exit_code, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.finding import Finding
    from mfgstd_conformance.decision import DecisionRecord
    from mfgstd_conformance.plan import Plan

FORMAT: Final = "https://w3id.org/mfgstd/conformance/result/1"

#: Findings of one requirement that the result holds; ``count`` says how many there are.
FINDINGS: Final = 20
_TEXT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One requirement: its verdict, why, and the checks that examined it."""

    requirement: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    count: int
    checks: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As the result holds it."""
        return {
            "id": self.requirement,
            "verdict": self.verdict.value,
            "count": self.count,
            "findings": [_finding(each) for each in self.findings[:FINDINGS]],
            "checks": list(self.checks),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a plan and a trace come to. ``judged`` has every planned and attested requirement."""

    plan: Plan
    trace: str
    ledger: str
    observations: int
    judged: tuple[Judged, ...]
    record: DecisionRecord

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Requirement id -> verdict, of what the suite examines; attestations are for people."""
        planned = {each.requirement for each in self.plan.planned}
        return MappingProxyType(
            {each.requirement: each.verdict for each in self.judged if each.requirement in planned}
        )

    @property
    def overall(self) -> Verdict:
        """The join of everything that was planned."""
        return join(self.verdicts.values())

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 does not, 3 undecided, 4 the tool failed."""
        return exit_code(self.verdicts.values())

    def to_json(self) -> dict[str, Any]:
        """The result as ``result.json`` holds it."""
        return {
            "format": FORMAT,
            "suite": {"name": "mfgstd", "version": self.plan.suite_version},
            "subject": self.plan.subject.to_json(),
            "level": self.plan.level.value,
            "plan": {"sha256": self.plan.digest},
            "trace": {"sha256": self.trace},
            "ledger": {"sha256": self.ledger},
            "observations": self.observations,
            "overall": self.overall.value,
            "requirements": [each.to_json() for each in self.judged],
            "decisions": self.record.to_json(),
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return canonical.encode(self.to_json())

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical bytes."""
        return canonical.sha256(self.to_bytes())


def _finding(each: Finding) -> dict[str, Any]:
    record: dict[str, Any] = {
        "rule": each.rule,
        "severity": each.severity.value,
        "message": {"en": _said(each.message.en), "ko": _said(each.message.ko)},
        "pointer": _said(each.pointer),
    }
    if each.expected is not None:
        record["expected"] = _said(english(each.expected))
    if each.found is not None:
        record["found"] = _said(english(each.found))
    if each.hint is not None:
        record["hint"] = {"en": _said(each.hint.en), "ko": _said(each.hint.ko)}
    source = {
        name: _said(value) if isinstance(value, str) else value
        for name, value in each.source.to_json().items()
    }
    if source:
        record["source"] = source
    return record


def _said(text: str) -> str:
    """A text that canonical JSON can hold: bounded, and without lone surrogates."""
    return text[:_TEXT].encode("utf-8", "replace").decode()
