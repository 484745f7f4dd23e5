"""Verification as a reader does it: with the issuer's key, a day after the issue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mfgstd_conformance.certificate.verify import Verification, verify

Check = Callable[..., Verification]


@pytest.fixture
def check(key: Ed25519PrivateKey, now: datetime) -> Check:
    def run(certificate: bytes, **changes: Any) -> Verification:
        arguments = {"now": now + timedelta(days=1), **changes}
        return verify(certificate, [key.public_key()], **arguments)

    return run
