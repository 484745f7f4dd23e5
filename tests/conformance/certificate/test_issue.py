from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mfgstd_conformance import formats
from mfgstd_conformance.certificate import dsse
from mfgstd_conformance.certificate.issue import Run
from mfgstd_conformance.certificate.statement import Assurance, Binding
from mfgstd_conformance.certificate.verify import Verification
from mfgstd_conformance.decision import MET, Attestation, DecisionRecord, Evidence, Waiver
from mfgstd_conformance.errors import CertificateRefused
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access, Level, Profile, find_profile
from mfgstd_conformance.registry import Obligation, Registry
from mfgstd_conformance.verdict import Verdict

Passing = Callable[..., Run]
Issue = Callable[..., bytes]
Check = Callable[..., Verification]


def reasons(issue: Issue, run: Run, **changes: Any) -> list[str]:
    with pytest.raises(CertificateRefused) as caught:
        issue(run, **changes)
    assert caught.value.exit_code == 1
    assert all(each.ko for each in caught.value.reasons)
    return [each.en for each in caught.value.reasons]


def with_verdicts(run: Run, **verdicts: Verdict) -> Run:
    changed = {f"MFG-{name.replace('_', '-')}": verdict for name, verdict in verdicts.items()}
    assert changed.keys() <= {each.requirement for each in run.plan.planned}
    return replace(run, verdicts={**run.verdicts, **changed})


def waiver(requirement: str, expires: str = "2027-01-01T00:00:00Z") -> Waiver:
    return Waiver(
        requirement=requirement, reason="시계 교체 예정", approver="김품질", expires=expires
    )


def test_a_run_in_which_everything_passes_is_certified(
    passing: Passing, issue: Issue, key: Ed25519PrivateKey
) -> None:
    run = passing()
    statement, _ = dsse.unseal(issue(run), [key.public_key()])
    assert not list(formats.violations("statement", statement))
    predicate = statement["predicate"]
    assert predicate["product"]["supplier"] == "한빛정밀"
    assert predicate["plan"]["sha256"] == run.plan.digest
    assert predicate["summary"]["verdicts"] == {"pass": len(run.plan.planned)}
    assert [each["requirement"] for each in predicate["summary"]["notApplicable"]] == [
        "MFG-ALM-001",
        "MFG-ALM-002",
        "MFG-ALM-003",
    ]
    assert [each["requirement"] for each in predicate["summary"]["neverPlanned"]] == ["MFG-DLV-007"]
    assert predicate["validity"] == {
        "from": "2026-11-22T09:00:00Z",
        "until": "2027-11-22T09:00:00Z",
    }


@pytest.mark.parametrize("verdict", Verdict)
def test_every_must_has_to_be_met_and_each_that_is_not_is_named(
    passing: Passing, issue: Issue, check: Check, verdict: Verdict
) -> None:
    run = passing()
    for each in run.plan.planned:
        changed = replace(run, verdicts={**run.verdicts, each.requirement: verdict})
        must = each.obligation is Obligation.MUST
        if verdict in MET or (not must and verdict not in {Verdict.FAIL, Verdict.ERROR}):
            assert check(issue(changed)).valid
        else:
            (reason,) = reasons(issue, changed)
            assert each.requirement in reason


def test_a_requirement_without_a_verdict_was_not_run(passing: Passing, issue: Issue) -> None:
    run = passing()
    kept = {name: each for name, each in run.verdicts.items() if name != "MFG-OBS-003"}
    (reason,) = reasons(issue, replace(run, verdicts=kept))
    assert reason == "The verdict of MFG-OBS-003 is not_run."


def test_all_reasons_are_told_at_once(passing: Passing, issue: Issue) -> None:
    run = with_verdicts(passing(), OBS_003=Verdict.FAIL, OBS_004=Verdict.ERROR)
    run = replace(run, observations=0, seed=run.plan.reuse_seed(7))
    told = reasons(issue, run, days=10_000, issuer=" ")
    assert len(told) == 6


def test_without_observations_nothing_is_certified(passing: Passing, issue: Issue) -> None:
    (reason,) = reasons(issue, passing(observations=0))
    assert "no observation" in reason


def test_a_seed_that_somebody_chose_is_not_certified(passing: Passing, issue: Issue) -> None:
    run = passing()
    (reason,) = reasons(issue, replace(run, seed=run.plan.reuse_seed(run.seed.value)))
    assert "by hand" in reason


def test_the_seed_must_be_the_plans(passing: Passing, issue: Issue) -> None:
    run = passing()
    (reason,) = reasons(issue, replace(run, seed=replace(run.seed, plan="0" * 64)))
    assert "another plan" in reason


def test_a_verdict_from_outside_the_plan_is_not_mixed_in(passing: Passing, issue: Issue) -> None:
    run = passing()
    foreign = {**run.verdicts, "MFG-DLV-001": Verdict.PASS}
    (reason,) = reasons(issue, replace(run, verdicts=foreign))
    assert "MFG-DLV-001" in reason


