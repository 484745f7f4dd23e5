from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd_conformance import canonical
from mfgstd_conformance.certificate import dsse, keys
from mfgstd_conformance.certificate.folder import FolderCheck
from mfgstd_conformance.certificate.issue import Run
from mfgstd_conformance.certificate.statement import Binding
from mfgstd_conformance.certificate.verify import Outcome, Verification, verify
from mfgstd_conformance.verdict import Verdict

Passing = Callable[..., Run]
Issue = Callable[..., bytes]
Check = Callable[..., Verification]


@pytest.fixture
def certificate(passing: Passing, issue: Issue) -> bytes:
    return issue(passing())


def failed(verification: Verification) -> list[str]:
    assert not verification.valid
    return [each.name for each in verification.steps if each.outcome is Outcome.FAILED]


def flips(data: bytes) -> Iterator[bytes]:
    for bit in range(len(data) * 8):
        yield flip(data, bit)


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_certificate_verifies_against_its_folder(
    certificate: bytes, folder: Path, check: Check
) -> None:
    verification = check(certificate, folder=folder)
    assert verification.valid
    assert verification.exit_code == 0
    outcomes = {each.name: each.outcome for each in verification.steps}
    assert outcomes == {
        "signature": Outcome.OK,
        "statement": Outcome.OK,
        "validity": Outcome.OK,
        "plan": Outcome.OK,
        "result": Outcome.OK,
        "ledger": Outcome.OK,
        "trace": Outcome.OK,
        "product": Outcome.UNKNOWN,
        "replay": Outcome.UNKNOWN,
        "revocation": Outcome.UNKNOWN,
    }
    assert all(each.text.ko and each.to_json()["message"] for each in verification.steps)


def test_what_was_not_verified_is_said(certificate: bytes, check: Check) -> None:
    verification = check(certificate)
    assert verification.valid
    said = {each.name: each.text.en for each in verification.steps}
    assert "not verified" in said["folder"]
    assert "binding: declared" in said["product"]
    assert said["revocation"] == "Revocation unknown: no log was given."
    assert said["replay"] == "The trace was not judged again."


def test_without_the_signing_key_nothing_is_decided(certificate: bytes, now: datetime) -> None:
    verification = verify(certificate, [keys.throwaway().public_key()], now=now)
    assert not verification.valid
    assert verification.exit_code == 3
    assert verification.predicate is None


def test_a_certificate_is_valid_from_its_first_moment_until_before_its_last(
    certificate: bytes, check: Check, now: datetime
) -> None:
    assert check(certificate, now=now).valid
    assert failed(check(certificate, now=now - timedelta(seconds=1))) == ["validity"]
    end = now + timedelta(days=365)
    assert check(certificate, now=end - timedelta(seconds=1)).valid
    assert failed(check(certificate, now=end)) == ["validity"]


def test_every_file_of_the_run_counts(certificate: bytes, folder: Path, check: Check) -> None:
    parts = {
        "plan.json": "plan",
        "result.json": "result",
        "ledger.json": "ledger",
        "trace/manifest.json": "trace",
        "trace/events.jsonl": "trace",
        "trace/observations-0000.parquet": "trace",
        "trace/parts/observations-0001.parquet": "trace",
    }
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == set(parts)
    for name, part in parts.items():
        path = folder / name
        before = path.read_bytes()
        path.unlink()
        assert failed(check(certificate, folder=folder)) == [part], name
        path.write_bytes(before)
    assert check(certificate, folder=folder).valid


def test_a_file_that_nobody_signed_for_is_noticed(
    certificate: bytes, folder: Path, check: Check
) -> None:
    (folder / "trace" / "observations-9999.parquet").write_bytes(b"")
    assert failed(check(certificate, folder=folder)) == ["trace"]


@pytest.mark.parametrize(
    "manifest",
    [
        {"files": [{"path": "../plan.json", "sha256": "0" * 64}]},
        {"files": [{"path": "/etc/hostname", "sha256": "0" * 64}]},
        {"files": ["events.jsonl"]},
        {"files": {}},
        [],
    ],
)
def test_a_manifest_cannot_lead_out_of_the_trace(
    passing: Passing, issue: Issue, folder: Path, check: Check, manifest: Any
) -> None:
    data = json.dumps(manifest).encode()
    (folder / "trace" / "manifest.json").write_bytes(data)
    run = passing()
    certificate = issue(replace(run, digests=replace(run.digests, trace=canonical.sha256(data))))
    verification = check(certificate, folder=folder)
    assert failed(verification) == ["trace"]
    assert "malformed" in verification.step("trace").text.en


def test_every_single_bit_of_result_ledger_and_trace_counts(
    certificate: bytes, folder: Path, key: Ed25519PrivateKey
) -> None:
    predicate = dsse.unseal(certificate, [key.public_key()])[0]["predicate"]
    checked = FolderCheck(folder, predicate)
    small = ("result.json", "ledger.json", "trace/parts/observations-0001.parquet")
    for name in (*small, "trace/events.jsonl"):
        path = folder / name
        before = path.read_bytes()
        for changed in flips(before):
            path.write_bytes(changed)
            assert any(problem for _, problem in checked.problems())
        path.write_bytes(before)
    assert not any(problem for _, problem in checked.problems())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_bit_of_any_file_counts(
    certificate: bytes, folder: Path, check: Check, data: st.DataObject
) -> None:
    names = sorted(p for p in folder.rglob("*") if p.is_file())
    path = data.draw(st.sampled_from(names))
    before = path.read_bytes()
    path.write_bytes(flip(before, data.draw(st.integers(0, len(before) * 8 - 1))))
    assert not check(certificate, folder=folder).valid
    path.write_bytes(before)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_any_bit_of_the_certificate_counts(
    certificate: bytes, check: Check, data: st.DataObject
) -> None:
    bit = data.draw(st.integers(0, len(certificate) * 8 - 1))
    assert not check(flip(certificate, bit)).valid


