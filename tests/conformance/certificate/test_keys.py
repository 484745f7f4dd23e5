from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from mfgstd_conformance.certificate import keys
from mfgstd_conformance.errors import KeyRefused


def test_a_key_is_written_encrypted_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    key, path = keys.throwaway(), tmp_path / "lab.pem"
    keys.write_private(path, key, "비밀번호".encode())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    again = keys.read_private(path, "비밀번호".encode())
    assert keys.key_id(again.public_key()) == keys.key_id(key.public_key())


def test_a_public_key_is_written_and_read_back(tmp_path: Path) -> None:
    key, path = keys.throwaway().public_key(), tmp_path / "lab.pub"
    keys.write_public(path, key)
    assert keys.key_id(keys.read_public(path)) == keys.key_id(key)


def test_the_key_id_is_the_digest_of_the_public_key_in_der() -> None:
    # RFC 8410, section 10.1: the public key of its example, and its SHA-256 computed by hand.
    der = bytes.fromhex(
        "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
    )
    public = load_der_public_key(der)
    assert keys.key_id(public) == sha256(der).hexdigest()  # type: ignore[arg-type]  # it is Ed25519


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "lab.pem"
    keys.write_private(path, keys.throwaway(), b"secret")
    before = path.read_bytes()
    with pytest.raises(KeyRefused, match="never overwritten"):
        keys.write_private(path, keys.throwaway(), b"secret")
    assert path.read_bytes() == before


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lab.pem"
    keys.write_private(path, keys.throwaway(), b"secret")
    path.chmod(0o640)
    with pytest.raises(KeyRefused, match="chmod 600"):
        keys.read_private(path, b"secret")


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lab.pem"
    keys.write_private(path, keys.throwaway(), b"secret")
    with pytest.raises(KeyRefused, match="passphrase"):
        keys.read_private(path, b"Secret")


def test_other_keys_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    elliptic = ec.generate_private_key(ec.SECP256R1())
    plain = keys.throwaway().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    other = elliptic.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    for data in (plain, other, b"", b"\xff" * 100, b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(KeyRefused):
            keys.read_private(path, b"secret")
    public = elliptic.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for data in (public, b"", b"\xff" * 100):
        path.write_bytes(data)
        with pytest.raises(KeyRefused):
            keys.read_public(path)
    with pytest.raises(KeyRefused):
        keys.read_public(tmp_path / "absent.pem")


def test_the_passphrase_comes_from_a_named_variable_or_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAB_SECRET", "열려라")
    assert keys.passphrase(variable="LAB_SECRET") == "열려라".encode()
    assert keys.passphrase(prompt=lambda: "typed") == b"typed"
    for arguments in ({"variable": "ABSENT_SECRET"}, {"prompt": str}, {}):
        with pytest.raises(KeyRefused):
            keys.passphrase(**arguments)