def test_a_waiver_stands_on_the_certificate_and_the_failure_with_it(
    passing: Passing, issue: Issue, key: Ed25519PrivateKey
) -> None:
    run = with_verdicts(passing(), OBS_004=Verdict.FAIL)
    record = DecisionRecord(waivers=(waiver("MFG-OBS-004"), waiver("MFG-OBS-005")))
    predicate = dsse.unseal(issue(replace(run, record=record)), [key.public_key()])[0]["predicate"]
    assert predicate["verdicts"]["MFG-OBS-004"] == "fail"
    assert predicate["summary"]["verdicts"]["fail"] == 1
    assert [each["requirement"] for each in predicate["summary"]["waived"]] == ["MFG-OBS-004"]
    # The certificate ends with the waiver that it rests on.
    assert predicate["validity"]["until"] == "2027-01-01T00:00:00Z"


def test_expired_forbidden_and_too_many_waivers_are_named(passing: Passing, issue: Issue) -> None:
    run = with_verdicts(passing(), OBS_004=Verdict.FAIL)
    expired = DecisionRecord(waivers=(waiver("MFG-OBS-004", "2026-01-01T00:00:00Z"),))
    (reason,) = reasons(issue, replace(run, record=expired))
    assert "expired on 2026-01-01" in reason

    run = with_verdicts(passing(), CAP_001=Verdict.FAIL)
    (reason,) = reasons(
        issue, replace(run, record=DecisionRecord(waivers=(waiver("MFG-CAP-001"),)))
    )
    assert "never allows MFG-CAP-001" in reason

    names = ("MFG-OBS-003", "MFG-OBS-004", "MFG-OBS-005")
    run = with_verdicts(passing(), OBS_003=Verdict.FAIL, OBS_004=Verdict.FAIL, OBS_005=Verdict.FAIL)
    record = DecisionRecord(waivers=tuple(map(waiver, names)))
    told = reasons(issue, replace(run, record=record))
    assert len(told) == 3
    assert all("allows 2" in each for each in told)


def test_an_attested_requirement_needs_its_statement_and_its_evidence(
    registry: Registry,
    subject: Subject,
    issue: Issue,
    passing: Passing,
    tmp_path: Path,
    key: Ed25519PrivateKey,
) -> None:
    plan = Plan.make(
        profile=find_profile("equipment-file", registry),
        level=Level.SCHEMA,
        capabilities=["numbers"],
        registry=registry,
        subject=subject,
        access=Access.FILE,
    )
    run = passing(
        plan=plan,
        seed=plan.draw_seed(),
        verdicts={each.requirement: Verdict.PASS for each in plan.planned},
    )
    (reason,) = reasons(issue, run)
    assert reason == "MFG-ORG-001 must be attested, and is not."

    (tmp_path / "contact.txt").write_bytes(b"02-000-0000")
    digest = sha256(b"02-000-0000").hexdigest()
    attestation = Attestation(
        requirement="MFG-ORG-001",
        who="이담당",
        when="2026-11-01T09:00:00+09:00",
        statement="지원 창구를 운영합니다.",
        evidence=(Evidence(path="contact.txt", sha256=digest),),
    )
    run = replace(run, record=DecisionRecord(attestations=(attestation,)))
    (reason,) = reasons(issue, run)
    assert "no folder" in reason
    certificate = issue(replace(run, evidence=tmp_path))
    predicate = dsse.unseal(certificate, [key.public_key()])[0]["predicate"]
    assert predicate["summary"]["attested"][0]["evidence"][0]["sha256"] == digest
    assert predicate["verdicts"]["MFG-ORG-001"] == "not_run"

    (tmp_path / "contact.txt").write_bytes(b"02-000-0001")
    (reason,) = reasons(issue, replace(run, evidence=tmp_path))
    assert "was changed" in reason


def test_the_validity_stays_within_the_profile(
    passing: Passing, issue: Issue, profile: Profile
) -> None:
    assert issue(passing(), days=profile.longest_validity_days)
    for days in (0, -1, profile.longest_validity_days + 1):
        (reason,) = reasons(issue, passing(), days=days)
        assert "valid for" in reason


def test_a_supplier_is_not_its_own_laboratory(passing: Passing, issue: Issue) -> None:
    for assurance in (Assurance.WITNESSED, Assurance.LABORATORY):
        (reason,) = reasons(issue, passing(), assurance=assurance)
        assert "own product" in reason
        assert issue(passing(), assurance=assurance, issuer="한국시험원")


@pytest.mark.parametrize(
    "binding",
    [
        Binding.digest("a" * 64),
        Binding.observed_nameplate({"manufacturer": "한빛정밀", "serialNumber": "00123"}),
        Binding.declared({"name": "edge-link", "version": "2.4.1", "supplier": "한빛정밀"}),
    ],
)
def test_each_binding_gives_the_subject_its_digest(
    passing: Passing, issue: Issue, key: Ed25519PrivateKey, binding: Binding
) -> None:
    statement, _ = dsse.unseal(issue(passing(), binding=binding), [key.public_key()])
    assert statement["subject"] == [
        {"name": "edge-link 2.4.1", "digest": {"sha256": binding.sha256}}
    ]
    assert statement["predicate"]["binding"] == binding.to_json()


def test_a_malformed_digest_is_refused_not_signed(passing: Passing, issue: Issue) -> None:
    (reason,) = reasons(issue, passing(), binding=Binding.digest("not a digest"))
    assert "malformed" in reason


def test_issuing_twice_gives_the_same_bytes(passing: Passing, issue: Issue, now: datetime) -> None:
    run = passing()
    assert issue(run) == issue(run)
    assert issue(run) != issue(run, now=now + timedelta(seconds=1))
