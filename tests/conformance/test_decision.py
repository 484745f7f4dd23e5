from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_conformance.decision import (
    Attestation,
    DecisionRecord,
    Evidence,
    Standing,
    Waiver,
    WaiverLimits,
    decide,
)
from mfgstd_conformance.errors import RecordRefused
from mfgstd_conformance.verdict import Verdict

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ID, OTHER = "MFG-OBS-004", "MFG-OBS-007"
LIMITS = WaiverLimits(at_most=1, never=frozenset({"MFG-SMK-001"}))


def waiver(requirement: str = ID, expires: str = "2027-01-01T00:00:00Z") -> Waiver:
    return Waiver(
        requirement=requirement, reason="시계 교체 예정", approver="김품질", expires=expires
    )


def attestation(requirement: str = ID, when: str = "2026-11-01T09:00:00+09:00") -> Attestation:
    return Attestation(
        requirement=requirement,
        who="이담당",
        when=when,
        statement="지원 창구를 운영합니다.",
        evidence=(Evidence(path="contact.pdf", sha256="0" * 64),),
    )


def outcome(verdict: Verdict, *entries: Waiver | Attestation, **changes: Any) -> Standing:
    record = DecisionRecord(
        waivers=tuple(each for each in entries if isinstance(each, Waiver)),
        attestations=tuple(each for each in entries if isinstance(each, Attestation)),
    )
    arguments = {"attested": (), "limits": LIMITS, "now": NOW, **changes}
    return decide({ID: verdict}, record=record, **arguments)[ID].standing


entries = st.lists(
    st.one_of(
        st.builds(waiver, st.sampled_from([ID, OTHER, "MFG-SMK-001"])),
        st.builds(attestation, st.sampled_from([ID, OTHER, "MFG-ORG-001"])),
    )
)


@given(st.dictionaries(st.sampled_from([ID, OTHER]), st.sampled_from(Verdict)), entries)
def test_no_decision_changes_a_verdict(
    verdicts: dict[str, Verdict], given_: list[Waiver | Attestation]
) -> None:
    record = DecisionRecord(
        waivers=tuple(each for each in given_ if isinstance(each, Waiver)),
        attestations=tuple(each for each in given_ if isinstance(each, Attestation)),
    )
    decisions = decide(verdicts, attested=[OTHER], record=record, limits=LIMITS, now=NOW)
    assert {name: each.verdict for name, each in decisions.items()} == verdicts


def test_a_waiver_accepts_a_known_failure_until_it_expires() -> None:
    assert outcome(Verdict.FAIL, waiver()) is Standing.WAIVED
    assert outcome(Verdict.FAIL, waiver(expires="2026-11-22T00:00:00Z")) is Standing.UNMET


def test_of_two_waivers_the_one_that_lasts_longer_counts() -> None:
    assert outcome(Verdict.FAIL, waiver(expires="2020-01-01T00:00:00Z"), waiver()) is (
        Standing.WAIVED
    )


@pytest.mark.parametrize("verdict", [Verdict.NOT_RUN, Verdict.ERROR])
def test_what_was_never_examined_cannot_be_waived(verdict: Verdict) -> None:
    assert outcome(verdict, waiver()) is Standing.UNMET


def test_what_the_profile_protects_cannot_be_waived() -> None:
    limits = WaiverLimits(at_most=1, never=frozenset({ID}))
    assert outcome(Verdict.FAIL, waiver(), limits=limits) is Standing.UNMET


def test_over_the_limit_no_waiver_counts_whatever_their_order() -> None:
    for order in ((ID, OTHER), (OTHER, ID)):
        decisions = decide(
            dict.fromkeys(order, Verdict.FAIL),
            attested=(),
            record=DecisionRecord(waivers=(waiver(ID), waiver(OTHER))),
            limits=LIMITS,
            now=NOW,
        )
        assert {each.standing for each in decisions.values()} == {Standing.UNMET}
        assert all("2 requirements" in each.ignored[-1].en for each in decisions.values())


def test_a_waiver_that_is_not_needed_does_not_use_up_the_limit() -> None:
    decisions = decide(
        {ID: Verdict.FAIL, OTHER: Verdict.PASS},
        attested=(),
        record=DecisionRecord(waivers=(waiver(ID), waiver(OTHER))),
        limits=LIMITS,
        now=NOW,
    )
    assert decisions[ID].standing is Standing.WAIVED
    assert decisions[OTHER].standing is Standing.STANDS


def test_only_requirements_made_for_attestation_can_be_attested() -> None:
    assert outcome(Verdict.NOT_RUN, attestation(), attested=[ID]) is Standing.ATTESTED
    assert outcome(Verdict.NOT_RUN, attestation()) is Standing.UNMET
    assert outcome(Verdict.FAIL, attestation()) is Standing.UNMET


def test_a_statement_does_not_undo_a_proved_failure() -> None:
    assert outcome(Verdict.FAIL, attestation(), attested=[ID]) is Standing.UNMET


def test_an_attestation_from_the_future_does_not_count() -> None:
    later = (NOW + timedelta(days=1)).isoformat()
    assert outcome(Verdict.NOT_RUN, attestation(when=later), attested=[ID]) is Standing.UNMET


def test_a_record_reads_back_as_it_was_written() -> None:
    record = DecisionRecord(waivers=(waiver(),), attestations=(attestation(),))
    assert DecisionRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"attestations": [], "waivers": [], "skip": true}',
        '{"attestations": [], "waivers": [], "waivers": []}',
        '{"attestations": [], "waivers": [{"requirement": "MFG-OBS-004"}]}',
        "[" * 100_000,
    ],
)
def test_a_record_with_anything_else_in_it_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "decisions.json"
    path.write_text(text)
    with pytest.raises(RecordRefused) as caught:
        DecisionRecord.load(path)
    assert caught.value.place is not None
    assert caught.value.place.path == str(path)


@pytest.mark.parametrize("expires", ["2026-02-30T00:00:00Z", "2027-01-01T00:00:00", "soon"])
def test_a_waiver_must_name_a_moment_that_exists(expires: str) -> None:
    value = {"attestations": [], "waivers": [waiver(expires=expires).to_json()]}
    with pytest.raises(RecordRefused):
        DecisionRecord.from_json(value)


def test_evidence_that_is_absent_changed_or_elsewhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.pdf").write_bytes(b"x")
    (tmp_path / "in" / "good.pdf").write_bytes(b"x")
    (tmp_path / "in" / "changed.pdf").write_bytes(b"y")
    digest = sha256(b"x").hexdigest()
    names = ("good.pdf", "changed.pdf", "absent.pdf", "../outside.pdf")
    stated = Attestation(
        requirement="MFG-ORG-001",
        who="이담당",
        when="2026-11-01T00:00:00Z",
        statement="운영합니다.",
        evidence=tuple(Evidence(path=name, sha256=digest) for name in names),
    )
    wrong = DecisionRecord(attestations=(stated,)).wrong_evidence(tmp_path / "in")
    assert [evidence.path for _, evidence, _ in wrong] == list(names[1:])


def test_a_record_file_is_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    record = DecisionRecord(waivers=(waiver(),))
    path.write_text(json.dumps(record.to_json()))
    assert DecisionRecord.load(path) == record
