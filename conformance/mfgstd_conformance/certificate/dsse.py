"""One signed thing has one byte form: DSSE v1, read so strictly that no bit is free.

DSSE signs ``PAE(type, payload)`` and leaves the rest of the envelope open: the key id is not
signed, base64 has bits that decode to nothing, JSON can be written in many ways. Each of these
would let a byte change without notice, so each has exactly one accepted form here:

- the envelope is canonical JSON (RFC 8785) with exactly these members and one signature;
- base64 is the standard alphabet with padding, and encoding again gives the same text, so that
  the slack bits of the last character are zero;
- the key id is the one derived from the public key that verifies;
- the payload is canonical JSON.

An Ed25519 signature itself has no second form: verification refuses S beyond the group order.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature

from mfgstd.language import Text
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.certificate.keys import key_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

IN_TOTO: Final = "application/vnd.in-toto+json"

#: A certificate of ten thousand requirements is below this.
ENVELOPE_LIMIT: Final = 4 * 1024 * 1024


class EnvelopeError(ValueError):
    """The bytes are no envelope of ours; ``text`` says what is wrong in both languages."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


class UnknownKeyError(EnvelopeError):
    """The envelope is well formed; none of the keys given is the one that it names."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """What is signed: type and payload with their lengths in bytes (DSSE v1, protocol.md)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(value: Any, key: Ed25519PrivateKey, payload_type: str = IN_TOTO) -> bytes:
    """The canonical bytes of the signed envelope around a JSON value."""
    payload = canonical.encode(value)
    signature = key.sign(pre_authentication_encoding(payload_type, payload))
    return canonical.encode(
        {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": payload_type,
            "signatures": [
                {
                    "keyid": key_id(key.public_key()),
                    "sig": base64.b64encode(signature).decode("ascii"),
                }
            ],
        }
    )


def unseal(
    data: bytes, keys: Iterable[Ed25519PublicKey], payload_type: str = IN_TOTO
) -> tuple[Any, str]:
    """The value inside an envelope and the id of the key that signed it.

    Raises:
        UnknownKeyError: the key that the envelope names is not among ``keys``.
        EnvelopeError: anything else about the bytes is not as it must be.
    """
    try:
        envelope = canonical.decode(data, limit=ENVELOPE_LIMIT)
    except canonical.NotCanonicalError as error:
        raise _wrong(f"the envelope is not canonical JSON ({error})") from None
    for where, what in formats.violations("envelope", envelope):
        raise _wrong(f"{where}: {what}" if where else what)
    if envelope["payloadType"] != payload_type:
        raise _wrong(f"the payload type is not {payload_type}")
    signature = envelope["signatures"][0]
    payload = strict_base64(envelope["payload"])
    signed = strict_base64(signature["sig"])
    named = signature["keyid"]
    key = {key_id(each): each for each in keys}.get(named)
    if key is None:
        raise UnknownKeyError(
            Text(
                f"It is signed with the key {named[:16]}..., which was not given.",
                f"제시되지 않은 키({named[:16]}...)로 서명되어 있습니다.",
            )
        )
    try:
        key.verify(signed, pre_authentication_encoding(payload_type, payload))
    except InvalidSignature:
        raise EnvelopeError(
            Text(
                "The signature does not belong to this content and key.",
                "서명이 이 내용과 키에 맞지 않습니다.",
            )
        ) from None
    try:
        return canonical.decode(payload, limit=ENVELOPE_LIMIT), named
    except canonical.NotCanonicalError as error:
        raise _wrong(f"the payload is not canonical JSON ({error})") from None


def strict_base64(text: str) -> bytes:
    """Decode standard base64 that has only one spelling: padded, no spaces, no slack bits.

    Raises:
        EnvelopeError: any other spelling, even of the same bytes.
    """
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise _wrong("a field is not standard base64") from None
    if base64.b64encode(decoded).decode("ascii") != text:
        raise _wrong("a base64 field has bits that mean nothing, and they are not zero")
    return decoded


def _wrong(what: str) -> EnvelopeError:
    return EnvelopeError(
        Text(f"This is not a signed envelope: {what}.", f"올바른 서명 봉투가 아닙니다: {what}.")
    )
