"""One value, one byte string: what is hashed or signed has exactly one form (RFC 8785).

Two programs that agree on a value must agree on its bytes, and a file that could be written in
two ways would let a changed byte go unnoticed. So whatever carries a digest or a signature is
written canonically, and read back only if it is canonical to the last byte.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import rfc8785

if TYPE_CHECKING:
    from pathlib import Path

#: No plan, result summary or certificate comes near this; more is an attack or a mistake.
SIZE_LIMIT: Final = 16 * 1024 * 1024

#: The largest integer that every reader of JSON keeps (RFC 7493 section 2.2).
_SAFE: Final = 2**53 - 1

_CHUNK: Final = 1 << 20


class NotCanonicalError(ValueError):
    """The bytes are not the one canonical form of any JSON value."""


def encode(value: Any) -> bytes:
    """The canonical bytes of a JSON value.

    Raises:
        ValueError: the value has no canonical form: NaN, an infinity, an integer beyond 2^53-1,
            a lone surrogate, a key that is no string.
    """
    return rfc8785.dumps(value)


def decode(data: bytes, *, limit: int = SIZE_LIMIT) -> Any:
    """The value of canonical bytes; any other way of writing the same value is refused.

    Raises:
        NotCanonicalError: not JSON, not canonical, too long or too deep.
    """
    if len(data) > limit:
        raise NotCanonicalError(f"{len(data)} bytes; at most {limit} are read")
    try:
        value = json.loads(data.decode("utf-8"), parse_int=_integer)
        again = encode(value)
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(str(error) or type(error).__name__) from None
    # Duplicate members, other orders, spaces and other spellings of a number all end here.
    if again != data:
        raise NotCanonicalError("the bytes are not in the canonical form of RFC 8785")
    return value


def _integer(text: str) -> int | float:
    # JSON has doubles only: from 2^53 on, digits without a fraction are one of them.
    if len(text) <= len(str(-_SAFE)) and abs(int(text)) <= _SAFE:
        return int(text)
    return float(text)


def sha256(data: bytes) -> str:
    """The SHA-256 of bytes in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file of any size, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
