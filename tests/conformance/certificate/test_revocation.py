from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd_conformance.certificate import dsse, keys, revocation
from mfgstd_conformance.certificate.issue import Run
from mfgstd_conformance.certificate.verify import Outcome, Revocations, verify
from mfgstd_conformance.errors import LogBroken

REGISTRAR = keys.throwaway()


@pytest.fixture
def log(tmp_path: Path, now: datetime) -> Path:
    path = tmp_path / "revoked.jsonl"
    for name in (b"one", b"two", b"three"):
        revocation.append(path, name, "키 유출", now)
    return path


def test_entries_are_chained_from_the_first(log: Path) -> None:
    entries = revocation.read(log)
    assert [each.index for each in entries] == [0, 1, 2]
    assert entries[0].previous == revocation.ORIGIN
    assert [each.previous for each in entries[1:]] == [each.digest for each in entries[:-1]]


def test_every_single_bit_of_the_log_counts(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "one.jsonl"
    revocation.append(path, b"one", "x", now)
    (entry,) = revocation.read(path)
    data = path.read_bytes()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        try:
            entries = revocation.read(path)
        except LogBroken:
            continue
        # Still an entry: then it is another one, and not the checkpoint's.
        assert [each.digest for each in entries] != [entry.digest]


@given(bit=st.integers(min_value=0))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_bit_of_the_log_counts(log: Path, now: datetime, bit: int) -> None:
    signed = revocation.checkpoint(log, REGISTRAR, now)
    data = log.read_bytes()
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    log.write_bytes(changed)
    with pytest.raises(LogBroken):
        revocation.status(b"one", log, signed, [REGISTRAR.public_key()])
    log.write_bytes(data)


def test_a_removed_entry_breaks_the_chain_with_its_line(log: Path) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + lines[2])
    with pytest.raises(LogBroken) as caught:
        revocation.read(log)
    assert caught.value.place is not None
    assert caught.value.place.line == 2


def test_a_shortened_log_does_not_fit_its_checkpoint(log: Path, now: datetime) -> None:
    signed = revocation.checkpoint(log, REGISTRAR, now)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(LogBroken, match="signed for"):
        revocation.status(b"one", log, signed, [REGISTRAR.public_key()])


def test_the_log_grows_and_an_old_checkpoint_speaks_of_its_own_time(
    log: Path, now: datetime
) -> None:
    signed = revocation.checkpoint(log, REGISTRAR, now)
    revocation.append(log, b"four", "결함 발견", now + timedelta(hours=1))
    early = revocation.status(b"four", log, signed, [REGISTRAR.public_key()])
    assert early.revoked is None
    assert early.as_of == "2026-11-22T09:00:00Z"
    later = revocation.checkpoint(log, REGISTRAR, now + timedelta(hours=2))
    found = revocation.status(b"four", log, later, [REGISTRAR.public_key()]).revoked
    assert found is not None
    assert found.reason == "결함 발견"


def test_an_empty_log_has_a_checkpoint_too(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "empty.jsonl"
    signed = revocation.checkpoint(path, REGISTRAR, now)
    path.touch()
    assert revocation.status(b"x", path, signed, [REGISTRAR.public_key()]).revoked is None


def test_a_certificate_does_not_pass_as_a_checkpoint(
    log: Path, passing: Callable[..., Run], issue: Callable[..., bytes], key: Ed25519PrivateKey
) -> None:
    with pytest.raises(LogBroken):
        revocation.status(b"one", log, issue(passing()), [key.public_key()])


@pytest.mark.parametrize("said", [{}, [], {"size": -1, "head": "", "time": ""}, {"size": "1"}])
def test_a_malformed_checkpoint_is_refused(log: Path, said: object) -> None:
    signed = dsse.seal(said, REGISTRAR, revocation.CHECKPOINT)
    with pytest.raises(LogBroken):
        revocation.status(b"one", log, signed, [REGISTRAR.public_key()])


def test_verification_says_as_of_when(
    passing: Callable[..., Run],
    issue: Callable[..., bytes],
    key: Ed25519PrivateKey,
    log: Path,
    now: datetime,
) -> None:
    certificate = issue(passing())

    def step(signed: bytes) -> tuple[Outcome, str]:
        given = Revocations(log=log, checkpoint=signed, keys=(REGISTRAR.public_key(),))
        verified = verify(certificate, [key.public_key()], revocations=given, now=now)
        found = verified.step("revocation")
        return found.outcome, found.text.en

    assert step(revocation.checkpoint(log, REGISTRAR, now)) == (
        Outcome.OK,
        "Not revoked as of checkpoint 2026-11-22T09:00:00Z.",
    )
    assert step(revocation.checkpoint(log, keys.throwaway(), now))[0] is Outcome.UNKNOWN
    revocation.append(log, certificate, "결함 발견", now)
    outcome, said = step(revocation.checkpoint(log, REGISTRAR, now))
    assert outcome is Outcome.FAILED
    assert said == "Revoked on 2026-11-22T09:00:00Z: 결함 발견"
