"""Ed25519 keys: made, kept encrypted, named after what they are.

A key's id is the SHA-256 of its public half in DER (SubjectPublicKeyInfo), so that nobody can
give a key another key's name.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance import canonical
from mfgstd_conformance.errors import KeyRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SIZE_LIMIT: Final = 16 * 1024

_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def throwaway() -> Ed25519PrivateKey:
    """A key that is never written down: for demonstrations and tests."""
    return Ed25519PrivateKey.generate()


def key_id(public: Ed25519PublicKey) -> str:
    """The SHA-256 of the key's SubjectPublicKeyInfo in DER, in hexadecimal."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return canonical.sha256(der)


def passphrase(*, variable: str | None = None, prompt: Callable[[], str] | None = None) -> bytes:
    """The passphrase from an environment variable, else from a person.

    Args:
        variable: the *name* of the variable; a passphrase on a command line would be in every
            process list and shell history.
        prompt: asks a person without showing what is typed.

    Raises:
        KeyRefused: the variable is not set, nobody can be asked, or the answer is empty.
    """
    if variable is not None:
        given = os.environ.get(variable)
        if given is None:
            raise KeyRefused(
                Text(
                    f"The environment variable {variable} is not set.",
                    f"환경 변수 {variable}이(가) 설정되어 있지 않습니다.",
                )
            )
    else:
        given = prompt() if prompt is not None else ""
    if not given:
        raise KeyRefused(
            Text("The passphrase is empty.", "암호가 비어 있습니다."),
            hint=Text(
                "Name an environment variable that holds it, or type it when asked.",
                "암호가 들어 있는 환경 변수의 이름을 지정하거나, 물어볼 때 입력하세요.",
            ),
        )
    return given.encode("utf-8")


def write_private(path: Path, key: Ed25519PrivateKey, secret: bytes) -> None:
    """Write a new PKCS #8 PEM file, encrypted, readable by its owner alone.

    Raises:
        KeyRefused: the file exists (keys are never overwritten) or cannot be written.
    """
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(secret))
    _write_new(path, pem, 0o600)


def write_public(path: Path, key: Ed25519PublicKey) -> None:
    """Write the public half as PEM (SubjectPublicKeyInfo), for everyone to read.

    Raises:
        KeyRefused: the file exists or cannot be written.
    """
    _write_new(path, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)


def read_private(path: Path, secret: bytes) -> Ed25519PrivateKey:
    """Read a private key that :func:`write_private` wrote.

    Raises:
        KeyRefused: not there, not encrypted, open to others, wrong passphrase, or no Ed25519.
    """
    data = _read(path)
    if not data.lstrip().startswith(_ENCRYPTED):
        raise _not_a_key(
            path,
            Text(
                "This is not an encrypted PKCS #8 private key.",
                "암호화된 PKCS #8 개인 키가 아닙니다.",
            ),
        )
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyRefused(
            Text(
                "Others may read this private key.",
                "다른 사용자가 이 개인 키를 읽을 수 있습니다.",
            ),
            place=Place(path=str(path)),
            hint=Text(f"Run: chmod 600 {path}", f"다음 명령을 실행하세요: chmod 600 {path}"),
        )
    try:
        key = load_pem_private_key(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _not_a_key(
            path,
            Text(
                "The passphrase is wrong, or the file is damaged.",
                "암호가 틀렸거나 파일이 손상되었습니다.",
            ),
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path, _NOT_ED25519)
    return key


def read_public(path: Path) -> Ed25519PublicKey:
    """Read a public key in PEM.

    Raises:
        KeyRefused: not there, not PEM, or no Ed25519 key.
    """
    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm):
        raise _not_a_key(
            path, Text("This is not a public key in PEM.", "PEM 형식의 공개 키가 아닙니다.")
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _not_a_key(path, _NOT_ED25519)
    return key


_NOT_ED25519: Final = Text("This is not an Ed25519 key.", "Ed25519 키가 아닙니다.")


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        # Created with its mode: there is no moment at which others could open it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
    except FileExistsError:
        raise KeyRefused(
            Text(
                "This file exists already; a key is never overwritten.",
                "파일이 이미 있습니다. 키는 덮어쓰지 않습니다.",
            ),
            place=Place(path=str(path)),
        ) from None
    except OSError as error:
        raise _not_a_key(path, _os_text(error)) from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_SIZE_LIMIT)
    except OSError as error:
        raise _not_a_key(path, _os_text(error)) from None


def _os_text(error: OSError) -> Text:
    return Text(
        f"The key file cannot be used: {error.strerror}.",
        f"키 파일을 사용할 수 없습니다: {error.strerror}",
    )


def _not_a_key(path: Path, what: Text) -> KeyRefused:
    return KeyRefused(what, place=Place(path=str(path)))
