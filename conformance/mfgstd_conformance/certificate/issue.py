"""Issuing: a certificate comes into being only if every reason against it is absent.

All reasons are collected before refusing, so that a supplier sees the whole list at once. There
is no flag that makes any of them go away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from mfgstd.language import Text
from mfgstd_conformance import formats
from mfgstd_conformance.certificate import dsse, statement
from mfgstd_conformance.certificate.statement import Assurance, Binding, Digests
from mfgstd_conformance.decision import DecisionRecord, Standing, decide, moment
from mfgstd_conformance.errors import CertificateRefused
from mfgstd_conformance.registry import Obligation
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from mfgstd_conformance.decision import Decision
    from mfgstd_conformance.plan import Plan, Seed


#: A recommendation that is not followed is a warning. These two are never that, whatever the
#: obligation: the run as a whole did not conform, or the tool broke.
_NEVER_UNEXPLAINED: Final = frozenset({Verdict.FAIL, Verdict.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run came to, as the certificate needs it.

    ``verdicts`` has the joined verdict of each requirement; one that is missing counts as not
    run. ``observations`` is how many observations the trace holds. ``evidence`` is the folder
    that the paths of attestations are relative to; without it, none of them counts.
    """

    plan: Plan
    seed: Seed
    verdicts: Mapping[str, Verdict]
    observations: int
    digests: Digests
    record: DecisionRecord = field(default_factory=DecisionRecord)
    evidence: Path | None = None


def certify(
    run: Run,
    *,
    key: Ed25519PrivateKey,
    binding: Binding,
    assurance: Assurance,
    issuer: str,
    days: int,
    now: datetime | None = None,
) -> bytes:
    """The signed certificate's bytes, to be written to a file as they are.

    Args:
        run: what was examined, and what people decided.
        key: the issuer's.
        binding: what ties the certificate to the product.
        assurance: who stands behind it.
        issuer: the name of who signs.
        days: how long it is to be valid; a waiver that ends sooner ends it sooner.
        now: the moment of issue, by default this one.

    Raises:
        CertificateRefused: with every reason, each naming its requirement.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    decisions = standings(run, at)
    reasons = tuple(_reasons(run, decisions, assurance, issuer, days))
    if reasons:
        raise CertificateRefused(reasons)
    ends = [at + timedelta(days=days)]
    ends += [moment(each.waiver.expires) for each in decisions.values() if each.waiver is not None]
    built = statement.build(
        plan=run.plan,
        decisions=decisions,
        digests=run.digests,
        seed=run.seed.value,
        observations=run.observations,
        binding=binding,
        assurance=assurance,
        issuer=issuer,
        issued=_text(at),
        until=_text(min(ends)),
    )
    for where, what in formats.violations("statement", built):
        raise CertificateRefused(
            (
                Text(
                    f"The statement would be malformed at {where or '/'}: {what}",
                    f"인증서 내용의 {where or '/'} 항목이 올바르지 않습니다: {what}",
                ),
            )
        )
    return dsse.seal(built, key)


def standings(run: Run, now: datetime) -> dict[str, Decision]:
    """Where every planned requirement stands, in the order of the plan."""
    planned = [each.requirement for each in (*run.plan.planned, *run.plan.attested)]
    return decide(
        {name: run.verdicts.get(name, Verdict.NOT_RUN) for name in planned},
        attested=[each.requirement for each in run.plan.attested],
        record=run.record,
        limits=run.plan.waivers,
        now=now,
    )


def _reasons(
    run: Run,
    decisions: Mapping[str, Decision],
    assurance: Assurance,
    issuer: str,
    days: int,
) -> Iterator[Text]:
    if run.observations <= 0:
        yield Text(
            "The trace holds no observation: nothing was examined.",
            "시험 기록에 관측값이 없습니다. 시험한 것이 없습니다.",
        )
    if run.seed.by_hand:
        yield Text(
            "The seed was chosen by hand; a certificate needs one that was drawn.",
            "시드를 직접 지정한 시험입니다. 인증서에는 추첨된 시드가 필요합니다.",
        )
    if run.seed.plan != run.plan.digest:
        yield Text(
            "The seed was drawn for another plan.",
            "다른 시험 계획을 위해 추첨된 시드입니다.",
        )
    for each in (*run.plan.planned, *run.plan.attested):
        decision = decisions[each.requirement]
        if decision.standing is Standing.UNMET and (
            each.obligation is Obligation.MUST or decision.verdict in _NEVER_UNEXPLAINED
        ):
            yield _unmet(decision, by_person=each in run.plan.attested)
    foreign = sorted(run.verdicts.keys() - decisions.keys())
    for name in foreign:
        yield Text(
            f"{name} has a verdict, and is not in the plan.",
            f"{name}은(는) 시험 계획에 없는데 판정이 있습니다.",
        )
    used = {each.attestation for each in decisions.values() if each.attestation is not None}
    if used and run.evidence is None:
        yield Text(
            "There are attestations, and no folder with their evidence.",
            "확인서가 있지만 증빙 폴더가 지정되지 않았습니다.",
        )
    if run.evidence is not None:
        for attestation, _, why in run.record.wrong_evidence(run.evidence):
            if attestation in used:
                yield why
    if not 1 <= days <= run.plan.longest_validity_days:
        yield Text(
            f"It would be valid for {days} days; the profile allows 1 to "
            f"{run.plan.longest_validity_days}.",
            f"유효 기간이 {days}일입니다. 프로파일은 1일부터 "
            f"{run.plan.longest_validity_days}일까지 허용합니다.",
        )
    if not issuer.strip():
        yield Text("The issuer has no name.", "발급자 이름이 없습니다.")
    elif assurance is not Assurance.SELF_DECLARED and issuer == run.plan.subject.supplier:
        yield Text(
            f"The supplier cannot issue {assurance} assurance about its own product.",
            f"공급사는 자사 제품에 대해 {assurance} 보증을 발급할 수 없습니다.",
        )


def _unmet(decision: Decision, *, by_person: bool) -> Text:
    name, verdict = decision.requirement, decision.verdict
    if by_person and verdict is Verdict.NOT_RUN:
        first = Text(
            f"{name} must be attested, and is not.",
            f"{name}은(는) 확인서가 필요하지만 제출되지 않았습니다.",
        )
    else:
        first = Text(
            f"The verdict of {name} is {verdict}.",
            f"{name}의 판정이 '{verdict.text.ko}'입니다.",
        )
    return Text(
        " ".join((first.en, *(each.en for each in decision.ignored))),
        " ".join((first.ko, *(each.ko for each in decision.ignored))),
    )


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