def test_every_bit_of_the_parts_that_a_signature_does_not_cover_counts(
    certificate: bytes, check: Check
) -> None:
    # All of the envelope but the middle of the payload, and both ends of that.
    start = certificate.index(b'"payloadType"') - 8
    for at in (*range(16), *range(start, len(certificate))):
        for bit in range(8):
            assert not check(flip(certificate, at * 8 + bit)).valid, at


def test_a_cut_or_lengthened_certificate_is_refused(certificate: bytes, check: Check) -> None:
    for changed in (certificate[:-1], certificate + b"\n", b"", certificate * 2):
        assert failed(check(changed)) == ["signature"]


def test_the_products_file_is_compared_where_it_is_bound(
    passing: Passing, issue: Issue, check: Check, tmp_path: Path
) -> None:
    product = tmp_path / "edge-link-2.4.1.whl"
    product.write_bytes(b"program")
    certificate = issue(passing(), binding=Binding.digest(canonical.sha256(b"program")))
    assert check(certificate, product=product).step("product").outcome is Outcome.OK
    product.write_bytes(b"Program")
    assert failed(check(certificate, product=product)) == ["product"]
    product.unlink()
    assert check(certificate, product=product).step("product").outcome is Outcome.UNKNOWN


def test_a_replay_must_give_the_same_verdicts(
    passing: Passing, issue: Issue, folder: Path, check: Check
) -> None:
    run = passing()
    certificate = issue(run)

    def other(_: Path) -> dict[str, Verdict]:
        return {**run.verdicts, "MFG-OBS-003": Verdict.FAIL}

    same = check(certificate, folder=folder, replay=lambda _: run.verdicts)
    assert same.step("replay").outcome is Outcome.OK
    verification = check(certificate, folder=folder, replay=other)
    assert failed(verification) == ["replay"]
    assert "MFG-OBS-003" in verification.step("replay").text.en
    missing = check(certificate, folder=folder, replay=lambda _: {})
    assert failed(missing) == ["replay"]


def test_a_changed_trace_is_not_even_replayed(
    certificate: bytes, folder: Path, check: Check
) -> None:
    (folder / "trace" / "events.jsonl").write_bytes(b"")

    def never(_: Path) -> dict[str, Verdict]:
        raise AssertionError("replayed a trace that was changed")

    verification = check(certificate, folder=folder, replay=never)
    assert failed(verification) == ["trace"]
    assert verification.step("replay").outcome is Outcome.UNKNOWN


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "with_folder"),
    [
        (lambda s: s["predicate"]["verdicts"].update({"MFG-OBS-003": "fail"}), False),
        (lambda s: s["predicate"]["summary"]["verdicts"].update({"pass": 1}), False),
        (lambda s: s["predicate"]["product"].update({"version": "9.9"}), False),
        (lambda s: s["subject"][0]["digest"].update({"sha256": "0" * 64}), False),
        (lambda s: s["subject"][0].update({"name": "other"}), False),
        (lambda s: s["predicate"].update({"bypass": True}), False),
        (lambda s: s["predicate"].update({"observations": 0}), False),
        (lambda s: s.update({"predicateType": "https://example.org/1"}), False),
        (lambda s: s["predicate"]["summary"].update({"notApplicable": []}), True),
        (lambda s: s["predicate"]["summary"].update({"neverPlanned": []}), True),
        (lambda s: s["predicate"].update({"capabilities": []}), True),
        (lambda s: s["predicate"]["profile"].update({"level": "field"}), True),
    ],
)
def test_a_signed_contradiction_is_still_a_contradiction(
    certificate: bytes,
    folder: Path,
    check: Check,
    key: Ed25519PrivateKey,
    change: Change,
    with_folder: bool,
) -> None:
    statement, _ = dsse.unseal(certificate, [key.public_key()])
    change(statement)
    again = dsse.seal(statement, key)
    assert failed(check(again, folder=folder if with_folder else None)) == ["statement"]


def test_a_lax_issuer_cannot_hide_an_unmet_must(
    certificate: bytes, folder: Path, check: Check, key: Ed25519PrivateKey
) -> None:
    statement, _ = dsse.unseal(certificate, [key.public_key()])
    predicate = statement["predicate"]
    total = predicate["summary"]["verdicts"]["pass"]
    predicate["verdicts"]["MFG-OBS-003"] = "not_run"
    predicate["summary"]["verdicts"] = {"pass": total - 1, "not_run": 1}
    verification = check(dsse.seal(statement, key), folder=folder)
    assert failed(verification) == ["statement"]
    assert "MFG-OBS-003 is a MUST, it is not_run" in verification.step("statement").text.en


@given(st.binary(max_size=200))
def test_no_bytes_break_verification(data: bytes) -> None:
    assert not verify(data, [keys.throwaway().public_key()]).valid
