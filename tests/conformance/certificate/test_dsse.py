from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_conformance import canonical
from mfgstd_conformance.certificate import dsse, keys

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
VALUE = {"제품": "edge-link", "n": 1}


def sealed(value: Any = VALUE) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(dsse.seal(value, KEY))
    return envelope


def test_what_is_sealed_is_unsealed() -> None:
    assert dsse.unseal(dsse.seal(VALUE, KEY), [PUBLIC]) == (VALUE, keys.key_id(PUBLIC))


def test_the_encoding_is_that_of_the_published_protocol() -> None:
    # The example of the DSSE protocol text.
    encoded = dsse.pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_counted_in_bytes() -> None:
    assert dsse.pre_authentication_encoding("가", b"") == b"DSSEv1 3 " + "가".encode() + b" 0 "


def test_an_independent_library_verifies_our_envelopes() -> None:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer._key import SSlibKey  # its types do not re-export it

    raw = PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    theirs = SSlibKey(keys.key_id(PUBLIC), "ed25519", "ed25519", {"public": raw})
    envelope = Envelope.from_dict(sealed())
    assert envelope.pae() == dsse.pre_authentication_encoding(dsse.IN_TOTO, envelope.payload)
    assert list(envelope.verify([theirs], 1)) == [keys.key_id(PUBLIC)]
    assert envelope.payload == canonical.encode(VALUE)


def refused(envelope: Any, *, data: bytes | None = None) -> dsse.EnvelopeError:
    with pytest.raises(dsse.EnvelopeError) as caught:
        dsse.unseal(canonical.encode(envelope) if data is None else data, [PUBLIC])
    return caught.value


def test_the_slack_bits_of_base64_must_be_zero() -> None:
    # "{}" is two bytes: its last character has two bits that decode to nothing.
    envelope = sealed({})
    assert envelope["payload"] == "e30="
    for same_bytes in ("e31=", "e32=", "e33="):
        assert base64.b64decode(same_bytes) == b"{}"
        assert "bits that mean nothing" in refused({**envelope, "payload": same_bytes}).text.en


@pytest.mark.parametrize("text", ["e30", "e30=\n", " e30=", "e3 0=", "e30==", "e30=e30=", "é30="])
def test_base64_has_one_spelling(text: str) -> None:
    refused({**sealed({}), "payload": text})


def test_the_url_safe_alphabet_is_not_mixed_in() -> None:
    with pytest.raises(dsse.EnvelopeError):
        dsse.strict_base64("-_8=")
    assert dsse.strict_base64("+/8=") == b"\xfb\xff"


def test_the_unsigned_key_id_must_be_the_derived_one() -> None:
    envelope = sealed()
    envelope["signatures"][0]["keyid"] = "0" * 64
    assert isinstance(refused(envelope), dsse.UnknownKeyError)
    envelope["signatures"][0]["keyid"] = keys.key_id(PUBLIC).upper()
    refused(envelope)
    del envelope["signatures"][0]["keyid"]
    refused(envelope)


def test_another_key_of_the_reader_does_not_stand_in() -> None:
    other = keys.throwaway()
    envelope = sealed()
    envelope["signatures"][0]["keyid"] = keys.key_id(other.public_key())
    with pytest.raises(dsse.EnvelopeError, match="does not belong"):
        dsse.unseal(canonical.encode(envelope), [PUBLIC, other.public_key()])


def test_there_is_exactly_one_signature() -> None:
    envelope = sealed()
    refused({**envelope, "signatures": []})
    refused({**envelope, "signatures": envelope["signatures"] * 2})


def test_no_member_is_added_and_the_type_is_fixed() -> None:
    envelope = sealed()
    refused({**envelope, "note": "x"})
    refused({**envelope, "payloadType": "application/json"})
    envelope["signatures"][0]["cert"] = "x"
    refused(envelope)


def test_a_signed_payload_that_is_not_canonical_is_refused() -> None:
    for payload in (b'{"a": 1}', b'{"a":1,"a":1}', b"\xff", b""):
        signature = KEY.sign(dsse.pre_authentication_encoding(dsse.IN_TOTO, payload))
        envelope = sealed()
        envelope["payload"] = base64.b64encode(payload).decode()
        envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
        assert "payload is not canonical" in refused(envelope).text.en


def test_the_envelope_itself_is_canonical() -> None:
    data = dsse.seal(VALUE, KEY)
    for other in (data + b"\n", b" " + data, json.dumps(json.loads(data)).encode(), b""):
        refused(None, data=other)


def test_a_signature_has_no_second_form() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    envelope = sealed()
    signature = dsse.strict_base64(envelope["signatures"][0]["sig"])
    beyond = int.from_bytes(signature[32:], "little") + order
    other = signature[:32] + beyond.to_bytes(32, "little")
    envelope["signatures"][0]["sig"] = base64.b64encode(other).decode()
    assert "does not belong" in refused(envelope).text.en


def test_every_single_bit_of_a_small_envelope_counts() -> None:
    data = dsse.seal({"a": [1]}, KEY)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(dsse.EnvelopeError):
            dsse.unseal(bytes(changed), [PUBLIC])


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_an_envelope(data: bytes) -> None:
    with pytest.raises(dsse.EnvelopeError):
        dsse.unseal(data, [PUBLIC])


@pytest.mark.parametrize("data", [b"[" * 1_000_000, b'{"a":' * 200_000, b"1" * 100_000])
def test_hostile_bytes_are_refused_without_harm(data: bytes) -> None:
    refused(None, data=data)
